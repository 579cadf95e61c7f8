"""The one door to git: which commit carries an improvement, where a file was moved to, and a commit of our own.

Reading never runs what a repository brings along: no hooks, no filters, no pagers, no diff programs, no network. Only
`commit` lets git do all that it does for anybody who commits, since somebody asked for it.
"""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from whetstone_server.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from whetstone_server.improvements.improvement import Improvement
    from whetstone_server.improvements.record import Change

TRAILER = "Whetstone-Improvement"
"""Names the improvement in the message of a commit that carries it."""
UNDONE_TRAILER = "Whetstone-Rolled-Back"
SECONDS = 20.0
"""How long reading may take. A commit may take as long as the hooks of the person take."""
MOST_COMMITS = 500
"""Of those that touched a file since an improvement was applied: how many are looked into."""
COMMITS_AT_ONCE = 20
"""Whose texts of a file are read together, and so in memory together."""
MOST_MOVES = 20
MOST_BRANCHES = 5
LONGEST_COMPLAINT = 300
_TAMED = (
    *("core.fsmonitor=false", "core.hooksPath=/dev/null", "core.pager=cat", "log.showSignature=false"),
    *("diff.external=", "protocol.allow=never", "core.quotePath=false", "color.ui=false", "log.follow=false"),
)
"""Settings of a repository that would run a program while it is read, or change what is printed."""
_UNDER_WAY = (
    ("MERGE_HEAD", "a merge"),
    ("rebase-merge", "a rebase"),
    ("rebase-apply", "a rebase"),
    ("CHERRY_PICK_HEAD", "a cherry-pick"),
    ("REVERT_HEAD", "a revert"),
)
_FIELDS = "%H%x00%h%x00%cI%x00%an%x00%s"


class Commit(NamedTuple):
    """A commit that carries an improvement."""

    hash: str
    short: str
    time: str
    """When it was committed, RFC 3339."""
    author: str
    subject: str
    branches: tuple[str, ...]
    """Some that have it, the current one first; empty when none does any more."""
    current: bool
    """Whether what is checked out has it."""

    def __str__(self) -> str:
        where = f", on {', '.join(self.branches)}" if self.branches else ", on no branch any more"
        elsewhere = "" if self.current else ", which is not checked out"
        return f"{self.short} of {self.time[:10]} by {self.author}{where}{elsewhere}: {self.subject}"

    def as_json(self) -> dict[str, object]:
        """Return the commit as JSON names its fields."""
        return {**self._asdict(), "branches": list(self.branches)}


@dataclass(frozen=True, slots=True)
class Repository:
    """The working tree of a repository; `repository_of` finds it."""

    _top: Path
    """Its uppermost folder."""

    # -- reading -----------------------------------------------------------------------------------------------------

    def commit_of(self, improvement: Improvement, root: Path) -> Commit | None:
        """Return the commit that carries an applied improvement to the project at `root`; `None` when none does.

        A commit that says so is believed; else it is the first since then with the rewritten text, or at least with
        every place that was rewritten, where its parent has not.
        """
        found = self._saying(improvement.id)
        if not found and improvement.applied_at:
            found = self._with_change(improvement.changes, root, improvement.applied_at)
        return found

    def moved_to(self, file: Path) -> Path | None:
        """Return where a file that is gone was moved to, as far as git knows; `None` unless that is one place."""
        path = self._path(file)
        for _ in range(MOST_MOVES):
            if path is None:
                return None
            if (self._top / path).exists():
                return self._top / path
            path = self._renamed_in_index(path) or self._renamed_in_history(path)
        return None

    def _saying(self, improvement: str) -> Commit | None:
        """Return the commit whose trailer names the improvement; of copies, one that is checked out."""
        found = self._log(*_EVERYWHERE, "--fixed-strings", f"--grep={TRAILER}: {improvement}", f"-{MOST_COMMITS}")
        saying = [each for each in found if improvement in self._trailers(each.hash)]
        return next((each for each in saying if each.current), saying[0] if saying else None)

    def _trailers(self, commit: str) -> list[str]:
        shown = self._read("log", "-1", f"--format=%(trailers:key={TRAILER},valueonly)", commit)
        return shown.decode("utf-8", "replace").split()

    def _with_change(self, changes: Sequence[Change], root: Path, since: str) -> Commit | None:
        for change in changes:
            path = self._path(root / change.path)
            if path is None:
                continue
            touching = self._hashes(*_EVERYWHERE, f"--since={since[:19]}Z", f"-{MOST_COMMITS}", "--", path)[::-1]
            for start in range(0, len(touching), COMMITS_AT_ONCE):  # oldest first
                commits = touching[start : start + COMMITS_AT_ONCE]
                for commit, text in zip(commits, self._blobs(commits, path), strict=True):
                    if _has(change, text or self._renamed_text(commit, path)) and not _has(
                        change, self._blob(f"{commit}^", path)
                    ):
                        return self._log("-1", commit)[0]
        return None

    def _renamed_text(self, commit: str, path: str) -> bytes | None:
        """Return the text of what a file was renamed to in a commit, if it was."""
        renamed = self._renamed(commit, path)
        return self._blob(commit, renamed) if renamed else None

    def _blob(self, commit: str, path: str) -> bytes | None:
        """Return a file's text in a commit, with line ends as on Unix; `None` when it has no such file."""
        text = self._try("cat-file", "blob", f"{commit}:{path}")
        return None if text is None else _unix(text)

    def _blobs(self, commits: Sequence[str], path: str) -> list[bytes | None]:
        """Return the same for many commits."""
        if "\n" in path:  # which git takes for the end of a name here
            return [self._blob(commit, path) for commit in commits]
        names = "".join(f"{commit}:{path}\n" for commit in commits)
        left = self._run(("cat-file", "--batch"), text=os.fsencode(names)).stdout
        texts: list[bytes | None] = []
        for _ in commits:
            head, _, left = left.partition(b"\n")
            kind, _, size = head.rpartition(b" ")
            if not kind.endswith(b" blob"):
                texts.append(None)
                continue
            texts.append(_unix(left[: int(size)]))
            left = left[int(size) + 1 :]
        return texts

    def _renamed_in_index(self, path: str) -> str | None:
        return _one_target(self._try("diff-index", "--cached", "-M", "--raw", "-z", "--no-abbrev", "HEAD"), path)

    def _renamed_in_history(self, path: str) -> str | None:
        gone = self._hashes("-1", "--no-renames", "--diff-filter=D", "HEAD", "--", path)
        return self._renamed(gone[0], path) if gone else None

    def _renamed(self, commit: str, path: str) -> str | None:
        return _one_target(
            self._try("diff-tree", "-r", "-M", "--raw", "-z", "--no-abbrev", "--no-commit-id", commit), path
        )

    def _hashes(self, *choice: str) -> list[str]:
        return (self._try("log", "--format=%H", *choice) or b"").decode().split()

    def _log(self, *choice: str) -> list[Commit]:
        shown = self._try("log", "-z", f"--format={_FIELDS}", *choice) or b""
        fields = [_printable(field) for field in shown.decode("utf-8", "replace").rstrip("\0").split("\0")]
        return [self._commit(*fields[start : start + 5]) for start in range(0, len(fields) - 4, 5)]

    def _commit(self, commit: str, short: str, time: str, author: str, subject: str) -> Commit:
        shown = self._try("for-each-ref", f"--contains={commit}", "--format=%(HEAD)%(refname:short)", *_REFS) or b""
        branches = sorted(shown.decode("utf-8", "replace").splitlines(), key=lambda line: not line.startswith("*"))
        current = self._try("merge-base", "--is-ancestor", commit, "HEAD") is not None
        return Commit(
            commit, short, time, author, subject, tuple(each[1:] for each in branches[:MOST_BRANCHES]), current
        )

    # -- writing -----------------------------------------------------------------------------------------------------

    def check_committable(self, texts: Mapping[Path, bytes]) -> None:
        """Raise `InputError` when a commit of these files, once they are changed, would hold anything but the change.

        `texts` has the bytes of each file as it is now.
        """
        for name, what in _UNDER_WAY:
            if (self._top / self._read("rev-parse", "--git-path", name).decode().rstrip("\n")).exists():
                raise InputError(f"{what} is under way in {self._top}; finish it first, or leave out --commit")
        for who in ("GIT_AUTHOR_IDENT", "GIT_COMMITTER_IDENT"):
            if self._try("var", who) is None:
                raise InputError(
                    "git does not know who you are: git config user.name and user.email, or leave out --commit"
                )
        for file, text in texts.items():
            self._check_unchanged(file, text)

    def _check_unchanged(self, file: Path, text: bytes) -> None:
        path = self._path(file)
        committed = self._blob("HEAD", path) if path else None
        if path is None or committed is None:
            raise InputError(f"{file} is not in the last commit; commit it first, or leave out --commit")
        staged = self._try("diff-index", "--cached", "--quiet", "HEAD", "--", path) is None
        if staged or committed != _unix(text):
            raise InputError(f"{file} has changes of its own; commit or stash them first, or leave out --commit")

    def commit(self, files: Iterable[Path], message: str) -> str:
        """Commit these files and nothing else, and return the short hash.

        Hooks, filters and signing are those of the person, as for any commit. Raises `InputError` with what git, or a
        hook, had to say; the files then stay as they are.
        """
        paths = [path for file in files if (path := self._path(file))]
        done = self._run(
            ("commit", "--quiet", "--only", "--file=-", "--", *paths), text=message.encode(), settings=(), seconds=None
        )
        if done.returncode:
            said = (done.stderr + b"\n" + done.stdout).decode("utf-8", "replace")
            raise InputError(
                f"it was written, but not committed, because git or a hook refused: {_cut(said)}; "
                "commit it yourself, or take it back: whetstone improvements rollback"
            )
        return self._read("rev-parse", "--short", "HEAD").decode().strip()

    # -- git ---------------------------------------------------------------------------------------------------------

    def _path(self, file: Path) -> str | None:
        """Return a file as git names it; `None` for one that lies elsewhere."""
        folder = Path(os.path.realpath(file.parent))
        top = os.path.realpath(self._top)
        return (folder / file.name).relative_to(top).as_posix() if folder.is_relative_to(top) else None

    def _read(self, *command: str) -> bytes:
        """Return what a command prints; raises `InputError` when it fails."""
        done = self._run(command)
        if done.returncode:
            raise InputError(f"git {command[0]} failed: {_cut(done.stderr.decode('utf-8', 'replace'))}")
        return done.stdout

    def _try(self, *command: str) -> bytes | None:
        """Return what a command prints, or `None` when it fails, which says no."""
        done = self._run(command)
        return None if done.returncode else done.stdout

    def _run(
        self,
        command: Sequence[str],
        *,
        text: bytes = b"",
        settings: Sequence[str] = _TAMED,
        seconds: float | None = SECONDS,
    ) -> subprocess.CompletedProcess[bytes]:
        return _git(self._top, command, text, settings, seconds)


_REFS = ("refs/heads", "refs/remotes")
_EVERYWHERE = ("HEAD", "--branches", "--remotes", "--tags")
"""Not what is stashed, which no branch has."""


def repository_of(file: Path) -> Repository | None:
    """Return the repository that a file lies in, or lay in; `None` where there is none, or no git."""
    folder = next((each for each in file.absolute().parents if each.is_dir()), None)
    if folder is None or not any((each / ".git").exists() for each in (folder, *folder.parents)):
        return None  # spares the process that would say so
    try:
        done = _git(folder, ("rev-parse", "--show-toplevel"))
    except InputError:
        return None
    top = os.fsdecode(done.stdout.removesuffix(b"\n"))
    return Repository(Path(top)) if done.returncode == 0 and top else None


def repository_for_commit(file: Path) -> Repository:
    """Return the repository that a file lies in; raises `InputError` when it lies in none, or git is not there."""
    found = repository_of(file)
    if found is None:
        raise InputError(f"{file} lies in no git repository that git can use{_why_not(file)}; leave out --commit")
    return found


def _why_not(file: Path) -> str:
    """Return what git says to a folder, behind a colon, such as that it is somebody else's."""
    said = _git(file.absolute().parent, ("rev-parse", "--show-toplevel")).stderr.decode("utf-8", "replace")
    return f": {_cut(said.strip())}" if said.strip() else ""


def identity(folder: Path) -> str:
    """Return `Name <address>` as git is told in a folder, or as much of it as it is; empty without any, or git."""
    try:
        said = _git(folder, ("config", "--null", "--get-regexp", r"^user\.(name|email)$")).stdout
    except InputError:
        return ""
    pairs = said.decode("utf-8", "replace").split("\0")
    known = dict(pair.split("\n", 1) for pair in pairs if "\n" in pair)  # a later one wins, as in git
    name, address = known.get("user.name", ""), known.get("user.email", "")
    return " ".join(filter(None, (name, f"<{address}>" if address else "")))


def _git(
    folder: Path,
    command: Sequence[str],
    text: bytes = b"",
    settings: Sequence[str] = _TAMED,
    seconds: float | None = SECONDS,
) -> subprocess.CompletedProcess[bytes]:
    """Run git in a folder. Raises `InputError` when it is not there or does not end."""
    chosen = [part for setting in settings for part in ("-c", setting)]
    try:
        return subprocess.run(
            ("git", "--no-pager", "--literal-pathspecs", *chosen, *command),
            cwd=folder,
            input=text,
            capture_output=True,
            timeout=seconds,
            check=False,
            env=_environment(reading=bool(settings)),
        )
    except FileNotFoundError as error:
        raise InputError("git is not installed, or not on the PATH") from error
    except OSError as error:
        raise InputError(f"git could not be run: {error.strerror or error}") from error
    except subprocess.TimeoutExpired as error:
        raise InputError(f"git {command[0]} took longer than {seconds:g} seconds in {folder}") from error


def _environment(*, reading: bool) -> dict[str, str]:
    """Return our environment without what would lead git to another repository, as inside of a hook."""
    kept = {name: value for name, value in os.environ.items() if name not in _LEADING_ELSEWHERE}
    kept |= {"LC_ALL": "C.UTF-8", "GIT_TERMINAL_PROMPT": "0", "GIT_EDITOR": "true"}
    if reading:
        kept |= {"GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": "none"}
        kept.pop("GIT_EXTERNAL_DIFF", None)
    return kept


_LEADING_ELSEWHERE = frozenset(
    ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY")
)


def _one_target(raw: bytes | None, path: str) -> str | None:
    """Return what `path` was renamed to by the raw output of `git diff`; `None` unless one file can be it."""
    fields = iter((raw or b"").split(b"\0"))
    renamed, added = None, []
    for meta in fields:
        if not meta.startswith(b":"):
            continue
        _, _, _, new, status = meta.split(b" ")
        first = os.fsdecode(next(fields))
        if status.startswith((b"R", b"C")):
            target = os.fsdecode(next(fields))
            if first == path and status.startswith(b"R"):
                renamed = (target, new)
            continue
        if status == b"A":
            added.append(new)
    if renamed is None or renamed[1] in added:  # the same text came under another name too
        return None
    return renamed[0]


def _has(change: Change, text: bytes | None) -> bool:
    """Whether a text has every place that a change rewrote; `None` is no text."""
    if text is None:
        return False
    new = [_unix(hunk.new.encode(change.encoding)) for hunk in change.hunks]
    old = [_unix(hunk.old.encode(change.encoding)) for hunk in change.hunks]
    added = [each for each in new if each.strip()]
    if added:
        return all(each in text for each in added)
    return not any(each in text for each in old if each.strip())


def _unix(text: bytes) -> bytes:
    """Return a text with the line ends that git keeps where it converts them."""
    return text.replace(b"\r\n", b"\n")


def _cut(said: str) -> str:
    words = _printable(" ".join(said.split()))
    return words if len(words) <= LONGEST_COMPLAINT else words[:LONGEST_COMPLAINT] + " …"


def _printable(text: str) -> str:
    """Return a text of somebody else's without what a terminal might obey."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)
