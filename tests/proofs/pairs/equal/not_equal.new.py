"""`not a == b` written as `a != b`, on words."""


def differences(left, right):
    count = 0
    for one, other in zip(left, right):
        if one != other:
            count += 1
    return count
