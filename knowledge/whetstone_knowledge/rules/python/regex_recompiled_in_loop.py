"""WP107: a constant regular expression handed to `re` again on every pass of a loop."""

from __future__ import annotations

import ast
import re
import warnings
from functools import lru_cache, reduce
from operator import or_
from typing import TYPE_CHECKING, ClassVar

from whetstone_knowledge import cst
from whetstone_knowledge.rule import PythonRule, Refused
from whetstone_knowledge.syntax.surroundings import is_short
from whetstone_knowledge.syntax.walk import arguments, header, statements
from whetstone_knowledge.triggers import GAP

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tree_sitter import Node

    from whetstone_knowledge.rewriting import Scene, Statement
    from whetstone_knowledge.syntax.match import Match

PARAMETERS = {
    "compile": ("pattern", "flags"),
    "search": ("pattern", "string", "flags"),
    "match": ("pattern", "string", "flags"),
    "fullmatch": ("pattern", "string", "flags"),
    "findall": ("pattern", "string", "flags"),
    "finditer": ("pattern", "string", "flags"),
    "split": ("pattern", "string", "maxsplit", "flags"),
    "sub": ("pattern", "repl", "string", "count", "flags"),
    "subn": ("pattern", "repl", "string", "count", "flags"),
}
"""The parameters of each function of `re`; without the first and the last they are those of the pattern's method."""

FLAGS = frozenset(
    {"A", "ASCII", "I", "IGNORECASE", "L", "LOCALE", "M", "MULTILINE", "S", "DOTALL", "U", "UNICODE", "X", "VERBOSE"}
)
"""Every flag but `re.DEBUG`, which prints."""


class RegexRecompiledInLoop(PythonRule):
    """Hands a constant regular expression to `re` on every pass of a loop.

    `re.sub("…", …)` does not compile its pattern each time: it looks it up in a cache by type, text and flags.
    That lookup costs more than matching a short string does, and the cache is emptied or thinned when a program
    uses more than 512 patterns. A pattern compiled before the loop is looked up once.

    The rule is quiet when the pattern or its flags are not constants, when the pattern does not compile or draws a
    warning (a loop that never runs would never say so), when `re` is a name of the function's own, and in code that
    stands in no loop of its own function, or only in one of a few rounds.
    """

    code = "WP107"
    title = "Compile the pattern once, before the loop"
    message = "The pattern of `{function}` is looked up again on every pass of the loop; compile it once before"
    severity = "medium"
    weight = 35
    query = """
        (call
          function: (attribute object: (identifier) @module attribute: (identifier) @does) @function
          arguments: (argument_list . [(string) (concatenated_string)] @pattern) @arguments) @here
    """
    literals = ("re.",)
    needs_loop = True
    trigger = rf"re\.{GAP}(?:{'|'.join(PARAMETERS)}){GAP}\({GAP}[A-Za-z]*+([\"'])"
    before = """
        import re


        def user_names(lines):
            found = []
            for line in lines:
                match = re.match(r"user=(\\w+)", line)
                if match:
                    found.append(match[1])
            return found
    """
    after = """
        import re


        def user_names(lines):
            found = []
            pattern = re.compile(r"user=(\\w+)")
            for line in lines:
                match = pattern.match(line)
                if match:
                    found.append(match[1])
            return found
    """
    more = (
        (
            """
            import re


            def tidy(pages):
                for page in pages:
                    for line in page:
                        yield re.sub("[ \\t]+", " ", line, 3, flags=re.ASCII | re.MULTILINE)
            """,
            """
            import re


            def tidy(pages):
                pattern = re.compile("[ \\t]+", re.ASCII | re.MULTILINE)
                for page in pages:
                    for line in page:
                        yield pattern.sub(" ", line, 3)
            """,
        ),
        (
            """
            import re


            def numbers(lines):
                for line in lines:
                    digits = re.compile("[0-9]+")
                    yield digits.findall(line)
            """,
            """
            import re


            def numbers(lines):
                digits = re.compile("[0-9]+")
                for line in lines:
                    yield digits.findall(line)
            """,
        ),
        (
            """
            import re


            def fields(handle, pattern):
                while line := handle.readline():
                    yield re.split("[,;]", string=line, maxsplit=pattern)
            """,
            """
            import re


            def fields(handle, pattern):
                pattern_2 = re.compile("[,;]")
                while line := handle.readline():
                    yield pattern_2.split(string=line, maxsplit=pattern)
            """,
        ),
    )
    quiet = (
        # not in a loop
        """
        import re
        def f(line):
            return re.match('a+', line)
        """,
        # in the part of a loop that runs once
        """
        import re
        def f(text):
            for word in re.findall('a+', text):
                print(word)
        """,
        """
        import re
        def f(lines):
            for line in lines:
                pass
            else:
                return re.match('a', 'b')
        """,
        # a few rounds
        """
        import re
        def f(size):
            for side in "width", "height":
                print(re.match("[0-9]+", size[side]))
        """,
        # a pattern that is not constant
        """
        import re
        def f(lines, p):
            for line in lines:
                re.match(p, line)
        """,
        """
        import re
        def f(lines, p):
            for line in lines:
                re.match(f'{p}+', line)
        """,
        """
        import re
        def f(lines, p):
            for line in lines:
                re.match('a' + p, line)
        """,
        # flags that are not constant, or that print
        """
        import re
        def f(lines, flags):
            for line in lines:
                re.match('a', line, flags)
        """,
        """
        import re
        def f(lines):
            for line in lines:
                re.match('a', line, re.DEBUG)
        """,
        # a pattern that does not compile, or that draws a warning
        """
        import re
        def f(lines):
            for line in lines:
                re.match('(', line)
        """,
        """
        import re
        def f(lines):
            for line in lines:
                re.match('[[a]', line)
        """,
        # not the module
        """
        def f(lines, re):
            for line in lines:
                re.match('a', line)
        """,
        """
        def f(lines):
            import regex as re
            for line in lines:
                re.match('a', line)
        """,
        # a function that runs later, or another one of `re`
        """
        import re
        def f(lines):
            for line in lines:
                yield lambda: re.match('a', line)
        """,
        """
        import re
        def f(lines):
            for line in lines:
                re.escape('a')
        """,
        # arguments that cannot be told apart
        """
        import re
        def f(lines):
            for line in lines:
                re.match('a', *line)
        """,
        """
        import re
        def f(lines):
            for line in lines:
                re.match('a', **line)
        """,
        # at module level there is no function to rewrite
        """
        import re
        for line in ['a']:
            re.match('a', line)
        """,
    )
    sample = """
        args = ([f"time={n} user=name{n}" if n % 3 else f"user=name{n} time={n}" for n in range(300)],)
    """
    evidence: ClassVar[Mapping[str, float]] = {"3.11": 3.08, "3.12": 3.11, "3.13": 3.00}

    def applies(self, match: Match) -> bool:
        """Speak of a constant pattern that compiles, with constant flags, in a loop of a function."""
        does = match.text("does")
        if match.text("module") != "re" or does not in PARAMETERS or match.function is None or not match.loops:
            return False
        if all(is_short(loop) for loop in match.loops):
            return False
        given = _given(does, match)
        if given is None or not _compiles(match.text("pattern"), given.get("flags", "0")):
            return False
        if match.facts.is_local("re"):
            return False
        match.also("loop", header(match.loops[-1]))
        if does == "compile":
            match.also("moved", *_only_name(match))
        return True

    def mend(self, scene: Scene) -> None:
        """Compile the pattern before the outermost loop, and call its method."""
        call = scene.at("here", cst.Call)
        loop = scene.statement(scene.at("loop", cst.BaseExpression))
        if scene.need("re") != "re" or scene.imports:
            raise Refused("this file does not import the module `re` under its own name")
        if scene.has("moved"):
            _move(scene, scene.statement(call), loop)
            return
        function = cst.ensure_type(call.func, cst.Attribute).attr.value
        name = scene.fresh("pattern")
        scene.insert_before(loop, _assigned(name, _compiled(function, call)))
        scene.replace(call, cst.Name(name) if function == "compile" else _called(name, function, call))


def _given(function: str, match: Match) -> dict[str, str] | None:
    """Return the text of each argument by its parameter; `None` when they do not fit the function for certain."""
    given: dict[str, str] = {}
    for position, argument in enumerate(arguments(match.node("arguments"))):
        parameter, value = _bound(function, position, argument, match)
        if parameter in given or parameter not in PARAMETERS[function]:
            return None
        given[parameter] = match.text(value)
    needed = set(PARAMETERS[function]) - {"flags", "count", "maxsplit"}
    return given if needed <= given.keys() else None


def _bound(function: str, position: int, argument: Node, match: Match) -> tuple[str | None, Node]:
    """Return the parameter that an argument is for, and its value; no parameter when that cannot be told."""
    if argument.type == "keyword_argument":
        return match.text(argument.named_children[0]), argument.named_children[-1]
    if argument.type in {"list_splat", "dictionary_splat"} or position >= len(PARAMETERS[function]):
        return None, argument
    return PARAMETERS[function][position], argument


@lru_cache(maxsize=256)
def _compiles(pattern: str, flags: str) -> bool:
    """Whether a pattern with these flags, both given as source, is constant and compiles without a warning."""
    named = [flag.strip() for flag in flags.split("|")]
    if not all(flag == "0" or (flag.startswith("re.") and flag[3:] in FLAGS) for flag in named):
        return False
    wanted = reduce(or_, (getattr(re, flag[3:]) for flag in named if flag != "0"), 0)
    with warnings.catch_warnings():
        try:
            warnings.simplefilter("ignore")  # an invalid escape in the literal is not the pattern's fault
            constant = ast.literal_eval(f"({pattern})")
            warnings.simplefilter("error")
            re.compile(constant, wanted)
        except (SyntaxError, ValueError, TypeError, OverflowError, RecursionError, re.error, Warning):
            return False
    return True


def _only_name(match: Match) -> Sequence[Node]:
    """Return the name that a compiled pattern is given, when its statement can move out of the loop as it is.

    That is so when nothing else binds the name, and only later statements of the loop read it.
    """
    assignment, loop = match.ancestors[-1], match.loops[-1]
    body = loop.child_by_field_name("body")
    name = assignment.child_by_field_name("left")
    if assignment.type != "assignment" or name is None or name.type != "identifier" or match.ancestors[-3] != body:
        return ()
    facts, text = match.facts, match.text(name)
    uses = facts.uses(text)
    within = facts.uses(text, loop)
    later = all(use.start_byte > match.here.end_byte for use in uses)
    only = facts.is_local(text) and len(facts.bindings(text)) == 1 and len(uses) == len(within)
    return (name,) if only and later and len(statements(body)) > 1 else ()


def _move(scene: Scene, statement: Statement, loop: Statement) -> None:
    scene.remove(statement)
    scene.insert_before(loop, statement.with_changes(leading_lines=()))


def _compiled(function: str, call: cst.Call) -> cst.Call:
    """Return the call of `re.compile` with the pattern and the flags of another call."""
    flags = [arg.value for position, arg in enumerate(call.args) if _parameter(function, position, arg) == "flags"]
    compile_ = cst.Attribute(cst.Name("re"), cst.Name("compile"))
    return cst.Call(compile_, [cst.Arg(value) for value in (call.args[0].value, *flags)])


def _called(name: str, function: str, call: cst.Call) -> cst.Call:
    """Return the call of the pattern's method, with what is left of the arguments."""
    rest = [
        arg for position, arg in enumerate(call.args) if position and _parameter(function, position, arg) != "flags"
    ]
    if rest[-1] is not call.args[-1]:
        rest[-1] = rest[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
    return call.with_changes(func=cst.Attribute(cst.Name(name), cst.Name(function)), args=rest)


def _parameter(function: str, position: int, arg: cst.Arg) -> str:
    return arg.keyword.value if arg.keyword else PARAMETERS[function][position]


def _assigned(name: str, value: cst.BaseExpression) -> cst.SimpleStatementLine:
    return cst.SimpleStatementLine([cst.Assign([cst.AssignTarget(cst.Name(name))], value)])
