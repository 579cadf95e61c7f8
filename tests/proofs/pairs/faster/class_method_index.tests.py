from subject import Book, Catalogue


def test_titles_in_the_order_wanted():
    books = [Book(f"isbn{i}", f"Title {i}") for i in range(120)]
    wanted = [f"isbn{(i * 37) % 130}" for i in range(90)]
    titles = Catalogue.titles(books, wanted)
    assert titles[0] == "Title 0"
    assert len(titles) == 90


def test_the_first_of_two_counts():
    assert Catalogue.titles([Book("a", "x"), Book("a", "y")], ["a", "b"]) == ["x", ""]
    assert Catalogue.titles([], []) == []
