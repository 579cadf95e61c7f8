"""Puts hooks into chosen functions of chosen files while Python imports them; everything else stays as it was.

The hooks stand in the compiled code as constants, so no name appears in any namespace, and every line keeps its number.
"""

from __future__ import annotations

import ast
import importlib.machinery
import importlib.util
import linecache
import os.path
import runpy
import types
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Protocol, Union

    Definition = Union[ast.FunctionDef, ast.AsyncFunctionDef]

    class Witness(Protocol):
        """Stands at the head of a function's body."""

        def called(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
            """Be told of a call, with defaults filled in, before the first statement runs."""
            ...


class Target(NamedTuple):
    """What is to happen when one file is imported."""

    functions: tuple[str, ...] = ()
    """Dotted names of outermost functions and methods: `f`, `Class.method`, `Outer.Inner.method`."""
    source: bytes | None = None
    """A text to load in place of what the file holds."""
    on_function: Callable[[str, str, Any], Any] | None = None
    """Called as `on_function(real_path, name, function)` at each definition; what it returns is decorated further."""
    beneath: int | None = None
    """How many decorators, from the top, lie outside `on_function`; `None` puts it beneath all of them."""
    witness: Callable[[str, str], Witness] | None = None
    """Makes, once for each definition, the witness that stands at the head of the function's body."""
    on_load: Callable[[str], None] | None = None
    """Called with the real path when the file has been compiled."""


class _Own:
    """What the hooks need, out of reach of code that patches modules."""

    realpath: Any = staticmethod(os.path.realpath)
    basename: Any = staticmethod(os.path.basename)
    open: Any = staticmethod(open)
    compile: Any = staticmethod(compile)
    parse: Any = staticmethod(ast.parse)
    targets: dict[str, Target] = {}  # noqa: RUF012  (filled by install)
    basenames: set[str] = set()  # noqa: RUF012
    texts: dict[str, bytes] = {}  # noqa: RUF012
    """What was compiled, by the path it was compiled under."""


def install(targets: Mapping[str, Target]) -> None:
    """Have the files at these real paths hooked from now on, besides those of earlier calls; imported modules stay."""
    if not _Own.targets:
        _hook_imports()
        _hook_scripts()
    _Own.targets.update(targets)
    _Own.basenames.update(map(_Own.basename, targets))


def code_of(path: str, source: bytes, target: Target) -> types.CodeType:
    """Return the compiled module with the target's hooks in it. Raises what `compile` raises."""
    _Own.texts[path] = target.source if target.source is not None else source
    real_path = _Own.realpath(path)  # the name the file was given as a target, however it is reached
    tree = _Own.parse(_Own.texts[path], path)
    hooks: dict[Any, Any] = {}
    for name, class_name, definition in _definitions(tree.body):
        if name in target.functions:
            _hook_definition(definition, name, class_name, path=real_path, target=target, hooks=hooks)
    code = _Own.compile(tree, path, "exec", dont_inherit=True)
    return _with_hooks(code, hooks) if hooks else code


def plain_code(code: types.CodeType) -> types.CodeType:
    """Return the code without our hooks: the code itself, where it has none."""
    text = _Own.texts.get(code.co_filename)
    if text is None or not any(hasattr(constant, "called") for constant in code.co_consts):
        return code
    same = (code.co_name, code.co_firstlineno)
    within: list[types.CodeType] = [_Own.compile(text, code.co_filename, "exec", dont_inherit=True)]
    for other in within:
        if (other.co_name, other.co_firstlineno) == same:
            return other
        within.extend(constant for constant in other.co_consts if isinstance(constant, types.CodeType))
    return code


def code_at(path: str) -> types.CodeType:
    """Return the compiled file, hooked if it is a target. Raises what reading and `compile` raise."""
    with _Own.open(path, "rb") as file:
        source = file.read()
    target = _target_of(path)
    if target is None:
        code: types.CodeType = _Own.compile(source, path, "exec", dont_inherit=True)
        return code
    return _loaded(path, source, target)


def _hook_imports() -> None:
    loader = importlib.machinery.SourceFileLoader
    original = loader.get_code

    def get_code(self: Any, fullname: str) -> types.CodeType | None:
        path = self.path
        target = _target_of(path)
        if target is None:
            return original(self, fullname)
        return _loaded(path, self.get_data(path), target)

    loader.get_code = get_code  # type: ignore[method-assign]


def _hook_scripts() -> None:
    original: Callable[..., Any] = runpy._get_code_from_file  # type: ignore[attr-defined]  # noqa: SLF001

    def code_from_file(*args: str) -> Any:
        path = args[-1]  # Python 3.12 dropped the argument before it, and the name from the answer
        if _target_of(path) is None:
            return original(*args)
        return code_at(path) if len(args) == 1 else (code_at(path), path)

    runpy._get_code_from_file = code_from_file  # type: ignore[attr-defined]  # noqa: SLF001


def _target_of(path: str) -> Target | None:
    if _Own.basename(path) not in _Own.basenames:
        return None
    return _Own.targets.get(path) or _Own.targets.get(_Own.realpath(path))


def _loaded(path: str, source: bytes, target: Target) -> types.CodeType:
    code = code_of(path, source, target)
    if target.source is not None:
        _show_in_tracebacks(path, target.source)
    if target.on_load is not None:
        target.on_load(_Own.realpath(path))
    return code


def _show_in_tracebacks(path: str, source: bytes) -> None:
    text = importlib.util.decode_source(source)
    # An entry without a time of change is never compared with the file on disk.
    linecache.cache[path] = (len(text), None, text.splitlines(keepends=True), path)


def _definitions(body: list[ast.stmt], outer: tuple[str, ...] = ()) -> Iterator[tuple[str, str | None, Definition]]:
    """Yield every outermost function with its dotted name and the class around it, whatever block it stands in."""
    for statement in body:
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield ".".join((*outer, statement.name)), outer[-1] if outer else None, statement
        elif isinstance(statement, ast.ClassDef):
            yield from _definitions(statement.body, (*outer, statement.name))
        else:
            for block in _blocks(statement):
                yield from _definitions(block, outer)


def _blocks(statement: ast.stmt) -> Iterator[list[ast.stmt]]:
    for field in ("body", "orelse", "finalbody"):
        yield getattr(statement, field, [])
    for part in (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
        yield part.body


def _hook_definition(
    definition: Definition, name: str, class_name: str | None, *, path: str, target: Target, hooks: dict[Any, Any]
) -> None:
    if target.witness is not None:
        witness = target.witness(path, name)
        definition.body.insert(*_call_of_witness(definition, class_name, _placeholder(witness, hooks)))
        _decorate(definition, None, _placeholder(_introduction(witness), hooks))
    if target.on_function is not None:
        _decorate(definition, target.beneath, _placeholder(_registration(path, name, target.on_function), hooks))


def _registration(path: str, name: str, on_function: Callable[[str, str, Any], Any]) -> Callable[[Any], Any]:
    def register(function: Any) -> Any:
        return on_function(path, name, function)

    return register


def _introduction(witness: Any) -> Callable[[Any], Any]:
    def introduce(function: Any) -> Any:
        witness.function = function
        return function

    return introduce


def _placeholder(hook: Any, hooks: dict[Any, Any]) -> ast.expr:
    """Return a constant that `compile` accepts, to be exchanged for the hook in the compiled code."""
    mark = f"\0whetstone {len(hooks)}"
    hooks[mark] = hook
    return ast.Constant(value=mark, kind=None)


def _decorate(definition: Definition, beneath: int | None, hook: ast.expr) -> None:
    decorators = definition.decorator_list
    place = len(decorators) if beneath is None else min(beneath, len(decorators))
    # The line of the topmost decorator is the function's `co_firstlineno`.
    neighbour = decorators[place] if place < len(decorators) else definition
    decorators.insert(place, _placed(hook, neighbour))


def _call_of_witness(definition: Definition, class_name: str | None, witness: ast.expr) -> tuple[int, ast.stmt]:
    """Return where in the body the call goes, and the call: `witness.called((a, b, *rest), {"key": key, **more})`."""
    place = 1 if ast.get_docstring(definition, clean=False) is not None else 0
    # A body of nothing but a docstring runs, as far as anyone can tell, on the function's first line.
    neighbour = definition.body[place] if place < len(definition.body) else [*definition.decorator_list, definition][0]
    parameters = definition.args
    positional: list[ast.expr] = [_name(each.arg) for each in (*parameters.posonlyargs, *parameters.args)]
    if parameters.vararg:
        positional.append(ast.Starred(value=_name(parameters.vararg.arg), ctx=ast.Load()))
    keys: list[ast.expr | None] = [
        ast.Constant(value=_mangled(each.arg, class_name), kind=None) for each in parameters.kwonlyargs
    ]
    values: list[ast.expr] = [_name(each.arg) for each in parameters.kwonlyargs]
    if parameters.kwarg:
        keys.append(None)
        values.append(_name(parameters.kwarg.arg))
    call = ast.Call(
        # Called by attribute: the compiler warns of a constant that is called itself.
        func=ast.Attribute(value=witness, attr="called", ctx=ast.Load()),
        args=[ast.Tuple(elts=positional, ctx=ast.Load()), ast.Dict(keys=keys, values=values)],
        keywords=[],
    )
    return place, _placed(ast.Expr(value=call), neighbour)


def _name(identifier: str) -> ast.expr:
    return ast.Name(id=identifier, ctx=ast.Load())


def _mangled(identifier: str, class_name: str | None) -> str:
    """Return the name a private parameter goes by in a call, as the compiler mangles it inside a class."""
    stripped = (class_name or "").lstrip("_")
    private = identifier.startswith("__") and not identifier.endswith("__")
    return f"_{stripped}{identifier}" if private and stripped else identifier


def _placed(node: Any, neighbour: Any) -> Any:
    part: Any
    for part in ast.walk(node):
        part.lineno = part.end_lineno = neighbour.lineno
        part.col_offset = part.end_col_offset = neighbour.col_offset
    return node


def _with_hooks(code: types.CodeType, hooks: dict[Any, Any]) -> types.CodeType:
    def exchanged(constant: Any) -> Any:
        if isinstance(constant, types.CodeType):
            return _with_hooks(constant, hooks)
        return hooks.get(constant, constant) if type(constant) is str else constant

    return code.replace(co_consts=tuple(map(exchanged, code.co_consts)))
