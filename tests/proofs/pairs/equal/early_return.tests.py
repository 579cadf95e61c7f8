from subject import grades


def test_grades():
    assert grades([95, None, 75, 10]) == ["A", "B", "C"]
    assert grades([]) == []
    assert len(grades(list(range(100)) + [None] * 10)) == 100
