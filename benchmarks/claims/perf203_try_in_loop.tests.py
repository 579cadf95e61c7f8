from subject import total

ARGUMENTS = (["1", "2", "3"] * 50,)


def test_total():
    assert total(*ARGUMENTS) == 300
