"""Dict order: a key that is set again keeps its place, one that was taken out comes last."""


def touched(order, keys):
    order.update(dict.fromkeys(keys, True))
    return list(order)
