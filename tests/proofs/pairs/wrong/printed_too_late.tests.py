from subject import report


def test_shares_are_printed(capsys):
    report([1, 2, 4])
    assert capsys.readouterr().out == "100\n50\n25\n"
