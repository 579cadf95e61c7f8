"""Sort ties: the last of a sorted list is the last of the equal ones, max gives the first."""


def oldest(people):
    return sorted(people, key=lambda person: person["age"])[-1]["name"]
