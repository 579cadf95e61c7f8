"""Each format is known by its beginning, read to the same shares, and turned down with a sentence when damaged."""

from __future__ import annotations

import cProfile
import json
import marshal
import profile as pure_profile
import pstats
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whetstone_server.errors import InputError
from whetstone_server.profiles import Frame, read_profile
from whetstone_server.profiles.marshalled import loads
from whetstone_server.profiles.profile import NotAProfile
from whetstone_server.profiles.readers import READERS

if TYPE_CHECKING:
    from pathlib import Path

REPORT = Frame("build_report", "/app/orders/report.py", 12)
PRICE = Frame("price", "/app/orders/price.py", 3)


def written(folder: Path, content: bytes | str) -> Path:
    path = folder / "a.profile"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def slow(items: list[int]) -> int:
    count = 0
    while items:
        items.pop(0)
        count += 1
    return count


@pytest.mark.parametrize("tool", [cProfile.Profile, pure_profile.Profile])
def test_a_real_dump_is_read(tmp_path, tool):
    profiler = tool()
    profiler.runcall(slow, list(range(2000)))
    pstats.Stats(profiler).dump_stats(tmp_path / "run.prof")
    read = read_profile(tmp_path / "run.prof")
    frame = Frame("slow", __file__, slow.__code__.co_firstlineno)
    assert 0 < read.own[frame] <= read.total


def test_time_in_a_built_in_counts_for_its_caller(tmp_path):
    pop = ("~", 0, "<method 'pop' of 'list' objects>")
    slow = ("/app/a.py", 1, "slow")
    stats = {slow: (1, 1, 0.25, 1.0, {}), pop: (9, 9, 0.75, 0.75, {slow: (9, 9, 0.75, 0.75)})}
    read = read_profile(written(tmp_path, marshal.dumps(stats)))
    assert read.own == {Frame("slow", "/app/a.py", 1): 1.0}
    assert read.total == 1.0


SAMPLED = {
    "$schema": "https://www.speedscope.app/file-format-schema.json",
    "shared": {
        "frames": [
            {"name": "build_report", "file": "/app/orders/report.py", "line": 12},
            {"name": "price", "file": "/app/orders/price.py", "line": 3, "col": 1},
            {"name": "memmove"},
        ]
    },
    "profiles": [
        {"type": "sampled", "unit": "seconds", "samples": [[0], [0, 1], [0, 1, 2], []], "weights": [1, 2, 3, 2]}
    ],
}
EVENTS = [("O", 0, 10), ("O", 1, 11), ("O", 2, 13), ("C", 2, 16), ("C", 1, 16), ("C", 0, 16)]
EVENTED = SAMPLED | {
    "profiles": [
        {"type": "evented", "events": [{"type": kind, "frame": frame, "at": at} for kind, frame, at in EVENTS]}
    ]
}


def test_speedscope_samples_are_read(tmp_path):
    read = read_profile(written(tmp_path, json.dumps(SAMPLED, indent=1)))
    assert read.own == {REPORT: 1, PRICE: 5}
    assert read.total == 8


def test_speedscope_events_are_read(tmp_path):
    read = read_profile(written(tmp_path, json.dumps(EVENTED)))
    assert read.own == {REPORT: 1, PRICE: 5}
    assert read.total == 6


PY_SPY = """\
build_report (/app/orders/report.py:12) 1
build_report (/app/orders/report.py:12);price (/app/orders/price.py:3) 2
build_report (/app/orders/report.py:12);price (/app/orders/price.py:3);memmove 3
"""
AUSTIN = """\
# austin: 3.6
P1;T1;/app/orders/report.py:build_report:12 1

P1;T1;/app/orders/report.py:build_report:12;/app/orders/price.py:price:3 5
"""


@pytest.mark.parametrize("lines", [PY_SPY, AUSTIN])
def test_collapsed_stacks_are_read(tmp_path, lines):
    read = read_profile(written(tmp_path, lines))
    assert read.own == {REPORT: 1, PRICE: 5}
    assert read.total == 6


def test_collapsed_stacks_without_lines_keep_their_files(tmp_path):
    read = read_profile(written(tmp_path, "main (/app/a.py);slow (/app/a.py) 4\n"))
    assert read.own == {Frame("slow", "/app/a.py", None): 4}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not a profile in a known format"),
        (b"\x00\x01\x02", "not a profile in a known format"),
        (b"import os\n", "not a profile in a known format"),
        (b"a;b 3\nnonsense\n", "line 2 is not a stack"),
        (b"{}", "no profiles over shared frames"),
        (b"{", "not valid JSON"),
        (b'{"a": ' * 100_000, "not valid JSON"),
        (json.dumps(SAMPLED | {"profiles": []}).encode(), "holds no time"),
        (json.dumps(SAMPLED | {"profiles": [{"type": "other"}]}).encode(), "type 'other'"),
        (
            json.dumps(SAMPLED | {"profiles": [{"type": "sampled", "samples": [[9]], "weights": [1]}]}).encode(),
            "frames",
        ),
        (json.dumps(SAMPLED | {"profiles": [{"type": "sampled", "samples": [], "weights": [1]}]}).encode(), "pair up"),
        (
            json.dumps(SAMPLED | {"profiles": [{"type": "sampled", "samples": [[0]], "weights": [-1]}]}).encode(),
            "weight",
        ),
        (marshal.dumps({}), "holds no time"),
        (marshal.dumps({("a.py", 1, "f"): 3}), "no times"),
        (marshal.dumps({(1, "f"): (1, 1, 1.0, 1.0, {})}), "no file, line and name"),
        (marshal.dumps({("a.py", 1, "f"): (1, 1, 1.0, 1.0, {})})[:-3], "cut short"),
        (marshal.dumps({(): slow.__code__}), "not plain data"),
    ],
)
def test_a_damaged_file_is_turned_down_with_a_sentence(tmp_path, content, message):
    with pytest.raises(InputError, match=message):
        read_profile(written(tmp_path, content))


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InputError, match=r"no\.prof cannot be read"):
        read_profile(tmp_path / "no.prof")


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.text("abc"),
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text() | st.integers(), inner),
)


@given(plain, st.sampled_from([2, 3, 4]))
def test_plain_data_of_every_version_since_python_2_5_comes_back(value, version):
    assert loads(marshal.dumps(value, version)) == value


@given(st.binary() | st.binary().map(lambda tail: b"\xfb\xa9" + tail))
def test_any_bytes_are_a_profile_or_a_refusal(content):
    for reader in READERS:
        reader.begins(content)
        with suppress(NotAProfile):
            assert reader.read(content).total >= 0
