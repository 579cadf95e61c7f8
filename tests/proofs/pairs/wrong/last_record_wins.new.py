"""Duplicates: an index by key keeps the last of equal keys, the search found the first."""


def prices(articles, wanted):
    known = {article["name"]: article["price"] for article in articles}
    return [known[name] for name in wanted if name in known]
