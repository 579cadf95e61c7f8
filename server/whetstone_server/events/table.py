"""Tables: events of one kind side by side, a list for each thing that they have, as they are packed into blocks."""

from __future__ import annotations

import operator
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from whetstone_server.events.event import Event

    Column = Sequence[Any]

OWN = 7
"""Columns that events of every kind have: times, sources, paths, versions, counts, writers and numbers."""


class Table(NamedTuple):
    """Columns of one length."""

    names: tuple[str, ...] | None
    """Of the payload's fields, or `None` where not all events have the same ones."""
    columns: Sequence[Column]
    """The `OWN` ones, then one for each name, or a single one with the payloads themselves."""

    @property
    def length(self) -> int:
        """How many events there are."""
        return len(self.columns[0])

    @property
    def times(self) -> Sequence[int]:
        """Microseconds since 1970."""
        return self.columns[0]

    @property
    def counts(self) -> Sequence[int]:
        """For how many equal events in a row each stands."""
        return self.columns[4]

    @property
    def fields(self) -> Sequence[Column]:
        """What is in the payloads."""
        return self.columns[OWN:]

    def part(self, start: int, end: int) -> Table:
        """Return the rows from place `start` to before place `end`."""
        return Table(self.names, [column[start:end] for column in self.columns])

    def at(self, places: Sequence[int]) -> Table:
        """Return the rows at some places, in the order of these."""
        return Table(self.names, [list(map(column.__getitem__, places)) for column in self.columns])

    def in_order(self) -> Table:
        """Return the rows sorted by time, and where that is equal by writer and number."""
        times = self.times
        if all(map(operator.lt, times, islice(times, 1, None))):  # nearly always
            return self
        ranks = list(zip(times, *self.columns[5:OWN], strict=True))
        return self.at(sorted(range(len(times)), key=ranks.__getitem__))

    def counting(self, counts: Sequence[int]) -> Table:
        """Return the rows with other counts."""
        return Table(self.names, [*self.columns[:4], counts, *self.columns[5:]])

    def payloads(self) -> list[dict[str, Any]]:
        """Return the payload of each row."""
        if self.names is None:
            return list(self.fields[0])
        if not self.names:
            return [{} for _ in self.times]
        return [dict(zip(self.names, row, strict=True)) for row in zip(*self.fields, strict=True)]

    def field(self, name: str) -> Column:
        """Return a field of each payload, `None` where there is none."""
        if self.names is not None and name in self.names:
            return self.fields[self.names.index(name)]
        return [payload.get(name) for payload in self.payloads()]


def of_events(events: Sequence[Event]) -> Table:
    """Return a table of events of one kind."""
    ids = [event.id.rpartition("-") for event in events]
    own: list[Column] = [
        [event.time for event in events],
        [event.source for event in events],
        [event.path for event in events],
        [event.version for event in events],
        [event.count for event in events],
        [writer for writer, _, _ in ids],
        [int(number) for _, _, number in ids],
    ]
    return of_payloads(own, [event.data for event in events])


def of_payloads(own: Sequence[Column], payloads: Sequence[dict[str, Any]]) -> Table:
    """Return a table of the columns that each kind has, and of payloads."""
    shapes = set(map(tuple, payloads))
    if len(shapes) > 1:
        return Table(None, [*own, payloads])
    return Table(shapes.pop(), [*own, *zip(*map(dict.values, payloads), strict=True)])


def together(tables: Sequence[Table]) -> Table:
    """Return the rows of several tables, one behind the other."""
    if len(tables) == 1:
        return tables[0]
    names = tables[0].names
    if any(table.names != names for table in tables):
        names = None
        tables = [Table(None, [*table.columns[:OWN], table.payloads()]) for table in tables]
    columns: list[list[Any]] = [[] for _ in tables[0].columns]
    for table in tables:
        for column, more in zip(columns, table.columns, strict=True):
            column.extend(more)
    return Table(names, columns)
