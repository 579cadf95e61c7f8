"""A document in Elixir, from its squiggle to its fix."""

from __future__ import annotations

import copy

from tests.server.features.conversation import MODERN
from whetstone_knowledge import BY_CODE

FILE = "file:///project/lib/queue.ex"
TITLE = "Look at the first cell only"
QUEUE = "defmodule Queue do\n  def idle?(jobs) do\n    length(jobs) == 0\n  end\nend\n"
PLACE = {"start": {"line": 2, "character": 6}, "end": {"line": 2, "character": 6}}


async def opened(conversation, capabilities=MODERN, uri=FILE):
    await conversation.begin(capabilities)
    conversation.open(QUEUE, uri=uri, language="elixir")


async def offered(conversation, word):
    actions = await conversation.actions(where=PLACE, uri=FILE)
    (action,) = [action for action in actions if word in action["title"]]
    return action


async def test_what_is_found_is_shown_and_goes_as_it_is_typed_away(conversation):
    await opened(conversation)
    (squiggle,) = await conversation.squiggles(FILE)
    assert (squiggle["code"], squiggle["source"]) == ("WE204", "whetstone")
    assert squiggle["codeDescription"]["href"].endswith("#length-compared-with-zero")
    where = {"start": {"line": 2, "character": 20}, "end": {"line": 2, "character": 21}}
    conversation.change({"range": where, "text": "3"}, uri=FILE)
    assert await conversation.squiggles(FILE) == []


async def test_a_mechanical_fix_is_a_quick_fix_and_needs_no_proof(conversation):
    await opened(conversation)
    actions = await conversation.actions(where=PLACE, uri=FILE)
    assert [action["title"] for action in actions] == [TITLE, "Ignore WE204 here"]
    assert actions[0]["kind"] == "quickfix"
    resolved = await conversation.ask("codeAction/resolve", **actions[0])
    conversation.make(resolved["edit"])
    assert conversation.file(FILE).source.decode() == QUEUE.replace("length(jobs) == 0", "jobs == []")
    assert await conversation.squiggles(FILE) == []


async def test_a_fix_for_review_is_shown_before_it_is_made(conversation, monkeypatch):
    monkeypatch.setattr(type(BY_CODE["WE204"]), "fix", "review")
    await opened(conversation, confirming())
    action = await offered(conversation, TITLE)
    assert action["kind"] == "refactor.rewrite"
    edit = (await conversation.ask("codeAction/resolve", **action))["edit"]
    (name,) = edit["changeAnnotations"]
    assert edit["changeAnnotations"][name] == {"label": TITLE, "needsConfirmation": True}
    assert [each["annotationId"] for each in edit["documentChanges"][0]["edits"]] == [name]


async def test_a_client_that_cannot_show_it_first_gets_the_plain_edit(conversation, monkeypatch):
    monkeypatch.setattr(type(BY_CODE["WE204"]), "fix", "review")
    await opened(conversation)
    edit = (await conversation.ask("codeAction/resolve", **await offered(conversation, TITLE)))["edit"]
    assert "changeAnnotations" not in edit


async def test_the_page_of_its_rule_is_shown_over_it(conversation):
    await opened(conversation)
    position = {"line": 2, "character": 6}
    hover = await conversation.ask("textDocument/hover", textDocument={"uri": FILE}, position=position)
    assert "Counts a whole list to learn whether it is empty." in hover["contents"]["value"]


async def test_silencing_it_is_offered_and_holds(conversation):
    await opened(conversation)
    silence = await offered(conversation, "Ignore")
    conversation.make((await conversation.ask("codeAction/resolve", **silence))["edit"])
    assert "# whetstone: ignore[WE204]" in conversation.file(FILE).source.decode()
    assert await conversation.squiggles(FILE) == []


async def test_a_test_file_is_left_alone(conversation):
    uri = "file:///project/test/queue_test.exs"
    await opened(conversation, uri=uri)
    assert await conversation.squiggles(uri) == []


async def test_completion_offers_the_rules_of_the_language(conversation):
    await opened(conversation)
    conversation.insert(2, 21, " # whetstone: ignore[", uri=FILE)
    position = {"line": 2, "character": 42}
    items = await conversation.ask("textDocument/completion", textDocument={"uri": FILE}, position=position)
    labels = [item["label"] for item in (items["items"] if isinstance(items, dict) else items)]
    assert labels[0] == "WE204"
    assert all(label.startswith("WE") for label in labels)


def confirming():
    capabilities = copy.deepcopy(MODERN)
    capabilities["workspace"]["workspaceEdit"]["changeAnnotationSupport"] = {}
    return capabilities


WAITING = """\
defmodule Shop.Desk do
  use GenServer

  @impl true
  def init(state), do: {:ok, state}

  @impl true
  def handle_call(:next, _from, state) do
    receive do
      {:customer, name} -> {:reply, name, state}
    after
      1_000 -> {:reply, nil, state}
    end
  end
end
"""


async def test_where_no_rewrite_can_help_the_template_is_offered(conversation, tmp_path):
    (tmp_path / "mix.exs").write_text("defmodule Shop.MixProject do\n  use Mix.Project\nend\n")
    path = tmp_path / "lib" / "shop" / "desk.ex"
    path.parent.mkdir(parents=True)
    path.write_text(WAITING)
    await conversation.begin()
    conversation.open(WAITING, uri=path.as_uri(), language="elixir")
    (squiggle,) = await conversation.squiggles(path.as_uri())
    assert squiggle["code"] == "WE121"
    actions = await conversation.actions("refactor", uri=path.as_uri(), where=squiggle["range"])
    wanted = [action["data"]["new"] for action in actions if action["title"].startswith("New Shop.GenStatem instead: ")]
    assert [(new["template"], new["name"]) for new in wanted] == [("gen-statem", "Shop.GenStatem")]
