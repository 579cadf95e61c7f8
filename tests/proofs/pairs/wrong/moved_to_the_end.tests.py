from subject import touched


def test_new_keys_come_last():
    assert touched({"a": True}, ["b", "c"]) == ["a", "b", "c"]
    assert len(touched({}, [f"k{i}" for i in range(100)])) == 100
