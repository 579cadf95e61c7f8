"""Reading a workspace: every file below some paths, what is found in each, and what was found there before."""

from __future__ import annotations

from whetstone_server.scan.file_findings import FileFindings, Position
from whetstone_server.scan.reading import scan

__all__ = ["FileFindings", "Position", "scan"]
