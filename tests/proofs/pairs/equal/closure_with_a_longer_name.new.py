"""A helper inside the function renamed."""


def cleaned(lines):
    def normal_form(line):
        return line.strip().lower()

    return [normal_form(line) for line in lines if normal_form(line)]
