"""`whetstone compare`: a verdict on any rewrite of a function, wherever it came from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whetstone_server.cli import FOUND, FOUND_NOTHING
from whetstone_server.cli.parser import Parser

if TYPE_CHECKING:
    from argparse import Namespace
    from ast import AST
    from pathlib import Path


def parser() -> Parser:
    """Return the options of the command."""
    options = Parser(
        "compare",
        "Prove whether a function of NEW is equal to that of OLD, and faster.\n"
        "Exit status 0: proven faster, 1: the proof said no, 2: it could not be carried out.",
        "  whetstone compare orders.py orders_new.py --function Order.total",
    )
    options.add_argument("old", metavar="OLD.py", help="the file as it is, in its project")
    options.add_argument("new", metavar="NEW.py", help="the same file with the function rewritten")
    options.add_argument("--function", required=True, metavar="NAME", help="which function, such as Class.method")
    options.add_proving()
    options.add_format("text", "json")
    return options


def run(arguments: Namespace) -> int:
    """Print the verdict, with the difference between the two texts."""
    from pathlib import Path  # noqa: PLC0415 -- so that --help stays quick

    from whetstone_server.cli.interruption import tidy_stop  # noqa: PLC0415
    from whetstone_server.cli.parser import with_options  # noqa: PLC0415
    from whetstone_server.cli.proving import prover  # noqa: PLC0415
    from whetstone_server.cli.target import settings_for  # noqa: PLC0415
    from whetstone_server.cli.verdicts.report import report_in  # noqa: PLC0415
    from whetstone_server.project import project_root  # noqa: PLC0415

    path = Path(arguments.old)
    old, new = (_source(each, arguments.function) for each in (path, Path(arguments.new)))
    settings = with_options(settings_for([path]), arguments)
    with tidy_stop(), report_in(arguments.format, diff=True) as report:
        with prover(project_root(path), settings) as here:
            report.proved(here.compare(path.absolute(), old, new, arguments.function))
            report.ran(here.python_version, here.engine)
        report.finish(())
    return FOUND_NOTHING if report.agreed else FOUND


def _source(path: Path, function: str) -> bytes:
    """Return the text of a file that parses and holds the function; raises `InputError` otherwise."""
    import ast  # noqa: PLC0415 -- so that --help stays quick
    from difflib import get_close_matches  # noqa: PLC0415

    from whetstone_server.errors import InputError  # noqa: PLC0415
    from whetstone_server.improvements.apply import StoredText  # noqa: PLC0415

    source = StoredText(path).source
    try:
        tree = ast.parse(source.decode("utf-8-sig"))
    except (SyntaxError, ValueError) as error:
        raise InputError(f"{path} does not parse: {error}") from error
    names = functions(tree)
    if function not in names:
        close = get_close_matches(function, names, n=1) or names[:5]
        there = f"; there is {', '.join(close)}" if close else ""
        raise InputError(f"{path} has no function {function}{there}")
    return source


def functions(node: AST, prefix: str = "") -> list[str]:
    """Return the dotted names of the functions and methods below a node, in order of the text."""
    import ast  # noqa: PLC0415 -- so that --help stays quick

    names = []
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            names.append(prefix + child.name)
        else:
            names += functions(child, f"{prefix}{child.name}." if isinstance(child, ast.ClassDef) else prefix)
    return names
