"""Short circuit: every rule was run and left its mark, now only those up to the first hit."""


def violated(rules, value, log):
    hits = []
    for name, limit in rules:
        log.append(name)
        hits.append(value > limit)
    return any(hits)
