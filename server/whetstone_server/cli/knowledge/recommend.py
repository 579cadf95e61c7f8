"""`whetstone knowledge recommend`: from a need to entries, with the reason for each and what was ruled out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from whetstone_knowledge.need import FACETS, FAILURES, SCALES, STATES, USES
from whetstone_server.cli import FOUND_NOTHING
from whetstone_server.cli.parser import words

if TYPE_CHECKING:
    from argparse import Namespace, _ArgumentGroup
    from collections.abc import Mapping

    from whetstone_knowledge.need import Need
    from whetstone_knowledge.recommend import Advice, Judged
    from whetstone_server.cli.parser import Parser

EXAMPLE = """\
  whetstone knowledge recommend --use-case workers --scale medium
  whetstone knowledge recommend --state private --survive crash,dependency
  whetstone knowledge recommend --use-case events --scale large --nodes 3"""
_SEVERAL: dict[str, Any] = {"type": words, "action": "append", "default": [], "metavar": "WORDS"}
_LINE = 100
"""Columns that a reason may fill, as a page of a book does."""


def add_options(options: Parser) -> None:
    """Add what this deed wants to know."""
    _add(options, "what it does, one or several", USES).add_argument("--use-case", **_SEVERAL)
    _add(options, "what is kept in memory", STATES).add_argument("--state", metavar="WORD")
    _add(options, "how large it gets", SCALES).add_argument("--scale", metavar="WORD")
    _add(options, "what it must survive, one or several", FAILURES).add_argument("--survive", **_SEVERAL)
    options.add_argument("--nodes", type=int, metavar="N", help="on how many connected nodes it runs")
    options.add_format("text", "json")


def run(arguments: Namespace) -> int:
    """Print what answers the need, and what does not."""
    from whetstone_knowledge.entries import entries  # noqa: PLC0415 -- so that --help stays quick
    from whetstone_knowledge.recommend import recommend  # noqa: PLC0415
    from whetstone_server.cli.knowledge.shown import as_json, show_document  # noqa: PLC0415

    need = _need(arguments)
    advice = recommend(need, entries())
    if arguments.format == "json":
        show_document(
            need={facet: sorted(need.stated(facet)) for facet in FACETS},
            entries=[as_json(judged.entry, judged.score, judged.reasons) for judged in advice.fitting],
            ruled_out=[as_json(judged.entry, None, judged.reasons) for judged in advice.ruled_out],
        )
    else:
        _show(advice)
    return FOUND_NOTHING


def _add(options: Parser, what: str, known: Mapping[str, str]) -> _ArgumentGroup:
    """Add a group to the help that lists the words of a facet."""
    widest = max(map(len, known))
    return options.add_argument_group(what, "\n".join(f"{word:<{widest}}  {known[word]}" for word in known))


def _need(arguments: Namespace) -> Need:
    """Return the need that was stated; raises `InputError` when none was, or when it contradicts itself."""
    from whetstone_knowledge.need import Need  # noqa: PLC0415 -- so that --help stays quick
    from whetstone_server.errors import InputError  # noqa: PLC0415

    try:
        need = Need(
            use=frozenset(word for several in arguments.use_case for word in several),
            state=arguments.state,
            scale=arguments.scale,
            survive=frozenset(word for several in arguments.survive for word in several),
            nodes=arguments.nodes,
        )
    except ValueError as error:
        raise InputError(f"{error}; `whetstone knowledge recommend --help` says what the words mean") from error
    if not any(need.stated(facet) for facet in FACETS):
        raise InputError("say what is needed: --use-case, --state, --scale, --survive, --nodes; --help lists the words")
    return need


def _show(advice: Advice) -> None:
    from whetstone_server.cli.terminal import console, styled  # noqa: PLC0415 -- the other format does without

    out = console()
    if not advice.fitting:
        out.print(styled("No entry answers this. Say more of what it does, keeps, or must survive."))
    for place, judged in enumerate(advice.fitting, start=1):
        out.print(styled((f"{place:>2}. ", "dim"), (judged.entry.name, "bold"), ("  " + judged.entry.title, "dim")))
        _show_reasons(judged)
    if advice.ruled_out:
        out.print(styled("\nruled out"))
    for judged in advice.ruled_out:
        out.print(styled("    ", (judged.entry.name, "bold"), ("  " + judged.entry.title, "dim")))
        _show_reasons(judged)


def _show_reasons(judged: Judged) -> None:
    from textwrap import fill  # noqa: PLC0415 -- the other format does without

    from whetstone_server.cli.terminal import console, styled  # noqa: PLC0415

    for reason in judged.reasons:
        console().print(styled(fill(reason, _LINE, initial_indent=" " * 6, subsequent_indent=" " * 6)))
