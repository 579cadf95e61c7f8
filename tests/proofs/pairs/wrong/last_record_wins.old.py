"""Duplicates: an index by key keeps the last of equal keys, the search found the first."""


def prices(articles, wanted):
    result = []
    for name in wanted:
        for article in articles:
            if article["name"] == name:
                result.append(article["price"])
                break
    return result
