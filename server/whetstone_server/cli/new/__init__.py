"""`whetstone new`: a template, its test, and its place in the supervision tree."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from whetstone_server.cli import FOUND_NOTHING
from whetstone_server.cli.parser import Parser

if TYPE_CHECKING:
    from argparse import Namespace

LANGUAGES = ("elixir", "python")


def parser() -> Parser:
    """Return the options of the command."""
    options = Parser(
        "new",
        "Write a template: a module that works, the test that proves it, and for Elixir its place among the children "
        "of the application's supervisor. All of it is written, or nothing; a second time changes nothing. "
        "Without NAME it says what a template asks, and without TEMPLATE what there is.",
        "  whetstone new gen_server Ledger.Store --into ledger\n"
        "  whetstone new gen_server Ledger.Sum --set 'fields=sum: integer' --set 'calls=sum: read sum, add: add sum'\n"
        "  whetstone new circuit_breaker ledger.bank --language python --dry-run\n"
        "  whetstone new gen_server",
    )
    options.add_argument("template", nargs="?", metavar="TEMPLATE", help="what to write: gen_server or gen-server")
    options.add_argument("name", nargs="?", metavar="NAME", help="what it is called: Ledger.Store, ledger.store")
    options.add_argument("--list", action="store_true", dest="lists", help="list the templates and what they ask")
    options.add_argument("--language", choices=LANGUAGES, help="default: the one of the project, or of the name")
    options.add_argument(
        "--set", action="append", default=[], dest="answers", metavar="KEY=VALUE", help="the answer to a question"
    )
    options.add_argument("--into", type=Path, metavar="DIR", help="the project that it goes into (default: this one)")
    place = options.add_mutually_exclusive_group()
    place.add_argument("--supervisor", metavar="MODULE", help="what starts it (default: the application)")
    place.add_argument("--unsupervised", action="store_true", help="write the module and its test alone")
    options.add_argument("--dry-run", action="store_true", help="show what would be written, and write nothing")
    options.add_format("text", "json")
    return options


def run(arguments: Namespace) -> int:
    """Write what was ordered, or say what there is to order."""
    if arguments.lists or arguments.name is None:
        return _list(arguments)
    from whetstone_server.cli.new.reported import report  # noqa: PLC0415 -- so that --help stays quick
    from whetstone_server.scaffolding.order import only_language, ordered  # noqa: PLC0415
    from whetstone_server.scaffolding.plan import plan  # noqa: PLC0415
    from whetstone_server.scaffolding.project import find_project, language_of  # noqa: PLC0415
    from whetstone_server.scaffolding.write import write  # noqa: PLC0415

    folder = arguments.into or Path()
    order = ordered(
        arguments.template,
        arguments.name,
        arguments.language or language_of(folder, arguments.name, only_language(arguments.template)),
        _answers(arguments.answers),
        is_supervised=not arguments.unsupervised,
        supervisor=arguments.supervisor,
    )
    planned = plan(order, find_project(folder, order.template.language))
    if not arguments.dry_run:
        write(planned.changes)
    report(planned, arguments.format, is_dry=arguments.dry_run)
    return FOUND_NOTHING


def _list(arguments: Namespace) -> int:
    from whetstone_server.cli.new.listed import show  # noqa: PLC0415 -- so that --help stays quick
    from whetstone_server.errors import InputError  # noqa: PLC0415

    if arguments.answers or arguments.unsupervised or arguments.supervisor or arguments.dry_run:
        raise InputError("a NAME is missing: whetstone new TEMPLATE NAME")
    show(arguments.template, arguments.language, arguments.format)
    return FOUND_NOTHING


def _answers(given: list[str]) -> dict[str, str]:
    """Return the answers by question; raises `InputError` for what is none, or for two to one question."""
    from whetstone_server.errors import InputError  # noqa: PLC0415 -- so that --help stays quick

    answers: dict[str, str] = {}
    for each in given:
        key, equals, value = each.partition("=")
        if not equals or not key.strip():
            raise InputError(f"--set takes KEY=VALUE, not {each}")
        key = key.strip().replace("-", "_")
        if key in answers:
            raise InputError(f"--set {key} is given twice: {answers[key]} and {value}")
        answers[key] = value
    return answers
