from subject import prices


def test_prices_in_order():
    articles = [{"name": f"a{i}", "price": i} for i in range(60)]
    assert prices(articles, ["a3", "a59", "b"]) == [3, 59]
    assert prices(articles, [f"a{i}" for i in range(60)]) == list(range(60))
