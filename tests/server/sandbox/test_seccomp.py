"""The filter, run on paper for both processors."""

from __future__ import annotations

import errno
import struct

import pytest

from whetstone_server.sandbox.seccomp import NEW_NAMESPACES, NEWEST_KNOWN, REFUSED, profile, program

ALLOWED, KILLED = "allowed", "killed"
ARCHITECTURES = {"x86_64": 0xC000_003E, "aarch64": 0xC000_00B7}
NUMBERS = {
    "x86_64": {"clone": 56, "clone3": 435, "ioctl": 16, "socket": 41, "mknodat": 259, "personality": 135, "read": 0},
    "aarch64": {"clone": 220, "clone3": 435, "ioctl": 29, "socket": 198, "mknodat": 33, "personality": 92, "read": 63},
}

both = pytest.mark.parametrize("machine", ["x86_64", "aarch64"])


def decided(machine: str, number: int, *arguments: int, architecture: int | None = None) -> str:
    """Run the filter as the kernel does, and say what becomes of a call."""
    architecture = ARCHITECTURES[machine] if architecture is None else architecture
    padded = (*arguments, 0, 0, 0, 0, 0, 0)[:6]
    data = struct.pack("<iIQ6Q", number, architecture, 0, *padded)
    steps = list(struct.iter_unpack("<HBBI", program(machine)))
    held, at = 0, 0
    while True:
        code, yes, no, value = steps[at]
        at += 1
        if code == 0x20:
            held = struct.unpack_from("<I", data, value)[0]
        elif code == 0x54:
            held &= value
        elif code == 0x06:
            return {0x7FFF: ALLOWED, 0x8000: KILLED}.get(value >> 16) or errno.errorcode[value & 0xFFFF]
        else:
            met = {0x15: held == value, 0x35: held >= value, 0x45: bool(held & value)}[code]
            at += yes if met else no


@both
def test_ordinary_calls_are_allowed(machine):
    for name in ("read", "clone", "socket", "mknodat", "personality"):
        assert decided(machine, NUMBERS[machine][name], 1 if name == "socket" else 0) == ALLOWED


@both
def test_every_refused_call_is_refused(machine):
    column = list(ARCHITECTURES).index(machine)
    for name, numbers in REFUSED.items():
        if numbers[column] is not None:
            assert decided(machine, numbers[column]) == "EPERM", name


@both
def test_calls_of_another_architecture_are_fatal(machine):
    for other in (0x4000_0003, 0x4000_0028, 0):
        assert decided(machine, 0, architecture=other) == KILLED


@both
def test_calls_younger_than_the_list_are_unknown(machine):
    assert decided(machine, NEWEST_KNOWN + 1) == "ENOSYS"
    assert decided(machine, 0x4000_0000) == "ENOSYS"
    assert decided(machine, -1) == "ENOSYS"


@both
def test_clone_may_make_threads_and_processes_but_no_namespaces(machine):
    clone = NUMBERS[machine]["clone"]
    threads = 0x3D0F00
    assert decided(machine, clone, threads) == ALLOWED
    assert decided(machine, clone, 17) == ALLOWED
    for flag in NEW_NAMESPACES:
        assert decided(machine, clone, flag | threads) == "EPERM"
    assert decided(machine, NUMBERS[machine]["clone3"]) == "ENOSYS"


@both
def test_arguments_are_looked_at_as_the_kernel_does(machine):
    numbers = NUMBERS[machine]
    high = 1 << 32
    assert decided(machine, numbers["ioctl"], 0, 0x5412 | high) == "EPERM"
    assert decided(machine, numbers["ioctl"], 0, 0x5413) == ALLOWED
    assert decided(machine, numbers["socket"], 17 | high) == "EAFNOSUPPORT"
    assert decided(machine, numbers["mknodat"], 0, 0, 0o020666) == "EPERM"
    assert decided(machine, numbers["mknodat"], 0, 0, 0o010666) == ALLOWED
    assert decided(machine, numbers["personality"], 0x0040000) == "EPERM"


@both
def test_the_engines_profile_says_the_same(machine):
    rules = profile(machine)["syscalls"]
    named = {name for rule in rules for name in rule["names"]}
    assert named >= set(REFUSED) | {"clone", "clone3", "ioctl", "socket", "mknod", "mknodat"}
    assert all(rule["action"] == "SCMP_ACT_ERRNO" for rule in rules)
    families = {arg["value"] for rule in rules if rule["names"] == ["socket"] for arg in rule["args"]}
    assert families & {0, 1, 2, 10} == set()
    assert {17, 40} & families == set()  # above the last that is let through, and so refused by the range
    assert [arg["op"] for rule in rules if rule["names"] == ["socket"] for arg in rule["args"]][-1] == "SCMP_CMP_GT"
