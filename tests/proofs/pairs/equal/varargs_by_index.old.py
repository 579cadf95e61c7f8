"""Arguments of any number gone through by iteration, by place instead."""


def path_of(*parts: str) -> str:
    result = ""
    for part in parts:
        result += "/" + part
    return result
