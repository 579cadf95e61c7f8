"""What happens at the edges: no room, no right to write, other processes, other machines, damage.

Whatever could end a process happens in one of its own: this file, run as a program, with a function's name.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import struct
import subprocess
import sys
from contextlib import ExitStack, suppress
from pathlib import Path
from threading import Event as Signal
from threading import Thread

import lmdb
import pytest

from whetstone_server.events import (
    Event,
    StoreError,
    StoreTooNewError,
    database,
    filesystem,
    maintenance,
    migrations,
    open_for_reading,
    open_store,
    ring,
    writer,
)
from whetstone_server.events.database import Database

KIND = "limit.note"  # of a kind that is not known, which is kept as it is


def note(number: int = 0, size: int = 0) -> Event:
    """An event of `size` random letters, which do not compress well."""
    return Event(KIND, {"number": number, "text": os.urandom(size // 2).hex()})


def numbers(store, **wanted) -> list[int]:
    return sorted(event.data["number"] for event in store.between(kind=KIND, **wanted))


# -- programs ----------------------------------------------------------------------------------------------------------


def command(function, *arguments: object) -> list[str]:
    """The command that runs a function of this file in a process of its own."""
    return [sys.executable, __file__, function.__name__, *map(str, arguments)]


def answer_of(command: list[str]):
    """What a program said, after it ended as programs should."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, f"ended with {done.returncode}: {done.stderr}"
    return json.loads(done.stdout.splitlines()[-1])


def say(answer: object) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def attempt(deed):
    """What a deed returns, or the words of the `StoreError` it raises."""
    try:
        return deed()
    except StoreError as error:
        return str(error)


class Neighbour:
    """Another process that is talked to line by line."""

    def __init__(self, function, *arguments: object) -> None:
        self.process = subprocess.Popen(
            command(function, *arguments), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.greeting = self.hear()

    def hear(self):
        line = self.process.stdout.readline()
        assert line, f"ended with {self.process.wait()}"
        return json.loads(line)

    def ask(self, question: object):
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        return self.hear()

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def end(self) -> None:
        with suppress(BrokenPipeError):
            self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


@pytest.fixture
def neighbour():
    """Starts other processes, and ends them with the test."""
    with ExitStack() as stack:

        def started(function, *arguments: object) -> Neighbour:
            other = Neighbour(function, *arguments)
            stack.callback(other.end)
            return other

        yield started


@pytest.fixture
def folder(tmp_path) -> Path:
    return tmp_path / "events"


# -- a small disk ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def own_mounts(tmp_path_factory) -> list[str]:
    """The command before another that gives it mounts of its own, which end with it."""
    if not (shutil.which("unshare") and shutil.which("mount")):
        pytest.skip("a small disk needs the programs unshare and mount, and one of them is missing")
    place = tmp_path_factory.mktemp("probe")
    for prefix in (["unshare", "--mount"], ["unshare", "--user", "--map-root-user", "--mount"]):
        probe = [*prefix, "mount", "-t", "tmpfs", "tmpfs", place]
        if subprocess.run(probe, capture_output=True, check=False).returncode == 0:
            return prefix
    return pytest.skip("a small disk needs the right to mount one: neither root's nor that of a user namespace is here")


@pytest.fixture
def on_small_disk(own_mounts, tmp_path):
    """Runs a function of this file with a folder on a disk of six megabytes, and returns what it said."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = ["sh", "-c", 'mount -t tmpfs -o size=6m tmpfs "$0" && exec "$@"', str(disk)]

    def run(function, *arguments: object):
        return answer_of([*own_mounts, *mounted, *command(function, disk, *arguments)])

    return run


def fill(disk: Path, room: int = 0) -> Path:
    """Fill a disk except for `room` bytes, with a file that can be removed again."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        with suppress(OSError):
            while True:
                file.write(bytes(4_096))
        file.truncate(file.tell() - room)
    return ballast


def record_until_full(disk: str) -> None:
    writer.RETRY_AFTER_S = 0.01
    ballast = fill(Path(disk), 1_536 << 10)
    with open_store(Path(disk, "events")) as store:
        kept, complaint = 0, None
        while complaint is None:
            kept += store.record(note(kept, 10_000))
            complaint = attempt(store.flush)
        while store.record(note(kept, 10_000)):
            kept += 1
        on_full_disk = numbers(store)
        ballast.unlink()
        store.flush()
        dropped = [event.data["number"] for event in store.between(kind="events.dropped")]
    with open_for_reading(Path(disk, "events")) as store:
        afterwards = numbers(store)
    say(
        {
            "complaint": complaint,
            "all readable": on_full_disk == list(range(kept)),
            "all committed": afterwards == list(range(kept)) and not list(Path(disk, "events", "rings").iterdir()),
            "dropped": dropped,
        }
    )


def test_a_full_disk_stops_nobody_and_loses_nothing_that_was_kept(on_small_disk):
    said = on_small_disk(record_until_full)
    assert "the disk may be full; free some space" in said["complaint"]
    assert said["all readable"]
    assert said["all committed"], "once there is room, what waited is committed"
    assert said["dropped"] == [1], "the one for which the ring had no room is counted"


def create_without_room(disk: str, room: str) -> None:
    ballast = fill(Path(disk), int(room))
    said = attempt(lambda: open_store(Path(disk, "events")))
    ballast.unlink()
    with open_store(Path(disk, "events")) as store:
        store.record(note())
        say([said, numbers(store)])


@pytest.mark.parametrize("room", [0, 4_096, 8_192, 32_768])
def test_a_store_for_which_there_is_no_room_is_refused_and_can_be_made_later(on_small_disk, room):
    said, afterwards = on_small_disk(create_without_room, room)
    assert "free some space" in said
    assert afterwards == [0]


def test_a_ring_for_which_there_is_no_room_is_refused_by_name(on_small_disk):
    said, afterwards = on_small_disk(create_without_room, 512 << 10)
    assert "there is no room for the event ring" in said
    assert "free some space" in said
    assert afterwards == [0]


def open_full(disk: str, lock: str) -> None:
    folder = Path(disk, "events")
    with open_store(folder) as store:
        store.record(note())
    if lock == "missing":
        (folder / "lock.mdb").unlink()
    fill(Path(disk))
    with_readers = ExitStack()

    def many_readings() -> list[int]:
        with open_for_reading(folder) as store, with_readers:
            for _ in range(100):
                with_readers.enter_context(store._database.reading())
            return numbers(store)

    say([attempt(many_readings), attempt(lambda: open_store(folder))])


def test_a_store_on_a_full_disk_is_read_by_as_many_as_ever(on_small_disk):
    read, written = on_small_disk(open_full, "there")
    assert read == [0]
    assert "free some space" in written


def test_a_restored_store_on_a_full_disk_ends_nobody(on_small_disk):
    """A backup holds no file of locks, and LMDB would make one that lies on no disk."""
    read, written = on_small_disk(open_full, "missing")
    assert "free some space" in read
    assert "free some space" in written


# -- a disk that can only be read --------------------------------------------------------------------------------------


def look_at_what_cannot_be_written(disk: str, elsewhere: str) -> None:
    folder = Path(disk, "events")
    with open_store(folder) as store:
        store.record(note())
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    with open_for_reading(folder) as store:
        read = [numbers(store), store.record(note()), attempt(store.checkpoint)]
    say(
        {
            "read": read,
            "verified": attempt(lambda: maintenance.verify(folder)),
            "backup": attempt(lambda: maintenance.backup(folder, Path(elsewhere)))
            == Path(elsewhere, "data.mdb").stat().st_size,
            "refused": [
                attempt(lambda: open_store(folder)),
                attempt(lambda: open_store(Path(disk, "new"))),
                attempt(lambda: maintenance.compact(folder)),
            ],
        }
    )


def test_what_cannot_be_written_can_be_read(on_small_disk, tmp_path):
    said = on_small_disk(look_at_what_cannot_be_written, tmp_path / "backup")
    numbers_read, kept, checkpoint = said["read"]
    assert numbers_read == [0]
    assert not kept
    assert "set WHETSTONE_HOME" in checkpoint
    assert said["verified"] == [1, []]
    assert said["backup"]
    for refusal in said["refused"]:
        assert "Read-only file system" in refusal
        assert "set WHETSTONE_HOME" in refusal


# -- other processes ---------------------------------------------------------------------------------------------------


def record_and_read(folder: str) -> None:
    """Record each number that is asked for, and answer with all that are there, in a map that is soon too small."""
    database.MAP_BYTES = 1 << 20
    with open_store(Path(folder)) as store:
        store.flush()
        say("ready")
        for line in sys.stdin:
            store.record(note(json.loads(line)))
            store.flush()
            say(numbers(store))


def outgrow(folder: str) -> None:
    """Write far more than the map holds, with two threads that read meanwhile."""
    database.MAP_BYTES = 1 << 20
    errors: set[str] = set()
    ended = Signal()

    def read() -> None:
        while not ended.is_set():
            try:
                numbers(store)
            except Exception as error:  # noqa: BLE001 -- whatever goes wrong is what the test asks for
                errors.add(repr(error))

    with open_store(Path(folder)) as store:
        before = store.stats().map_size
        readers = [Thread(target=read) for _ in range(2)]
        for reader in readers:
            reader.start()
        for number in range(12):
            store.record(note(1_000 + number, 200_000))
            store.flush()
        ended.set()
        for reader in readers:
            reader.join()
        say({"grew": store.stats().map_size > before, "errors": sorted(errors)})


def test_a_map_that_becomes_too_small_grows_under_everybody_who_reads_and_writes(folder, neighbour):
    other = neighbour(record_and_read, folder)
    asked = 0
    growing = subprocess.Popen(command(outgrow, folder), stdout=subprocess.PIPE, text=True)
    while growing.poll() is None or not asked:
        assert [number for number in other.ask(asked) if number < 1_000] == list(range(asked + 1))
        asked += 1
    said, _ = growing.communicate()
    assert growing.returncode == 0
    assert json.loads(said) == {"grew": True, "errors": []}
    assert other.ask(asked) == [*range(asked + 1), *range(1_000, 1_012)]


def record_on(folder: str) -> None:
    """Record each number that is asked for, beside a table of three readers; `None` asks to look for dead ones."""
    database.MOST_READERS = 3
    with open_store(Path(folder)) as store:
        store.flush()
        say("ready")
        for line in sys.stdin:
            if (number := json.loads(line)) is None:
                say(store._database.tidy())
            else:
                store.record(note(number))
                say(attempt(store.flush))


def hold(folder: str) -> None:
    """Keep one state of the store until told otherwise."""

    def held() -> str:
        opened = Database.open(Path(folder), readonly=True)
        with opened.reading():
            say("holding")
            sys.stdin.read()
        opened.close()
        return "done"

    say(attempt(held))


def test_a_reader_that_was_killed_is_forgotten(folder, neighbour):
    with open_store(folder) as store:
        store.record(note(1))
        store.flush()
        reader = neighbour(hold, folder)
        assert reader.greeting == "holding"
        reader.kill()
        store.record(note(2))
        store.checkpoint()
        assert numbers(store) == [1, 2]
        assert store._database.tidy() == 1
        assert store._database.tidy() == 0


def test_one_reader_too_many_is_told_so_and_the_writer_goes_on(folder, neighbour):
    other = neighbour(record_on, folder)
    readers = [neighbour(hold, folder) for _ in range(4)]
    greetings = [reader.greeting for reader in readers]
    assert greetings[0] == "holding"
    assert "too many programs read" in greetings[-1]
    assert "close some of them and try again" in greetings[-1]
    assert other.ask(1) is None
    readers[0].kill()
    assert other.ask(None) == 1
    assert neighbour(hold, folder).greeting == "holding", "the place of a dead reader is free again"
    assert other.ask(2) is None
    for reader in readers:
        reader.end()
    with open_for_reading(folder) as store:
        assert numbers(store) == [1, 2]


def write_many(folder: str, first: str, many: str) -> None:
    with open_store(Path(folder)) as store:
        kept = 0
        for number in range(int(first), int(first) + int(many)):
            kept += store.record(note(number, 50))
            if number % 100 == 0:
                store.flush()
            if number % 250 == 0:
                store.checkpoint()
        say(kept)


def test_four_processes_that_write_at_once_lose_and_double_nothing(folder):
    writing = [
        subprocess.Popen(command(write_many, folder, first, 500), stdout=subprocess.PIPE, text=True)
        for first in range(0, 2_000, 500)
    ]
    assert [int(process.communicate()[0]) for process in writing] == [500] * 4
    assert [process.returncode for process in writing] == [0] * 4
    with open_for_reading(folder) as store:
        assert numbers(store) == list(range(2_000))
        assert len({event.id for event in store.between()}) == 2_000
    assert maintenance.verify(folder) == (2_000, [])


def test_closing_does_not_wait_for_the_writers_next_round(folder):
    """A store that is closed at the very moment its writer begins a round is closed with that round."""
    store = open_store(folder)
    store.flush()
    of_store = store._writer

    class Stopped(Signal):
        def clear(self) -> None:
            of_store._stopped = True
            of_store._hurry.set()
            self.set()
            super().clear()

    before, of_store._wanted = of_store._wanted, Stopped()
    before.set()
    of_store._wanted.set()
    of_store._hurry.set()
    of_store._thread.join(10)
    assert not of_store._thread.is_alive()
    store.close()


# -- other machines ----------------------------------------------------------------------------------------------------


@pytest.fixture
def mounted(tmp_path, monkeypatch):
    """Says what is mounted where, below `tmp_path`."""
    table = tmp_path / "mountinfo"
    monkeypatch.setattr(filesystem, "MOUNTS", table)

    def write(**kinds: str) -> None:
        rows = [b"22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw"]
        for number, (point, kind) in enumerate(kinds.items(), 23):
            place = os.fsencode(tmp_path / point).replace(b"\\", b"\\134").replace(b" ", b"\\040")
            rows.append(b"%d 22 0:%d / %b rw,noatime - %b server:/share rw" % (number, number, place, kind.encode()))
        table.write_bytes(b"\n".join(rows) + b"\n")

    return write


@pytest.mark.parametrize("point", ["share", "team share", "Büro", "日本", "back\\slash", "\udcff"])
def test_a_store_over_a_network_is_refused(tmp_path, mounted, point):
    mounted(**{point: "nfs4"})
    place = tmp_path / point / "deep" / "events"
    with pytest.raises(StoreError, match=r"network file system \(nfs4\).*set WHETSTONE_HOME"):
        open_store(place)
    assert not (tmp_path / point).exists()


def test_a_store_behind_a_link_into_a_network_is_refused(tmp_path, mounted):
    mounted(share="cifs")
    (tmp_path / "link").symlink_to(tmp_path / "share")
    with pytest.raises(StoreError, match="cifs"):
        filesystem.check(tmp_path / "link" / "events")


def test_a_local_disk_inside_a_network_mount_is_allowed(tmp_path, mounted):
    mounted(**{"team share": "nfs4", "team share/scratch": "xfs"})
    filesystem.check(tmp_path / "team share" / "scratch" / "events")
    filesystem.check(tmp_path / "team shared" / "events")
    with pytest.raises(StoreError):
        filesystem.check(tmp_path / "team share" / "scratches" / "events")


def test_what_is_mounted_last_on_a_place_is_what_lies_there(tmp_path, mounted):
    mounted(**{"share": "autofs", "./share": "nfs"})
    with pytest.raises(StoreError, match="nfs"):
        filesystem.check(tmp_path / "share" / "events")


def test_where_nothing_says_what_is_mounted_nothing_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(filesystem, "MOUNTS", tmp_path / "missing")
    filesystem.check(tmp_path / "events")


# -- other versions, and damage ----------------------------------------------------------------------------------------


def test_a_newer_layout_is_read_and_not_written(folder):
    with open_store(folder) as store:
        store.record(note(7))
        store.flush()
        store._database.write(lambda writing: writing.put(b"meta", b"schema", str(migrations.MAJOR + 1).encode()))
    before = (folder / "data.mdb").read_bytes()
    with pytest.raises(StoreTooNewError, match="update Whetstone") as refusal:
        open_store(folder)
    assert str(folder) in str(refusal.value)
    with open_for_reading(folder) as store:
        assert numbers(store) == [7]
    assert (folder / "data.mdb").read_bytes() == before


def open_damaged(folder: str) -> None:
    """Look at a store in every way there is, more than once."""

    def read() -> list[int]:
        with open_for_reading(Path(folder)) as store:
            return numbers(store)

    def write() -> list[int]:
        with open_store(Path(folder)) as store:
            store.record(note(5_000))
            store.checkpoint()
            return numbers(store)

    say([attempt(deed) for deed in (read, lambda: maintenance.verify(Path(folder)), write, read)])


def whole(folder: Path) -> Path:
    """A store of some hundred pages in blocks and tail; its data file."""
    with open_store(folder) as store:
        for number in range(200):
            store.record(note(number, 2_000))
        store.checkpoint()
        store.record(note(200))
    return folder / "data.mdb"


@pytest.mark.parametrize(
    "damaged",
    [
        lambda content: b"\xff" * 8_192 + content[8_192:],
        lambda content: bytes(8_192) + content[8_192:],
        lambda content: content[:8_192] + bytes(len(content) - 8_192),
        lambda content: content[:20_000],
        lambda content: content[: len(content) // 2],
        lambda _: b"",
        lambda _: b"Dear diary,\n" * 1_000,
    ],
    ids=["start overwritten", "start zeroed", "pages zeroed", "start only", "half", "empty", "something else"],
)
def test_a_damaged_store_says_which_it_is_and_what_to_do(folder, damaged):
    file = whole(folder)
    broken = damaged(file.read_bytes())
    file.write_bytes(broken)
    for said in answer_of(command(open_damaged, folder)):
        assert str(folder) in said
        assert "is damaged or not an event store" in said
        assert "restore a backup, or move it away" in said
    assert file.read_bytes() == broken, "nothing is written into it"


def test_somebody_elses_database_is_left_as_it_is(folder):
    with lmdb.open(os.fspath(folder), max_dbs=4, lib_version=0) as environment:
        theirs = environment.open_db(b"theirs")
        with environment.begin(write=True) as transaction:
            transaction.put(b"key", b"value", db=theirs)
    before = (folder / "data.mdb").read_bytes()
    for said in answer_of(command(open_damaged, folder)):
        assert str(folder) in said
        assert "not an event store" in said
        assert "move it away" in said
    assert (folder / "data.mdb").read_bytes() == before


def test_a_database_with_a_name_of_ours_is_not_taken_for_a_store(folder):
    with lmdb.open(os.fspath(folder), max_dbs=4, lib_version=0) as environment:
        environment.open_db(b"meta")
    said = answer_of(command(open_damaged, folder))[2]
    assert str(folder) in said
    assert "not an event store" in said
    assert "move it away" in said


def only(content: bytes, folder: Path, name: bytes) -> bytes:
    """A value that is in a store's file once, and not a second time in a page that was given back."""
    opened = Database.open(folder, readonly=True)
    with opened.reading() as state:
        found = next(bytes(value) for _, value in state.forwards(name) if content.count(value) == 1)
    opened.close()
    return found


def test_a_flipped_bit_anywhere_in_a_block_is_found(folder):
    file = whole(folder)
    content = file.read_bytes()
    block = only(content, folder, b"blocks")
    assert maintenance.verify(folder) == (201, [])
    start = content.index(block)
    for place in range(start + 16, start + len(block), len(block) // 50):
        broken = bytearray(content)
        broken[place] ^= 1 << place % 8
        file.write_bytes(broken)
        _, problems = maintenance.verify(folder)
        assert any(KIND in problem and "cannot be read" in problem for problem in problems), f"byte {place - start}"
    file.write_bytes(content)
    assert maintenance.verify(folder) == (201, [])


def test_a_flipped_bit_anywhere_in_the_tail_is_found_and_keeps_nothing_else_from_being_packed(folder):
    with open_store(folder) as store:
        for number in range(30):
            store.record(note(number, 100))
            if number == 20:
                store.flush()
    file = folder / "data.mdb"
    content = file.read_bytes()
    batch = only(content, folder, b"tail")
    assert maintenance.verify(folder) == (30, [])
    start = content.index(batch)
    for place in range(start, start + len(batch), len(batch) // 50):
        broken = bytearray(content)
        broken[place] ^= 1 << place % 8
        file.write_bytes(broken)
        found, problems = maintenance.verify(folder)
        assert found < 30
        assert any("tail cannot be read" in problem for problem in problems), f"byte {place - start}"
    with open_store(folder) as store:
        store.checkpoint()
    assert maintenance.verify(folder)[0] == found
    with open_for_reading(folder) as store, pytest.raises(StoreError, match="events verify"):
        store.between()
    assert len(maintenance.verify(folder)[1]) == 1


_RING = struct.Struct("<8s16sQQQQ")


@pytest.mark.parametrize(
    "content",
    [
        b"WHETRNG1",
        b"not a ring at all\n" * 1_000,
        _RING.pack(b"WHETRNG2", bytes(16), 1 << 20, 64, 0, 0) + bytes(1 << 10),
        _RING.pack(ring.MAGIC, bytes(16), 1 << 20, 1_000, 0, 0) + bytes(1 << 10),
        _RING.pack(ring.MAGIC, bytes(16), (1 << 64) - 1, (1 << 64) - 1, 0, 0) + bytes(1 << 10),
        _RING.pack(ring.MAGIC, bytes(16), 0, 0, 0, 3) + bytes(1 << 10),
        ring.MAGIC + b"\xff" * 4_096,
    ],
    ids=["magic only", "text", "newer", "cut off", "huge", "no capacity", "overwritten"],
)
def test_what_lies_among_the_rings_and_is_none_is_left_alone(folder, content):
    with open_store(folder) as store:
        store.record(note(1))
    garbage = folder / "rings" / f"{'0' * 32}.ring"
    garbage.write_bytes(content)
    with open_store(folder) as store:
        store.record(note(2))
        assert numbers(store) == [1, 2]
        store.flush()
        assert numbers(store) == [1, 2]
    with open_for_reading(folder) as store:
        assert numbers(store) == [1, 2]
        assert store.stats().kinds == {KIND: 2}
    assert garbage.read_bytes() == content


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
