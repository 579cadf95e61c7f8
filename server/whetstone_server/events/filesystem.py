"""Which kind of file system a store would lie on: over a network, maps and locks do not hold what they promise."""

from __future__ import annotations

import os
import re
from pathlib import Path

from whetstone_server.events.errors import StoreError

MOUNTS = Path("/proc/self/mountinfo")
"""Linux says there what is mounted where; on other systems nothing is refused."""
OVER_A_NETWORK = frozenset(
    ("9p", "afs", "ceph", "cifs", "fuse.glusterfs", "fuse.sshfs", "lustre", "ncpfs", "nfs", "nfs4", "smb3", "smbfs")
)
_ESCAPED = re.compile(rb"\\([0-3][0-7]{2})")
"""How blanks and the like are written there."""


def check(folder: Path) -> None:
    """Raise `StoreError` when a store in `folder` would lie on another machine."""
    kind = kind_of(folder)
    if kind in OVER_A_NETWORK:
        raise StoreError(
            f"{folder} lies on a network file system ({kind}), where a store could be damaged; "
            "set WHETSTONE_HOME to a folder on this machine"
        )


def kind_of(folder: Path) -> str | None:
    """Return the name of the file system that holds a path, or will; `None` where nothing says so."""
    try:
        rows = [line.split(b" ") for line in MOUNTS.read_bytes().split(b"\n") if line]
    except OSError:
        return None
    real = os.path.realpath(folder)
    best, kind = "", None
    for row in rows:
        point = os.fsdecode(_ESCAPED.sub(lambda found: bytes([int(found[1], 8)]), row[4]))
        inside = real == point or real.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best):
            best, kind = point, row[row.index(b"-") + 1].decode()
    return kind
