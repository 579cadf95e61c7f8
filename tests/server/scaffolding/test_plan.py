"""From an order to changes: where they go, what is in the way, and what is there already."""

from __future__ import annotations

import dataclasses
import re
import shutil

import pytest

from tests.server.scaffolding.conftest import APPLICATION, MIX
from whetstone_codegen.template import Template
from whetstone_server.errors import InputError
from whetstone_server.scaffolding.order import ordered
from whetstone_server.scaffolding.plan import plan
from whetstone_server.scaffolding.project import find_project, language_of
from whetstone_server.scaffolding.write import write


def order(name="Ledger.Store", template="gen_server", **options):
    return ordered(template, name, "elixir", options.pop("answers", {}), **options)


def planned(root, **options):
    return plan(order(**options), find_project(root, "elixir"))


def statuses(made) -> dict[str, str]:
    return {change.what: change.status for change in made.changes}


def test_module_test_and_child_are_one_plan(root):
    made = planned(root)
    assert [change.path.relative_to(root).as_posix() for change in made.changes] == [
        "lib/ledger/store.ex",
        "test/ledger/store_test.exs",
        "lib/ledger/application.ex",
    ]
    assert statuses(made) == {"module": "created", "test": "created", "supervisor": "changed"}
    assert made.changes[-1].after.decode() == APPLICATION.replace("Repo\n", "Repo,\n      Ledger.Store\n")


def test_what_was_written_is_planned_no_second_time(root, snapshot):
    write(planned(root).changes)
    before = snapshot()
    again = planned(root)
    assert statuses(again) == {"module": "unchanged", "test": "unchanged", "supervisor": "unchanged"}
    write(again.changes)
    assert snapshot() == before


def test_half_of_it_is_completed(root):
    """What a power cut leaves, or somebody who took the child out again."""
    write(planned(root).changes)
    (root / "lib" / "ledger" / "application.ex").write_text(APPLICATION)
    (root / "test" / "ledger" / "store_test.exs").unlink()
    assert statuses(planned(root)) == {"module": "unchanged", "test": "created", "supervisor": "changed"}


def test_other_line_ends_are_no_other_content(root):
    write(planned(root).changes)
    module = root / "lib" / "ledger" / "store.ex"
    module.write_bytes(module.read_bytes().replace(b"\n", b"\r\n"))
    assert statuses(planned(root))["module"] == "unchanged"


@pytest.mark.parametrize(
    "blank", ["", "\n\n", "defmodule Ledger.Store do\nend\n", "defmodule Ledger.Store do\n  @moduledoc false\n\nend"]
)
def test_a_file_that_holds_nothing_is_filled(root, blank):
    module = root / "lib" / "ledger" / "store.ex"
    module.write_text(blank)
    made = planned(root)
    assert statuses(made)["module"] == "changed"
    write(made.changes)
    assert module.read_text().startswith("defmodule Ledger.Store do\n  @moduledoc")


@pytest.mark.parametrize(
    "held", ["defmodule Ledger.Stores do\nend\n", "# Ideas\n", "defmodule Ledger.Store do\n  def a, do: 1\nend\n"]
)
def test_a_file_that_holds_something_else_is_in_the_way(root, held):
    (root / "lib" / "ledger" / "store.ex").write_text(held)
    with pytest.raises(InputError, match=r"store\.ex is there and holds something else, so nothing was written"):
        planned(root)


@pytest.mark.parametrize(
    ("name", "path"),
    [("Ledger.Store", "lib/stores.ex"), ("Ledger.StoreTest", "test/store_test.exs"), ("Ledger.MixProject", "mix.exs")],
)
def test_a_module_that_another_file_defines_is_not_defined_again(root, snapshot, name, path):
    (root / "test").mkdir()
    if path != "mix.exs":
        (root / path).write_text(f"defmodule {name} do\n  def a, do: 1\nend\n")
    before = snapshot()
    with pytest.raises(InputError, match=rf"{path} defines {name} already, so nothing was written; choose another"):
        planned(root, name=name.removesuffix("Test"))
    assert snapshot() == before


def test_a_link_that_leads_nowhere_is_in_nobodys_way(root):
    """Emacs makes such a link beside a file that it edits."""
    (root / "lib" / ".#stores.ex").symlink_to("someone@somewhere")
    (root / "lib" / "round.ex").symlink_to("round.ex")
    assert statuses(planned(root))["module"] == "created"


def test_the_project_is_the_one_around_a_folder(root):
    assert find_project(root / "lib" / "ledger", "elixir").root == root


def test_an_application_that_lies_elsewhere_is_found(root):
    (root / "lib" / "ledger" / "application.ex").rename(root / "lib" / "main.ex")
    assert planned(root).changes[-1].path == root / "lib" / "main.ex"


def test_a_supervisor_may_be_named(root):
    text = APPLICATION.replace("Ledger.Application", "Ledger.Core")
    (root / "lib" / "core.ex").write_text(text)
    assert planned(root, supervisor="Ledger.Core").changes[-1].path == root / "lib" / "core.ex"
    with pytest.raises(InputError, match=r"no file under .*lib defines Ledger\.Nobody"):
        planned(root, supervisor="Ledger.Nobody")
    with pytest.raises(InputError, match="'nobody' is no name of a module"):
        planned(root, supervisor="nobody")


def test_unsupervised_leaves_the_tree_alone(root):
    assert statuses(planned(root, is_supervised=False)) == {"module": "created", "test": "created"}


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (",\n      mod: {Ledger.Application, []}", "", "names no module that starts the application"),
        ("mod: {Ledger.Application, []}", "mod: {Ledger.Application, [", "does not parse just now around line"),
        ("app: :ledger", 'apps_path: "apps"', "is an umbrella"),
    ],
)
def test_a_project_without_a_supervisor_is_told_what_to_do(root, before, after, said):
    (root / "mix.exs").write_text(MIX.replace(before, after))
    with pytest.raises(InputError, match=said):
        planned(root)


def test_nothing_goes_into_an_umbrella_itself(root):
    """Mix compiles nothing there."""
    (root / "mix.exs").write_text(MIX.replace("app: :ledger", 'apps_path: "apps"'))
    with pytest.raises(InputError, match="is an umbrella"):
        planned(root, is_supervised=False)


def test_children_that_cannot_be_read_are_named_with_their_file(root):
    (root / "lib" / "ledger" / "application.ex").write_text(APPLICATION.replace("= [", "= base() ++ ["))
    with pytest.raises(InputError, match=r"application\.ex: the children .*`base\(\) .*is to be added is `Ledger"):
        planned(root)


@pytest.mark.parametrize(
    ("files", "name", "language"),
    [
        (["mix.exs"], "ledger", "elixir"),
        (["pyproject.toml"], "Ledger", "python"),
        ([], "Ledger.Store", "elixir"),
        ([], "ledger.store", "python"),
    ],
)
def test_the_language_is_the_projects_or_that_of_the_name(tmp_path, files, name, language):
    for file in files:
        (tmp_path / file).touch()
    (tmp_path / "lib").mkdir()
    assert language_of(tmp_path / "lib", name) == language


@pytest.mark.parametrize(
    ("files", "only", "language"),
    [
        ([], "python", "python"),
        (["mix.exs"], "python", "elixir"),
        (["mix.exs", "pyproject.toml"], "python", "python"),
        (["pyproject.toml"], "elixir", "elixir"),
    ],
)
def test_a_template_of_python_alone_goes_into_no_project_of_elixir_alone(tmp_path, files, only, language):
    """Who asks for `server` there may mean `gen-server`."""
    for file in files:
        (tmp_path / file).touch()
    assert language_of(tmp_path, "Ledger.Store", only) == language


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"name": "ledger"}, "is no name of a module"),
        ({"name": "Ledger.if"}, "is no name of a module"),
        ({"answers": {"fields": "end: integer"}}, "end is a word of the language"),
        ({"answers": {"colour": "red"}}, "asks nothing that is called colour"),
        ({"answers": {"shutdown": "soon"}}, "shutdown is a whole number"),
        ({"template": "gen_servr"}, "did you mean gen-server?"),
        ({"template": "teapot"}, "`whetstone new` lists them all"),
    ],
)
def test_an_order_that_makes_no_sense_is_refused(root, snapshot, wanted, said):
    before = snapshot()
    with pytest.raises(InputError) as refused:
        planned(root, **wanted)
    assert said in str(refused.value)
    assert snapshot() == before


def test_a_template_may_have_several_children_in_one_edit(root, tmp_path):
    """One line for each in `template.toml`, also where an answer decides which."""
    made = order()
    shutil.copytree(made.template.templates, tmp_path / "templates")
    template = Template("elixir", "gen-server", tmp_path / "templates")
    toml = template.folder / "template.toml"
    child = '"""\n{% if restart == "permanent" %}\n{Registry, name: {{ module }}.Names}\n{% endif %}\n{{ module }}\n"""'
    kept = re.sub(r'^child = ("""(?s:.*?)"""|.*)$', "", toml.read_text(), flags=re.MULTILINE)
    toml.write_text(f"child = {child}\n{kept}")
    several = plan(dataclasses.replace(made, template=template), find_project(root, "elixir"))
    assert several.children == ("{Registry, name: Ledger.Store.Names}", "Ledger.Store")
    lines = "Repo,\n      {Registry, name: Ledger.Store.Names},\n      Ledger.Store\n"
    assert several.changes[-1].after.decode() == APPLICATION.replace("Repo\n", lines)
    write(several.changes)
    assert not any(change.edits for change in plan(several.order, several.project).changes)
