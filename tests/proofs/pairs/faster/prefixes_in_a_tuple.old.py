"""A chain of startswith, asked once with a tuple."""


def is_remark(line: str) -> bool:
    return line.startswith("#") or line.startswith("//") or line.startswith("--") or line.startswith(";")
