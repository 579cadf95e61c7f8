"""The client's own process: a server outlives it by no more than a moment.

Closing the pipe ends the server too, but a client that was killed may leave the pipe open in a child of its own.
"""

from __future__ import annotations

import asyncio
import logging
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from whetstone_server.session import Session

_log = logging.getLogger(__name__)


def watch(session: Session) -> None:
    """End the server when the process that `initialize` named does; leave it alone when it cannot be watched.

    A process that is not there at all lives in another container or on another machine, and says nothing.
    """
    process = session.client.process_id
    if process is None or not hasattr(os, "pidfd_open"):  # only Linux has it; elsewhere the pipe has to do
        return
    try:
        handle = os.pidfd_open(process)
    except OSError:
        return
    asyncio.get_running_loop().add_reader(handle, _leave, session)


def _leave(session: Session) -> None:
    _log.warning("the editor's process is gone; leaving")
    session.end()
    os._exit(1)  # a reader that waits for input on a pipe nobody will close cannot be ended otherwise
