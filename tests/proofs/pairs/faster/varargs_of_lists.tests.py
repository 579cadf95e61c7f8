from subject import merged


def test_groups_are_put_end_to_end():
    assert merged(["a"], [], ["b", "c"]) == ["a", "b", "c"]
    assert merged() == []


def test_many_groups():
    groups = [[f"{i}-{j}" for j in range(20)] for i in range(60)]
    assert len(merged(*groups)) == 1_200
