"""A join by two nested loops, through an index by key that keeps the order of equal keys."""


def joined(orders: list[tuple[int, str]], customers: list[tuple[int, str]]) -> list[tuple[str, str]]:
    names: dict[int, list[str]] = {}
    for known_id, name in customers:
        names.setdefault(known_id, []).append(name)
    return [(article, name) for customer_id, article in orders for name in names.get(customer_id, ())]
