"""Exception, when: what came before the bad entry was already booked."""


def book(ledger, amounts):
    if any(amount < 0 for amount in amounts):
        raise ValueError("negative amount")
    ledger.extend(amounts)
