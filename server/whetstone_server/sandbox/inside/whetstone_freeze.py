"""Copies the arguments of a call into bytes and back: a pickle that also carries lambdas, closures and views."""

from __future__ import annotations

import _thread
import builtins
import gc
import importlib
import importlib.util
import io
import marshal
import os.path
import pickle
import sys
import types
import weakref
from typing import TYPE_CHECKING, Any

import whetstone_instrument

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# A copy: a test that patches a builtin does not patch it here.
__builtins__ = dict(vars(builtins))  # type: ignore[assignment]

PROTOCOL = 5


class Unfreezable(Exception):  # noqa: N818  (it is an answer as much as an error)
    """Says in one sentence why a call cannot be copied."""


def freeze(
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    *,
    limit: int | None = None,
    home: Mapping[str, Any] | None = None,
) -> bytes:
    """Return a copy of the arguments, references between them kept; no iterator among them is advanced.

    `limit` is the size in bytes above which copying is given up. A sentinel found in `home`, the globals of the
    function called, is kept as that very object. Raises `Unfreezable`, and nothing else of what the objects' own
    methods raise, save a `KeyboardInterrupt` and its like.
    """
    file = _Limited(limit)
    freezer = _Freezer(file, home)
    try:
        freezer.dump((args, kwargs))
        frozen: bytes = _Own.dumps((freezer.modules, file.getvalue()), PROTOCOL)
    except Unfreezable:
        raise
    except RecursionError:
        raise Unfreezable("the arguments are nested too deeply to be copied") from None
    except (Exception, SystemExit) as error:
        raise Unfreezable(_sentence(error)) from None
    return frozen


def thaw(frozen: bytes, modules: Mapping[str, Any] | None = None) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return fresh arguments. `modules` stand in for modules of those names, `__main__` for one.

    Imports what the arguments' classes need, from the file it came from when it is not on `sys.path`, and raises
    what that raises.
    """
    files, payload = _Own.loads(frozen)
    args, kwargs = _Thawer(io.BytesIO(payload), files, modules or {}).load()
    return args, kwargs


class _Own:
    """What freezing needs, out of reach of code that patches modules."""

    dumps: Any = staticmethod(pickle.dumps)
    loads: Any = staticmethod(pickle.loads)
    marshalled: Any = staticmethod(marshal.dumps)
    abspath: Any = staticmethod(os.path.abspath)
    referents: Any = staticmethod(gc.get_referents)
    plain_code: Any = staticmethod(whetstone_instrument.plain_code)
    modules = sys.modules


class _Limited(io.BytesIO):
    def __init__(self, limit: int | None) -> None:
        super().__init__()
        self.limit = limit

    def write(self, data: Any) -> int:
        size = super().write(data)
        if self.limit is not None and self.tell() > self.limit:
            raise Unfreezable(f"the arguments are larger than {self.limit} bytes")
        return size


class _Freezer(pickle.Pickler):
    def __init__(self, file: _Limited, home: Mapping[str, Any] | None) -> None:
        super().__init__(file, PROTOCOL)
        self.home = home
        self.modules: dict[str, str] = {}
        """The files of the modules that thawing needs: no path may lead to a test's module by then."""

    def reducer_override(self, thing: Any) -> Any:
        kind = type(thing)
        if issubclass(kind, type):
            return self.named_class(thing)
        reduction = _REDUCTIONS.get(kind)
        if reduction is not None:
            return reduction(self, thing)
        if kind in _UNCOPYABLE or kind.__module__ in ("itertools", "socket"):
            # Reducing an itertools object warns on Python 3.12, and advances some of them before it.
            raise Unfreezable(_cannot(_UNCOPYABLE.get(kind) or f"{kind.__module__}.{kind.__name__}"))
        return self.sentinel(thing) if self.home is not None and _stateless(thing, kind) else NotImplemented

    def need(self, name: str) -> None:
        """Note where a module came from."""
        file = getattr(_Own.modules.get(name), "__file__", None)
        if isinstance(file, str) and name not in self.modules:
            self.modules[name] = _Own.abspath(file)

    def named_class(self, thing: type) -> Any:
        """Return a reference by name: a class that no name leads to would lose its identity."""
        if thing in _SINGLETON_TYPES:
            return NotImplemented
        if thing in _BUILTIN_TYPES:
            return getattr, (types, _BUILTIN_TYPES[thing])
        if _found(thing.__module__, thing.__qualname__) is not thing:
            raise Unfreezable(f"the class {thing.__qualname__} cannot be found again under its name")
        self.need(thing.__module__)
        return NotImplemented

    def function(self, thing: types.FunctionType) -> Any:
        """Return a reference where the function's name leads to it, and otherwise all it is made of."""
        if _found(thing.__module__, thing.__qualname__) is thing:
            self.need(thing.__module__)
            return NotImplemented
        code = _Own.plain_code(thing.__code__)
        home = _Own.modules.get(thing.__globals__.get("__name__", ""))
        used: dict[str, Any] = {}
        if home is None or vars(home) is not thing.__globals__:  # a docstring example, or text that was executed
            home, used = None, {name: thing.__globals__[name] for name in _names(code) if name in thing.__globals__}
        closure = thing.__closure__ or ()
        parts = {part: getattr(thing, part) for part in _FUNCTION_PARTS}
        state = parts, dict(thing.__dict__), [_content(cell) for cell in closure], used
        # From version 3 on, marshal gives different bytes for equal code.
        return _function, (_Own.marshalled(code, 2), home, thing.__name__, closure), state, None, None, _completed

    def method(self, thing: types.MethodType) -> Any:
        """Return a reference by name where the class has the method, and otherwise its function and its object."""
        owner, function = thing.__self__, thing.__func__
        name = getattr(function, "__name__", "")
        for holder in owner.__mro__ if isinstance(owner, type) else type(owner).__mro__:
            held = vars(holder).get(name)
            if getattr(held, "__func__", held) is function:
                return NotImplemented
        return types.MethodType, (function, owner)

    def module(self, thing: types.ModuleType) -> Any:
        """Return the module by its name."""
        if _Own.modules.get(thing.__name__) is not thing:
            raise Unfreezable(f"the module {thing.__name__} cannot be found again under its name")
        self.need(thing.__name__)
        return _module, (thing.__name__,)

    def sentinel(self, thing: Any) -> Any:
        """Return a reference by name to an object that nothing but its identity tells from others."""
        home = _Own.modules.get((self.home or {}).get("__name__", ""))
        for name, value in list(vars(home).items()) if home else ():
            if value is thing:
                return getattr, (home, name)
        return NotImplemented

    def cell(self, _thing: types.CellType) -> Any:
        """Return an empty cell: the function around it fills it, so that a function may hold itself."""
        return types.CellType, ()

    def view(self, thing: Any) -> Any:
        """Return a dict's view together with its dict."""
        return getattr(dict, type(thing).__name__[len("dict_") :]), tuple(_Own.referents(thing))

    def proxy(self, thing: Any) -> Any:
        """Return a read-only mapping together with what it shows."""
        return types.MappingProxyType, tuple(_Own.referents(thing))


_FUNCTION_PARTS = ("__defaults__", "__kwdefaults__", "__doc__", "__module__", "__qualname__")
_SINGLETON_TYPES = (type(None), type(...), type(NotImplemented))
_BUILTIN_TYPES = {
    kind: name for name, kind in vars(types).items() if type(kind) is type and kind.__module__ == "builtins"
}
_REDUCTIONS: dict[type, Callable[[_Freezer, Any], Any]] = {
    types.FunctionType: _Freezer.function,
    types.MethodType: _Freezer.method,
    types.ModuleType: _Freezer.module,
    types.CellType: _Freezer.cell,
    types.MappingProxyType: _Freezer.proxy,
    type({}.keys()): _Freezer.view,
    type({}.values()): _Freezer.view,
    type({}.items()): _Freezer.view,
}
_UNCOPYABLE: dict[type, str] = {
    types.GeneratorType: "generator",
    types.CoroutineType: "coroutine",
    types.AsyncGeneratorType: "async generator",
    types.CodeType: "code object",
    types.FrameType: "frame",
    types.TracebackType: "traceback",
    weakref.ReferenceType: "weak reference",
    io.FileIO: "open file",
    io.BufferedReader: "open file",
    io.BufferedWriter: "open file",
    io.BufferedRandom: "open file",
    io.BufferedRWPair: "open file",
    io.TextIOWrapper: "open file",
    type(_thread.allocate_lock()): "lock",
    type(_thread.RLock()): "lock",
}


class _Thawer(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, files: Mapping[str, str], modules: Mapping[str, Any]) -> None:
        super().__init__(file)
        self.files = files
        self.modules = modules

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == (__name__, "_module"):
            return self.module
        found = self.module(module)
        for part in name.split("."):
            found = getattr(found, part)
        return found

    def module(self, name: str) -> Any:
        """Return the module given in its place, the importable one, or the one its file holds."""
        if name in self.modules:
            return self.modules[name]
        try:
            return _module(name)
        except ImportError:
            if name not in self.files:
                raise
            return _module_from(name, self.files[name])


def _module(name: str) -> Any:
    return importlib.import_module(name)


def _module_from(name: str, file: str) -> types.ModuleType:
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    sys.path.insert(0, os.path.dirname(file))  # where a test's module finds what stands beside it
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    finally:
        sys.path.remove(os.path.dirname(file))
    return module


def _function(code: bytes, home: types.ModuleType | None, name: str, closure: tuple[types.CellType, ...]) -> Any:
    names = {"__builtins__": builtins} if home is None else vars(home)
    return types.FunctionType(marshal.loads(code), names, name, None, closure or None)  # noqa: S302


def _names(code: types.CodeType) -> set[str]:
    inner = [_names(constant) for constant in code.co_consts if isinstance(constant, types.CodeType)]
    return {"__name__", *code.co_names}.union(*inner)


def _completed(
    function: types.FunctionType, state: tuple[dict[str, Any], dict[str, Any], list[Any], dict[str, Any]]
) -> None:
    parts, attributes, contents, used = state
    function.__globals__.update(used)
    for part, value in parts.items():
        setattr(function, part, value)
    function.__dict__.update(attributes)
    for cell, content in zip(function.__closure__ or (), contents):
        if content:
            (cell.cell_contents,) = content


def _content(cell: types.CellType) -> tuple[Any, ...]:
    try:
        return (cell.cell_contents,)
    except ValueError:  # a variable that has not been assigned yet
        return ()


def _found(module: str | None, name: str) -> Any:
    found: Any = _Own.modules.get(module or "")
    for part in name.split("."):
        found = getattr(found, part, None)
    return found


def _stateless(thing: Any, kind: Any) -> bool:
    heap_type = 1 << 9  # Py_TPFLAGS_HEAPTYPE: made by a class statement, so no value hides in its C structure
    return (
        all(holder.__flags__ & heap_type and not vars(holder).get("__slots__") for holder in kind.__mro__[:-1])
        and getattr(kind, "__reduce_ex__", None) is object.__reduce_ex__
        and getattr(kind, "__reduce__", None) is object.__reduce__
        and not getattr(thing, "__dict__", None)
    )


def _sentence(error: BaseException) -> str:
    message = str(error)
    before, _, after = message.partition("cannot pickle '")
    kind, _, rest = after.partition("'")
    if not before and kind and rest.strip() == "object":
        return _cannot(kind)
    return f"copying the arguments raised {type(error).__name__}: {message}"[:300]


def _cannot(kind: str) -> str:
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind} cannot be copied"
