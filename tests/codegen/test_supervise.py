"""Putting a child into its supervisor: in order, once, and with everything else left as it was."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whetstone_codegen.edits import applied
from whetstone_codegen.supervise import Child, supervised
from whetstone_knowledge.elixir.children import children_of, supervisor_at
from whetstone_knowledge.rule import Refused

APPLICATION = """\
defmodule Ledger.Application do
  @moduledoc false

  use Application

  @impl true
  def start(_type, _args) do
    children = {}

    # See https://hexdocs.pm/elixir/Supervisor.html
    opts = [strategy: :one_for_one, name: Ledger.Supervisor]
    Supervisor.start_link(children, opts)
  end
end
"""
NEW = """\
[
      # Starts a worker by calling: Ledger.Worker.start_link(arg)
      # {Ledger.Worker, arg}
    ]"""
STORE = Child("Ledger.Store")
LONG = "Ledger.Accounts.Statements.Reconciliation.MonthlyStatement"


def application(children: str) -> str:
    return APPLICATION.replace("{}", children)


def with_child(text: str, child: Child = STORE, supervisor: str | None = None) -> str:
    """Return the text with the child in it, after checking that adding it again changes nothing."""
    source = text.encode()
    result = applied(source, supervised(source, child, supervisor))
    assert supervised(result, child, supervisor) == ()
    return result.decode()


def started(text: str) -> list[str]:
    """Return what a text starts, in order."""
    return [listed.name or listed.module or "?" for listed in children_of(text.encode()).listed]


def refusal(text: str, child: Child = STORE) -> str:
    with pytest.raises(Refused) as refused:
        supervised(text.encode(), child)
    return str(refused.value)


class TestOrder:
    def test_comes_last_where_nobody_needs_it(self) -> None:
        assert started(with_child(application("[\n      Ledger.Repo,\n      Ledger.Web\n    ]"))) == [
            "Ledger.Repo",
            "Ledger.Web",
            "Ledger.Store",
        ]

    def test_comes_before_who_names_it(self) -> None:
        text = application("[Ledger.Repo, {Ledger.Web, store: Ledger.Store}, Ledger.Last]")
        assert started(with_child(text)) == ["Ledger.Repo", "Ledger.Store", "Ledger.Web", "Ledger.Last"]

    def test_comes_before_who_names_what_it_is_registered_as(self) -> None:
        text = application("[{Ledger.Web, store: :store}]")
        assert started(with_child(text, Child("{Ledger.Store, name: :store}"))) == [":store", "Ledger.Web"]

    def test_comes_behind_what_its_arguments_name(self) -> None:
        text = application("[{Registry, keys: :unique, name: Ledger.Names}, LedgerWeb.Endpoint]")
        child = Child("{Ledger.Store, name: {:via, Registry, {Ledger.Names, :store}}}")
        assert started(with_child(text, child)) == ["Ledger.Names", "Ledger.Store", "LedgerWeb.Endpoint"]

    def test_comes_behind_what_it_is_said_to_need(self) -> None:
        text = application("[LedgerWeb.Endpoint, Ledger.Repo]")
        assert started(with_child(text, Child("Ledger.Store", after=("Ledger.Repo",))))[1:] == [
            "Ledger.Repo",
            "Ledger.Store",
        ]

    def test_comes_before_an_endpoint_which_lets_requests_in(self) -> None:
        assert started(with_child(application("[Ledger.Repo, LedgerWeb.Endpoint]"))) == [
            "Ledger.Repo",
            "Ledger.Store",
            "LedgerWeb.Endpoint",
        ]

    def test_a_registry_is_known_by_its_name_only(self) -> None:
        """Two registries are two children, and `Registry` in a name of another process means neither of them."""
        text = application(
            "[{Ledger.Web, name: {:via, Registry, {Other, 1}}}, {Registry, keys: :unique, name: Ledger.Names}]"
        )
        child = Child("{Registry, keys: :unique, name: Ledger.Topics}")
        assert started(with_child(text, child)) == ["Ledger.Web", "Ledger.Names", "Ledger.Topics"]

    def test_names_are_what_the_aliases_of_the_module_make_of_them(self) -> None:
        text = application("[{Web, store: Store}]").replace(
            "use Application\n", "use Application\n\n  alias Ledger.{Store, Web}\n"
        )
        assert started(with_child(text)) == ["Ledger.Store", "Ledger.Web"]

    def test_refuses_what_cannot_be_in_order(self) -> None:
        text = application("[{Ledger.Web, store: Ledger.Store}, Ledger.Repo]")
        assert refusal(text, Child("{Ledger.Store, repo: Ledger.Repo}")) == (
            "Ledger.Store needs Ledger.Repo, and Ledger.Web needs Ledger.Store, but Ledger.Application starts "
            "Ledger.Web before Ledger.Repo; put these two in order first"
        )


@pytest.mark.parametrize(
    "spec",
    [
        "Ledger.Store",
        "{Ledger.Store, []}",
        "{Ledger.Store, limit: 8}",
        "{Ledger.Store, name: Ledger.Store}",
        "Supervisor.child_spec(Ledger.Store, restart: :transient)",
        "Supervisor.child_spec({Ledger.Store, limit: 8}, id: :store)",
        "Ledger.Store.child_spec(limit: 8)",
        "%{id: Ledger.Store, start: {Ledger.Store, :start_link, [[]]}}",
        "%{id: :store, start: {Ledger.Store, :start_link, [[name: :store]]}, restart: :transient}",
        "%{id: Ledger.Store, start: {GenServer, :start_link, [Ledger.Other, []]}}",
        "worker(Ledger.Store, [[limit: 8]])",
        "__MODULE__.Store",
        "Elixir.Ledger.Store",
    ],
)
def test_a_child_that_is_there_is_left_alone(spec) -> None:
    text = application(f"[Ledger.Repo, {spec}]").replace("Ledger.Application", "Ledger")
    assert supervised(text.encode(), STORE) == ()
    assert supervised(text.encode(), Child("{Ledger.Store, limit: 9}")) == ()


@pytest.mark.parametrize("spec", ["Ledger.Stores", "{Ledger.Web, store: Ledger.Store}", "Other.Ledger.Store"])
def test_a_child_that_only_looks_alike_is_another(spec) -> None:
    assert "Ledger.Store" in started(with_child(application(f"[{spec}]")))


class TestUnreadable:
    """What is refused is named, with its line; nothing is guessed."""

    @pytest.mark.parametrize(
        ("children", "shown"),
        [
            ("base() ++ [Ledger.Repo]", "`base() ++ [Ledger.Repo]`"),
            ("[Ledger.Repo | more()]", "`[Ledger.Repo | more()]`"),
            ("Enum.map([Ledger.Repo], & &1)", "`Enum.map([Ledger.Repo], & &1)`"),
            ("[Ledger.Repo] |> Enum.reject(&is_nil/1)", "`[Ledger.Repo] |> Enum.reject(&is_nil/1)`"),
            ("for n <- 1..3, do: {Ledger.Worker, n}", "`for n <- 1..3, do: {Ledger.Worker, n}`"),
            ("children()", "`children()`"),
        ],
    )
    def test_children_that_are_made_of_others(self, children, shown) -> None:
        assert refusal(application(children)) == (
            f"the children of Ledger.Application on line 8 are not one list that can be read, but {shown}"
        )

    def test_children_that_are_set_twice(self) -> None:
        text = application("[Ledger.Repo]").replace("    opts =", "    children = []\n    opts =")
        assert refusal(text) == "the children of Ledger.Application are `children`, which has a value on lines 8 and 11"

    def test_a_function_among_them_that_is_given_the_module(self) -> None:
        assert refusal(application("[Ledger.Repo, maybe(Ledger.Store)]").replace("maybe(", "maybe(true, ")) == (
            "`maybe(true, Ledger.Store)` on line 8 among the children of Ledger.Application may start Ledger.Store "
            "already"
        )

    def test_an_application_that_starts_nothing(self) -> None:
        text = application("[]").replace("Supervisor.start_link(children, opts)", "{:ok, self()}")
        assert refusal(text) == "Ledger.Application starts no supervisor with a list of children"

    def test_children_that_are_started_on_demand(self) -> None:
        text = application("[]").replace("Supervisor.start_link(children, opts)", "DynamicSupervisor.start_link(opts)")
        assert "on demand" in refusal(text)

    def test_two_supervisors_in_one_module(self) -> None:
        text = application("[]").replace("    opts =", "    Supervisor.start_link([], [])\n    opts =")
        assert refusal(text) == (
            "it starts more than one supervisor, on lines 11 and 13, so it does not say which one is meant"
        )

    def test_another_module_is_meant(self) -> None:
        with pytest.raises(Refused, match=r"there is no module Ledger\.Supervisor"):
            supervised(application("[]").encode(), STORE, "Ledger.Supervisor")

    def test_code_that_is_half_typed(self) -> None:
        assert "does not parse just now" in refusal(application("[Ledger.Repo, {Ledger.Web, ]"))

    def test_an_alias_that_gives_the_child_another_meaning(self) -> None:
        text = application("[]").replace("use Application\n", "use Application\n  alias Big.Ledger\n")
        assert refusal(text) == (
            "an alias in Ledger.Application gives `Ledger.Store` another meaning there; rename that alias"
        )

    def test_what_is_no_child(self) -> None:
        with pytest.raises(ValueError, match="not one child specification"):
            supervised(application("[]").encode(), Child("Ledger.Store, 1"))


class TestText:
    def test_the_list_of_a_new_project_keeps_its_comment(self) -> None:
        assert with_child(application(NEW)) == application(NEW.replace("arg}\n", "arg}\n      Ledger.Store\n"))

    def test_comments_stay_with_the_child_that_they_stand_above(self) -> None:
        text = application(
            "[\n      # The database\n      Ledger.Repo, # first\n\n      # Starts to serve requests\n"
            "      LedgerWeb.Endpoint # last\n      # That is all.\n    ]"
        )
        before, mark, after = text.partition("\n      # Starts to serve")
        assert with_child(text) == f"{before}      Ledger.Store,\n{mark}{after}"

    def test_a_comment_behind_the_last_child_keeps_its_line(self) -> None:
        text = application("[\n      Ledger.Repo # first\n      # more to come\n    ]")
        assert "      Ledger.Repo, # first\n      # more to come\n      Ledger.Store\n    ]" in with_child(text)

    def test_newlines_and_a_mark_at_the_start_are_kept(self) -> None:
        text = "\ufeff" + application(NEW).replace("\n", "\r\n")
        result = with_child(text)
        assert result.startswith("\ufeffdefmodule")
        assert re.findall(r"(?<!\r)\n", result) == []
        assert result.replace("      Ledger.Store\r\n", "") == text

    def test_a_supervisor_of_its_own_is_read_in_init(self) -> None:
        text = (
            "defmodule Ledger.Supervisor do\n  use Supervisor\n\n"
            "  def start_link(arg), do: Supervisor.start_link(__MODULE__, arg, name: __MODULE__)\n\n"
            "  def init(_arg), do: Supervisor.init(children(), strategy: :one_for_one)\n\n"
            "  defp children, do: [Ledger.Repo]\nend\n"
        )
        assert with_child(text) == text.replace("[Ledger.Repo]", "[Ledger.Repo, Ledger.Store]")

    def test_children_may_be_followed_by_some_that_are_handed_in(self) -> None:
        text = application("[Ledger.Repo]").replace("start_link(children, opts)", "start_link(children ++ more, opts)")
        assert with_child(text) == text.replace("[Ledger.Repo]", "[Ledger.Repo, Ledger.Store]")
        assert "but `more ++ children`" in refusal(text.replace("children ++ more", "more ++ children"))

    def test_children_may_be_piped_into_the_supervisor(self) -> None:
        text = application("[Ledger.Repo]").replace("start_link(children, opts)", "start_link(opts)")
        text = text.replace("    Supervisor.start", "    children |> Supervisor.start")
        assert with_child(text) == text.replace("[Ledger.Repo]", "[Ledger.Repo, Ledger.Store]")

    def test_of_several_supervisors_in_a_file_the_named_one_gets_it(self) -> None:
        other = application("[]").replace("Ledger.", "Other.")
        text = application("[]") + "\n" + other
        assert with_child(text, STORE, "Other.Application").endswith(other.replace("[]", "[Ledger.Store]"))

    def test_the_supervisor_at_a_place_is_the_one_whose_children_stand_there(self) -> None:
        text = application("[]") + "\n" + application("[Ledger.Repo]").replace("Ledger.App", "Other.App")
        assert supervisor_at(text.encode(), text.index("[Ledger.Repo]") + 3) == "Other.Application"
        assert supervisor_at(text.encode(), text.index("# See")) is None


@st.composite
def trees(draw) -> tuple[list[str], set[tuple[int, int]], int, str, bool]:
    """Return children in order, who needs whom, which of them is new, how the others are listed, and how it says so."""
    count = draw(st.integers(1, 7))
    names = [f"App.{'ABCDEFG'[number]}" for number in range(count)]
    pairs = [(late, early) for late in range(count) for early in range(late)]
    needs = draw(st.sets(st.sampled_from(pairs))) if pairs else set()
    new = draw(st.integers(0, count - 1))
    specs = [spec_of(names, needs, number, draw(st.sampled_from(SHAPES))) for number in range(count) if number != new]
    if draw(st.booleans()):
        before = [
            draw(st.sampled_from(["\n      ", "\n      # about it\n      ", "\n\n      # a\n      ", " "]))
            for _ in specs
        ]
        behind = [draw(st.sampled_from([",", ",", ", # remark\n"])) for _ in specs[1:]]
        listed = "".join(map("".join, zip(before, specs, [*behind, ""], strict=False)))
        text = f"[{listed}{draw(st.sampled_from(['', ' # behind', ',', chr(10) + '      # below']))}\n    ]"
    else:
        text = f"[{', '.join(specs)}]"
    return names, needs, new, text if specs else "[]", draw(st.booleans())


SHAPES = (
    "{{{name}, {needs}}}",
    "Supervisor.child_spec({{{name}, {needs}}}, id: :{id})",
    "%{{id: {name}, start: {{{name}, :start_link, [{needs}]}}}}",
)


def spec_of(names: list[str], needs: set[tuple[int, int]], number: int, shape: str) -> str:
    needed = ", ".join(names[early] for late, early in sorted(needs) if late == number)
    return shape.format(name=names[number], needs=f"[needs: [{needed}]]", id=names[number][-1].lower())


@given(trees())
def test_whatever_the_tree_everything_starts_behind_what_it_needs(tree) -> None:
    names, needs, new, listed, says_so = tree
    needed = tuple(names[early] for late, early in sorted(needs) if late == new)
    child = Child(spec_of(names, needs, new, SHAPES[0])) if says_so else Child(names[new], after=needed)
    text = application(listed)
    result = with_child(text, child)
    order = started(result)
    assert all(order.index(names[early]) < order.index(names[late]) for late, early in needs)
    assert [name for name in order if name != names[new]] == started(text)
    assert re.findall(r"#.*", result) == re.findall(r"#.*", text)


@given(st.text('[]{}(),|#:\n ABz"=', max_size=30), st.booleans())
def test_whatever_stands_there_the_child_is_added_once_or_refused(listed, windows) -> None:
    text = application(listed)
    text = text.replace("\n", "\r\n") if windows else text
    try:
        result = with_child(text)
    except Refused:
        return
    assert "Ledger.Store" in started(result)
    assert len(started(result)) == len(started(text)) + ("Ledger.Store" not in started(text))


@pytest.mark.skipif(shutil.which("mix") is None, reason="needs Elixir")
def test_what_was_formatted_is_formatted_afterwards(tmp_path) -> None:
    """`mix format --check-formatted` agrees before and after, for lists and children of every width."""
    texts = [
        *map(application, FORMATTED),
        SUPERVISOR,
        CLOSE,
        CLOSE.replace("    Supervisor.", "    # All.\n    Supervisor."),
    ]
    children = [Child(spec) for name in ("A", "Ledger.Store", LONG, LONG + "Run") for spec in specs_of(name)]
    (tmp_path / ".formatter.exs").write_text('[inputs: ["*.ex"]]')
    (tmp_path / "mix.exs").write_text(
        'defmodule Ledger.MixProject do\n  use Mix.Project\n  def project, do: [app: :ledger, version: "0.1.0"]\nend\n'
    )
    for number, text in enumerate(texts):
        (tmp_path / f"before_{number}.ex").write_text(text)
        for other, child in enumerate(children):
            (tmp_path / f"after_{number}_{other}.ex").write_text(with_child(text, child))
    checked = subprocess.run(
        ["mix", "format", "--check-formatted"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


SUPERVISOR = """\
defmodule Ledger.Supervisor do
  use Supervisor

  def init(_arg) do
    Supervisor.init([Ledger.Repo], strategy: :one_for_one)
  end
end
"""
CLOSE = """\
defmodule Ledger.Application do
  use Application

  def start(_type, _args) do
    options = [strategy: :one_for_one]
    children = [Ledger.Repo, {Ledger.Web, port: 4000, store: Ledger.Store}]
    Supervisor.start_link(children, options)
  end
end
"""
"""No empty line stands around the list, as long as it fits on its line."""
FORMATTED = (
    NEW,
    "[]",
    "[Ledger.Repo]",
    "[Ledger.Repo, {Ledger.Web, port: 4000, store: Ledger.Store}, LedgerWeb.Endpoint]",
    "[\n      Ledger.Repo,\n      # The web\n      {Ledger.Web, port: 4000}\n    ]",
    "[\n      Ledger.Repo,\n\n      # Starts to serve\n      LedgerWeb.Endpoint\n      # That is all.\n    ]",
    "[\n      # Nothing yet.\n\n      # Starts to serve\n      LedgerWeb.Endpoint\n    ]",
    "[\n      # First:\n\n      Ledger.Repo,\n      # stays\n\n      # Serves\n      LedgerWeb.Endpoint\n    ]",
)


def specs_of(name: str) -> list[str]:
    return [name, f"{{{name}, limit: 8}}", f"{{{name}, []}}", f"{{{name}, name: {name}.Server, limit: 8, shutdown: 5}}"]
