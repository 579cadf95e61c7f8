"""A helper that searches a list made anew in each call, in a set that is made once."""


def significant(text):
    def is_noise(word):
        noise = [chr(code) for code in range(ord("a"), ord("z") + 1)]
        return word in noise

    return [word for word in text.split() if not is_noise(word)]
