"""Make a sandbox of the kernel's own namespaces, then become what runs in it: `launcher.py FD`.

Started by `namespaces.py` in a process of its own, with the plan as JSON on a file descriptor. It needs nothing but
the standard library and the kernel's calls: what `unshare`, `mount`, `pivot_root`, `setpriv` and `prlimit` do, done
directly, so that no path has to survive a shell and one start takes milliseconds.
"""

from __future__ import annotations

import base64
import ctypes
import fcntl
import json
import os
import resource
import signal
import socket
import struct
import sys
from typing import Any, NoReturn

_NEW_NAMESPACES = 0x0002_0000 | 0x0200_0000 | 0x0400_0000 | 0x0800_0000 | 0x2000_0000 | 0x4000_0000
_NEW_USER = 0x1000_0000
_MS_RDONLY, _MS_NOSUID, _MS_NODEV, _MS_NOEXEC = 1, 2, 4, 8
_MS_REMOUNT, _MS_BIND, _MS_REC, _MS_PRIVATE = 32, 4096, 16384, 1 << 18
_MNT_DETACH = 2
_AT_FDCWD, _AT_RECURSIVE = -100, 0x8000
_ATTR_RDONLY, _ATTR_NOSUID, _ATTR_NODEV, _ATTR_NOEXEC = 1, 2, 4, 8
_CALL_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
_CALL_CAPSET = {"x86_64": 126, "aarch64": 91}
_CALL_MOUNT_SETATTR = 442
_CAPABILITIES_V3 = 0x2008_0522
_PR_SET_PDEATHSIG, _PR_SET_SECCOMP, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS, _PR_CAP_AMBIENT = 1, 22, 24, 38, 47
_NOBODY = 65534
_DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
_OLD = "/.before"

_libc = ctypes.CDLL(None, use_errno=True)
_libc.prctl.argtypes = (ctypes.c_int, *[ctypes.c_ulong] * 4)
_libc.syscall.restype = ctypes.c_long


def main(fd: int) -> NoReturn:
    """Read the plan, make the sandbox and run its command as the first process of it."""
    with os.fdopen(fd) as file:
        plan: dict[str, Any] = json.load(file)
    for entrance in plan["entrances"]:
        with open(entrance, "w") as procs:
            procs.write("0")
    for name, value in plan["limits"].items():
        resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (value, value))
    if plan["processors"]:
        os.sched_setaffinity(0, plan["processors"])
    uid, gid = os.geteuid(), os.getegid()
    _check(_libc.unshare(_NEW_NAMESPACES | (_NEW_USER if uid else 0)), "unshare")
    if uid:
        _be_nobody_in_a_user_namespace(uid, gid)
    inner = os.fork()
    if inner:
        _stay(inner, plan["info"])
    _check(_libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0), "prctl")
    os.close(plan["info"])
    _build(plan)
    _drop_privileges(as_root=not uid)
    _filter(base64.b64decode(plan["filter"]))
    if not plan["command"]:
        os._exit(0)
    os.chdir(plan["root"])
    os.closerange(3, 256)
    os.execve(plan["command"][0], plan["command"], plan["environment"])  # noqa: S606 -- no shell is wanted


def _be_nobody_in_a_user_namespace(uid: int, gid: int) -> None:
    for name, text in (("setgroups", "deny"), ("uid_map", f"{_NOBODY} {uid} 1"), ("gid_map", f"{_NOBODY} {gid} 1")):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)


def _stay(inner: int, info: int) -> NoReturn:
    """Tell the client which process to end, and end with it."""
    os.write(info, json.dumps({"child-pid": inner}).encode())
    os.close(info)
    os.closerange(0, 2)
    status = os.waitpid(inner, 0)[1]
    os._exit(os.waitstatus_to_exitcode(status) & 0xFF)


def _build(plan: dict[str, Any]) -> None:
    """Make the file system inside, step by step, and leave this machine's behind."""
    _mount("none", "/", "", _MS_REC | _MS_PRIVATE)
    base = "/tmp"  # noqa: S108 -- any folder that exists everywhere; covered only in this process's own namespace
    _mount("tmpfs", base, "tmpfs", _MS_NOSUID | _MS_NODEV, "mode=0755,size=4m")
    os.chdir(base)
    os.umask(0)
    os.mkdir(base + _OLD)
    _check(_libc.syscall(_CALL_PIVOT_ROOT[os.uname().machine], b".", os.fsencode("." + _OLD)), "pivot_root")
    os.chdir("/")
    size = f"size={plan['scratch_bytes']},mode=1777"
    for kind, place, source in plan["steps"]:
        _STEPS[kind](place, source, size)
    _devices(plan["shm_bytes"])
    _processes()
    _loopback()
    socket.sethostname("sandbox")
    _check(_libc.umount2(os.fsencode(_OLD), _MNT_DETACH), "umount")
    os.rmdir(_OLD)
    _mount("none", "/", "", _MS_REMOUNT | _MS_BIND | _MS_RDONLY | _MS_NOSUID | _MS_NODEV)
    os.umask(0o022)


def _folder(place: str, _source: str, _size: str) -> None:
    if not os.path.isdir(place):
        os.mkdir(place, 0o755)


def _bind(place: str, source: str, _size: str) -> None:
    _show(_OLD + source, place, _ATTR_RDONLY | _ATTR_NOSUID | _ATTR_NODEV)


def _mute(place: str, _source: str, _size: str) -> None:
    _show(_OLD + "/dev/null", place, _ATTR_RDONLY | _ATTR_NOSUID | _ATTR_NODEV)


def _link(place: str, text: str, _size: str) -> None:
    os.symlink(text, place)


def _scratch(place: str, _source: str, size: str) -> None:
    _folder(place, "", "")
    _mount("tmpfs", place, "tmpfs", _MS_NOSUID | _MS_NODEV, size)


def _empty(place: str, _source: str, _size: str) -> None:
    _folder(place, "", "")
    _mount("tmpfs", place, "tmpfs", _MS_NOSUID | _MS_NODEV, "mode=0755,size=64k")


_STEPS = {"folder": _folder, "bind": _bind, "mute": _mute, "link": _link, "scratch": _scratch, "empty": _empty}


def _show(source: str, place: str, attributes: int) -> None:
    """Bind a file or a tree, with everything mounted below it, and set attributes on all of it."""
    if os.path.isdir(source):
        _folder(place, "", "")
    elif not os.path.lexists(place):
        os.close(os.open(place, os.O_CREAT | os.O_WRONLY, 0o644))
    _mount(source, place, "", _MS_BIND | _MS_REC)
    wanted = struct.pack("<QQQQ", attributes, 0, 0, 0)
    answer = _libc.syscall(_CALL_MOUNT_SETATTR, _AT_FDCWD, os.fsencode(place), _AT_RECURSIVE, wanted, len(wanted))
    _check(answer, f"mount_setattr {place}")


def _devices(shm_bytes: int) -> None:
    os.mkdir("/dev", 0o755)
    _mount("tmpfs", "/dev", "tmpfs", _MS_NOSUID | _MS_NOEXEC, "mode=0755,size=64k")
    for name in _DEVICES:
        _show(f"{_OLD}/dev/{name}", f"/dev/{name}", _ATTR_NOSUID | _ATTR_NOEXEC)
    for name, text in (("fd", "/proc/self/fd"), ("stdin", "fd/0"), ("stdout", "fd/1"), ("stderr", "fd/2")):
        os.symlink(text, f"/dev/{name}")
    os.mkdir("/dev/pts", 0o755)
    _mount("devpts", "/dev/pts", "devpts", _MS_NOSUID | _MS_NOEXEC, "newinstance,ptmxmode=0666,mode=620")
    os.symlink("pts/ptmx", "/dev/ptmx")
    os.mkdir("/dev/shm", 0o1777)  # noqa: S108 -- the sandbox's own
    _mount("tmpfs", "/dev/shm", "tmpfs", _MS_NOSUID | _MS_NODEV, f"mode=1777,size={shm_bytes}")  # noqa: S108
    _mount("none", "/dev", "", _MS_REMOUNT | _MS_BIND | _MS_RDONLY | _MS_NOSUID | _MS_NOEXEC)


def _processes() -> None:
    """Mount `/proc` of the new process namespace, with the parts that speak of the whole machine shut."""
    os.mkdir("/proc", 0o555)
    _mount("proc", "/proc", "proc", _MS_NOSUID | _MS_NODEV | _MS_NOEXEC)
    for name in ("sys", "sysrq-trigger", "irq", "bus", "fs"):
        if os.path.exists(f"/proc/{name}"):
            _show(f"/proc/{name}", f"/proc/{name}", _ATTR_RDONLY | _ATTR_NOSUID | _ATTR_NODEV | _ATTR_NOEXEC)
    for name in ("kcore", "keys", "kallsyms", "timer_list", "sched_debug", "kpagecount", "kpageflags"):
        if os.path.exists(f"/proc/{name}"):
            _show("/dev/null", f"/proc/{name}", _ATTR_RDONLY | _ATTR_NOSUID | _ATTR_NODEV)


def _loopback() -> None:
    """Bring up the sandbox's own loopback, so that a program can talk to itself."""
    request = struct.pack("16sH22x", b"lo", 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as handle:
        fcntl.ioctl(handle, 0x8914, request)


def _drop_privileges(*, as_root: bool) -> None:
    if as_root:
        os.setgroups([])
        _drop_bounding_set()
        os.setresgid(_NOBODY, _NOBODY, _NOBODY)
        os.setresuid(_NOBODY, _NOBODY, _NOBODY)
        _check(_libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0), "prctl")
    else:
        _drop_bounding_set()
    _libc.prctl(_PR_CAP_AMBIENT, 4, 0, 0, 0)
    header, nothing = struct.pack("<Ii", _CAPABILITIES_V3, 0), bytes(24)
    _check(_libc.syscall(_CALL_CAPSET[os.uname().machine], header, nothing), "capset")
    _check(_libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")


def _drop_bounding_set() -> None:
    capability = 0
    while _libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0) == 0:
        capability += 1


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_char_p))


def _filter(code: bytes) -> None:
    program = _Program(len(code) // 8, code)
    _check(_libc.prctl(_PR_SET_SECCOMP, 2, ctypes.addressof(program), 0, 0), "seccomp")


def _mount(source: str, place: str, kind: str, flags: int, options: str = "") -> None:
    names = (os.fsencode(source), os.fsencode(place), kind.encode() or None)
    _check(_libc.mount(*names, ctypes.c_ulong(flags), options.encode() or None), f"mount {place}")


def _check(answer: int, what: str) -> None:
    if answer:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


if __name__ == "__main__":
    try:
        main(int(sys.argv[1]))
    except OSError as error:
        os.write(2, f"{error}\n".encode(errors="replace"))
        os._exit(1)
