from subject import home


def test_homes():
    assert home("Ada") == "/home/ada"
    assert home("grace") == "/home/grace"
