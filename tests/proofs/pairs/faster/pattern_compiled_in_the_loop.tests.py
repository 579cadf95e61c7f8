from subject import dates


def test_dates_at_the_start_of_a_line():
    log = ["2024-01-02 started", "no date", "2024-01-03 ended", "on 2024-01-04"] * 40
    assert dates(log) == ["2024-01-02", "2024-01-03"] * 40


def test_nothing_to_find():
    assert dates([]) == []
    assert dates([""]) == []
