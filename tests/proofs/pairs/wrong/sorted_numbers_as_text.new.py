"""Order: numbers of many digits in the order of text."""


def ordered(versions: list[str]) -> list[str]:
    return sorted(versions, key=lambda version: [part.zfill(9) for part in version.split(".")])


def _parts(version: str) -> list[int]:
    return [int(part) if part.isdecimal() else -1 for part in version.split(".")]
