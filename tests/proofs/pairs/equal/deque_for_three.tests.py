from subject import in_turn


def test_jobs_come_in_turn():
    assert in_turn(["a", "b", "c"]) == ["a", "b", "c"]
    assert in_turn(["a"]) == ["a"]
    assert in_turn([]) == []
