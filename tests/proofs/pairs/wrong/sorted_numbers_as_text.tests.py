from subject import ordered


def test_ordered():
    assert ordered(["1.10", "1.9", "1.2"]) == ["1.2", "1.9", "1.10"]
    assert ordered([f"{n}.{n * 7 % 11}" for n in range(40)])[0] == "0.0"
