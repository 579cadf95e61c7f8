"""Class methods: a subclass makes its own kind."""


class Shape:
    def __init__(self, side: int) -> None:
        self.side = side

    @classmethod
    def many(cls, sides: list[int]) -> list["Shape"]:
        made: list[Shape] = []
        for side in sides:
            made = made + [cls(side)]
        return made


class Square(Shape):
    pass
