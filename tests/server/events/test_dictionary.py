"""Blocks are compressed with a dictionary that is shipped, and those that were packed without one stay readable."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from threading import Thread

import pytest
import zstandard

from tests.server.events.conftest import change
from whetstone_server.events import StoreError, blocks, dictionary, table
from whetstone_server.events.database import Database

SHIPPED = {1: "67251efa256c3cd7f125a0479fc311a4f80dac9ac3a93e19bbf1d684489dcb0f"}
"""What each dictionary that was ever shipped is, for good: without it, blocks that name it are lost."""


def rows(number):
    return table.of_events([change(each, id=f"{'ab' * 16}-{each + 1}") for each in range(number)])


def test_every_dictionary_that_was_shipped_is_still_there_unchanged():
    there = dictionary.place(1).parent.iterdir()
    assert {int(file.stem): sha256(file.read_bytes()).hexdigest() for file in there} == SHIPPED
    assert dictionary.NEWEST in SHIPPED


@pytest.mark.parametrize(("number", "share"), [(4, 0.6), (30, 0.8), (300, 1.0)])
def test_a_dictionary_helps_the_more_the_smaller_a_block_is(number, share):
    plain = zstandard.compress(blocks.body(rows(number)), blocks.LEVEL)
    assert len(blocks.encoded(rows(number))) < share * len(plain)


def test_a_block_without_a_dictionary_is_read():
    packed = blocks.body(rows(5))
    assert blocks.content(b"\1\5\0" + zstandard.compress(packed)) == packed
    assert blocks.content(blocks.encoded(rows(5))) == packed


@pytest.mark.parametrize("layout", ["layout-1", "layout-2"])
def test_the_stores_of_earlier_layouts_hold_blocks_without_a_dictionary(folder, layout):
    shutil.copytree(Path(__file__).parent / "stores" / layout, folder)
    database = Database.open(folder, readonly=True)
    with database.reading() as state:
        assert {block[0] for _, block in state.forwards(b"blocks")} == {blocks.PLAIN}
    database.close()


def test_threads_that_come_and_go_pack_and_read_side_by_side():
    packed = blocks.body(rows(50))
    with ThreadPoolExecutor(4) as threads:
        for _ in range(20):
            Thread(target=blocks.encoded, args=(rows(50),)).start()
            assert all(blocks.content(each) == packed for each in threads.map(blocks.encoded, [rows(50)] * 8))


@pytest.mark.parametrize("head", [b"\2\5\0\xff", b"\3\5\0\1"], ids=["dictionary", "codec"])
def test_a_block_of_a_newer_version_asks_for_that_version(head):
    with pytest.raises(StoreError, match="update this one"):
        blocks.content(head + blocks.encoded(rows(5))[4:])


@pytest.mark.parametrize("length", [0, 1, 3, 4, 20])
def test_a_block_that_is_cut_off_is_said_to_be_damaged(length):
    with pytest.raises(StoreError, match="is damaged"):
        blocks.content(blocks.encoded(rows(5))[:length])
