"""Class methods: a subclass makes its own kind."""


class Shape:
    def __init__(self, side: int) -> None:
        self.side = side

    @classmethod
    def many(cls, sides: list[int]) -> list["Shape"]:
        return [Shape(side) for side in sides]


class Square(Shape):
    pass
