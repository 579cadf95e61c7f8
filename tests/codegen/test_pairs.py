"""Every two answers that can meet do meet, in few sets of answers."""

from __future__ import annotations

from itertools import combinations, product

from hypothesis import given
from hypothesis import strategies as st

from tests.codegen.test_answers import asking
from whetstone_codegen.answers import asked, checked
from whetstone_codegen.pairs import pairs


@given(st.data())
def test_every_two_answers_that_can_meet_do_meet(tmp_path_factory, data):
    """Whatever is asked, and whatever that needs: compared with all sets of answers there are."""
    template = asking(tmp_path_factory.mktemp("pairs"), *data.draw(st.integers(1, 5).flatmap(_questions)))
    rows = pairs(template)
    assert rows[0] == checked(template, {})
    assert _met(rows) == _met(_all(template))


def test_rows_are_few(tmp_path):
    """Ten switches are tried with at most twelve rows, where there are 1,024 sets of answers."""
    template = asking(tmp_path, *(f'name = "q{n}"; type = "boolean"; default = false' for n in range(10)))
    assert len(pairs(template)) <= 12


def _questions(count: int):
    return st.tuples(*(_question(number) for number in range(count)))


def _question(number: int):
    def written(size: int, needs: dict[int, list[int]]) -> str:
        needed = ", ".join(f"q{other} = {values}" for other, values in needs.items())
        return f'name = "q{number}"; type = "integer"; default = 0; tries = {list(range(size))}; needs = {{ {needed} }}'

    others = st.dictionaries(
        st.integers(0, max(number - 1, 0)), st.lists(st.integers(0, 2), min_size=1, unique=True), max_size=2
    )
    return st.builds(written, st.integers(1, 3), others if number else st.just({}))


def _all(template):
    rows = [{}]
    for question in template.questions:
        rows = [
            {**row, question.name: value} if value is not None else row
            for row in rows
            for value in (question.tries if asked(question, row) else (None,))
        ]
    return rows


def _met(rows):
    return {pair for row in rows for pair in combinations(sorted(row.items()), 2)}


def test_met_is_what_it_says():
    assert _met([dict(zip("abc", row, strict=True)) for row in product((0, 1), repeat=3)]) == {
        ((one, x), (other, y)) for one, other in ("ab", "ac", "bc") for x in (0, 1) for y in (0, 1)
    }
