"""Tests run with a new text in the place of a file that stays as it is."""

from __future__ import annotations

OLD = "def double(x):\n    return x * 2\n"
RIGHT = "def double(x):\n    return x + x\n"
WRONG = "def double(x):\n    return 2\n"
PYTEST = "import calc\ndef test_one(): assert calc.double(1) == 2\ndef test_two(): assert calc.double(2) == 4\n"
UNITTEST = """
import unittest
import calc
class Case(unittest.TestCase):
    def test_one(self): self.assertEqual(calc.double(1), 2)
    def test_two(self): self.assertEqual(calc.double(2), 4)
"""
DISCOVER = ["python", "-m", "unittest", "discover"]


def run(job, root, new, tests=None, **arguments):
    given = {"root": str(root), "path": str(root / "calc.py"), "new": new, "names": ["double"], "tests": tests}
    python = [arguments.pop("python")] if "python" in arguments else []
    return job("whetstone_test", {**given, **arguments}, *python)


def test_right_text_passes(job, project):
    """Each test is told."""
    answer = run(job, project(calc=OLD, test_calc=PYTEST), RIGHT)
    assert answer["tests"] == {"test_calc.py::test_one": "passed", "test_calc.py::test_two": "passed"}
    assert (answer["ended"], answer["summary"]) == ("passed", "Of 2 tests, 2 passed.")


def test_wrong_text_fails(job, project):
    """And so does the test that tells the difference, with the new text in its traceback."""
    answer = run(job, project(calc=OLD, test_calc=PYTEST), WRONG)
    assert answer["tests"] == {"test_calc.py::test_one": "passed", "test_calc.py::test_two": "failed"}
    assert answer["ended"] == "failed"


def test_only_the_tests_asked_for(job, project):
    """The others do not run."""
    other = "def test_three(): raise SystemExit(9)\n"
    root = project(calc=OLD, tests__test_calc=PYTEST, tests__test_other=other)
    answer = run(job, root, WRONG, ["tests/test_calc.py::test_one"])
    assert answer["tests"] == {"tests/test_calc.py::test_one": "passed"}
    assert answer["ended"] == "passed"


def test_only_the_tests_asked_for_with_a_command(job, project):
    """A command that somebody chose is kept as it is."""
    root = project(calc=OLD, tests__test_calc=PYTEST)
    answer = run(job, root, WRONG, ["tests/test_calc.py::test_one"], command=["pytest", "-v", "tests"])
    assert answer["tests"] == {"tests/test_calc.py::test_one": "passed"}
    assert answer["command"] == ["pytest", "-v", "tests"]


def test_unittest(job, project, python):
    """The same, in every interpreter."""
    root = project(calc=OLD, test_calc=UNITTEST)
    answer = run(job, root, WRONG, command=DISCOVER, python=python)
    assert answer["tests"] == {"test_calc.Case.test_one": "passed", "test_calc.Case.test_two": "failed"}
    answer = run(job, root, WRONG, ["test_calc.Case.test_one"], command=DISCOVER, python=python)
    assert answer["tests"] == {"test_calc.Case.test_one": "passed"}
    assert answer["ended"] == "passed"


def test_text_that_was_never_loaded(job, project):
    """Tests that pass without it say nothing about it."""
    answer = run(job, project(calc=OLD, test_calc="def test(): pass"), WRONG)
    assert (answer["ended"], answer["summary"]) == ("not-loaded", "The tests never loaded calc.py.")


def test_copy_elsewhere_is_not_the_file(job, project):
    """Another file of the same name on the path is noticed."""
    root = project(calc=OLD, lib__calc=OLD, test_calc="import sys; sys.path.insert(0, 'lib')\n" + PYTEST)
    assert run(job, root, WRONG)["ended"] == "not-loaded"


def test_text_that_does_not_compile(job, project):
    """Nothing is run."""
    answer = run(job, project(calc=OLD, test_calc=PYTEST), "def double(:\n")
    assert answer["ended"] == "not-loaded"
    assert answer["summary"].startswith("The new text does not compile: ")


def test_text_that_never_ends(job, project):
    """A rewrite that hangs is one that broke the test it hangs in."""
    answer = run(job, project(calc=OLD, test_calc=PYTEST), "def double(x):\n    while True: pass\n", seconds=3)
    assert (answer["ended"], answer["tests"]) == ("timed-out", {"test_calc.py::test_one": "error"})


def test_text_for_a_script(job, project, python):
    """The file that is `__main__` is replaced as well."""
    root = project(calc=OLD + "print(double(4))\n")
    new = WRONG + "print(double(4), 'é')\n"
    answer = run(job, root, new, command=["python", "calc.py"], python=python)
    assert (answer["ended"], answer["tail"]) == ("passed", "2 é\n")
