"""Bottlenecks: measurements and findings that cost enough to be looked at, until a measurement says they are gone."""

from whetstone_server.bottlenecks.bottleneck import Bottleneck, Severity, severity_of
from whetstone_server.bottlenecks.find import HotFinding, Look, find
from whetstone_server.bottlenecks.history import history, note

__all__ = ["Bottleneck", "HotFinding", "Look", "Severity", "find", "history", "note", "severity_of"]
