"""What a person could tell apart is told apart, and nothing else."""

from __future__ import annotations

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whetstone_server.sandbox.inside.whetstone_outcome import Description

PRELUDE = """
import array, collections, dataclasses, datetime, decimal, enum, fractions, functools, io, itertools, re, types, weakref
from whetstone_outcome import Description, Incomparable
class Sub(list): pass
class Text(str): pass
class Point:
    def __init__(self, x): self.x = x
class Slotted:
    __slots__ = ("a", "b")
    def __init__(self, a): self.a = a
class Both(Slotted):
    def __init__(self, a, c):
        self.a = a
        self.c = c
class Listed(list):
    def __init__(self, items, note):
        list.__init__(self, items)
        self.note = note
class Lying(list):
    def __iter__(self): return iter(())
    def __len__(self): return 0
    def __eq__(self, other): return True
    __hash__ = None
@dataclasses.dataclass
class Data:
    x: int
@dataclasses.dataclass(frozen=True)
class Frozen:
    x: int
class Colour(enum.Enum):
    RED = 1
    BLUE = 2
class Number(enum.IntEnum):
    ONE = 1
class Odd(Exception):
    def __init__(self, *args, **more):
        Exception.__init__(self, *args)
        self.__dict__.update(more)
Row = collections.namedtuple("Row", "a b")
Other = collections.namedtuple("Other", "a b")
def told(*values, drain=True):
    description = Description()
    return [description.of(value, drain=drain) for value in values]
def twice(value): return [value, value]
def knot(tail):
    made = [1]
    made += [made, tail]
    return made
def nested(depth, core):
    for _ in range(depth): core = [core]
    return core
def chained(depth):
    point = Point(None)
    for _ in range(depth): point = Point(point)
    return point
def friends():
    a, b = Point(1), Point(2)
    a.near, b.near = {b}, {a}
    return a
def advanced(items, count):
    iterator = iter(items)
    for _ in range(count): next(iterator)
    return iterator
def advanced_to(file, place):
    file.seek(place)
    return file
def deque(items, most): return collections.deque(items, most)
def defaults(made, **items): return collections.defaultdict(made, items)
def ordered(*items): return collections.OrderedDict(items)
def counted(items):
    for item in items: yield item
def filled(*items):
    made = set()
    for item in items: made.add(item)
    return made
def refused(value):
    try: told(value)
    except Incomparable as reason: return str(reason)
"""

APART = {
    "a bool and an int": ("True", "1"),
    "a float and an int": ("1.0", "1"),
    "a complex number and a float": ("1+0j", "1.0"),
    "zero and minus zero": ("0.0", "-0.0"),
    "minus zero inside a complex number": ("complex(0.0, 0.0)", "complex(0.0, -0.0)"),
    "neighbouring floats": ("0.1 + 0.2", "0.3"),
    "neighbouring whole numbers": ("10**40", "10**40 + 1"),
    "a number and its negative": ("5", "-5"),
    "text and bytes": ("'a'", "b'a'"),
    "bytes and a bytearray": ("b'a'", "bytearray(b'a')"),
    "two spellings of a letter": ("'e\\u0301'", "'\\xe9'"),
    "a list and a tuple": ("[1]", "(1,)"),
    "a set and a frozen set": ("{1}", "frozenset({1})"),
    "members of sets of another type": ("{1}", "{True}"),
    "a set inside a set": ("{frozenset({1})}", "{frozenset({2})}"),
    "an empty list and nothing": ("[]", "None"),
    "where a list ends": ("[[1], 2]", "[[1, 2]]"),
    "where a text ends": ("['ab', 'c']", "['a', 'bc']"),
    "items in another order": ("[1, 2]", "[2, 1]"),
    "keys in another order": ("{1: 1, 2: 2}", "{2: 2, 1: 1}"),
    "keys of another type": ("{1: 0}", "{1.0: 0}"),
    "a list and its subclass": ("[1]", "Sub([1])"),
    "text and its subclass": ("'a'", "Text('a')"),
    "what a lying list holds": ("Lying([1])", "Lying([2])"),
    "an attribute of a list": ("Listed([1], 'a')", "Listed([1], 'b')"),
    "one list twice and two lists": ("twice([1])", "[[1], [1]]"),
    "one object twice and two objects": ("twice(Point(1))", "[Point(1), Point(1)]"),
    "a cycle and a copy of one round": ("knot(2)", "[1, knot(2), 2]"),
    "cycles with other tails": ("knot(2)", "knot(3)"),
    "the core of very deep lists": ("nested(20000, 1)", "nested(20000, 2)"),
    "very deep objects": ("chained(20000)", "chained(20001)"),
    "attributes": ("Point(1)", "Point(True)"),
    "slots": ("Slotted(1)", "Slotted(2)"),
    "a slot beside attributes": ("Both(1, 2)", "Both(3, 2)"),
    "attributes beside a slot": ("Both(1, 2)", "Both(1, 3)"),
    "dataclasses": ("Data(1)", "Data(2)"),
    "dataclasses of equal content": ("Data(1)", "Frozen(1)"),
    "members of an enumeration": ("Colour.RED", "Colour.BLUE"),
    "a member and its value": ("Number.ONE", "1"),
    "named tuples of another name": ("Row(1, 2)", "Other(1, 2)"),
    "a named tuple and a tuple": ("Row(1, 2)", "(1, 2)"),
    "decimals of another precision": ("decimal.Decimal('1.0')", "decimal.Decimal('1.00')"),
    "fractions and decimals": ("fractions.Fraction(1, 2)", "decimal.Decimal('0.5')"),
    "dates and times": ("datetime.date(2020, 1, 1)", "datetime.datetime(2020, 1, 1)"),
    "times": ("datetime.datetime(2020, 1, 1, 1)", "datetime.datetime(2020, 1, 1, 2)"),
    "time zones": (
        "datetime.datetime(2020, 1, 1)",
        "datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc)",
    ),
    "deques": ("deque([1], None)", "deque([2], None)"),
    "what deques may hold": ("deque([1], 2)", "deque([1], 3)"),
    "what dicts make of a missing key": ("defaults(int, a=1)", "defaults(float, a=1)"),
    "a defaultdict and a dict": ("defaults(int, a=1)", "{'a': 1}"),
    "an ordered dict and a dict": ("ordered((1, 2))", "{1: 2}"),
    "the order of an ordered dict": ("ordered((1, 1), (2, 2))", "ordered((2, 2), (1, 1))"),
    "a counter and a dict": ("collections.Counter('a')", "{'a': 1}"),
    "patterns": ("re.compile('a')", "re.compile('b')"),
    "flags of patterns": ("re.compile('a')", "re.compile('a', re.I)"),
    "arrays of another type": ("array.array('b', [1])", "array.array('h', [1])"),
    "arrays": ("array.array('b', [1])", "array.array('b', [2])"),
    "partial calls": ("functools.partial(int, 1)", "functools.partial(int, 2)"),
    "views of dicts": ("{1: 2}.keys()", "{1: 2}.values()"),
    "read-only mappings": ("types.MappingProxyType({1: 2})", "types.MappingProxyType({1: 3})"),
    "slices": ("slice(1, 2)", "slice(1, 3)"),
    "ranges": ("range(3)", "range(4)"),
    "classes": ("int", "float"),
    "functions": ("len", "max"),
    "methods of other objects": ("[1].append", "[2].append"),
    "types of exceptions": ("ValueError('a')", "TypeError('a')"),
    "messages of exceptions": ("ValueError('a')", "ValueError('b')"),
    "attributes of exceptions": ("Odd('a', code=1)", "Odd('a', code=2)"),
    "an exception and a message": ("ValueError('a')", "'a'"),
    "an iterator and a list": ("iter([1])", "[1]"),
    "iterators over other things": ("iter([1])", "iter((1,))"),
    "what iterators give": ("iter([1, 2])", "iter([1, 3])"),
    "an iterator that has begun": ("iter([1, 2])", "advanced([1, 2], 1)"),
    "kinds of iterators": ("map(str, [1])", "iter(['1'])"),
    "what a generator gives": ("counted([1])", "counted([2])"),
    "files in memory": ("io.StringIO('a')", "io.StringIO('b')"),
    "how far a file in memory was read": ("io.BytesIO(b'a')", "advanced_to(io.BytesIO(b'a'), 1)"),
    "nothing and not implemented": ("None", "NotImplemented"),
}
ALIKE = {
    "not a number": ("float('nan')", "float('inf') - float('inf')"),
    "numbers made apart": ("10**40", "10**39 * 10"),
    "lists of equal content": ("[1, 'a', 2.5]", "list((1, 'a', 2.5))"),
    "sets filled in another order": ("filled(8, 0, 16)", "filled(16, 8, 0)"),
    "sets of text": ("filled('a', 'b', 'c', 'd')", "filled('d', 'c', 'b', 'a')"),
    "sets of mixed members": ("filled(1, 'a', (2,))", "filled((2,), 'a', 1)"),
    "sets with not-a-number in them": ("filled(float('nan'), 1)", "filled(1, float('nan'))"),
    "objects of equal content": ("Point([1])", "Point([1])"),
    "slots that are not filled": ("Slotted(1)", "Slotted(1)"),
    "members of an enumeration": ("Colour.RED", "Colour(1)"),
    "cycles": ("knot(1)", "knot(1)"),
    "very deep lists": ("nested(20000, 1)", "nested(20000, 1)"),
    "very deep objects": ("chained(20000)", "chained(20000)"),
    "equal tuples, one or two of them": ("twice((1, 2))", "[(1, 2), tuple([1, 2])]"),
    "equal texts, one or two of them": ("twice('ab c')", "['ab c', 'ab ' + 'c']"),
    "dicts": ("{'a': [1], 'b': {}}", "dict(a=[1], b={})"),
    "patterns": ("re.compile('a')", "re.compile('a')"),
    "deques": ("deque([1, 2], 2)", "deque([0, 1, 2], 2)"),
    "counters": ("collections.Counter('ab')", "collections.Counter(dict(a=1, b=1))"),
    "dates": ("datetime.date(2020, 1, 2)", "datetime.date(2020, 1, 1) + datetime.timedelta(1)"),
    "exceptions": ("ValueError('a', 1)", "ValueError('a', 1)"),
    "iterators": ("iter([1, 2])", "iter([1, 2])"),
    "generators": ("counted([1, 2])", "counted((1, 2))"),
    "endless iterators": ("itertools.count()", "itertools.count()"),
    "objects that know each other through sets": ("friends()", "friends()"),
    "weak references to things that are gone": ("weakref.ref(Point(1))", "weakref.ref(Point(2))"),
    "views": ("{1: 2}.items()", "{1: 2}.items()"),
}
JUDGE = """
import sys
pairs, expected = eval(sys.argv[1]), eval(sys.argv[2])
for name, (before, after) in pairs.items():
    if (told(eval(before)) == told(eval(after))) is not expected: print(name)
"""


def test_tells_apart_what_a_caller_could(python, script):
    assert script(PRELUDE + JUDGE, python, repr(APART), "False") == ""


def test_takes_for_equal_what_no_caller_could_tell_apart(python, script):
    assert script(PRELUDE + JUDGE, python, repr(ALIKE), "True") == ""


ALIASES = """
items = [1]
assert told(items, items) != told([1], [1]), "a result that is an argument"
assert told([items], items) != told([[1]], [1]), "a result that an argument holds"
point = Point(1)
assert told((point,), [point]) != told((Point(1),), [Point(1)]), "an object"
assert told((point, 1), [1]) == told((Point(1), 1), [1]), "a new list each time"
"""


def test_results_that_are_arguments_are_no_copies_of_them(python, script):
    script(PRELUDE + ALIASES, python)


MEMBERS = """
member = Point(1)
assert told({member}, member) != told({Point(1)}, Point(1))
"""


def test_results_that_are_members_of_a_set_are_no_copies_of_them(python, script):
    script(PRELUDE + MEMBERS, python)


ITERATORS = """
for make in (lambda: iter([1, 2]), lambda: iter((1, 2)), lambda: iter({1: 1, 2: 2}), lambda: iter("ab"),
             lambda: iter(range(2)), lambda: counted([1, 2]), lambda: reversed([1, 2])):
    used, fresh = make(), make()
    next(used)
    assert told(used, drain=False) != told(fresh, drain=False), "how far it has come"
    assert len(list(fresh)) == 2, "looked at, not used up"
    for item in used: pass
    assert told(used) != told(make()), "used up"
"""


def test_iterators_are_described_by_how_far_they_have_come(python, script):
    script(PRELUDE + ITERATORS, python)


REFUSED = """
import threading
assert refused(threading.Lock()) and refused([{1: threading.Lock()}])
assert refused([open("/dev/null")]) == "an open file"
async def later(): pass
waiting = later()
assert refused(waiting) == "a coroutine that nobody awaited"
waiting.close()
namespace = {}
exec(compile("def make():\\n    def made(): pass\\n    return made", "/subject.py", "exec"), namespace)
try: Description(("/subject.py", "make")).of(namespace["make"]())
except Incomparable as reason: assert "made" in str(reason)
else: raise AssertionError
"""


def test_says_what_cannot_be_compared(python, script):
    script("import warnings; warnings.simplefilter('ignore')\n" + PRELUDE + REFUSED, python)


ATOMS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.complex_numbers(),
    st.text(max_size=5),
    st.binary(max_size=5),
)
NESTED = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(st.one_of(st.text(max_size=3), st.integers()), inner, max_size=4),
        st.frozensets(st.integers(), max_size=4),
    ),
    max_leaves=12,
)


def described(value):
    return Description().of(value)


@given(NESTED)
def test_a_copy_is_described_like_the_original(value):
    assert described(pickle.loads(pickle.dumps(value))) == described(value)
    assert described(copy.deepcopy(value)) == described(value)


@given(NESTED, ATOMS, st.data())
def test_any_single_change_is_told(value, atom, data):
    """Somewhere in the data one atom becomes another one, or an item more or less is there."""
    changed = exchanged(value, atom, data)
    if repr(changed) != repr(value):
        assert described(changed) != described(value)


def exchanged(value, atom, data):
    """Return the data with one of its atoms exchanged, or with an item added."""
    if type(value) in (list, tuple):
        place = data.draw(st.integers(0, len(value)))
        if place == len(value):
            return type(value)([*value, atom])
        inner = exchanged(value[place], atom, data)
        return type(value)([*value[:place], inner, *value[place + 1 :]])
    if type(value) is dict and value:
        key = data.draw(st.sampled_from(list(value)))
        return {**value, key: exchanged(value[key], atom, data)}
    return atom


@pytest.mark.parametrize("size", [10, 1000])
def test_members_of_a_set_take_no_order_from_how_it_was_filled(size):
    numbers = [index * 7919 for index in range(size)]
    backwards = numbers[::-1]
    assert described(set(numbers)) == described(set(backwards))
