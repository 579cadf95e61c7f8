"""The table of a state machine is read as it is typed, and one that cannot work is refused with what is wrong."""

from __future__ import annotations

import pytest

from whetstone_codegen.transitions import Transition, TransitionRefused, states, transitions


def test_reads_transitions_in_order_and_writes_them_back():
    found = transitions("pay: pending -> paid, ship:paid->shipped")
    assert found == (Transition("pay", "pending", "paid"), Transition("ship", "paid", "shipped"))
    assert states(found) == ("pending", "paid", "shipped")
    assert transitions(", ".join(map(str, found))) == found


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ("", "'' is no transition: write one like pay: pending -> paid"),
        ("pay: pending", "'pay: pending' is no transition"),
        ("pay: Pending -> paid", "is no transition"),
        ("pay: pending -> paid, pay: pending -> lost", "pay leads from pending to two states"),
        ("pay: pending -> paid, find: lost -> found", "found cannot be reached from pending, which comes first"),
        ("stay: here -> here", "here is the only state"),
        ("true: here -> there", "true is a word of the language itself"),
        (f"pay: pending -> {'p' * 31}", "has more than 30 characters"),
    ],
)
def test_a_table_that_is_none_is_refused(typed, wrong):
    with pytest.raises(TransitionRefused, match=wrong):
        transitions(typed)


def test_a_state_that_has_the_name_of_something_else_is_refused():
    with pytest.raises(TransitionRefused, match="init is what the module itself uses"):
        transitions("run: init -> done", reserved=["init", "run"])
