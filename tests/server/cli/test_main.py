"""Every command answers for itself in one line, ends with the status the contract names, and starts quickly."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from whetstone_server import __version__, cli
from whetstone_server.cli.interruption import tidy_stop

NAMES = [name for name, _ in cli.COMMANDS]
WHETSTONE = (sys.executable, "-m", "whetstone_server.cli")


def test_the_front_page_lists_every_command(whetstone):
    done = whetstone("--help")
    assert done.status == 0
    assert all(f"\n  {name}" in done.out for name in NAMES)
    assert not done.err


def test_the_version_is_told(whetstone):
    assert whetstone("--version").out == f"whetstone {__version__}\n"


@pytest.mark.parametrize("name", NAMES)
def test_every_command_has_help_with_an_example(whetstone, name):
    done = whetstone(name, "--help")
    assert (done.status, done.err) == (0, "")
    assert f"example:\n  whetstone {name}" in done.out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "whetstone: name a command: check, prove,"),
        (("chekc",), "whetstone: chekc is not a command; did you mean check?"),
        (("--verbose",), "whetstone: --verbose is not a command; there are check, prove,"),
        (("check",), "whetstone check: the following arguments are required: PATH; see"),
        (("check", "nowhere"), "whetstone: there is no nowhere; name a file or a folder that exists"),
        (("check", ".", "--jobs", "many"), "whetstone check: argument --jobs: invalid int value: 'many'; see"),
        (("check", ".", "--jobs", "-1"), "whetstone: --jobs must be 0 or more, not -1"),
        (("check", ".", "--select", ","), "whetstone check: argument --select: expected a comma list; see"),
        (("check", ".", "--select", "WP9999"), "whetstone: no rule is called WP9999; did you mean WP"),
        (("check", ".", "--form", "json"), "whetstone check: unrecognized arguments: --form json; see"),
        (("check", ".", "--profile", "no.prof"), "whetstone: the profile no.prof cannot be read: No such file"),
        (("prove", "nowhere.py:3"), "whetstone: there is no nowhere.py; name a file or a folder that exists"),
        (("prove", ".", "--budget", "0"), "whetstone: --budget must be above 0, not 0"),
        (("prove", ".", "--sandbox", "chroot"), "whetstone prove: argument --sandbox: invalid choice: 'chroot'"),
        (("compare", "shop/slow.py"), "whetstone compare: the following arguments are required: NEW.py, --function"),
        (("explain", "string-built"), "whetstone: no rule is called string-built; did you mean WP101 (string-built-"),
        (("lsp", "--tcp", "2087"), "whetstone lsp: argument --tcp: 2087 is not HOST:PORT; see"),
    ],
)
def test_what_cannot_be_carried_out_is_one_line_and_status_2(whetstone, arguments, sentence):
    done = whetstone(*arguments)
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith(sentence)
    assert done.err.count("\n") == 1


def test_a_setting_that_makes_no_sense_is_one_line_and_status_2(whetstone, folder):
    (folder / "pyproject.toml").write_text("[tool.whetstone]\nbudget = 'long'\n")
    done = whetstone("check", "shop")
    assert (done.status, done.out) == (2, "")
    assert "tool.whetstone.budget must be a number, not 'long'" in done.err


def test_ctrl_c_ends_with_130(whetstone, monkeypatch):
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("whetstone_server.cli.check.run", interrupted)
    assert whetstone("check", ".") == (130, "", "")


def test_a_reader_that_has_seen_enough_is_no_trouble(folder):
    many = "".join(
        f"def f{n}(rows):\n    text = ''\n    for row in rows:\n        text += row\n    return text\n"
        for n in range(2000)
    )
    (folder / "many.py").write_text(many)
    command = subprocess.Popen([*WHETSTONE, "check", "many.py"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    command.stdout.readline()
    command.stdout.close()
    assert command.stderr.read() == b""
    assert command.wait(30) == 1
    command.stderr.close()


@pytest.fixture
def heeded():
    """Let a signal be heeded although these tests may run in the background, where shells have it ignored."""
    earlier = {}

    def heed(number):
        earlier[number] = signal.signal(number, signal.default_int_handler)
        return signal.getsignal(number)

    yield heed
    for number, handler in earlier.items():
        signal.signal(number, handler)


@pytest.mark.parametrize(("number", "raised"), [(signal.SIGINT, KeyboardInterrupt), (signal.SIGTERM, SystemExit)])
def test_a_signal_unwinds_once_and_the_tidying_is_not_cut_short(number, raised, heeded):
    tidied = False
    before = heeded(number)

    def work() -> None:
        nonlocal tidied
        try:
            os.kill(os.getpid(), number)
        finally:
            os.kill(os.getpid(), number)
            tidied = True

    with pytest.raises(raised), tidy_stop():
        work()
    assert tidied
    assert signal.getsignal(number) is before


@pytest.mark.parametrize("name", NAMES)
def test_help_imports_nothing_that_takes_long(name):
    """The time of a command's `--help` is that of Python itself and of argparse."""
    program = (
        "import sys; from whetstone_server.cli import main; status = main(sys.argv[1:]);"
        "heavy = {'rich', 'libcst', 'docker', 'pygls', 'lsprotocol', 'tree_sitter', 'json', 'asyncio', 'difflib'};"
        "print(status, sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program, name, "--help"], capture_output=True, text=True, check=True)
    assert done.stderr == "0 []\n"


def test_checking_imports_neither_the_sandbox_nor_the_server(folder):
    program = (
        "import sys; from whetstone_server.cli import main; status = main(sys.argv[1:]);"
        "heavy = {'rich', 'libcst', 'docker', 'pygls', 'lsprotocol', 'asyncio', 'whetstone_server.sandbox'};"
        "print(status, sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    arguments = ["check", "shop", "--format", "json"]
    done = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True)
    assert done.stderr == "1 []\n"


def test_the_second_script_starts_the_server():
    done = subprocess.run(
        [sys.executable, "-P", "-m", "whetstone_server", "--stdio"], input=b"", capture_output=True, check=False
    )
    assert done.returncode == 1, "the editor went away without saying goodbye"
    assert done.stdout == b""


def test_what_a_command_does_is_wrapped_and_its_examples_are_not(whetstone, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    said, _, examples = whetstone("bottlenecks", "--help").out.partition("example:\n")
    assert max(map(len, said.splitlines())) < 60
    assert "run.prof app.py && whetstone bottlenecks src --profile run.prof\n" in examples
