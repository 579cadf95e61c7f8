"""A dotted name split whole for its last part, parted from the right."""


def short_name(dotted: str) -> str:
    return dotted.rpartition(".")[2]
