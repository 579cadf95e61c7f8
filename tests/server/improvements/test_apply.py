"""A proven rewrite reaches its file whole or not at all, and only over the text it was proven for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from whetstone_codegen import Edit, Rewrite, applied
from whetstone_knowledge import Finding, Span
from whetstone_knowledge.rewriting import Import
from whetstone_server.errors import InputError
from whetstone_server.improvements.apply import apply, combined, replace_file
from whetstone_server.improvements.prove import Candidate, Proof
from whetstone_server.sandbox.verdict import Speedup, Verdict

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = b"""\
# prices in euro
def cheapest(prices):
    return sorted(prices)[0]  # low


def dearest(prices):
    return sorted(prices)[-1]
"""


class Shelf:
    """Keeps in memory what the store of proofs would keep on disk."""

    def __init__(self) -> None:
        self.kept: list[tuple[str, bytes, bytes]] = []

    def applied(self, improvement: str, path: Path, before: bytes, after: bytes) -> None:
        assert path.read_bytes() == (self.kept[0][1] if self.kept else before), "kept before the file is touched"
        self.kept.append((improvement, before, after))


def proof(path: Path, source: bytes, old: str, new: str, *imports: Import, low: float = 2.0) -> Proof:
    """Return a proof that replaces `old`, on lines of its own, by `new`, with import lines at the top."""
    start = source.index(old.encode())
    unit = Span(start, start + len(old.encode()))
    edits = [Edit(unit, new)]
    if imports:
        newline = "\r\n" if b"\r\n" in source else "\n"
        at = 3 if source.startswith(b"\xef\xbb\xbf") else 0
        lines = newline.join(each.statement for each in sorted(imports))
        edits.append(Edit(Span(at, at), lines + newline * 3))
    rewrite = Rewrite("f", tuple(sorted(edits)), applied(source, tuple(edits)), imports)
    finding = Finding("WP101", unit, "slow", "low", 10, "proof-needed", "f", unit)
    verdict = Verdict("faster", "equal and faster", Speedup(low + 1, low, low + 2))
    return Proof(Candidate(path, source, finding), rewrite, verdict, f"id-{new}", "")


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "prices.py"
    path.write_bytes(SOURCE)
    return path


@pytest.fixture
def low(path):
    return proof(path, SOURCE, "sorted(prices)[0]", "min(prices)")


@pytest.fixture
def high(path):
    return proof(path, SOURCE, "sorted(prices)[-1]", "max(prices)", low=3.0)


def test_what_was_not_proven_faster_is_never_written(path, low):
    slower = Proof(low.candidate, low.rewrite, Verdict("slower", "it is slower"), low.improvement, "")
    with pytest.raises(AssertionError):
        apply([slower], Shelf())
    assert path.read_bytes() == SOURCE


def test_what_has_no_way_back_is_never_written(path, low):
    with pytest.raises(InputError, match=r"was left alone: there would be no way back.*set WHETSTONE_HOME"):
        apply([Proof(low.candidate, low.rewrite, low.verdict, None, "")], Shelf())
    assert path.read_bytes() == SOURCE


def test_a_file_that_has_changed_is_left_alone(path, low):
    path.write_bytes(SOURCE + b"\n")
    shelf = Shelf()
    with pytest.raises(InputError, match="has changed since its rewrite was proven"):
        apply([low], shelf)
    assert path.read_bytes() == SOURCE + b"\n"
    assert not shelf.kept


def test_a_file_that_went_away_is_not_made_again(path, low):
    path.unlink()
    with pytest.raises(InputError, match="cannot be read"):
        apply([low], Shelf())
    assert not path.exists()


def test_a_file_written_to_in_the_last_moment_is_left_alone(path):
    with pytest.raises(InputError, match="changed just now"):
        replace_file(path, b"new", expected=b"something else", keep=lambda: None)
    assert path.read_bytes() == SOURCE
    assert list(path.parent.iterdir()) == [path]


def test_a_failure_to_keep_the_way_back_leaves_the_file_alone(path, low):
    class Full:
        def applied(self, *_: object) -> None:
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        apply([low], Full())
    assert path.read_bytes() == SOURCE
    assert list(path.parent.iterdir()) == [path]


def test_one_rewrite_is_written_and_kept(path, low):
    shelf = Shelf()
    assert apply([low], shelf) == ((low,), ())
    after = SOURCE.replace(b"sorted(prices)[0]", b"min(prices)")
    assert path.read_bytes() == after
    assert shelf.kept == [("id-min(prices)", SOURCE, after)]
    assert list(path.parent.iterdir()) == [path]


def test_two_functions_are_written_together_each_with_its_own_way_back(path, low, high):
    shelf = Shelf()
    written = apply([low, high], shelf)
    assert written == ((high, low), ())
    between = SOURCE.replace(b"sorted(prices)[-1]", b"max(prices)")
    after = between.replace(b"sorted(prices)[0]", b"min(prices)")
    assert path.read_bytes() == after
    assert shelf.kept == [("id-max(prices)", SOURCE, between), ("id-min(prices)", between, after)]


def test_of_two_rewrites_of_one_function_the_surest_is_written(path, low):
    better = proof(path, SOURCE, "sorted(prices)[0]", "least(prices)", low=5.0)
    assert apply([low, better], Shelf()) == ((better,), (low,))
    assert b"least(prices)" in path.read_bytes()


def test_import_lines_are_written_once_and_in_order(path):
    heap, order = Import("heapq", "nsmallest"), Import("collections", "Counter")
    one = proof(path, SOURCE, "sorted(prices)[0]", "nsmallest(1, prices)[0]", heap)
    other = proof(path, SOURCE, "sorted(prices)[-1]", "Counter(nsmallest(1, prices))", heap, order)
    apply([one, other], Shelf())
    assert path.read_text().startswith(
        "from collections import Counter\nfrom heapq import nsmallest\n\n\n# prices in euro\n"
    )


def test_imports_that_want_the_same_name_are_not_written_together(path):
    one = proof(path, SOURCE, "sorted(prices)[0]", "a", Import("collections", "deque"))
    other = proof(path, SOURCE, "sorted(prices)[-1]", "b", Import("elsewhere", "deque"))
    assert apply([one, other], Shelf()) == ((one,), (other,))


def test_rewrites_that_do_not_parse_together_are_refused(path, low, high):
    broken = proof(path, SOURCE, "sorted(prices)[-1]", "max(prices")
    with pytest.raises(ValueError, match="do not parse"):
        combined(SOURCE, [low.rewrite, broken.rewrite])


@pytest.mark.parametrize("source", [b"\xef\xbb\xbf" + SOURCE, SOURCE.replace(b"\n", b"\r\n"), SOURCE.rstrip(b"\n")])
def test_byte_order_marks_and_line_ends_stay(path, source):
    path.write_bytes(source)
    heap = Import("heapq", "nsmallest")
    one = proof(path, source, "sorted(prices)[0]", "nsmallest(1, prices)[0]", heap)
    other = proof(path, source, "sorted(prices)[-1]", "max(prices)", Import("bisect"))
    apply([one, other], Shelf())
    newline = b"\r\n" if b"\r\n" in source else b"\n"
    lines = newline.join([b"from heapq import nsmallest", b"import bisect", b"", b"", b""])
    expected = source.replace(b"sorted(prices)[0]", b"nsmallest(1, prices)[0]")
    expected = expected.replace(b"sorted(prices)[-1]", b"max(prices)").replace(b"# prices", lines + b"# prices")
    assert path.read_bytes() == expected


def test_an_encoding_that_the_file_declares_stays(path):
    raw = "# coding: latin-1\n# für später\n".encode("latin-1") + SOURCE
    path.write_bytes(raw)
    source = raw.decode("latin-1").encode()
    apply([proof(path, source, "sorted(prices)[0]", "min(prices)")], Shelf())
    assert path.read_bytes() == raw.replace(b"sorted(prices)[0]", b"min(prices)")


def test_a_link_stays_a_link_and_the_mode_stays(path, low):
    path.chmod(0o751)
    link = path.with_name("link.py")
    link.symlink_to(path.name)
    through = proof(link, SOURCE, "sorted(prices)[0]", "min(prices)")
    apply([through], Shelf())
    assert link.is_symlink()
    assert b"min(prices)" in path.read_bytes()
    assert path.stat().st_mode & 0o7777 == 0o751


def test_a_read_only_file_is_left_alone(path, low, monkeypatch):
    monkeypatch.setattr("os.access", lambda *_: False)  # root, who runs the tests in CI, may write everything
    with pytest.raises(InputError, match="read-only"):
        apply([low], Shelf())
    assert path.read_bytes() == SOURCE


def test_a_folder_that_takes_no_new_files_is_said(path, low, monkeypatch):
    def refuse(**_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.mkstemp", refuse)
    with pytest.raises(InputError, match=r"cannot be written: Permission denied; .* was left alone"):
        apply([low], Shelf())
    assert path.read_bytes() == SOURCE
