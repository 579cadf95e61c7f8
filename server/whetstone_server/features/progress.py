"""`$/progress` and `window/workDoneProgress/cancel`: long work shown, and stopped when asked."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Self
from uuid import uuid4

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from whetstone_server.features.feature import Feature

if TYPE_CHECKING:
    import asyncio

    from whetstone_server.session import Session

_log = logging.getLogger(__name__)


class Progress:
    """One piece of long work as the editor shows it; use it with `async with`.

    Shown under the token the client sent along, else under a new one where the client can show progress at all.
    """

    def __init__(self, session: Session, title: str, token: types.ProgressToken | None) -> None:
        self._session = session
        self._title = title
        self._token = token
        self._work: asyncio.Task[None] | None = None
        self.cancelled = False
        """Whether the person cancelled it where it is shown."""

    async def __aenter__(self) -> Self:
        if self._token is None and self._session.abilities.shows_progress:
            self._token = await self._created()
        if self._token is not None:
            self._session.cancellable[self._token] = self.cancel
            begin = types.WorkDoneProgressBegin(title=self._title, cancellable=True, percentage=0)
            self._session.client.work_done_progress.begin(self._token, begin)
        return self

    async def _created(self) -> types.ProgressToken | None:
        token = uuid4().hex
        try:
            await self._session.client.work_done_progress.create_async(token)
        except JsonRpcException as error:
            _log.warning("the editor would not show progress: %s", error)
            return None
        return token

    def report(self, sentence: str, done: int, total: int) -> None:
        """Show what is being done, and how much of it is."""
        if self._token is not None:
            report = types.WorkDoneProgressReport(message=sentence, percentage=100 * done // max(total, 1))
            self._session.client.work_done_progress.report(self._token, report)

    def stops(self, work: asyncio.Task[None]) -> None:
        """Make `work` what is stopped when the person cancels."""
        self._work = work

    def cancel(self) -> None:
        """Stop the work."""
        self.cancelled = True
        if self._work:
            self._work.cancel()

    async def __aexit__(self, *_: object) -> None:
        if self._token is not None:
            del self._session.cancellable[self._token]
            self._session.client.work_done_progress.end(self._token, types.WorkDoneProgressEnd())
            self._session.client.work_done_progress.tokens.pop(self._token, None)  # pygls keeps them for ever


def cancel(session: Session, params: types.WorkDoneProgressCancelParams) -> None:
    """Stop the work that is shown under a token, if it is not done yet."""
    if stop := session.cancellable.get(params.token):
        stop()


FEATURE = Feature(types.WINDOW_WORK_DONE_PROGRESS_CANCEL, cancel)
