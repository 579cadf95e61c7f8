"""One document as the editor has it now, and what is found in it."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from lsprotocol import types
from pygls.uris import to_fs_path

from whetstone_knowledge.languages import Document, document
from whetstone_server.convert import Text, encoded

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Sequence

    from whetstone_knowledge import Finding
    from whetstone_knowledge.spans import Span
    from whetstone_knowledge.suppression import Suppression
    from whetstone_server.session.notebook import Notebook
    from whetstone_server.vitals import Meter

LARGEST = 4 << 20
"""Bytes above which a file is left alone: reading one would hold up every other answer for half a second or more."""
_log = logging.getLogger(__name__)


class Shown:
    """The diagnostics of a document as the client has them, under a name that changes when they do."""

    def __init__(self) -> None:
        self.items: list[types.Diagnostic] = []
        self.name = ""

    def take(self, items: list[types.Diagnostic]) -> bool:
        """Take over `items`; answer whether they are others than before."""
        if self.name and items == self.items:
            return False
        self.items = items
        self.name = uuid4().hex
        return True


class OpenFile:
    """A document from `didOpen` to `didClose`: its text, its version, and the findings in both."""

    def __init__(self, item: types.TextDocumentItem, encoding: types.PositionEncodingKind | str, meter: Meter) -> None:
        self.uri = item.uri
        self.version = item.version
        self.language = item.language_id
        self.text = Text(item.text, encoding)
        self.notebook: Notebook | None = None
        """The notebook that it is a cell of."""
        self.root: Path | None = None
        """The project it belongs to; `None` for a document that lies nowhere."""
        self.changed_since_save = False
        self.shown = Shown()
        self.told: list[str] = []
        """The codes of the findings that the event store was last told are shown."""
        self.idle: asyncio.TimerHandle | None = None
        """The look at the whole file that is due when nobody types for a while."""
        self._encoding = encoding
        self._meter = meter
        self._document = self._read()

    @property
    def path(self) -> Path | None:
        """Where it lies on the disk; `None` for one that was never saved, lies somewhere else or is a cell."""
        path = to_fs_path(self.uri) if self.notebook is None else None
        return Path(path) if path else None

    @property
    def place(self) -> Path | None:
        """Where it lies, or the notebook that it is a cell of; `None` when that is nowhere."""
        path = to_fs_path(self.notebook.uri if self.notebook else self.uri)
        return Path(path) if path else None

    @property
    def source(self) -> bytes:
        """The text in the editor, saved or not."""
        return self.text.source

    def change(self, changes: Sequence[types.TextDocumentContentChangeEvent], version: int) -> None:
        """Make the editor's changes, in order; each is in positions of the text that the one before it left."""
        for change in changes:
            if isinstance(change, types.TextDocumentContentChangePartial):
                self._edit(self.text.span(change.range), encoded(change.text))
            else:
                self.text = Text(change.text, self._encoding)
                self._document = self._read()
        self.version = version
        self.changed_since_save = True

    def _edit(self, span: Span, new: bytes) -> None:
        """Make one change; whatever happens to the findings, the text follows the editor."""
        if self._document and len(self.source) + len(new) <= LARGEST:
            try:
                self._document.edit(span.start, span.end, new)
            except Exception as error:  # noqa: BLE001 -- logged; the next pause looks at the file afresh
                _log.exception("following an edit in %s failed", self.uri)
                self._meter.broke("following an edit", error)
            else:
                self.text.follow(self._document.text, span, len(new))
                return
        self._document = None
        self.text.replace(span, new)

    def findings(self) -> Sequence[Finding]:
        """Return what is found in the text as it now stands; nothing in a file larger than `LARGEST`."""
        return self._document.findings() if self._document else ()

    def matches(self) -> Sequence[Finding]:
        """Return the same with what a comment asks to be silent about."""
        return self._document.matches() if self._document else ()

    def is_comment(self, offset: int) -> bool:
        """Whether the byte at `offset` stands in a comment."""
        return self._document is not None and self._document.is_comment(offset)

    def suppressions(self) -> Sequence[Suppression]:
        """Return the comments that ask for silence; what is unused in them was seen at the last look at the whole."""
        return self._document.suppressions() if self._document else ()

    def refresh(self) -> None:
        """Look at the whole file again; while somebody types, only the function they type in is."""
        if self._document is None:
            self._document = self._read()
        elif not self._document.is_fresh:
            with self._meter.looking():
                self._document.refresh()

    def _read(self) -> Document | None:
        if len(self.source) > LARGEST:
            return None
        try:
            with self._meter.looking():
                return document(self.source, self.language, to_fs_path(self.uri))
        except Exception as error:  # noqa: BLE001 -- logged; a text in which nothing can be found is still to be kept
            _log.exception("looking at %s failed", self.uri)
            self._meter.broke("looking at a file", error)
            return None
