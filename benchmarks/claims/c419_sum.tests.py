from subject import total

ARGUMENTS = (list(range(200)),)


def test_total():
    assert total(*ARGUMENTS) > 0
