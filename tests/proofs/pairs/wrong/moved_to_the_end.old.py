"""Dict order: a key that is set again keeps its place, one that was taken out comes last."""


def touched(order, keys):
    for key in keys:
        if key in order:
            del order[key]
        order[key] = True
    return list(order)
