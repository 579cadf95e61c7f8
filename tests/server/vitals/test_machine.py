"""Memory is what the system says, and it is only asked at length when it may say something else."""

from __future__ import annotations

import psutil
import pytest

from whetstone_server.vitals.machine import Memory, memory


def test_own_memory_is_part_of_the_resident_one():
    taken = memory()
    assert 1_000_000 < taken.own <= taken.resident
    assert taken.asked_at == taken.resident


def test_while_the_size_is_about_the_same_pages_are_not_looked_at(monkeypatch):
    before = memory()
    monkeypatch.setattr(psutil.Process, "memory_full_info", lambda _: pytest.fail("looked"))
    after = memory(before._replace(asked_at=psutil.Process().memory_info().rss))
    assert after.own - before.own == after.resident - before.resident


def test_when_it_has_grown_they_are():
    assert memory(Memory(1, 2, 2)).own > 1_000_000


def test_where_the_system_cannot_tell_all_of_it_counts_as_own(monkeypatch):
    def denied(_):
        raise psutil.AccessDenied

    monkeypatch.setattr(psutil.Process, "memory_full_info", denied)
    taken = memory()
    assert taken.own == taken.resident > 1_000_000
