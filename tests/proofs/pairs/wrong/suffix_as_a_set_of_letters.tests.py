from subject import module_name


def test_the_suffix_goes():
    assert module_name("main.py") == "main"
    assert module_name("notes.txt") == "notes.txt"
    assert module_name("package/module.py") == "package/module"
