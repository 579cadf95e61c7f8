from subject import without


def test_one_goes():
    assert without(["a", "b", "a"], "a") == ["b"]


def test_all_stay():
    assert without([str(i) for i in range(200)], "x") == [str(i) for i in range(200)]
