"""What values look like, and that values grown from a look have it."""

from __future__ import annotations

PRELUDE = """
import collections, dataclasses, enum, random, types, typing
from typing import *
import whetstone_shapes as shapes
from whetstone_grow import Grower
class Colour(enum.Enum):
    RED = 1
    BLUE = 2
@dataclasses.dataclass
class Data:
    x: int
    y: "List[str]" = dataclasses.field(default_factory=list)
class Row(NamedTuple):
    a: int
    b: str
class Keys(TypedDict):
    a: int
class Built:
    def __init__(self, size: int, *rest: int, name: str = "", other=None): self.size = size
class Unknown:
    def __init__(self, what): pass
Name = TypeVar("Name")
Bound = TypeVar("Bound", bound=str)
def values(shape, count=60):
    grower = Grower(random.Random(5))
    return [grower.value(shape) for _ in range(count)]
def same_look(old, new):
    if type(old) is not type(new): return False
    if isinstance(old, dict): return all(type(key) in map(type, old) for key in new)
    return True
"""
GROWN = """
for seen in (1, True, 1.5, "a", b"a", None, 1j, [1], ["a"], [[1], [2]], (1, "a"), {1}, frozenset({"a"}),
             {"id": 1, "name": "x"}, {1: "a"}, {("a", 1): [2]}, collections.deque([1]), collections.Counter("aab"),
             collections.OrderedDict(a=1), Row(1, "a"), Data(1), types.SimpleNamespace(a=1), Colour.RED,
             [1, "a", None]):
    for value in values(shapes.of(seen)): assert same_look(seen, value), (seen, value)
for value in values(shapes.of({"id": 1, "name": "x"})):
    assert list(value) == ["id", "name"] and type(value["id"]) is int
for value in values(shapes.of(Row(1, "a"))): assert type(value.a) is int and type(value.b) is str
for value in values(shapes.of(Data(1, ["a"]))): assert type(value.x) is int and all(type(y) is str for y in value.y)
for value in values(shapes.of((1, "a"))): assert [type(part) for part in value] == [int, str]
for value in values(shapes.of([1, "a"])): assert {type(item) for item in value} <= {int, str}
lengths = {len(value) for value in values(shapes.of([1]))}
assert 0 in lengths and 1 in lengths and max(lengths) > 5, lengths
assert any(value != sorted(value) for value in values(shapes.of([1])))
assert any(len(set(value)) < len(value) for value in values(shapes.of([1])))
both = shapes.merged([shapes.of([1]), shapes.of(["a"]), shapes.of(None)])
assert {type(value) for value in values(both)} == {list, type(None)}
assert shapes.merged([shapes.of(1), shapes.of(2)]) == ("atom", int, (1, 2))
"""


def test_values_of_a_look_have_that_look(python, script):
    script(PRELUDE + GROWN, python)


ITERATOR = """
given = iter([1, 2, 3])
shape = shapes.of(given)
assert list(given) == [1, 2, 3], "looking takes nothing from it"
assert shape[0] == "iterator" and all(type(item) is int for value in values(shape) for item in value)
"""


def test_looking_at_an_iterator_takes_nothing_from_it(python, script):
    script(PRELUDE + ITERATOR, python)


ANNOTATED = """
for hint, kinds in (
    (int, {int}), (str, {str}), (float, {float}), (bool, {bool}), (bytes, {bytes}), (type(None), {type(None)}),
    (List[int], {list}), (list, {list}), (Set[str], {set}), (FrozenSet[int], {frozenset}),
    (Deque[int], {collections.deque}),
    (Dict[str, int], {dict}), (Mapping[str, List[int]], {dict}), (DefaultDict[str, int], {dict}),
    (Tuple[int, str], {tuple}), (Tuple[int, ...], {tuple}), (Tuple[()], {tuple}),
    (Optional[int], {int, type(None)}), (Union[int, str], {int, str}), (Sequence[int], {list, tuple}),
    (Literal["a", "b"], {str}), (Name, {int}), (Bound, {str}), (Colour, {Colour}), (Data, {Data}), (Row, {Row}),
    (Keys, {dict}), (Built, {Built}),
):
    shape = shapes.annotated(hint)
    assert shape, hint
    assert {type(value) for value in values(shape)} == kinds, (hint, {type(value) for value in values(shape)})
assert {value for value in values(shapes.annotated(Literal["a", "b"]))} == {"a", "b"}
assert all(list(value) == ["a"] and type(value["a"]) is int for value in values(shapes.annotated(Keys)))
assert all(type(item) is str for value in values(shapes.annotated(Data)) for item in value.y)
assert all(type(value.size) is int for value in values(shapes.annotated(Built)))
for hint in (Callable[[int], int], Any, Unknown, "No", object, List[Callable]): assert not shapes.annotated(hint), hint
"""


def test_annotations_say_what_may_be_passed(python, script):
    script(PRELUDE + ANNOTATED, python)


NEW = """
for hint, kinds in ((list[int], {list}), (dict[str, list[int]], {dict}), (tuple[int, ...], {tuple}), (set[str], {set})):
    assert {type(value) for value in values(shapes.annotated(hint))} == kinds, hint
if sys.version_info >= (3, 10):
    assert {type(value) for value in values(shapes.annotated(int | None))} == {int, type(None)}
"""


def test_annotations_of_newer_interpreters(python, script):
    script(PRELUDE + "if sys.version_info >= (3, 9):\n" + "".join(f"    {line}\n" for line in NEW.splitlines()), python)


HINTS = """
def postponed(a: "List[int]", b: "No", c: int): pass
hints = shapes.hints_of(postponed)
assert hints.get("c") is int and not isinstance(hints.get("b"), str)
def known(a: "List[int]"): pass
assert shapes.hints_of(known) == {"a": List[int]}
"""


def test_annotations_written_as_text_are_resolved(python, script):
    script(PRELUDE + HINTS, python)
