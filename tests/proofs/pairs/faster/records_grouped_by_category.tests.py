from subject import Item, by_category


def test_each_goes_to_its_group():
    items = [Item(f"i{i}", f"c{i % 12}") for i in range(240)]
    groups = by_category(items, [f"c{i}" for i in range(12)])
    assert [len(group) for group in groups.values()] == [20] * 12


def test_unknown_categories_are_empty():
    assert by_category([], ["c1"]) == {"c1": []}
    assert by_category([Item("a", "b")], []) == {}
