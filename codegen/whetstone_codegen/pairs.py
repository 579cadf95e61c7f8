"""Few sets of answers in which every two answers that can meet do meet.

Most faults that options cause need two of them. The rows are built one at a time, each begun with a pair that is
still missing and filled up with whatever brings the most missing pairs, as AETG does (D. M. Cohen et al., "The AETG
System: An Approach to Testing Based on Combinatorial Design", IEEE Transactions on Software Engineering 23(7), 1997),
without its dice.
"""

from __future__ import annotations

from itertools import combinations, product
from typing import TYPE_CHECKING, Any

from whetstone_codegen.answers import asked, checked

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from whetstone_codegen.template import Question, Template

_Row = dict[str, int]  # which of its `tries` each question that is asked has; the default is the first
_Pair = tuple[tuple[str, int], tuple[str, int]]


def pairs(template: Template) -> list[dict[str, Any]]:
    """Return sets of checked answers, the defaults first, so that every two answers to be tried stand in one of them.

    Two answers that exclude each other, because one question is asked only when another is answered otherwise, are no
    pair. Raises `AnswerError` when an answer to be tried does not fit its question.
    """
    questions = template.questions
    rows = [_filled(questions, {}, set())]
    missing = {pair for pair in _every(questions) if _begun(questions, pair) is not None} - _met(rows[0])
    while missing:
        begun = _begun(questions, min(missing))
        row = _filled(questions, begun or {}, missing)
        missing -= _met(row)
        rows.append(row)
    tries = {question.name: question.tries for question in questions}
    return [checked(template, {name: tries[name][index] for name, index in row.items()}) for row in rows]


def _every(questions: Sequence[Question]) -> Iterator[_Pair]:
    for one, other in combinations(questions, 2):
        for first, second in product(range(len(one.tries)), range(len(other.tries))):
            yield _pair((one.name, first), (other.name, second))


def _met(row: _Row) -> set[_Pair]:
    return {_pair(one, other) for one, other in combinations(row.items(), 2)}


def _pair(one: tuple[str, int], other: tuple[str, int]) -> _Pair:
    return (one, other) if one < other else (other, one)


def _begun(questions: Sequence[Question], pair: _Pair) -> _Row | None:
    """Return a row with these two answers and those they need; None when they exclude each other."""
    by_name = {question.name: question for question in questions}
    rows: list[_Row] = [{}]
    for name, index in pair:
        rows = [more for row in rows for more in _with(by_name, row, name, index)]
    return rows[0] if rows else None


def _with(by_name: Mapping[str, Question], row: _Row, name: str, index: int) -> list[_Row]:
    """Return every way to add one answer, and those it needs, to the row; none when it does not fit."""
    if name in row:
        return [row] if row[name] == index else []
    rows = [{**row, name: index}]
    for other, values in by_name[name].needs.items():
        allowed = [at for at, value in enumerate(by_name[other].tries) if value in values]
        rows = [more for one in rows for at in allowed for more in _with(by_name, one, other, at)]
    return rows


def _filled(questions: Sequence[Question], begun: _Row, missing: set[_Pair]) -> _Row:
    """Return a whole row: what was begun, and for every other question the answer that meets the most missing pairs.

    Where several meet as many it is the first, which is the default.
    """
    row: _Row = {}
    values: dict[str, Any] = {}
    for question in questions:
        if not asked(question, values):
            continue
        around = [*begun.items(), *((name, index) for name, index in row.items() if name not in begun)]
        index = begun.get(question.name, -1)
        if index < 0:
            index = max(range(len(question.tries)), key=lambda at: _gain((question.name, at), around, missing))
        row[question.name], values[question.name] = index, question.tries[index]
    return row


def _gain(answer: tuple[str, int], around: Sequence[tuple[str, int]], missing: set[_Pair]) -> int:
    return sum(_pair(answer, other) in missing for other in around)
