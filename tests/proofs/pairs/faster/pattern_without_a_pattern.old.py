"""A regular expression for one plain character, str.replace instead."""

import re


def tabs_expanded(text: str) -> str:
    return re.sub(r"\t", "    ", text)
