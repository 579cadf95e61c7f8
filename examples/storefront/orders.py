"""The order report: who bought what, who still owes, and what the day has brought in."""

from collections import namedtuple

Order = namedtuple("Order", "number customer product pence")
Customer = namedtuple("Customer", "number name country")


def invoice_lines(orders, customers):
    """Return one line per order, in the order they were placed."""
    lines = []
    for order in orders:
        for customer in customers:
            if customer.number == order.customer:
                lines.append((order.number, customer.name, order.pence))
    return lines


def reminders(orders, paid: list):
    """Return the orders that nobody has paid for yet, and what they come to."""
    owing, pence = [], 0
    for order in orders:
        if order.number not in paid:
            owing.append(order)
            pence += order.pence
    return owing, pence


def takings_so_far(sales: list):
    """Return what was in the till after each sale of the day."""
    return [sum(sales[: i + 1]) for i in range(len(sales))]


def products(lines):
    """Return what was ordered, each thing once, the first wish first.

    A line is a product's name, or a list of names for what is sold as a set.
    """
    found = []
    for line in lines:
        if line not in found:
            found.append(line)
    return found


def receipt(lines):
    """Return the receipt as it is printed: a few lines, one per thing bought."""
    names = []
    for name, pence in lines:
        names.append(f"{name:<24}{pence / 100:>8.2f}")
    return "\n".join(names)
