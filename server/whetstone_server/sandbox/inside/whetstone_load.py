"""Loads a module once and holds two versions of one of its functions, so that either can be put in place.

Both versions live in the same module wherever that is possible: its classes, its constants and its other functions are
then the very same objects for both, and only the function's own code is exchanged.
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
import inspect
import itertools
import os.path
import sys
import types
from typing import TYPE_CHECKING, Any

import whetstone_freeze
import whetstone_instrument
from whetstone_branches import Branches
from whetstone_changes import CHANGING_METHODS
from whetstone_outcome import Description
from whetstone_placeholders import ready

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from typing import Union

    from typing_extensions import TypeGuard

    Definition = Union[ast.FunctionDef, ast.AsyncFunctionDef]
    Call = tuple[tuple[Any, ...], dict[str, Any]]

HEAVY = 4_000
"""Parts of a table in the module from which comparing it around every call would take longer than the calls."""
BLOCKS = ("body", "orelse", "finalbody")
MOST_CONSTANTS = 200
_PLAIN = (int, float, str, bytes, complex)
_HOLDING_CONSTANTS = (*_PLAIN, tuple, list, set, frozenset, dict)


class CannotLoad(Exception):  # noqa: N818  (it is an answer as much as an error)
    """The module or the function cannot be brought into a state where two versions can be compared; says why."""


class Subject:
    """One function in two versions.

    `install("old")` or `install("new")` puts a version in place for everybody who calls the function by its name;
    `call(args, kwargs)` calls the version in place itself, beneath decorators that both versions share.
    """

    def __init__(self, root: str, path: str, module: str | None, name: str, *, old: bytes, new: bytes) -> None:
        """`old` and `new` are whole source texts (bytes) of the file at `path`, whose import name is `module`."""
        self.path, self.name = path, name
        self._parts: dict[int, tuple[Any, ...]] = {}
        self._weights: dict[int, tuple[int, Any]] = {}
        trees = [_parsed(text, path) for text in (old, new)]
        before, after = (_definition(tree, name) for tree in trees)
        self.old_tree, self.new_tree, self._tree = before, after, trees[0]
        shared = _shared_decorators(before, after)
        self.module = self._loaded(root, module, old, shared, _index(trees[0], name, before))
        self.old = self._registered
        self._original_names = set(vars(self.module))
        self.new = self._new_version(trees, before, after, shared)
        self._install = self._way_in(shared)
        self.kind = _kind(self.old)
        self._names = {
            side: sorted({name for code in self.codes(side) for name in code.co_names}) for side in ("old", "new")
        }
        self._defaults = {
            "old": (raw(self.old).__defaults__, raw(self.old).__kwdefaults__),
            "new": (raw(self.new).__defaults__, raw(self.new).__kwdefaults__),
        }
        self._codes = {side: self.codes(side) for side in ("old", "new")}
        self._shared_names = sorted(self._named_with_helpers() & self._original_names)
        self._owner_class = [_holder(self.module, name.split("."))] if "." in name else []
        self._raises = [
            (node.lineno, node.end_lineno or node.lineno)
            for node in ast.walk(self.old_tree)
            if isinstance(node, (ast.Raise, ast.Assert))
        ]
        self._old_defaults = {side: self._defaults_of_old(side) for side in ("old", "new")}
        self.remember_beginning()

    # -- loading -----------------------------------------------------------------------------------------------------

    def _loaded(self, root: str, module: str | None, old: bytes, shared: int, index: int) -> types.ModuleType:
        """Import the module with its old text, catching the function at its definition."""
        seen = []

        def on_function(_path: str, _name: str, function: Any) -> Any:
            seen.append(function)
            return function

        target = whetstone_instrument.Target((self.name,), old, on_function, shared)
        whetstone_instrument.install({os.path.realpath(self.path): target})
        try:
            loaded = _imported(root, self.path, module)
        except BaseException as error:
            raise CannotLoad(f"importing {module} raises {type(error).__name__}: {error}") from error
        if not seen:
            raise CannotLoad("the function is not defined when the module is imported")
        self._registered = seen[index] if index < len(seen) else seen[-1]
        return loaded

    def _new_version(self, trees: list[ast.Module], before: Definition, after: Definition, shared: int) -> Any:
        """Return the new function, made in the old module where only it and added names differ."""
        added = _added_statements(trees[0], trees[1], before, after)
        if added is None:
            return self._in_a_module_of_its_own(trees, shared)
        names = {name for statement in added for name in _bound(statement)}
        taken = names & set(vars(self.module))
        if any(not _same_import(statement, vars(self.module)) for statement in added if taken & _bound(statement)):
            return self._in_a_module_of_its_own(trees, shared)
        self._run(added, vars(self.module), vars(self.module))
        return self._defined(after, shared)

    def _defined(self, definition: Definition, shared: int) -> Any:
        """Run one `def` in the module's namespace, inside stand-ins for the classes around it."""
        definition = _copied(definition)
        definition.decorator_list = definition.decorator_list[shared:]
        parts = self.name.split(".")
        statement: Any = definition
        for owner in reversed(parts[:-1]):
            parts_of_class: Any = {"bases": [], "keywords": [], "decorator_list": [], "type_params": []}
            statement = ast.ClassDef(name=owner, body=[statement], **parts_of_class)
            ast.copy_location(statement, definition)
        names: dict[str, Any] = {}
        self._run([statement], vars(self.module), names)
        function = names[parts[0]]
        for part in parts[1:]:
            function = vars(function)[part]
        owner = _holder(self.module, parts)
        raw = inspect.unwrap(function) if callable(function) else function
        for cell, free in zip(getattr(raw, "__closure__", None) or (), getattr(raw, "__code__", raw).co_freevars):
            if free == "__class__":
                cell.cell_contents = owner
        return function

    def _run(self, statements: Sequence[ast.stmt], namespace: dict[str, Any], names: dict[str, Any]) -> None:
        module = ast.Module(body=list(statements), type_ignores=[])
        future = self.module_flags()
        try:
            exec(compile(ast.fix_missing_locations(module), self.path, "exec", future, True), namespace, names)
        except BaseException as error:
            raise CannotLoad(f"the new code raises {type(error).__name__} when it is defined: {error}") from error

    def module_flags(self) -> int:
        """Return the compiler flags of the module's `from __future__` imports."""
        import __future__  # rarely needed

        flags = 0
        for name in __future__.all_feature_names:
            if vars(self.module).get(name) is getattr(__future__, name):
                flags |= getattr(__future__, name).compiler_flag
        return flags

    def _in_a_module_of_its_own(self, trees: list[ast.Module], shared: int) -> Any:
        """Run the whole new text beside the old module, with the old module's unchanged classes in it."""
        twin = types.ModuleType(self.module.__name__)
        for name in ("__file__", "__package__", "__spec__", "__loader__", "__path__"):
            if name in vars(self.module):
                setattr(twin, name, getattr(self.module, name))
        if "." in self.name:
            raise CannotLoad("more than this method changes, and its class cannot be told apart from the old one")
        old_classes = {
            statement.name: ast.dump(statement) for statement in trees[0].body if isinstance(statement, ast.ClassDef)
        }
        body = [statement for statement in trees[1].body if not _is_main_guard(statement)]
        kept = [
            statement
            for statement in body
            if not (isinstance(statement, ast.ClassDef) and old_classes.get(statement.name) == ast.dump(statement))
        ]
        for statement in body:
            if isinstance(statement, ast.ClassDef) and statement not in kept:
                setattr(twin, statement.name, getattr(self.module, statement.name))
        module = ast.Module(body=kept, type_ignores=[])
        try:
            exec(compile(module, self.path, "exec", 0, True), vars(twin))
        except BaseException as error:
            raise CannotLoad(f"the new module raises {type(error).__name__}: {error}") from error
        if shared:
            raise CannotLoad("more than the function changes, and it is decorated")
        self._twin = twin
        return getattr(twin, self.name)

    # -- putting a version in place ----------------------------------------------------------------------------------

    def _way_in(self, shared: int) -> Callable[[Any], None]:
        """Return how a version is put in place: by exchanging the code object, or by binding its name again."""
        if hasattr(self, "_twin"):
            return lambda _function: None
        plain = type(self.old) is types.FunctionType and type(self.new) is types.FunctionType
        if plain and self.old.__code__.co_freevars == self.new.__code__.co_freevars:
            return self._exchange()
        if shared:
            raise CannotLoad("the rewrite changes what the function closes over, beneath a decorator")
        holder = _holder(self.module, self.name.split("."))
        last = self.name.split(".")[-1]
        return lambda function: setattr(holder, last, function)

    def _exchange(self) -> Callable[[Any], None]:
        """Let both versions be one function object whose parts are exchanged: whoever holds it, holds both."""
        held = self.old
        self._parts = parts = {
            id(version): (version.__code__, version.__defaults__, version.__kwdefaults__)
            for version in (self.old, self.new)
        }

        def install(function: Any) -> None:
            held.__code__, held.__defaults__, held.__kwdefaults__ = parts[id(function)]

        return install

    def install(self, side: str) -> Any:
        """Put a version in place: `old` or `new`. Returns the function that calls now reach."""
        function = self.old if side == "old" else self.new
        self._install(function)
        self.function = self.old if self.is_one_function() else function
        return self.function

    def is_one_function(self) -> bool:
        """Whether both versions are the code of one and the same function object, put in place by turns."""
        return bool(self._parts)

    def move_old_code(self) -> None:
        """Put the old version's code behind the new one's in memory, where otherwise it lies before it."""
        if self._parts:
            code, *others = self._parts[id(self.old)]
            self._parts[id(self.old)] = (code.replace(), *others)

    def reset(self) -> None:
        """Bring back the state in which the versions were loaded: empty caches, globals and defaults as they were."""
        for function in (self.old, self.new):
            clear = getattr(function, "cache_clear", None)
            if clear is not None:
                clear()
        for home, name, value, copy in self._beginning:
            if home is not None:
                home[name] = value
            _refill(value, copy)

    def remember_beginning(self) -> None:
        """Note the state that `reset` goes back to."""
        self._beginning = []
        for side in ("old", "new"):
            function = raw(self.old if side == "old" else self.new)
            home = function.__globals__
            held = [(home, name, home[name]) for name in self._names[side] if name in home and _is_data(home[name])]
            others = [
                *(function.__defaults__ or ()),
                *(function.__kwdefaults__ or {}).values(),
                *(cell.cell_contents for cell in function.__closure__ or () if _is_filled(cell)),
            ]
            for holder, name, value in held + [(None, "", value) for value in others]:
                self._beginning.append((holder, name, value, _copy_of(value)))
        self.state("old")  # weighs large tables once, rather than in every child

    def becomes_recursive(self) -> bool:
        """Whether the new version calls itself, by its name, and the old one does not."""
        own = self.name.rpartition(".")[2]
        return own in self._names["new"] and own not in self._names["old"]

    def keeps_cache(self) -> bool:
        """Whether a version carries a cache that a second call of the same arguments would find filled."""
        return any(hasattr(function, "cache_clear") for function in (self.old, self.new))

    def _named_with_helpers(self) -> set[str]:
        """Return the names that either version uses, or a function of the module that it uses, and so on."""
        found: set[str] = set()
        queue = [*self._names["old"], *self._names["new"]]
        while queue:
            name = queue.pop()
            value: Any = vars(self.module).get(name)
            if name not in found and self._is_own_function(value):
                queue.extend(value.__code__.co_names)
            found.add(name)
        return found

    # -- facts -------------------------------------------------------------------------------------------------------

    def codes(self, side: str) -> list[types.CodeType]:
        """Return the code objects of one version, those of functions inside it included."""
        if hasattr(self, "_codes"):
            return self._codes[side]
        found, queue = [], [raw(self.old if side == "old" else self.new).__code__]
        while queue:
            code = queue.pop()
            found.append(code)
            queue.extend(const for const in code.co_consts if isinstance(const, types.CodeType))
        return found

    def branches(self, side: str) -> Branches:
        """Return the ways within lines of one version, none of them reached yet."""
        return Branches(self.old_tree if side == "old" else self.new_tree, self.codes(side))

    def state(self, side: str) -> Any:
        """Return the data a call might change besides its arguments.

        These are the globals that either version names and the old module had, the attributes of classes among them
        and of the method's own class, cells, and the defaults of the old parameters.
        """
        function = raw(self.old if side == "old" else self.new)
        home = function.__globals__
        names = [name for name in self._shared_names if name in home]
        held = [(name, self._light(home[name])) for name in names if _is_data(home[name])]
        classes = [home[name] for name in names if self._is_own_class(home[name])] + self._owner_class
        attributes = [(value.__qualname__, _class_data(value)) for value in classes]
        cells = [cell.cell_contents for cell in function.__closure__ or () if _is_filled(cell)]
        return held, attributes, [cell for cell in cells if _is_data(cell)], self._old_defaults[side]

    def _is_own_class(self, value: Any) -> bool:
        return isinstance(value, type) and value.__module__ == self.module.__name__

    def _defaults_of_old(self, side: str) -> list[tuple[str, Any]]:
        """Return the defaults of the parameters that the old function has, by name."""
        parameters = inspect.signature(raw(self.old if side == "old" else self.new)).parameters
        old = inspect.signature(raw(self.old)).parameters
        return [(name, parameters[name].default) for name in old if name in parameters]

    def signature_change(self) -> tuple[str, str] | None:
        """Return both signatures when a call that suits the old one may not suit the new one."""
        old, new = (inspect.signature(raw(function)) for function in (self.old, self.new))
        kept = list(new.parameters.values())[: len(old.parameters)]
        same = [(each.name, each.kind) for each in kept] == [(each.name, each.kind) for each in old.parameters.values()]
        defaults = [each.default is inspect.Parameter.empty for each in kept]
        same = same and defaults == [each.default is inspect.Parameter.empty for each in old.parameters.values()]
        added = list(new.parameters.values())[len(old.parameters) :]
        optional = all(each.default is not each.empty or each.kind in _VARIADIC for each in added)
        return None if same and optional else (str(old), str(new))

    def changed_by_others(self) -> list[str]:
        """Return the globals both versions may read that only other functions of the module change."""
        own = _changed_globals(self.old_tree) | _changed_globals(self.new_tree)
        others = _changed_globals(self._tree) - own
        return [name for name in self._shared_names if name in others and _is_data(vars(self.module)[name])]

    def memory(self, side: str) -> Any:
        """Return the data in which one version could remember earlier calls."""
        function = raw(self.old if side == "old" else self.new)
        return self._held(side), self._defaults[side], sorted(vars(function).items(), key=str)

    def _held(self, side: str) -> list[tuple[str, Any]]:
        """Return the data among the globals that one version names."""
        home = raw(self.old if side == "old" else self.new).__globals__
        return [(name, self._light(home[name])) for name in self._names[side] if name in home and _is_data(home[name])]

    def _light(self, value: Any) -> Any:
        """Return module data as it is looked at around each call: a large table only by its type and length."""
        if id(value) not in self._weights:
            description = Description()
            description.of(value, leniently=True)
            self._weights[id(value)] = (description.tokens(), value)
        if self._weights[id(value)][0] <= HEAVY:
            return value
        return type(value).__name__, len(value) if hasattr(value, "__len__") else None

    def constants(self) -> list[Any]:
        """Return the plain constants that either version can meet.

        They stand in its own code, in the functions of the module that it names, and in the module's data.
        """
        codes = [code for side in ("old", "new") for code in self.codes(side)]
        home = vars(self.module)
        named = [home[name] for name in {name: None for code in codes for name in code.co_names} if name in home]
        helpers = [value.__code__ for value in named if self._is_own_function(value)]
        held: list[Any] = [constant for code in (*codes, *helpers) for constant in code.co_consts]
        held += [value for value in named if isinstance(value, _HOLDING_CONSTANTS)]
        return list(itertools.islice(_plain_within(held), MOST_CONSTANTS))

    def _is_own_function(self, value: Any) -> bool:
        return isinstance(value, types.FunctionType) and value.__module__ == self.module.__name__

    def thaw(self, frozen: bytes) -> Call:
        """Return fresh arguments as they were frozen, with the module standing in for `__main__`."""
        return whetstone_freeze.thaw(frozen, {"__main__": self.module})

    def arguments(self, frozen: bytes) -> Call:
        """Return fresh arguments, ready for a call: what stands for a generator has become one."""
        return ready(*self.thaw(frozen))

    def raises_at(self, error: BaseException) -> bool:
        """Whether an exception was raised by a `raise` statement of the old function itself."""
        place = error.__traceback__
        while place is not None and place.tb_next is not None:
            place = place.tb_next
        if place is None or place.tb_frame.f_code not in self._codes["old"]:
            return False
        return any(first <= place.tb_lineno <= last for first, last in self._raises)

    def definition(self, name: str) -> Definition | None:
        """Return the syntax tree of another function of the old text; `None` when there is none of that dotted name."""
        return next((definition for dotted, definition in _definitions(self._tree.body) if dotted == name), None)

    def signature(self) -> Mapping[str, inspect.Parameter]:
        """Return the old function's parameters by name."""
        return inspect.signature(raw(self.old), follow_wrapped=False).parameters


def _changed_globals(tree: ast.AST) -> set[str]:
    """Return names that functions within a tree bind as globals, or call a changing method of, or set an item of."""
    found: set[str] = set()
    functions = [node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    for node in (node for function in functions for node in ast.walk(function)):
        if isinstance(node, ast.Global):
            found.update(node.names)
        elif _changes(node) and isinstance(node.value, ast.Name):
            found.add(node.value.id)
    return found


def _changes(node: ast.AST) -> TypeGuard[ast.Attribute | ast.Subscript]:
    """Whether a node asks what stands before its dot or bracket to change."""
    if isinstance(node, ast.Attribute):
        return node.attr in CHANGING_METHODS
    return isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load)


def _plain_within(values: Iterable[Any], depth: int = 0) -> Iterator[Any]:
    """Yield numbers and texts, and those that collections hold, a few of each."""
    for value in values:
        if isinstance(value, _PLAIN):
            yield value
        elif isinstance(value, _HOLDING_CONSTANTS) and depth < 3:
            held: Any = value
            parts = [*held, *held.values()] if isinstance(value, dict) else list(held)
            yield from itertools.islice(_plain_within(_in_one_order(parts), depth + 1), 24)


def _in_one_order(values: list[Any]) -> list[Any]:
    """Return values in an order that does not hang on the hash seed."""
    return sorted(values, key=repr)


def raw(function: Any) -> types.FunctionType:
    """Return the plain function beneath a cache or another wrapper that says what it wraps."""
    while not isinstance(function, types.FunctionType):
        inner = getattr(function, "__wrapped__", None) or getattr(function, "__func__", None)
        if inner is None:
            raise CannotLoad("a decorator of it does not give back a function")
        function = inner
    return function


def _kind(function: Any) -> str:
    plain = raw(function)
    if inspect.isasyncgenfunction(plain):
        return "async generator"
    if inspect.iscoroutinefunction(plain):
        return "coroutine"
    return "generator" if inspect.isgeneratorfunction(plain) else "function"


def _parsed(text: bytes, path: str) -> ast.Module:
    try:
        return ast.parse(text, path)
    except (SyntaxError, ValueError) as error:
        raise CannotLoad(f"{os.path.basename(path)} does not parse: {error}") from error


def _definitions(body: list[ast.stmt], outer: tuple[str, ...] = ()) -> Iterator[tuple[str, Definition]]:
    """Yield every outermost function or method with its dotted name, in order of the text."""
    for statement in body:
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield ".".join((*outer, statement.name)), statement
        elif isinstance(statement, ast.ClassDef):
            yield from _definitions(statement.body, (*outer, statement.name))
        else:
            for block in BLOCKS:
                yield from _definitions(getattr(statement, block, []), outer)
            for part in (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
                yield from _definitions(part.body, outer)


def _definition(tree: ast.Module, name: str) -> Definition:
    found = [definition for dotted, definition in _definitions(tree.body) if dotted == name]
    if not found:
        raise CannotLoad(f"there is no function “{name}” in it")
    return found[-1]


def _index(tree: ast.Module, name: str, wanted: Definition) -> int:
    """Return which of the definitions of its dotted name this is."""
    return [definition for dotted, definition in _definitions(tree.body) if dotted == name].index(wanted)


def _shared_decorators(before: Definition, after: Definition) -> int:
    """Return how many decorators, from the top, both versions have in common."""
    count = 0
    for old, new in zip(before.decorator_list, after.decorator_list):
        if ast.dump(old) != ast.dump(new):
            break
        count += 1
    return count


def _added_statements(old: ast.Module, new: ast.Module, before: Definition, after: Definition) -> list[ast.stmt] | None:
    """Return the top-level statements that only the new text has, or `None` when anything else changed too."""
    known = [ast.dump(statement) for statement in old.body]
    without = _copied(new)
    twin = next(
        definition
        for definition in ast.walk(without)
        if isinstance(definition, type(after)) and ast.dump(definition) == ast.dump(after)
    )
    for field in before._fields:
        setattr(twin, field, getattr(before, field, None))
    added = []
    for statement, original in zip(without.body, new.body):
        if ast.dump(statement) in known:
            known.remove(ast.dump(statement))
        else:
            added.append(original)
    return None if known else added


def _copied(node: Any) -> Any:
    import copy  # only where two texts differ

    return copy.deepcopy(node)


def _bound(statement: ast.stmt) -> set[str]:
    """Return the names that a top-level statement binds."""
    if isinstance(statement, (ast.Import, ast.ImportFrom)):
        return {alias.asname or alias.name.split(".")[0] for alias in statement.names}
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return {statement.name}
    return {node.id for node in ast.walk(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}


def _same_import(statement: ast.stmt, namespace: dict[str, Any]) -> bool:
    """Whether an import statement would bind only what its names are bound to already."""
    if not isinstance(statement, (ast.Import, ast.ImportFrom)):
        return False
    fresh: dict[str, Any] = {}
    try:
        exec(compile(ast.Module(body=[statement], type_ignores=[]), "<import>", "exec"), dict(namespace), fresh)
    except Exception:  # told when the new code is run
        return False
    return all(namespace.get(name, value) is value for name, value in fresh.items())


def _is_main_guard(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.If) and "__name__" in ast.dump(statement.test)


def _imported(root: str, path: str, module: str | None) -> types.ModuleType:
    for folder in (os.path.join(root, "src"), root):
        if os.path.isdir(folder) and folder not in sys.path:
            sys.path.insert(0, folder)
    if module and module != "__main__":
        loaded = importlib.import_module(module)
        if os.path.realpath(getattr(loaded, "__file__", None) or "") == os.path.realpath(path):
            return loaded
    return _imported_from(path)


def _imported_from(path: str) -> types.ModuleType:
    """Import a file that no package leads to, as a script's neighbour would be."""
    name = os.path.splitext(os.path.basename(path))[0]
    sys.path.insert(0, os.path.dirname(path))
    spec: Any = importlib.util.spec_from_file_location(name, path)
    loaded = importlib.util.module_from_spec(spec)
    sys.modules[name] = loaded
    spec.loader.exec_module(loaded)
    return loaded


def _holder(module: types.ModuleType, parts: Sequence[str]) -> Any:
    holder = module
    for part in parts[:-1]:
        holder = getattr(holder, part)
    return holder


def _copy_of(value: Any) -> Any:
    """Return a copy of a built-in container's content, one level deep; `None` for anything else."""
    return value.copy() if type(value) in (list, dict, set, bytearray) or hasattr(value, "popleft") else None


def _refill(value: Any, copy: Any) -> None:
    if copy is None or value == copy:
        return
    value.clear()
    (value.update if isinstance(value, (dict, set)) else value.extend)(copy)


_MACHINERY = {"logging", "_thread", "threading"}
"""Modules whose objects hold no data of the project's."""
_VARIADIC = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


def _class_data(owner: type) -> list[tuple[str, Any]]:
    """Return the data among a class's own attributes."""
    return [(name, value) for name, value in sorted(vars(owner).items()) if name[:2] != "__" and _is_class_data(value)]


def _is_class_data(value: Any) -> bool:
    return _is_data(value) and not hasattr(type(value), "__get__") and type(value).__module__ != "_abc"


def _is_data(value: Any) -> bool:
    code = (types.ModuleType, types.FunctionType, types.BuiltinFunctionType, type, types.MethodType)
    return (
        not isinstance(value, code)
        and not hasattr(value, "cache_clear")
        and type(value).__module__.partition(".")[0] not in _MACHINERY
    )


def _is_filled(cell: Any) -> bool:
    try:
        cell.cell_contents  # noqa: B018  (asking is the test)
    except ValueError:
        return False
    return True
