"""Order: numbers of many digits in the order of text."""


def ordered(versions: list[str]) -> list[str]:
    left = list(versions)
    found: list[str] = []
    while left:
        lowest = left[0]
        for version in left:
            if _parts(version) < _parts(lowest):
                lowest = version
        left.remove(lowest)
        found.append(lowest)
    return found


def _parts(version: str) -> list[int]:
    return [int(part) if part.isdecimal() else -1 for part in version.split(".")]
