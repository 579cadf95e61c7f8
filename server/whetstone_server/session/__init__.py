"""What one editor has open, and the verdicts and sandboxes it shares."""

from __future__ import annotations

from whetstone_server.session.abilities import Abilities
from whetstone_server.session.open_file import OpenFile
from whetstone_server.session.provers import Provers, StartProver
from whetstone_server.session.session import Session

__all__ = ["Abilities", "OpenFile", "Provers", "Session", "StartProver"]
