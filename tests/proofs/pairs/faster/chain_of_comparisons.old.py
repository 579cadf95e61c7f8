"""A long chain of comparisons with constants, looked up in a dict."""


def month_number(name):
    if name == "january":
        return 1
    elif name == "february":
        return 2
    elif name == "march":
        return 3
    elif name == "april":
        return 4
    elif name == "may":
        return 5
    elif name == "june":
        return 6
    elif name == "july":
        return 7
    elif name == "august":
        return 8
    elif name == "september":
        return 9
    elif name == "october":
        return 10
    elif name == "november":
        return 11
    elif name == "december":
        return 12
    raise ValueError("no such month: " + name)
