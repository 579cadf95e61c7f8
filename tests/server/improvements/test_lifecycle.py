"""Whatever people, proofs and crashes do in whatever order: the files and the history tell one story."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.server.improvements.killed import CALLS
from tests.server.improvements.proposals import ADA, ASSUMES, kept, proof
from whetstone_server.errors import InputError
from whetstone_server.improvements import journal
from whetstone_server.improvements.apply import apply
from whetstone_server.improvements.decisions import approve, reject
from whetstone_server.improvements.history import History
from whetstone_server.improvements.improvement import STEPS
from whetstone_server.improvements.rollback import ConflictError, roll_back
from whetstone_server.sandbox.verdict import Verdict

FUNCTIONS = 3
SOURCE = "\n\n".join(f"def f{number}(x):\n    y = x\n    return slow_{number}(y)\n\n" for number in range(FUNCTIONS))
FILES = ("a.py", "b.py")


class Killed(BaseException):
    """The process is gone: nothing it wanted to do from here on reaches the disk."""


class Lifecycle(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        self.folder = Path(tempfile.mkdtemp(dir=memory))
        self.patch = pytest.MonkeyPatch()
        self.patch.setenv("WHETSTONE_HOME", str(self.folder / "home"))
        self.patch.setattr(journal, "tell", lambda *_: None)
        self.notes = 0

    @initialize()
    def begin(self):
        self.root = self.folder / "project"
        self.root.mkdir()
        for name in FILES:
            (self.root / name).write_text(SOURCE)
        self.history = History(self.root)
        self.before_that = {}
        """The texts around each application and rollback that was the last thing to happen to its file."""

    def teardown(self):
        self.patch.undo()
        shutil.rmtree(self.folder)

    # -- what happens ------------------------------------------------------------------------------------------------

    @rule(name=st.sampled_from(FILES), where=st.integers(0, 30))
    def somebody_edits(self, name, where):
        lines = self.text(name).splitlines(keepends=True)
        self.notes += 1
        lines.insert(where % (len(lines) + 1), f"# note {self.notes}\n")
        (self.root / name).write_text("".join(lines))

    @rule(
        name=st.sampled_from(FILES),
        number=st.integers(0, FUNCTIONS - 1),
        answer=st.sampled_from(["yes", "yes", "assumes", "no"]),
    )
    def a_proof_is_made(self, name, number, answer):
        source = self.text(name).encode()
        found = re.search(rb"    return \w+_%d\(y\)\n" % number, source)
        new = "fast" if found[0].startswith(b"    return slow") else "faster"
        made = proof(self.root / name, source, found[0].decode(), f"    return {new}_{number}(y)\n", low=2.0 + number)
        if answer == "assumes":
            made = replace(made, verdict=replace(made.verdict, assumptions=(ASSUMES,)))
        elif answer == "no":
            made = replace(made, verdict=Verdict("slower", "it takes longer"))
        (made,) = kept(self.history, made)
        expected = {"yes": {"approved"}, "no": {"rejected"}, "assumes": {"testing", "approved"}}
        assert self.history.improvement(made.improvement).status in expected[answer]

    @rule(data=st.data(), decide=st.sampled_from([approve, reject]))
    def a_person_decides(self, data, decide):
        if waiting := self.standing("testing"):
            chosen = data.draw(st.sampled_from(waiting))
            decide(self.history, [chosen.id], ADA)

    @rule(data=st.data(), crash=st.one_of(st.none(), st.integers(0, 90)))
    def a_person_applies(self, data, crash):
        self.does(data, "approved", "applied", lambda chosen: apply(self.history, chosen, ADA), crash)

    @rule(data=st.data(), crash=st.one_of(st.none(), st.integers(0, 90)))
    def a_person_rolls_back(self, data, crash):
        chosen = self.does(data, "applied", "rolled-back", lambda chosen: roll_back(self.history, chosen, ADA), crash)
        if len(chosen) == 1 and chosen[0].status == "rolled-back":
            before, after = self.before_that.get(chosen[0].id, ("", ""))
            if after == self.last[chosen[0].path]:
                assert self.text(chosen[0].path) == before, "nothing else changed, and yet it is not as it was"

    @rule(data=st.data())
    def a_person_tries_what_is_not_allowed(self, data):
        for step, deed in (("applied", apply), ("rolled-back", roll_back)):
            wrong = [each for each in self.history.improvements().values() if step not in STEPS[each.status]]
            if wrong:
                with pytest.raises(InputError):
                    deed(self.history, [data.draw(st.sampled_from(wrong))], ADA)

    # -- what holds --------------------------------------------------------------------------------------------------

    @invariant()
    def the_history_is_whole(self):
        if hasattr(self, "history"):
            assert self.history.verify() == []
            for improvement in self.history.improvements().values():
                status = None
                for record in improvement.records:
                    assert record.step in STEPS[status]
                    status = record.step

    @invariant()
    def nobodys_note_is_lost_and_nothing_is_left_behind(self):
        if hasattr(self, "history"):
            notes = re.findall(r"# note (\d+)", "".join(map(self.text, FILES)))
            assert sorted(map(int, notes)) == list(range(1, self.notes + 1))
            assert sorted(each.name for each in self.root.iterdir()) == sorted(FILES)
            assert not self.history.intent_file.exists()

    # -- how ---------------------------------------------------------------------------------------------------------

    def text(self, name):
        return (self.root / name).read_text()

    def standing(self, status):
        return [each for each in self.history.improvements().values() if each.status == status]

    def does(self, data, start, end, deed, crash):
        """Do something to some improvements, and maybe be killed over it; it was done to all, or to none."""
        there = self.standing(start)
        if not there:
            return []
        chosen = data.draw(st.lists(st.sampled_from(there), min_size=1, max_size=3, unique_by=lambda each: each.id))
        self.last = {name: self.text(name) for name in FILES}
        done = None
        try:
            with Crashing(crash):
                deed(chosen)
                done = True
        except (InputError, ConflictError):
            done = False
        except Killed:
            self.history = History(self.root)
            self.history.recover()
        standing = {self.history.improvement(each.id).status for each in chosen}
        assert standing == ({start, end} & standing if done is None else {end if done else start})
        assert len(standing) == 1
        texts = {name: self.text(name) for name in FILES}
        if standing == {start}:
            assert texts == self.last
        elif end == "applied" and len(chosen) == 1:
            path = chosen[0].path
            self.before_that[chosen[0].id] = (self.last[path], texts[path])
        return [self.history.improvement(each.id) for each in chosen]


class Crashing:
    """While it lasts, everything from the call number `turn` on that would reach the disk raises `Killed`."""

    def __init__(self, turn):
        self.left = turn
        self.patch = pytest.MonkeyPatch()

    def __enter__(self):
        for name in CALLS if self.left is not None else ():
            self.patch.setattr(os, name, self.armed(getattr(os, name)))

    def __exit__(self, *_):
        self.patch.undo()

    def armed(self, real):
        def call(*arguments, **options):
            self.left -= 1
            if self.left < 0:
                raise Killed
            return real(*arguments, **options)

        return call


def test_files_and_history_tell_one_story():
    run_state_machine_as_test(
        Lifecycle,
        settings=settings(
            max_examples=60, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
