"""Exception, when: what came before the bad entry was already booked."""


def book(ledger, amounts):
    for amount in amounts:
        if amount < 0:
            raise ValueError("negative amount")
        ledger.append(amount)
