from subject import checksum

ARGUMENTS = (bytes(range(256)) * 4,)


def test_checksum():
    assert checksum(*ARGUMENTS) == 0
