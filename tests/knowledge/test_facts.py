"""What is said about the names of a function is true, or nothing is said."""

import random
import symtable
import sysconfig
from pathlib import Path

import pytest

from whetstone_knowledge.syntax.facts import Facts
from whetstone_knowledge.syntax.grammar import new_parser

STDLIB = Path(sysconfig.get_path("stdlib"))
SAMPLE = sorted(random.Random(20).sample(sorted(STDLIB.glob("*.py")), 40))
SAMPLE += STDLIB.glob("test/test_grammar.py")  # which some distributions leave out


def functions_in(node):
    if node.type == "function_definition":
        yield node
    for child in node.named_children:
        yield from functions_in(child)


def facts_of(source):
    """Return facts about the first function in `source`, and that function's node."""
    encoded = source.encode()
    function = next(functions_in(new_parser().parse(encoded).root_node))
    return Facts(function, encoded), function


def first(node, kind):
    """Return the first node of a type under `node`."""
    waiting = [node]
    while waiting:
        current = waiting.pop(0)
        if current.type == kind:
            return current
        waiting = current.named_children + waiting
    raise LookupError(kind)


def scopes_in(table):
    for child in table.get_children():
        if child.get_type() == "function" and child.get_name() not in {
            "lambda",
            "listcomp",
            "setcomp",
            "dictcomp",
            "genexpr",
        }:
            yield child
        yield from scopes_in(child)


@pytest.mark.parametrize("path", SAMPLE, ids=lambda path: path.stem)
def test_locals_and_parameters_are_those_of_the_compiler(path):
    """CPython's own symbol table is the oracle, name by name, for every function of the file."""
    source = path.read_bytes()
    tables = {}
    for table in scopes_in(symtable.symtable(source, str(path), "exec")):
        tables.setdefault((table.get_name(), table.get_lineno()), []).append(table)
    compared = 0
    for function in functions_in(new_parser().parse(source).root_node):
        name = function.child_by_field_name("name").text.decode()
        found = tables.get((name, function.start_point.row + 1), [])
        if len(found) != 1:
            continue
        facts = Facts(function, source)
        for symbol in found[0].get_symbols():
            if symbol.get_name().startswith("_") and not symbol.get_name().endswith("_"):
                continue  # a private name in a class is mangled in the table
            said = facts.is_local(symbol.get_name()), facts.is_parameter(symbol.get_name())
            assert said == (symbol.is_local(), symbol.is_parameter()), f"{name}: {symbol.get_name()}"
            compared += 1
    assert compared or not tables


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("x = []", "list"),
        ("x = list(y)", "list"),
        ("x = [a for a in y]", "list"),
        ("x = sorted(y)", "list"),
        ("x = a = []", "list"),
        ("x, z = [], {}", "list"),
        ("z, *x = y", "list"),
        ("x = []\n    x += y", "list"),
        ("x: list[int] = y()", "list"),
        ("x: 'List[int]' = y()", "list"),
        ("x = [] if y else [1]", "list"),
        ("x = ([])", "list"),
        ("if (x := []): pass", "list"),
        ("z = []\n    x = z", "list"),
        ("z = []\n    x = z[1:]", "list"),
        ("x = 'a b'.split()", "list"),
        ("x = {}", "dict"),
        ("x = {a: 1 for a in y}", "dict"),
        ("x = set()", "set"),
        ("x = {1}", "set"),
        ("x = frozenset(y)", "frozenset"),
        ("x = 1, 2", "tuple"),
        ("x = f'{y}'", "str"),
        ("x = ''\n    x += y", "str"),
        ("x = 'a' 'b'", "str"),
        ("x = '%s' % y", "str"),
        ("x = ', '.join(y)", "str"),
        ("x = b''", "bytes"),
        ("x = 1\n    x += 2", "int"),
        ("for x in range(3): pass", "int"),
        ("for x, z in enumerate(y): pass", "int"),
        ("for x in 'abc': pass", "str"),
        ("x = -1.5", "float"),
        ("x = not y", "bool"),
        ("x = None", "none"),
        ("x = collections.deque()", "deque"),
        # Silence: anything that leaves a doubt.
        ("x = y", "unknown"),
        ("x = y()", "unknown"),
        ("x = y.x", "unknown"),
        ("x = []\n    x = ()", "unknown"),
        ("x = None\n    x = []", "unknown"),
        ("x = [] if y else ()", "unknown"),
        ("x = [] or y", "unknown"),
        ("x = 1\n    x += y", "unknown"),
        ("x = 1\n    x /= 2", "unknown"),
        ("x = 1j", "unknown"),
        ("x, z = y", "unknown"),
        ("x, *z = [], {}", "unknown"),
        ("for x in y: pass", "unknown"),
        ("with y as x: pass", "unknown"),
        ("import x", "unknown"),
        ("x = []\n    for x in y: pass", "unknown"),
        ("x = []\n    import x", "unknown"),
        ("x = []\n    def x(): pass", "unknown"),
        ("x = []\n    match y:\n        case [x]: pass", "unknown"),
        ("x = []\n    try: pass\n    except E as x: pass", "unknown"),
        ("x = []\n    def g():\n        nonlocal x\n        x = 1", "unknown"),
        ("global x\n    x = []", "unknown"),
        ("list = y\n    x = list()", "unknown"),
        ("x: float = y", "unknown"),
        ("x: Optional[list] = y", "unknown"),
        ("x: list | None = y", "unknown"),
        ("x: Set[int] = y", "unknown"),
        ("x = x", "unknown"),
    ],
)
def test_kind_of_a_name(body, kind):
    facts, _ = facts_of(f"def f(y):\n    {body}\n")
    assert facts.kind("x") == kind


@pytest.mark.parametrize(
    ("parameters", "kind"),
    [
        ("x: list[int]", "list"),
        ('x: "list[int]"', "list"),
        ("x: List[int]", "list"),
        ("x: typing.List", "list"),
        ("x: dict[str, list[int]]", "dict"),
        ("x: str = ''", "str"),
        ("*x", "tuple"),
        ("*x: int", "tuple"),
        ("**x", "dict"),
        ("x", "unknown"),
        ("x=[]", "unknown"),
        ("x: list[int] = None", "unknown"),
        ("x: Optional[list[int]]", "unknown"),
        ("x: list[int] | None", "unknown"),
        ("x: Sequence[int]", "unknown"),
        ("x: other.list", "unknown"),
    ],
)
def test_kind_of_a_parameter(parameters, kind):
    facts, _ = facts_of(f"def f({parameters}): pass\n")
    assert facts.kind("x") == kind
    assert facts.is_parameter("x")


@pytest.mark.parametrize(
    "rest",
    [
        "def list(x): pass",
        "list = 3",
        "from other import list",
        "from other import (a,\n  list)",
        "import list",
        "class list: pass",
    ],
)
def test_a_built_in_with_another_meaning_makes_nothing_known(rest):
    facts, _ = facts_of(f"def f(y):\n    x = list(y)\n\n{rest}\n")
    assert facts.kind("x") == "unknown"


def test_a_method_named_like_a_built_in_changes_nothing():
    facts, _ = facts_of("def f(y):\n    x = list(y)\n\nclass A:\n    def list(self): pass\n")
    assert facts.kind("x") == "list"


# ruff: noqa: E501 -- the lists below are read as tables
HARMLESS = ["a in x", "len(x)", "print(x)", "x[0]", "x.index(a)", "sorted(x)", "z = [*x]", "f'{x}'", "for a in x: pass",
            "if x: pass", "z = x + [1]", "y.x", "y(x=1)", "z = [x for x in y]", "z = lambda x: x.append(1)",
            "z = x[1:]", "z = not x", "assert x", "z = x == y", "z = max(x)", "z = ', '.join(x)"]  # fmt: skip
CHANGES = ["x.append(a)", "x[0] = 1", "x[0] += 1", "del x[0]", "del x", "x = y", "x += y", "x.sort()", "x[0].append(1)",
           "x[0][1] = 2", "x[0].y = 2", "x.y = 1", "for x in y: pass", "for x[0] in y: pass", "(x := y)", "import x",
           "x[0], z = y"]  # fmt: skip
ESCAPES = ["y(x)", "y.append(x)", "z = x", "return x", "yield x", "z = [x]", "z = {'a': x}", "z = x or y",
           "z = x.append",           "z = y if a else x", "y[0] = x", "y.z = x", "z = max(x, y)", "z = lambda: x", "with x: pass", "y(*[x])",
           "await_ = (x)", "z = (w := x)", "x.unheard_of()", "y(z=x)", "print(y, file=x)"]  # fmt: skip


def parts(body, before="", after=""):
    source = f"def f(y, a):\n    x = []\n    {before}\n    while a:\n        {body}\n    {after}\n"
    facts, function = facts_of(source)
    return facts, first(function, "while_statement")


@pytest.mark.parametrize("body", HARMLESS)
def test_reading_changes_nothing(body):
    facts, loop = parts(body)
    assert not facts.changed_in("x", loop)
    assert not facts.escapes_before("x", loop)


@pytest.mark.parametrize("body", CHANGES)
def test_what_changes_is_seen(body):
    facts, loop = parts(body)
    assert facts.changed_in("x", loop)


@pytest.mark.parametrize("body", ESCAPES)
def test_what_escapes_may_change(body):
    facts, loop = parts(body)
    assert facts.changed_in("x", loop)
    assert facts.escapes_before("x", loop)
    elsewhere, loop = parts("pass", before=body)
    assert elsewhere.changed_in("x", loop) == ("lambda" in body)  # which may be called while the loop runs
    assert elsewhere.escapes_before("x", loop)


def test_what_escapes_afterwards_has_not_escaped_before():
    facts, loop = parts("a in x", after="return x")
    assert not facts.escapes_before("x", loop)


def test_what_escapes_later_in_the_loop_around_has_escaped_before_the_next_time():
    facts, function = facts_of(
        "def f(y):\n    x = []\n    for z in y:\n        while z:\n            pass\n        y(x)\n"
    )
    assert facts.escapes_before("x", first(function, "while_statement"))


@pytest.mark.parametrize("body", ["x = y", "x = a = []", "x = y.x", "x = y[0]", "x, z = y"])
def test_a_name_bound_to_somebody_elses_object_shares_it(body):
    facts, function = facts_of(f"def f(y):\n    {body}\n    while y: pass\n")
    assert facts.escapes_before("x", first(function, "while_statement"))


def test_a_parameter_is_shared_with_the_caller():
    facts, function = facts_of("def f(x: list[int]):\n    while x: pass\n")
    assert facts.escapes_before("x", first(function, "while_statement"))


def test_nobody_can_change_a_string():
    facts, function = facts_of("def f(y):\n    x = ''\n    y(x)\n    while y: y(x)\n")
    assert not facts.escapes_before("x", first(function, "while_statement"))
    assert not facts.changed_in("x", first(function, "while_statement"))


def test_a_closure_may_run_at_any_time():
    facts, function = facts_of("def f(y):\n    x = []\n    def g(): x.append(1)\n    while y: g()\n")
    assert facts.changed_in("x", first(function, "while_statement"))


def test_a_closure_may_rebind_at_any_time():
    facts, function = facts_of(
        "def f(y):\n    x = ''\n    def g():\n        nonlocal x\n        x = 'a'\n    while y: g()\n"
    )
    assert facts.rebound_in("x", first(function, "while_statement"))


def test_a_nested_function_with_its_own_name_is_somebody_else():
    facts, function = facts_of("def f(y):\n    x = []\n    def g(x): x.append(1)\n    while y: g()\n")
    assert not facts.changed_in("x", first(function, "while_statement"))
    assert len(facts.uses("x")) == 0
    assert len(facts.bindings("x")) == 1


def test_uses_and_bindings_name_every_place():
    source = (
        "def f(x, y=x):\n    x += 1\n    print(x, y.x, x=x)\n    def g(): return x\n    [x for x in x]\n    del x\n"
    )
    facts, function = facts_of(source)
    assert [node.start_byte for node in facts.bindings("x")] == [6, 19, source.index("del x") + 4]
    assert len(facts.uses("x")) == 5
    assert len(facts.uses("x", first(function, "list_comprehension"))) == 1


def test_annotation_is_given_as_it_is_written():
    facts, _ = facts_of("def f(x: list[ int ], z=1):\n    y: 'str' = 3\n")
    assert (facts.annotation("x"), facts.annotation("y"), facts.annotation("z")) == ("list[ int ]", "'str'", None)


def test_a_name_in_a_comprehension_of_its_own_has_no_kind_from_outside():
    facts, function = facts_of("def f(y):\n    x = []\n    z = [x for x in y]\n")
    comprehension = first(function, "list_comprehension")
    assert facts.kind_of(comprehension.child_by_field_name("body")) == "unknown"


def test_half_typed_code_is_answered():
    facts, function = facts_of("def f(y):\n    x = [\n    for a in x:\n        x.append(\n")
    facts.kind("x")
    assert facts.is_local("y")
    assert facts.changed_in("x", function)
