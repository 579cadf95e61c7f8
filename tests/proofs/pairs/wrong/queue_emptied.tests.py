from subject import total_of


def test_all_is_added():
    assert total_of(list(range(100))) == 4950
    assert total_of([]) == 0
