"""READERS: every profile format that is understood, told apart by how the file begins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from whetstone_server.errors import InputError
from whetstone_server.profiles.profile import NotAProfile
from whetstone_server.profiles.readers import collapsed, cprofile, speedscope

if TYPE_CHECKING:
    from pathlib import Path

    from whetstone_server.profiles.profile import Profile


class Reader(Protocol):
    """The face of the modules in this folder."""

    NAME: str
    """What a person calls the format."""

    def begins(self, head: bytes) -> bool:
        """Whether a file that begins like this is in the format."""
        ...

    def read(self, content: bytes) -> Profile:
        """Return the profile; raises `NotAProfile` when the file breaks the format's rules."""
        ...


READERS: tuple[Reader, ...] = (cprofile, speedscope, collapsed)
"""In the order they are tried; the first whose beginning fits reads the file."""

_LARGEST = 512 << 20
"""A profile above half a gigabyte would not fit in memory once it is taken apart."""


def read_profile(path: Path) -> Profile:
    """Return the profile in a file; raises `InputError` saying what is wrong with it."""
    try:
        if path.stat().st_size > _LARGEST:
            raise InputError(f"{path} is larger than {_LARGEST >> 20} MiB; record a shorter run")
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"the profile {path} cannot be read: {error.strerror or error}") from error
    known = ", ".join(reader.NAME for reader in READERS)
    for reader in READERS:
        if reader.begins(content[:4096]):
            break
    else:
        raise InputError(f"{path} is not a profile in a known format ({known})")
    try:
        profile = reader.read(content)
    except NotAProfile as error:
        raise InputError(f"{path} looks like {reader.NAME} but {error}; record it again") from error
    if profile.total <= 0:
        raise InputError(f"{path} is {reader.NAME} but holds no time; record a longer run")
    return profile
