"""Rare branch: one name is treated apart."""


def home(user):
    if user == "root":
        return "/root"
    parts = ["", "home"]
    parts.append(user.lower())
    return "/".join(parts)
