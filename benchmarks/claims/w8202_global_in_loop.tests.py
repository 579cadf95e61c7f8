from subject import taxed

ARGUMENTS = (list(range(200)),)


def test_taxed():
    assert taxed(*ARGUMENTS) > 0
