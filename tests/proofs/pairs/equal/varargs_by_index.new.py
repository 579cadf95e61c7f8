"""Arguments of any number gone through by iteration, by place instead."""


def path_of(*parts: str) -> str:
    result = ""
    for place in range(len(parts)):
        result += "/" + parts[place]
    return result
