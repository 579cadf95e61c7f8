"""Rare branch: the special case hides in a helper that the rewrite no longer asks."""


def _is_reserved(port: int) -> bool:
    return port in (6000, 6667)


def usable(ports: list[int]) -> list[int]:
    return [port for port in ports if port != 6000]
