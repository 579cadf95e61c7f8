"""Which rules a person means by codes, beginnings of codes and names."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from whetstone_knowledge import BY_CODE
from whetstone_server.choice import Choice, named
from whetstone_server.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from whetstone_knowledge.rule import Rule
    from whetstone_server.settings import PerFile


def selected(select: Sequence[str], ignore: Sequence[str]) -> Choice:
    """Return the rules that `select` names and `ignore` does not; all when it is empty but those for request.

    Raises `InputError` for a word that names no rule.
    """
    _check((*select, *ignore))
    return Choice(tuple(select), tuple(ignore))


def check_words(per_file: PerFile) -> None:
    """Raise `InputError` for a word that names no rule."""
    _check(word for _, words in per_file for word in words)


def meant(word: str) -> tuple[Rule, ...]:
    """Return the rules whose code begins with `word`, or whose name it is; raises `InputError` when there is none."""
    rules = tuple(rule for rule in BY_CODE.values() if named(rule, [word]))
    if not rules:
        raise _unknown(word)
    return rules


def one(word: str) -> Rule:
    """Return the rule that has this code or name; raises `InputError` with the nearest ones when none has."""
    for rule in BY_CODE.values():
        if rule.is_called(word):
            return rule
    raise _unknown(word)


def _check(words: Iterable[str]) -> None:
    for word in words:
        if not any(named(rule, [word]) for rule in BY_CODE.values()):
            raise _unknown(word)


def _unknown(word: str) -> InputError:
    names = {known: rule for rule in BY_CODE.values() for known in (rule.code, rule.name)}
    close = get_close_matches(word.lower(), [rule.name for rule in BY_CODE.values()], n=1, cutoff=0.5)
    close = close or get_close_matches(word.upper(), [rule.code for rule in BY_CODE.values()], n=1, cutoff=0.5)
    if not close:
        return InputError(f"no rule is called {word}; `whetstone rules` lists them")
    rule = names[close[0]]
    return InputError(f"no rule is called {word}; did you mean {rule.code} ({rule.name})?")
