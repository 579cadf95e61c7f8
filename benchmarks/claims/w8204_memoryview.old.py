"""Short slices of bytes, as slices of a memoryview."""


def checksum(data):
    result = 0
    for start in range(0, len(data), 8):
        result ^= int.from_bytes(data[start : start + 8], "big")
    return result
