"""A helper inside the function renamed."""


def cleaned(lines):
    def f(line):
        return line.strip().lower()

    return [f(line) for line in lines if f(line)]
