"""One person's work on one real file, by dice: typing, deleting, undoing, saving broken code, proving, picking."""

from __future__ import annotations

import ast
import random
import re
import sysconfig
from pathlib import Path

from tests.client import units
from tests.server.features.conversation import MODERN, WHOLE, Conversation
from tests.server.features.prover import Laboratory
from tests.server.features.sources import CHEAPEST
from tests.server.features.test_stale_verdicts import HELPER, PROVEN

ENCODINGS = ("utf-8", "utf-16", "utf-32")
LARGEST_FILE = 60_000
"""Bytes of a file that is worked on; most modules are smaller."""
STEPS = 40
TYPED = [
    "total = 0",
    "# 😀 é",
    '"""',
    "if (",
    "    return x",
    "\t",
    "\n",
    "\r\n",
    ")",
    "\\",
    "def f(x):",
    "}",
    "'a'",
    "\u2028",
]
PASTED = ["\n\n" + CHEAPEST, "\n\nfor each in []:\n    text += each\n", "import os, sys\n", "\n" * 30]


def modules():
    """Return the modules of the standard library that are worked on, the same on each call."""
    folder = Path(sysconfig.get_paths()["stdlib"])
    return [path for path in sorted(folder.glob("*.py")) if 2_000 < path.stat().st_size < LARGEST_FILE]


class Person:
    """Somebody who edits one file in a folder; knows what the text should be and what happened."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.dice = random.Random(seed)
        self.source = self.dice.choice(modules())
        self.encoding = self.dice.choice(ENCODINGS)
        self.path = folder / self.source.name
        self.text = self.source.read_bytes().decode("utf-8", "replace") + f"\n\n{HELPER}\n\n{PROVEN}"
        self.path.write_bytes(self.text.encode())
        self.happened: list[str] = []
        """The events of the document that the store has to have in the end, in order."""
        self._undo: list[str] = []
        self._laboratory = Laboratory()
        self.conversation = Conversation(self._laboratory.start)

    @property
    def uri(self) -> str:
        return self.path.as_uri()

    async def works(self) -> None:
        """Open the file, do one thing after the other, and close it; what must hold is looked at after each."""
        capabilities = {**MODERN, "general": {"positionEncodings": [self.encoding]}}
        await self.conversation.begin(capabilities, options={"trusted": True}, folder=self.path.parent.as_uri())
        self._open()
        try:
            for _ in range(STEPS):
                deed = self.dice.choices(DEEDS, WEIGHTS)[0]
                await deed(self)
                assert self._copy() == self.text, f"the server has another text after {deed.__name__}"
                await self._looks_around()
            self._close()
            await self.conversation.ask("shutdown")
        finally:
            self.conversation.server.session.end()

    # -- what a person does ------------------------------------------------------------------------------------------

    async def types(self) -> None:
        at = self._place()
        for letter in self.dice.choice(TYPED):
            self._replace(at, at, letter)
            at = min(at + len(letter), len(self.text))

    async def deletes(self) -> None:
        start = self._place()
        self._replace(start, min(len(self.text), start + self.dice.choice([1, 1, 1, 5, 80, 2_000])), "")

    async def pastes(self) -> None:
        at = self._place()
        self._replace(at, at, self.dice.choice(PASTED))

    async def undoes(self) -> None:
        for _ in range(self.dice.randint(1, 5)):
            if self._undo:
                self._become(self._undo.pop())

    async def saves(self) -> None:
        self.path.write_bytes(self.text.encode())
        self.conversation.tell("textDocument/didSave", textDocument={"uri": self.uri})
        self.happened.append("document.save")

    async def saves_broken(self) -> None:
        at = self._place()
        self._replace(at, at, self.dice.choice(["(", '"""', "def ", "\\", "[{"]))
        await self.saves()

    async def pauses(self) -> None:
        self.conversation.file(self.uri).refresh()

    async def proves(self) -> None:
        squiggles = await self._findings()
        if squiggles:
            chosen = self.dice.choice(squiggles)
            if any(each["title"].startswith("Prove: ") for each in await self._actions(chosen)):
                await self.conversation.prove(uri=self.uri, id=chosen["data"]["finding"])

    async def picks(self) -> None:
        squiggles = await self._findings()
        if not squiggles:
            return
        actions = [each for each in await self._actions(self.dice.choice(squiggles)) if "data" in each]
        if not actions:
            return
        resolved = await self.conversation.ask("codeAction/resolve", **self.dice.choice(actions))
        for change in resolved.get("edit", {}).get("documentChanges", ()):
            before = self.text
            self._undo.append(before)
            for edit in sorted(change["edits"], key=lambda each: list(each["range"]["start"].values()), reverse=True):
                start, end = (self._index(edit["range"][edge]) for edge in ("start", "end"))
                self._send(start, end, edit["newText"])

    async def opens_anew(self) -> None:
        self._close()
        self._undo.clear()
        self._open()

    # -- what must hold ----------------------------------------------------------------------------------------------

    async def _looks_around(self) -> None:
        """Look at everything that is shown; raises when something proven is not what was proven."""
        conversation, document = self.conversation, {"uri": self.uri}
        where = self._range(*sorted(self.dice.randrange(len(self.text) + 1) for _ in range(2)))
        await conversation.ask("textDocument/hover", textDocument=document, position=where["start"])
        await conversation.ask("textDocument/completion", textDocument=document, position=where["end"])
        await conversation.ask("textDocument/codeLens", textDocument=document)
        await conversation.ask("textDocument/inlayHint", textDocument=document, range=WHOLE)
        await conversation.actions(uri=self.uri, where=where)
        file = conversation.file(self.uri)
        now = {finding.id: finding for finding in file.findings()}
        for squiggle in await conversation.squiggles(self.uri):
            if "proven" in squiggle["message"]:
                finding = now[squiggle["data"]["finding"]]
                assert stands_on(file.source, finding) in self._proven(finding.id), "it has changed since"

    def _proven(self, identifier: str) -> list[tuple[bytes, list[str]]]:
        """Return what each proof of a finding stood on."""
        proven = [each for each in self._laboratory.candidates if each.finding.id == identifier]
        return [stands_on(each.source, each.finding) for each in proven]

    def _place(self) -> int:
        """Return somewhere in the text, as often as not where something is proven."""
        near = max(0, len(self.text) - 250) if self.dice.random() < 0.5 else 0
        return self.dice.randrange(near, len(self.text) + 1)

    # -- the way to the server ---------------------------------------------------------------------------------------

    def _open(self) -> None:
        self.conversation.open(self.text, self.uri)
        self.happened.append("document.open")

    def _close(self) -> None:
        self.conversation.tell("textDocument/didClose", textDocument={"uri": self.uri})
        self.happened.append("document.close")

    def _copy(self) -> str:
        return self.conversation.file(self.uri).source.decode()

    async def _findings(self):
        return [each for each in await self.conversation.squiggles(self.uri) if each.get("data", {}).get("finding")]

    async def _actions(self, squiggle):
        return await self.conversation.actions(uri=self.uri, where=squiggle["range"])

    def _replace(self, start: int, end: int, new: str) -> None:
        """Replace part of the text, as somebody does who can undo it."""
        self._undo.append(self.text)
        self._send(start, end, new)

    def _become(self, text: str) -> None:
        """Make the text what it was, by the one replacement that does it."""
        start = next(
            (n for n, (a, b) in enumerate(zip(self.text, text, strict=False)) if a != b), min(len(self.text), len(text))
        )
        start = self._whole(start)
        most = min(len(self.text), len(text)) - start
        same = next((n for n in range(most) if self.text[-1 - n] != text[-1 - n]), most)
        if self._whole(len(self.text) - same) != len(self.text) - same:  # it would begin inside of a line end
            same -= 1
        self._send(start, len(self.text) - same, text[start : len(text) - same])
        assert self.text == text

    def _send(self, start: int, end: int, new: str) -> None:
        start, end = (self._whole(index) for index in (start, end))
        self.conversation.change({"range": self._range(start, end), "text": new}, uri=self.uri)
        self.text = self.text[:start] + new + self.text[end:]
        self.happened.append("document.change")

    def _whole(self, index: int) -> int:
        """Return the place before an index that splits no line end: none points in there."""
        return index - 1 if index and self.text[index - 1 : index + 1] == "\r\n" else index

    def _range(self, start: int, end: int):
        return {"start": self._position(start), "end": self._position(end)}

    def _position(self, index: int):
        lines = self.text[: self._whole(index)].replace("\r\n", "\n").replace("\r", "\n").split("\n")
        return {"line": len(lines) - 1, "character": units(lines[-1], self.encoding)}

    def _index(self, position) -> int:
        """Return the index of a position that the server named, which is inside of the text."""
        index = 0
        for _ in range(position["line"]):
            while self.text[index] not in "\r\n":
                index += 1
            index += 2 if self.text[index : index + 2] == "\r\n" else 1
        seen = 0
        while seen < position["character"]:
            seen += units(self.text[index], self.encoding)
            index += 1
        return index


def stands_on(source: bytes, finding) -> tuple[bytes, list[str]]:
    """Return the function of a finding, and what it calls where that is the one we know it may call."""
    code = source[finding.unit.start : finding.unit.end]
    return code, helpers(source.decode()) if re.search(rb"\bknown\b", code) else []


def helpers(text: str) -> list[str]:
    """Return what the functions `known` of a text do, in its order; one that does not parse counts as its text."""
    found = []
    for block in re.findall(r"^def known\b.*?(?=^\S|\Z)", text, re.MULTILINE | re.DOTALL):
        try:
            found.append(ast.dump(ast.parse(block)))
        except (SyntaxError, ValueError):
            found.append(block.rstrip())
    return found


DEEDS, WEIGHTS = zip(
    *[
        (Person.types, 8),
        (Person.deletes, 5),
        (Person.pastes, 4),
        (Person.undoes, 4),
        (Person.saves, 2),
        (Person.saves_broken, 2),
        (Person.pauses, 3),
        (Person.proves, 5),
        (Person.picks, 4),
        (Person.opens_anew, 1),
    ],
    strict=True,
)
