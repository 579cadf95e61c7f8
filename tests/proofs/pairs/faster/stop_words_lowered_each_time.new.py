"""A list of stop words lowered anew for each word, once and into a set."""


def content_words(words, stop_words):
    stops = {stop.lower() for stop in stop_words}
    return [word for word in words if word.lower() not in stops]
