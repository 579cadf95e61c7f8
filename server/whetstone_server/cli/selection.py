"""Which rules a person means by codes, beginnings of codes and names."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from whetstone_knowledge.rules import RULES
from whetstone_server.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from whetstone_knowledge.rule import Rule
    from whetstone_server.settings import PerFile


def selected(select: Sequence[str], ignore: Sequence[str]) -> tuple[Rule, ...]:
    """Return the rules that `select` names and `ignore` does not, in catalogue order.

    When `select` is empty, it names all but those that speak only on request. Raises `InputError` for a word that
    names no rule.
    """
    wanted = {rule.code for word in select for rule in meant(word) if not rule.on_request or _is_of(word, rule)}
    wanted = wanted or {rule.code for rule in RULES if not rule.on_request}
    unwanted = {rule.code for word in ignore for rule in meant(word)}
    return tuple(rule for rule in RULES if rule.code in wanted - unwanted)


def check_words(per_file: PerFile) -> None:
    """Raise `InputError` for a word that names no rule."""
    for _, words in per_file:
        for word in words:
            meant(word)


def meant(word: str) -> tuple[Rule, ...]:
    """Return the rules whose code begins with `word`, or whose name it is; raises `InputError` when there is none."""
    code, name = word.upper(), word.lower()
    rules = tuple(rule for rule in RULES if name in {rule.name, "all"} or (code and rule.code.startswith(code)))
    if not rules:
        raise _unknown(word)
    return rules


def one(word: str) -> Rule:
    """Return the rule that has this code or name; raises `InputError` with the nearest ones when none has."""
    for rule in RULES:
        if _is_of(word, rule):
            return rule
    raise _unknown(word)


def _is_of(word: str, rule: Rule) -> bool:
    """Whether a word is a rule's whole code or its name."""
    return word.upper() == rule.code or word.lower() == rule.name


def _unknown(word: str) -> InputError:
    names = {known: rule for rule in RULES for known in (rule.code, rule.name)}
    close = get_close_matches(word.lower(), [rule.name for rule in RULES], n=1, cutoff=0.5)
    close = close or get_close_matches(word.upper(), [rule.code for rule in RULES], n=1, cutoff=0.5)
    if not close:
        return InputError(f"no rule is called {word}; `whetstone rules` lists them")
    rule = names[close[0]]
    return InputError(f"no rule is called {word}; did you mean {rule.code} ({rule.name})?")
