from subject import total

ARGUMENTS = ({f"item{i}": i for i in range(200)},)


def test_total():
    assert total(*ARGUMENTS) == 19900
