"""Stand-ins for arguments that cannot be written down as they are; they become the real thing when the call is made."""

from __future__ import annotations

from typing import Any, Iterator


class ItemOf:
    """Stands for an item of another argument, so that it is that very object."""

    def __init__(self, place: int | str, index: int) -> None:
        """`place` is a position among the arguments, or a keyword."""
        self.place = place
        self.index = index

    def made(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Return the item."""
        argument = args[self.place] if isinstance(self.place, int) else kwargs[self.place]
        return argument[self.index % len(argument)] if argument else None

    def __repr__(self) -> str:
        return f"<item {self.index!r} of argument {self.place!r}>"


class OneByOne:
    """Stands for a generator; how far a caller got is told by its frame."""

    def __init__(self, items: list[Any]) -> None:
        self.items = items

    def made(self, _args: tuple[Any, ...], _kwargs: dict[str, Any]) -> Iterator[Any]:
        """Return the generator."""
        return (item for item in self.items)

    def __repr__(self) -> str:
        return f"(item for item in {self.items!r})"


class Deep:
    """Stands for lists nested deeper than the interpreter's stack allows calls to be."""

    def __init__(self, depth: int) -> None:
        self.depth = depth

    def made(self, _args: tuple[Any, ...], _kwargs: dict[str, Any]) -> list[Any]:
        """Return the outermost list."""
        outer: list[Any] = []
        for _ in range(self.depth - 1):
            outer = [outer]
        return outer

    def __repr__(self) -> str:
        return f"<{self.depth:,} lists, one inside the other>"


class SameAgain:
    """Stands for all arguments of a call: those of the call before it, the very objects, changed meanwhile or not."""

    def __init__(self, changed: bool) -> None:
        self.changed = changed

    def __repr__(self) -> str:
        return "the same objects, changed in between" if self.changed else "the same objects"


PLACEHOLDERS = (ItemOf, OneByOne, Deep)


def ready(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return the arguments of a call with everything in the place of its stand-in."""
    return (
        tuple(_ready(value, args, kwargs) for value in args),
        {name: _ready(value, args, kwargs) for name, value in kwargs.items()},
    )


def _ready(value: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    return value.made(args, kwargs) if type(value) in PLACEHOLDERS else value
