"""A long chain of comparisons with constants, looked up in a dict."""

_MONTHS = {
    "january": 1,
    "february": 2,
    "march": 3,
    "april": 4,
    "may": 5,
    "june": 6,
    "july": 7,
    "august": 8,
    "september": 9,
    "october": 10,
    "november": 11,
    "december": 12,
}


def month_number(name):
    number = _MONTHS.get(name)
    if number is None:
        raise ValueError("no such month: " + name)
    return number
