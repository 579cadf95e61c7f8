from subject import by_second


def test_ordered_by_the_second():
    assert by_second([("a", 2), ("b", 1)]) == [("b", 1), ("a", 2)]
    assert by_second([(str(i), (i * 37) % 101) for i in range(101)])[0] == ("0", 0)
