"""A class method that looks a record up in a list for each key, in a dict of the first ones."""

from typing import NamedTuple


class Book(NamedTuple):
    """One title in stock."""

    isbn: str
    title: str


class Catalogue:
    """Turns order lists into titles."""

    @classmethod
    def titles(cls, books, wanted):
        found = []
        for isbn in wanted:
            for book in books:
                if book.isbn == isbn:
                    found.append(book.title)
                    break
            else:
                found.append("")
        return found
