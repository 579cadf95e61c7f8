"""What one editor has open, how it wants things, and what is known about its code."""

from __future__ import annotations

import asyncio
import os
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.uris import to_fs_path

from whetstone_server.choice import chosen
from whetstone_server.errors import InputError, WhetstoneError
from whetstone_server.project import project_root
from whetstone_server.session import knobs
from whetstone_server.session.abilities import Abilities
from whetstone_server.session.changes import Changes, Survey
from whetstone_server.session.journal import Journal
from whetstone_server.session.notebook import Notebook
from whetstone_server.session.offers import Offers
from whetstone_server.session.open_file import OpenFile
from whetstone_server.session.picks import Picks
from whetstone_server.session.provers import Provers, StartProver
from whetstone_server.session.pulse import Pulse
from whetstone_server.session.tuning import Tuner
from whetstone_server.session.verdicts import Verdicts
from whetstone_server.settings import Settings, overridden, read_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence

    from pygls.lsp.server import LanguageServer

    from whetstone_knowledge import Finding
    from whetstone_knowledge.spans import Span
    from whetstone_server.vitals import Meter
    from whetstone_server.vitals.prometheus import Endpoint


class Session:
    """One editor, from `initialize` to `exit`."""

    def __init__(self, client: LanguageServer, start_prover: StartProver, meter: Meter) -> None:
        self.client = client
        """The way to the editor: notifications and requests go through it."""
        self.abilities = Abilities()
        self.encoding: types.PositionEncodingKind | str = types.PositionEncodingKind.Utf16
        self.folders: list[Path] = []
        self.meter = meter
        """What is counted of the server's own work."""
        self.provers = Provers(start_prover, meter)
        self.verdicts = Verdicts()
        self.offers = Offers()
        self.picks = Picks()
        meter.watch("texts", self.verdicts.texts)
        meter.on_fault = self._note_fault
        self.journal = Journal(lambda sentence: self.say(sentence, types.MessageType.Warning))
        self.pause_seconds = knobs.PAUSE_SECONDS
        """How long nobody types before the whole file is looked at again."""
        self.tuner = Tuner(knobs.knobs_of(self), lambda kind, data: self.note_own([(kind, data)]))
        self.pulse = Pulse(self)
        self.endpoint: Endpoint | None = None
        """Where Prometheus reads how the server fares, once somebody wanted that."""
        self.changes = Changes()
        """What was changed of files, settings and folders."""
        self.survey = Survey()
        """What the client was told of the workspace."""
        self.said_goodbye = False
        """Whether `shutdown` came: an `exit` without it is a failure, as LSP has it."""
        self.cancellable: dict[types.ProgressToken, Callable[[], object]] = {}
        """What stops the work that is shown under a progress token."""
        self._files: dict[str, OpenFile] = {}
        self._notebooks: dict[str, Notebook] = {}
        self.initial_wishes: Mapping[str, Any] = {}
        """The settings that came with `initialize`; those that come later stand before them."""
        self._settings = Settings()
        self._projects: dict[Path, Settings] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    # -- documents ---------------------------------------------------------------------------------------------------

    def open(self, item: types.TextDocumentItem, notebook: str | None = None) -> OpenFile:
        """Take a document in, replacing what was open under its name; it may be a cell of an open notebook."""
        file = self._files[item.uri] = OpenFile(item, self.encoding, self.meter)
        if notebook is not None and (holder := self.notebook(notebook)):
            file.notebook = holder
            holder.cells[item.uri] = file
        self._place(file)
        return file

    def open_notebook(self, uri: str) -> None:
        """Take a notebook in, whose cells come one by one."""
        self._notebooks[uri] = Notebook(uri)

    def notebook(self, uri: str) -> Notebook | None:
        """Return an open notebook."""
        return self._notebooks.get(uri)

    def close_notebook(self, uri: str) -> None:
        """Let a notebook go."""
        self._notebooks.pop(uri, None)

    def file(self, uri: str) -> OpenFile | None:
        """Return an open document; `None` for one that is not open or not ours to read."""
        return self._files.get(uri)

    @property
    def files(self) -> Sequence[OpenFile]:
        """Every open document."""
        return tuple(self._files.values())

    def file_at(self, path: Path) -> OpenFile | None:
        """Return the open document that lies at `path`, whichever name the editor gave it."""
        return next((file for file in self.files if file.path and os.path.realpath(file.path) == str(path)), None)

    def close(self, uri: str) -> OpenFile | None:
        """Let a document go."""
        self.changes.tell()
        file = self._files.pop(uri, None)
        if file and file.notebook:
            file.notebook.cells.pop(uri, None)
        return file

    def note(self, file: OpenFile, kind: str, data: dict[str, Any]) -> None:
        """Record an event of a document."""
        self.journal.record(file.root, kind, data, file.uri, self.settings_of(file).retention_days)

    def note_own(self, happened: Sequence[tuple[str, dict[str, Any]]]) -> None:
        """Record what the server says of itself, in the store of every project that is worked on."""
        for root in self.roots():
            self.journal.tell(root, happened, self._settings_in(root).retention_days)

    def _note_fault(self, part: str, fault: str) -> None:
        self.note_own([("server.error", {"part": part, "message": fault})])

    def findings(self, file: OpenFile) -> Sequence[Finding]:
        """Return the findings in a document that the settings of its project let through."""
        wanted = chosen(file.findings(), self.settings_of(file), file.root, file.place)
        return file.notebook.holding(file, wanted) if file.notebook else wanted

    def matches(self, file: OpenFile) -> Sequence[Finding]:
        """Return the same with what a comment asks to be silent about."""
        return chosen(file.matches(), self.settings_of(file), file.root, file.place)

    def wanted(self, path: Path, findings: Sequence[Finding]) -> Sequence[Finding]:
        """Return those of the findings in a file that the settings of its project let through."""
        root = self.root_of(path)
        return chosen(findings, self._settings_in(root), root, path)

    def finding(self, file: OpenFile, identifier: str) -> Finding | None:
        """Return the finding of that id, if it is still there."""
        return next((finding for finding in self.findings(file) if finding.id == identifier), None)

    def findings_at(self, file: OpenFile, span: Span) -> Sequence[Finding]:
        """Return the findings whose underlined text touches `span`."""
        return [finding for finding in self.findings(file) if finding.span.touches(span)]

    # -- settings ----------------------------------------------------------------------------------------------------

    @property
    def trusted(self) -> bool:
        """Whether the person said that code of this workspace may run."""
        return self._settings.trusted

    def configure(self, wishes: Mapping[str, Any]) -> Sequence[str]:
        """Take over the editor's settings, leave out those that make no sense, and return a sentence on each of these.

        Trust may come from either place: an editor lists `trusted` among its settings also when nobody set it.
        Verdicts go with the settings they were reached under.
        """
        complaints, settings = [], Settings()
        wishes = {**self.initial_wishes, **wishes}
        if self.initial_wishes.get("trusted") is True:
            wishes["trusted"] = True
        for key, value in wishes.items():
            try:
                settings = overridden(settings, {key: value})
            except InputError as error:
                complaints.append(str(error))
        if settings != self._settings:
            if settings.metrics_port != self._settings.metrics_port:
                self.soon(self._expose(settings.metrics_port))
            self._settings = settings
            self.changes.tell()
            self._projects.clear()
            self.verdicts.forget()
            self.provers.release()
        return complaints

    @property
    def self_tuning(self) -> bool:
        """Whether every project that is worked on lets the server move settings of its own."""
        return self._settings.self_tuning and all(self._settings_in(root).self_tuning for root in self.roots())

    async def _expose(self, port: int) -> None:
        """Let Prometheus read at `port`; say why where it cannot."""
        from whetstone_server.vitals.prometheus import Endpoint  # noqa: PLC0415 -- only those who turn it on load it

        if self.endpoint is None:
            self.endpoint = Endpoint(self.meter, self.journal.stores)
        try:
            await asyncio.to_thread(self.endpoint.move, port)
        except InputError as error:
            self.say(f"Whetstone: {error}", types.MessageType.Warning)

    def settings_for(self, root: Path) -> Settings:
        """Return the settings that hold in a project: its own, then what the editor wants otherwise than by default.

        An editor lists every setting, also those that nobody set. Raises `InputError` when the project's are no good.
        """
        wanted, default = asdict(self._settings), asdict(Settings())
        return overridden(read_settings(root), {name: wanted[name] for name in wanted if wanted[name] != default[name]})

    def settings_of(self, file: OpenFile) -> Settings:
        """Return the settings for what is found in a document; the editor's alone where the project's are of no use.

        The project's are read once, until one of its files or the editor's settings change.
        """
        return self._settings_in(file.root) if file.root else self._settings

    def _settings_in(self, root: Path) -> Settings:
        if root not in self._projects:
            try:
                self._projects[root] = self.settings_for(root)
            except InputError as error:
                self.say(f"Whetstone left the project's settings out: {error}", types.MessageType.Warning)
                self._projects[root] = self._settings
        return self._projects[root]

    # -- projects ----------------------------------------------------------------------------------------------------

    def root_of(self, path: Path) -> Path:
        """Return the project a file belongs to, looking no further up than the folder the editor has open."""
        root = project_root(path)
        around = [folder for folder in self.folders if path.is_relative_to(folder)]
        inmost = max(around, key=lambda folder: len(folder.parts), default=root)
        return root if root.is_relative_to(inmost) else inmost

    def roots(self) -> Sequence[Path]:
        """Return the projects with a document that is open; without any, that of the first folder."""
        roots = {file.root for file in self.files if file.root} or {self.root_of(path) for path in self.folders[:1]}
        return sorted(roots)

    def code_changed(self, uri: str) -> bool:
        """Let go what was learned by running the code that was on the disk; answer whether a verdict was among it.

        Verdicts on the changed file itself are held to its text as the editor has it, and stay.
        """
        self.changes.tell()
        self._projects.clear()
        self.provers.release()
        return self.verdicts.forget(but=uri)

    def file_renamed(self, old: str, new: str) -> None:
        """Let verdicts follow a file that stays in its folder; whatever else was learned by running code goes."""
        follows = old.rpartition("/")[0] == new.rpartition("/")[0]
        carried = self.verdicts.taken(old) if follows else {}
        self.code_changed(new)
        self.verdicts.bring(new, carried)

    def file_deleted(self, uri: str) -> None:
        """Let go what was learned by running the code of a file, or a folder, and of whatever used it."""
        self.code_changed(uri)
        self.verdicts.taken(uri)

    def _place_files(self) -> None:
        for file in self.files:
            self._place(file)

    def _place(self, file: OpenFile) -> None:
        file.root = self.root_of(file.place) if file.place else None

    def add_folder(self, uri: str) -> None:
        """Take note of a folder that the editor has open."""
        if path := to_fs_path(uri):
            self.changes.tell()
            self.folders.append(Path(path).resolve())
            self._place_files()

    def remove_folder(self, uri: str) -> None:
        """Forget a folder, and end the sandboxes of what lies in it."""
        path = to_fs_path(uri)
        folder = Path(path).resolve() if path else None
        self.changes.tell()
        self.folders = [other for other in self.folders if other != folder]
        self._place_files()
        if folder:
            self.provers.release(folder)

    # -- speaking ----------------------------------------------------------------------------------------------------

    def say(self, sentence: str, kind: types.MessageType = types.MessageType.Info) -> None:
        """Show the person one sentence."""
        self.client.window_show_message(types.ShowMessageParams(type=kind, message=sentence))

    @contextmanager
    def saying_why(self) -> Iterator[None]:
        """Show the person as well why what is done within cannot be done; the error goes on to who asked for it."""
        try:
            yield
        except WhetstoneError as error:
            self.say(str(error), types.MessageType.Error)
            raise

    def soon(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something that has to wait for the editor, after what is being answered now."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)  # the loop alone would let it be collected half way
        task.add_done_callback(self._tasks.discard)

    def end(self) -> None:
        """End everything that was started for this editor; safe to call twice."""
        for file in self.files:
            if file.idle:
                file.idle.cancel()
        self.changes.end()
        self.provers.close()
        if self.endpoint:
            self.endpoint.close()
        self.pulse.stop()
        self.journal.close()
