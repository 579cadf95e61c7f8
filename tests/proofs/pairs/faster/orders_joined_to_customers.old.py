"""A join by two nested loops, through an index by key that keeps the order of equal keys."""


def joined(orders: list[tuple[int, str]], customers: list[tuple[int, str]]) -> list[tuple[str, str]]:
    pairs = []
    for customer_id, article in orders:
        for known_id, name in customers:
            if customer_id == known_id:
                pairs.append((article, name))
    return pairs
