"""The language server: every feature bound to pygls, and the one door at which a broken one is left."""

from __future__ import annotations

import asyncio
import functools
import inspect
import logging
import sys
import threading
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcInternalError, JsonRpcInvalidParams
from pygls.io_ import StdinAsyncReader, StdoutWriter, run_async
from pygls.lsp.server import LanguageServer
from pygls.protocol import LanguageServerProtocol

from whetstone_server import __version__, stdio
from whetstone_server.errors import InputError, WhetstoneError
from whetstone_server.features import FEATURES, Feature, notebooks
from whetstone_server.features.execute_command import COMMANDS
from whetstone_server.session import Session, StartProver
from whetstone_server.vitals import Meter

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pygls.io_ import AsyncReader, AsyncWriter, Writer

    from whetstone_server.improvements.prove import Prover
    from whetstone_server.settings import Settings

REPLACED = frozenset(
    {
        types.TEXT_DOCUMENT_DID_OPEN,
        types.TEXT_DOCUMENT_DID_CHANGE,
        types.TEXT_DOCUMENT_DID_CLOSE,
        types.NOTEBOOK_DOCUMENT_DID_OPEN,
        types.NOTEBOOK_DOCUMENT_DID_CHANGE,
        types.NOTEBOOK_DOCUMENT_DID_CLOSE,
        types.WORKSPACE_EXECUTE_COMMAND,
    }
)
"""What pygls would do itself: split the whole text into lines at each keystroke, at characters that end no line in
LSP, and let a cancelled command run on."""
REQUEST_FAILED = -32803
_log = logging.getLogger(__name__)


def serve(tcp: tuple[str, int] | None = None) -> int:
    """Serve one editor over standard input and output, or over the first connection to `tcp`; return the exit status.

    The status is 0 after a proper goodbye, and 1 when the editor went away without one.
    """
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    server = WhetstoneServer()
    try:
        asyncio.run(server.serve_connection(*tcp) if tcp else server.serve_streams(*stdio.own_streams()))
    except (ConnectionError, asyncio.IncompleteReadError):
        _log.warning("the editor went away in the middle of a message")
    except (SystemExit, KeyboardInterrupt):  # the first is how pygls answers `exit`
        pass
    finally:
        server.session.end()
    return 0 if server.session.said_goodbye else 1


def started_prover(root: Path, settings: Settings) -> Prover:
    """Return a prover for the project at `root`, as the settings want it."""
    import shlex  # noqa: PLC0415 -- an editor's start does not wait for what only a proof needs
    from pathlib import Path  # noqa: PLC0415

    from whetstone_server.improvements.prove import Prover  # noqa: PLC0415

    return Prover(
        root,
        python=Path(settings.python) if settings.python else None,
        sandbox=settings.sandbox,
        workload=shlex.split(settings.workload) if settings.workload else None,
        budget=settings.budget,
        threshold=settings.threshold,
    )


class WhetstoneServer(LanguageServer):
    """A pygls server that answers with our features, for one session."""

    def __init__(self, start_prover: StartProver = started_prover, meter: Meter | None = None) -> None:
        """`meter` is what counts how this server fares, with the clock it goes by."""
        super().__init__(
            "whetstone",
            __version__,
            protocol_cls=Protocol,
            max_workers=1,
            notebook_document_sync=notebooks.SYNC,
        )
        self.session = Session(self, start_prover, meter or Meter())
        for feature in FEATURES:
            self._bind(feature)
        self.protocol.fm.commands.update(COMMANDS)  # where `initialize` takes their names from

    def _bind(self, feature: Feature) -> None:
        answer = self._door(feature)
        if feature.method in REPLACED:
            self.protocol.fm.add_builtin_feature(feature.method, answer)
        elif feature.method == types.INITIALIZE:
            self.feature(feature.method)(functools.partial(self._initialize, answer))
        elif feature.offered is None:
            self.feature(feature.method, feature.options)(answer)

    def _initialize(self, answer: Callable[[types.InitializeParams], None], params: types.InitializeParams) -> None:
        """Answer `initialize`, then bind what only some clients are offered: pygls lists it right after."""
        answer(params)
        for feature in FEATURES:
            wanted = feature.offered is not None and feature.offered(self.session)
            if wanted and feature.method not in self.protocol.fm.features:
                self.feature(feature.method, feature.options)(self._door(feature))

    async def serve_streams(self, source: BinaryIO, target: BinaryIO) -> None:
        """Serve the editor that writes to `source` and reads from `target`, until it says goodbye or goes away."""
        reader = await stdio.reader(source, target)
        await self._converse(reader or StdinAsyncReader(source, self.thread_pool), StdoutWriter(target))

    async def serve_connection(self, host: str, port: int) -> None:
        """Serve the first editor that connects, and turn others away; raises `InputError` where nobody can listen."""
        connected: asyncio.Future[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Future()

        def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if connected.done():
                writer.close()
            else:
                connected.set_result((reader, writer))

        try:
            listener = await asyncio.start_server(connect, host, port, limit=stdio.READ_AHEAD)
        except OSError as error:
            raise InputError(f"nobody can listen at {host}:{port}: {error.strerror or error}; name another") from error
        _log.warning("waiting for an editor at %s:%s", *listener.sockets[0].getsockname()[:2])
        reader, writer = await connected
        listener.close()
        await self._converse(reader, cast("AsyncWriter", writer))

    async def _converse(self, reader: AsyncReader, writer: Writer | AsyncWriter) -> None:
        self.protocol.set_writer(writer)
        await run_async(
            stop_event=threading.Event(), reader=reader, protocol=self.protocol, error_handler=self.report_server_error
        )

    def report_server_error(self, error: Exception, source: object) -> None:
        """Log what could not be read as a message; what a feature could not do is logged at the door."""
        if source is JsonRpcException:
            _log.warning("a message was left unanswered: %s", error)

    def _door(self, feature: Feature) -> Callable[[Any], Any]:
        """Return the feature's answer, timed, and with the server going on whatever happens in it."""
        meter = self.session.meter
        clock, observe = meter.clock, (meter.long if feature.long else meter.requests)[feature.method].observe
        if inspect.iscoroutinefunction(feature.answer):

            async def answer_later(params: Any) -> Any:
                began = clock()
                try:
                    return await feature.answer(self.session, params)
                except Exception as error:  # one broken feature must not take the others along
                    raise self._left_at_the_door(feature, error) from error
                finally:
                    observe(clock() - began)

            return answer_later

        def answer(params: Any) -> Any:
            began = clock()
            try:
                return feature.answer(self.session, params)
            except Exception as error:  # one broken feature must not take the others along
                raise self._left_at_the_door(feature, error) from error
            finally:
                observe(clock() - began)

        return answer

    def _left_at_the_door(self, feature: Feature, error: Exception) -> JsonRpcException:
        """Return what the client is told: our own sentences, of anything else only that it is in the log."""
        if isinstance(error, JsonRpcException):
            return error
        if isinstance(error, WhetstoneError):
            return JsonRpcException(str(error), REQUEST_FAILED)
        _log.error("%s failed", feature.method, exc_info=error)
        self.session.meter.broke(feature.method, error)
        return JsonRpcInternalError(f"Whetstone could not answer {feature.method}; its log says why")


class Protocol(LanguageServerProtocol):
    """pygls' protocol, answering also what cannot be read as a message."""

    def structure_message(self, data: dict[str, Any]) -> Any:
        """Return the message in `data`; a request that cannot be read is refused here, where pygls would be silent."""
        try:
            return super().structure_message(data)
        except JsonRpcException as error:
            if "method" not in data or "id" not in data:
                raise
            self._send_response(
                data["id"], error=JsonRpcInvalidParams(f"unreadable {data['method']}: {error}").to_response_error()
            )
            return None

    def handle_message(self, message: Any) -> None:
        """Hand a message on, unless it was refused already."""
        if message is not None:
            super().handle_message(message)


class _AnsweredErrors(logging.Filter):
    """Keeps errors out of pygls' log that were logged, or said in a sentence, at the door."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not (record.exc_info and isinstance(record.exc_info[1], JsonRpcException))


logging.getLogger("pygls.protocol.json_rpc").addFilter(_AnsweredErrors())
