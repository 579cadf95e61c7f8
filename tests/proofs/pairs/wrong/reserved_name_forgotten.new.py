"""Rare branch: one name is treated apart."""


def home(user):
    return "/home/" + user.lower()
