"""Answers are taken as people type them, and refused in one sentence that names the question."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whetstone_codegen.answers import AnswerError, checked, told, typed
from whetstone_codegen.names import Name, NameRefused, name_in
from whetstone_codegen.template import Template, TemplateError

HEAD = 'title = "T"\nsummary = "S."\nentry = "agent"\nexample = "A.B"\n'


def asking(folder: Path, *questions: str, language: str = "elixir") -> Template:
    """Return a template that asks these questions, each a line of TOML without its help."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / language / "tried").mkdir(parents=True, exist_ok=True)
    (folder / language / "common.toml").write_text("")
    asked = "".join(f'[[question]]\nhelp = "H."\n{question.replace("; ", chr(10))}\n' for question in questions)
    (folder / language / "tried" / "template.toml").write_text(HEAD + asked)
    return Template(language, "tried", folder)


NUMBER = 'name = "wait"; type = "integer"; default = 30_000; minimum = 1; maximum = 60_000'
KEPT = 'name = "kept"; type = "choice"; choices = ["none", "file"]; default = "none"'
EVERY = 'name = "every"; type = "integer"; default = 5; needs = { kept = ["file"] }'
STATE = 'name = "state"; type = "fields"; default = "balance: integer = 0"; reserved = ["timer"]'
CALLS = 'name = "calls"; type = "calls"; default = "balance: read balance"; reserved = ["init"]'


def test_what_is_not_typed_is_the_default(tmp_path):
    assert checked(asking(tmp_path, NUMBER, KEPT), {}) == {"wait": 30_000, "kept": "none"}


@pytest.mark.parametrize(
    ("question", "text", "value"),
    [
        (NUMBER, "5_000", 5000),
        ('name = "wait"; type = "number"; default = 0.5', " 2 ", 2.0),
        ('name = "wait"; type = "boolean"; default = false', "Yes", True),
        ('name = "wait"; type = "boolean"; default = true', "off", False),
        ('name = "wait"; type = "text"; default = "a b"', ' say "x" ', 'say "x"'),
        ('name = "wait"; type = "atom"; default = "up"', ":down", "down"),
        ('name = "wait"; type = "atoms"; default = "up, down"', "red, :green,blue", ("red", "green", "blue")),
        ('name = "wait"; type = "modules"; default = ""', "A.B, Task.Supervisor", ("A.B", "Task.Supervisor")),
        ('name = "wait"; type = "modules"; default = "A"', "", ()),
        (KEPT.replace("kept", "wait"), "file", "file"),
    ],
)
def test_an_answer_is_what_was_typed(question, text, value, tmp_path):
    answer = checked(asking(tmp_path, question), {"wait": text})["wait"]
    assert (answer, type(answer)) == (value, type(value))


@pytest.mark.parametrize(
    ("question", "text", "said"),
    [
        (NUMBER, "0", "wait is a whole number of at least 1 and at most 60000, not 0"),
        (NUMBER, "soon", "wait is a whole number, not 'soon'"),
        (NUMBER, "1.5", "wait is a whole number, not '1.5'"),
        ('name = "wait"; type = "number"; default = 0.5', "nan", "wait is a number of some size, not nan"),
        ('name = "wait"; type = "number"; default = 0.5', "inf", "wait is a number of some size, not inf"),
        ('name = "wait"; type = "boolean"; default = false', "maybe", "wait is true or false, not 'maybe'"),
        ('name = "wait"; type = "text"; default = "a"', "a\nb", "wait is a line of text, not 'a\\nb'"),
        ('name = "wait"; type = "atom"; default = "up"', "up, down", "wait is one name, not 'up, down'"),
        ('name = "wait"; type = "atoms"; default = "up"', "up, Up", "wait: 'Up' is no name"),
        ('name = "wait"; type = "atoms"; default = "up"', "up, up", "wait names something twice"),
        ('name = "wait"; type = "atoms"; default = "up"; reserved = ["go"]', "go", "go is what the module itself uses"),
        ('name = "wait"; type = "atoms"; default = "up"', "up, nil", "wait: nil is a word of the language itself"),
        ('name = "wait"; type = "modules"; default = ""', "a.b", "wait: 'a.b' is no name of a module"),
        ('name = "wait"; type = "modules"; default = ""', "A, A", "wait names something twice"),
        (KEPT.replace("kept", "wait"), "disk", "wait is none or file, not 'disk'"),
    ],
)
def test_an_answer_that_does_not_fit_is_refused_in_a_sentence(question, text, said, tmp_path):
    with pytest.raises(AnswerError) as refused:
        checked(asking(tmp_path, question), {"wait": text})
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_an_answer_to_no_question_is_refused(tmp_path):
    with pytest.raises(AnswerError, match="tried asks nothing that is called colour: it asks wait, kept"):
        checked(asking(tmp_path, NUMBER, KEPT), {"colour": "red"})


def test_a_question_is_asked_only_after_the_answer_that_it_needs(tmp_path):
    template = asking(tmp_path, KEPT, EVERY)
    assert "every" not in checked(template, {})
    assert checked(template, {"kept": "file"})["every"] == 5
    with pytest.raises(AnswerError, match="every is asked only when kept is file"):
        checked(template, {"every": "7"})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "there is nothing in it; a field is written like balance: integer = 0"),
        ("balance", "'balance' is not understood"),
        ("end: integer", "end is a word of the language itself"),
        ("Balance: integer", "'Balance' is no name"),
        (f"{'a' * 31}: integer", "a is longer than 30 characters"),
        ("a: integer, a: list", "a is there twice"),
        ("timer: integer", "timer is what the module itself uses"),
        ("a: money", "a is of no type 'money': there are integer, number"),
        ("a: integer = 1_", "1_ is no default for a, which is of type integer"),
        ("a: integer = 1__0", "1__0 is no default for a, which is of type integer"),
        ("a: atom = :true", ":true is no default for a, which is of type atom"),
        ("a: integer = 1.5", "1.5 is no default for a, which is of type integer"),
        ("a: list = [1]", "[1] is no default for a"),
        ('a: string = "#{System.halt()}"', "is no default for a"),
        ("a: string = x, b: integer", "x is no default for a"),
    ],
)
def test_a_field_that_cannot_be_written_is_refused(text, said, tmp_path):
    with pytest.raises(AnswerError) as refused:
        checked(asking(tmp_path, STATE), {"state": text})
    assert str(refused.value).startswith("state: ")
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("deposit: add", "deposit does nothing that is known"),
        ("deposit: drop balance", "deposit does nothing that is known"),
        ("deposit: add money", "deposit uses the field money, which there is not"),
        ("deposit: push balance", "deposit pushes to balance, which is no list"),
        ("deposit: cast read balance", "deposit reads, and a cast has no reply to read from"),
        ("init: read balance", "init is what the module itself uses"),
    ],
)
def test_a_call_that_cannot_be_written_is_refused(text, said, tmp_path):
    with pytest.raises(AnswerError) as refused:
        checked(asking(tmp_path, STATE, CALLS), {"calls": text})
    assert said in str(refused.value)


def test_fields_and_calls_are_what_was_typed(tmp_path):
    template = asking(tmp_path, STATE, CALLS)
    answers = checked(
        template, {"state": 'n: integer = 1_000, who: string = "a, b = c", tags: list', "calls": "up: cast add n"}
    )
    assert [(field.name, field.type.spec, field.default) for field in answers["state"]] == [
        ("n", "integer()", "1_000"),
        ("who", "String.t()", '"a, b = c"'),
        ("tags", "list()", "[]"),
    ]
    (call,) = answers["calls"]
    assert (call.name, call.operation, call.cast, call.field) == ("up", "add", True, answers["state"][0])


@pytest.mark.parametrize(
    ("typed", "written"),
    [("100000", "100_000"), ("007", "7"), ("-0", "0"), ("-12_345", "-12_345"), ("1234567.50", "1_234_567.50")],
)
def test_a_number_is_written_as_a_formatter_leaves_it(typed, written, tmp_path):
    (field,) = checked(asking(tmp_path, STATE), {"state": f"n: number = {typed}"})["state"]
    assert field.default == written


@given(st.text())
def test_whatever_is_typed_is_understood_or_refused(text):
    for question in ('name = "q"; type = "integer"; default = 1', STATE, CALLS):
        template = _remembered(question)
        try:
            checked(template, {template.questions[-1].name: text})
        except AnswerError as refused:
            assert str(refused)  # noqa: PT017 -- any other error fails the test


def test_told_is_what_has_to_be_typed_again(tmp_path):
    template = asking(tmp_path, NUMBER, KEPT, EVERY, STATE)
    text = {"kept": "file", "state": "a: list = [], b: number = 0.5"}
    answers = checked(template, text)
    assert told(template, answers) == text | {"every": "5"}
    assert checked(template, told(template, answers)) == answers
    assert told(template, checked(template, {})) == {}


def test_a_switch_is_typed_in_small_letters():
    assert (typed(True), typed(False), typed(("a", "b"))) == ("true", "false", "a, b")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('name = "a"; type = "colour"; default = 1', "a is of no type colour"),
        ('name = "a"; type = "choice"; default = 1', "a choice, and nothing else, has choices; see a"),
        ('name = "a"; type = "integer"', "a has no default"),
        ('name = "a"; type = "integer"; default = 1; size = 2', "a knows no size"),
        ('name = "a"; type = "integer"; default = 1; needs = { b = [1] }', "a needs b, which is not asked before it"),
    ],
)
def test_a_question_that_is_not_whole_is_named(written, said, tmp_path):
    with pytest.raises(TemplateError, match=f"elixir/tried: {said}"):
        _ = asking(tmp_path, written).questions


@pytest.mark.parametrize(
    ("language", "text", "name"),
    [
        ("elixir", "Ledger.Store", Name("Ledger.Store", "Store", "ledger/store")),
        ("elixir", "MyHTTPPool", Name("MyHTTPPool", "MyHTTPPool", "my_http_pool")),
        ("python", "ledger.store", Name("ledger.store", "Store", "ledger/store")),
        ("python", "LedgerStore", Name("ledger_store", "LedgerStore", "ledger_store")),
        ("python", "ledger.rate_limiter", Name("ledger.rate_limiter", "RateLimiter", "ledger/rate_limiter")),
    ],
)
def test_a_name_says_where_it_lies(language, text, name):
    assert name_in(language, text) == name


@pytest.mark.parametrize(
    ("language", "text"),
    [
        *(
            ("elixir", text)
            for text in ("", "ledger", "Ledger.", "Ledger.store", "Lédger", "../X", "A B", "A\n", "Enum")
        ),
        *(("elixir", text) for text in ("Elixir.A", "A" * 201)),
        *(("python", text) for text in ("", "1a", "a-b", "a.class", "a..b", "a/b", "a\n", "ä" * 3)),
    ],
)
def test_what_the_language_does_not_allow_is_refused(language, text):
    with pytest.raises(NameRefused):
        name_in(language, text)


@given(st.sampled_from(("elixir", "python")), st.text())
def test_no_name_leads_out_of_the_project(language, text):
    try:
        path = Path(name_in(language, text).path)
    except NameRefused:
        return
    assert not path.is_absolute()
    assert ".." not in path.parts


_KNOWN: dict[str, Template] = {}


def _remembered(question: str) -> Template:
    """Return a template that asks this, made once for all examples of a property."""
    if question not in _KNOWN:
        import tempfile

        with tempfile.TemporaryDirectory() as folder:
            before = [STATE] if question == CALLS else []
            template = asking(Path(folder), *before, question)
            assert template.questions  # read while the folder is there
            assert template.title
        _KNOWN[question] = template
    return _KNOWN[question]
