"""Which system calls are refused inside, as a kernel filter and as a profile for the Docker engine.

One policy for all three engines: everything an ordinary program needs stays open; what reaches past the process
(mounting, new namespaces, tracing, kernel modules, kernel keys, io_uring, odd socket families) is refused.
"""

from __future__ import annotations

import errno
import platform
import struct
from typing import Any

REFUSED: dict[str, tuple[int | None, int | None]] = {
    # name: (number on x86_64, number on aarch64)
    "_sysctl": (156, None),
    "acct": (163, 89),
    "add_key": (248, 217),
    "bpf": (321, 280),
    "chroot": (161, 51),
    "clock_adjtime": (305, 266),
    "clock_settime": (227, 112),
    "create_module": (174, None),
    "delete_module": (176, 106),
    "fanotify_init": (300, 262),
    "finit_module": (313, 273),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fsopen": (430, 430),
    "fspick": (433, 433),
    "get_kernel_syms": (177, None),
    "init_module": (175, 105),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "io_uring_setup": (425, 425),
    "ioperm": (173, None),
    "iopl": (172, None),
    "kcmp": (312, 272),
    "kexec_file_load": (320, 294),
    "kexec_load": (246, 104),
    "keyctl": (250, 219),
    "lookup_dcookie": (212, 18),
    "migrate_pages": (256, 238),
    "modify_ldt": (154, None),
    "mount": (165, 40),
    "mount_setattr": (442, 442),
    "move_mount": (429, 429),
    "move_pages": (279, 239),
    "name_to_handle_at": (303, 264),
    "nfsservctl": (180, 42),
    "open_by_handle_at": (304, 265),
    "open_tree": (428, 428),
    "perf_event_open": (298, 241),
    "pidfd_getfd": (438, 438),
    "pivot_root": (155, 41),
    "process_madvise": (440, 440),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "ptrace": (101, 117),
    "query_module": (178, None),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "reboot": (169, 142),
    "request_key": (249, 218),
    "sched_setaffinity": (203, 122),
    "setdomainname": (171, 162),
    "sethostname": (170, 161),
    "setns": (308, 268),
    "settimeofday": (164, 170),
    "swapoff": (168, 225),
    "swapon": (167, 224),
    "sysfs": (139, None),
    "syslog": (103, 116),
    "umount2": (166, 39),
    "unshare": (272, 97),
    "uselib": (134, None),
    "userfaultfd": (323, 282),
    "ustat": (136, None),
    "vhangup": (153, 58),
}

NEWEST_KNOWN = 466
"""Calls with a higher number did not exist when this list was written; they answer "no such call"."""

NEW_NAMESPACES = (0x0002_0000, 0x0200_0000, 0x0400_0000, 0x0800_0000, 0x1000_0000, 0x2000_0000, 0x4000_0000)
"""The flags of `clone` that would make a namespace of its own: mount, cgroup, uts, ipc, user, pid, network."""

TERMINAL_INPUT = (0x5412, 0x541C)
"""TIOCSTI and TIOCLINUX: typing into somebody else's terminal."""

DEVICE_NODES = (0x2000, 0x6000)
FILE_KIND = 0xF000

SOCKET_FAMILIES = (0, 1, 2, 10, 16)
"""Unspecified, unix, internet 4 and 6, netlink: what the standard library uses; packet, vsock, alg are not."""

PLAIN_PERSONALITY = (0, 0xFFFF_FFFF)

_CALLS = {"clone": (56, 220), "clone3": (435, 435), "ioctl": (16, 29), "socket": (41, 198)}
_MORE_CALLS = {"mknod": (133, None), "mknodat": (259, 33), "personality": (135, 92)}
_MACHINES = {"x86_64": (0, 0xC000_003E), "aarch64": (1, 0xC000_00B7)}

_LOAD, _AND, _RETURN = 0x20, 0x54, 0x06
_IF_EQUAL, _IF_AT_LEAST, _IF_ANY_BIT = 0x15, 0x35, 0x45
_NUMBER, _ARCHITECTURE = 0, 4
_ALLOW, _REFUSE, _KILL = 0x7FFF_0000, 0x0005_0000, 0x8000_0000


def supported() -> bool:
    """Tell whether a filter can be written for this machine's processor."""
    return platform.machine() in _MACHINES


def program(machine: str | None = None) -> bytes:
    """Return the filter for a processor (this one's by default) as the kernel's classic BPF, little-endian."""
    column, architecture = _MACHINES[machine or platform.machine()]
    code = [
        _step(_LOAD, _ARCHITECTURE),
        _step(_IF_EQUAL, architecture, 1, 0),
        _step(_RETURN, _KILL),
        _step(_LOAD, _NUMBER),
        _step(_IF_AT_LEAST, NEWEST_KNOWN + 1, 0, 1),
        _step(_RETURN, _REFUSE | errno.ENOSYS),
    ]
    for numbers in REFUSED.values():
        code += _when(numbers[column], [_step(_RETURN, _REFUSE | errno.EPERM)])
    for name, body in _looked_into().items():
        numbers_of_call = (_CALLS | _MORE_CALLS)[name]
        code += _when(numbers_of_call[column], body)
    return b"".join([*code, _step(_RETURN, _ALLOW)])


def profile(machine: str | None = None) -> dict[str, Any]:
    """Return the same policy as a profile for the Docker engine."""
    architecture = {"x86_64": "SCMP_ARCH_X86_64", "aarch64": "SCMP_ARCH_AARCH64"}[machine or platform.machine()]
    others = [family for family in range(SOCKET_FAMILIES[-1]) if family not in SOCKET_FAMILIES]
    rules = [
        _rule([*REFUSED, "open_tree_attr"], errno.EPERM),
        _rule(["clone3"], errno.ENOSYS),
        *(_rule(["clone"], errno.EPERM, 0, "MASKED_EQ", flag, flag) for flag in NEW_NAMESPACES),
        *(_rule(["ioctl"], errno.EPERM, 1, "EQ", request) for request in TERMINAL_INPUT),
        *(_rule(["socket"], errno.EAFNOSUPPORT, 0, "EQ", family) for family in others),
        _rule(["socket"], errno.EAFNOSUPPORT, 0, "GT", SOCKET_FAMILIES[-1]),
        *(_rule(["mknod"], errno.EPERM, 1, "MASKED_EQ", FILE_KIND, kind) for kind in DEVICE_NODES),
        *(_rule(["mknodat"], errno.EPERM, 2, "MASKED_EQ", FILE_KIND, kind) for kind in DEVICE_NODES),
    ]
    return {"defaultAction": "SCMP_ACT_ALLOW", "architectures": [architecture], "syscalls": rules}


def _step(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("<HBBI", code, yes, no, value)


def _when(number: int | None, body: list[bytes]) -> list[bytes]:
    return [] if number is None else [_step(_IF_EQUAL, number, 0, len(body)), *body]


def _argument(position: int) -> bytes:
    # Only the low half: every argument looked at is an int of 32 bits to the kernel.
    return _step(_LOAD, 16 + 8 * position)


def _looked_into() -> dict[str, list[bytes]]:
    """Return, per call that is refused only with some arguments, the steps that decide."""
    allow, refuse = _step(_RETURN, _ALLOW), _step(_RETURN, _REFUSE | errno.EPERM)
    no_family = _step(_RETURN, _REFUSE | errno.EAFNOSUPPORT)
    return {
        "clone3": [_step(_RETURN, _REFUSE | errno.ENOSYS)],
        "clone": [_argument(0), _step(_IF_ANY_BIT, sum(NEW_NAMESPACES), 0, 1), refuse, allow],
        "ioctl": [_argument(1), *_unless_among(TERMINAL_INPUT, refuse), allow],
        "socket": [_argument(0), *_unless_among(SOCKET_FAMILIES, allow), no_family],
        "mknod": [_argument(1), _step(_AND, FILE_KIND), *_unless_among(DEVICE_NODES, refuse), allow],
        "mknodat": [_argument(2), _step(_AND, FILE_KIND), *_unless_among(DEVICE_NODES, refuse), allow],
        "personality": [_argument(0), *_unless_among(PLAIN_PERSONALITY, allow), refuse],
    }


def _unless_among(values: tuple[int, ...], answer: bytes) -> list[bytes]:
    return [step for value in values for step in (_step(_IF_EQUAL, value, 0, 1), answer)]


def _rule(names: list[str], number: int, index: int | None = None, op: str = "", *values: int) -> dict[str, Any]:
    rule: dict[str, Any] = {"names": names, "action": "SCMP_ACT_ERRNO", "errnoRet": number}
    if index is not None:
        keys = ("value", "valueTwo")
        rule["args"] = [{"index": index, "op": f"SCMP_CMP_{op}", **dict(zip(keys, values, strict=False))}]
    return rule
