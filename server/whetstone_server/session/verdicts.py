"""The proofs of this session, each kept as long as the text it was made on stands."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from whetstone_server.session.surroundings import Divider
from whetstone_server.vitals import Recent

if TYPE_CHECKING:
    from whetstone_knowledge import Finding
    from whetstone_server.improvements.prove import Proof
    from whetstone_server.sandbox.verdict import Verdict
    from whetstone_server.session.open_file import OpenFile

KEPT_TEXTS = 4
"""Documents whose division into statements is kept."""


class Verdicts:
    """Verdicts by document and finding; one is answered only while all that it depends on in its file is unchanged."""

    def __init__(self) -> None:
        self.texts = Recent(Divider(), KEPT_TEXTS)
        """Several functions of one text are asked about in a row, and several documents in turns."""
        self._kept: dict[str, dict[str, tuple[bytes, Proof]]] = {}
        self._forgotten: Counter[str | None] = Counter()

    def ticket(self, uri: str) -> int:
        """Return a number that stays the same as long as a proof about this document may still be kept."""
        return self._forgotten.total() - self._forgotten[uri]

    def keep(self, uri: str, proof: Proof, ticket: int) -> bool:
        """Keep a proof for the text that its candidate was made of; answer whether it could be kept.

        It cannot when the verdicts were let go since the proof began, which is when its `ticket` was taken.
        """
        unit = proof.candidate.finding.unit
        if unit is None or ticket != self.ticket(uri):
            return False
        digest = self.texts(proof.candidate.source).surroundings(unit)
        self._kept.setdefault(uri, {})[proof.candidate.finding.id] = (digest, proof)
        return True

    def verdict(self, file: OpenFile, finding: Finding) -> Verdict | None:
        """Return the verdict on a finding, if there is one for the text as it now stands."""
        proof = self.proof(file, finding)
        return proof.verdict if proof else None

    def proof(self, file: OpenFile, finding: Finding) -> Proof | None:
        """Return the proof on a finding, if there is one for the text as it now stands."""
        kept = self._kept.get(file.uri)
        if not kept or finding.unit is None or finding.id not in kept:
            return None
        digest, proof = kept[finding.id]
        return proof if digest == self.texts(file.source).surroundings(finding.unit) else None

    def improvements(self) -> frozenset[str]:
        """Return the improvements that are said to be proven faster."""
        proofs = [proof for kept in self._kept.values() for _, proof in kept.values()]
        return frozenset(each.improvement for each in proofs if each.improvement and each.verdict.answer == "faster")

    def let_go(self, improvement: str) -> None:
        """Let the verdict on one improvement go: what was rolled back has to be proven anew."""
        for kept in self._kept.values():
            for finding in [finding for finding, (_, proof) in kept.items() if proof.improvement == improvement]:
                del kept[finding]

    def taken(self, uri: str) -> dict[str, tuple[bytes, Proof]]:
        """Take the verdicts on a document out and return them; none about it that is reached just now will be kept."""
        self._forgotten[None] += 1
        return self._kept.pop(uri, {})

    def bring(self, uri: str, verdicts: dict[str, tuple[bytes, Proof]]) -> None:
        """Put verdicts that were taken out back, on a document of another name."""
        if verdicts:
            self._kept[uri] = verdicts

    def forget(self, *, but: str | None = None) -> bool:
        """Let every verdict go, or every one outside the document `but`; answer whether there were any."""
        kept = {but: self._kept[but]} if but is not None and but in self._kept else {}
        self._forgotten[but] += 1
        gone = len(kept) < len(self._kept)
        self._kept = kept
        return gone
