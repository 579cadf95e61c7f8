"""Unicode: other blanks than the usual one."""


def words(text: str) -> int:
    count = 0
    inside = False
    for letter in text:
        if letter.isspace():
            inside = False
        elif not inside:
            inside = True
            count += 1
    return count
