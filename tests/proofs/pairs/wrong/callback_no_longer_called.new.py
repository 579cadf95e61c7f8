"""Short circuit: every rule was run and left its mark, now only those up to the first hit."""


def violated(rules, value, log):
    for name, limit in rules:
        log.append(name)
        if value > limit:
            return True
    return False
