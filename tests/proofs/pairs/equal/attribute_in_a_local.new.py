"""An attribute read once kept in a local name before."""


class Account:
    """Money of one person."""

    def __init__(self, balance: int) -> None:
        self.balance = balance

    def after(self, bookings: list[int]) -> int:
        start = self.balance
        result = start
        for booking in bookings:
            result += booking
        return result
