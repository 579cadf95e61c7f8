from subject import oldest


def test_the_oldest_is_named():
    people = [{"name": f"p{i}", "age": (i * 37) % 101} for i in range(101)]
    assert oldest(people) == "p30"
