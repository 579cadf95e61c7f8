"""Beginning a process where another sandbox of the same account has used up all that it may have."""

from __future__ import annotations

PATIENT = """
import whetstone_processes
refusals = [BlockingIOError(), BlockingIOError()]
def start():
    if refusals:
        raise refusals.pop()
    return 7
assert whetstone_processes.patiently(start) == 7
"""
IMPATIENT = """
import whetstone_processes
whetstone_processes.MOST_PATIENCE_SECONDS = 0
def start():
    raise BlockingIOError("no room")
try:
    whetstone_processes.patiently(start)
except BlockingIOError as error:
    assert str(error) == "no room"
else:
    raise AssertionError("it was not told")
"""


def test_it_is_tried_again_until_there_is_room(python, script):
    script(PATIENT, python)


def test_what_lasts_is_told(python, script):
    script(IMPATIENT, python)
