"""The knowledge base is whole: every page is in the list, names what exists, reads well, and its examples are code."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.housekeeping import planned
from whetstone_codegen.templates import TEMPLATES
from whetstone_knowledge import RULES
from whetstone_knowledge.entries import FOLDER, PAGES, entries, path
from whetstone_knowledge.entry import KINDS
from whetstone_knowledge.entry_pages import ENTRIES_PAGE

if TYPE_CHECKING:
    from pathlib import Path

    from whetstone_knowledge.entry import Entry

ENTRIES = entries()
BY_NAME = {entry.name: entry for entry in ENTRIES}
ANTI_PATTERNS = [entry for entry in ENTRIES if entry.kind == "anti-pattern"]
WRITTEN = {rule.name for rule in RULES}
ASKED_FOR = {
    "behaviour": "gen-server supervisor dynamic-supervisor application agent gen-statem",
    "concurrency": "actor pipeline pub-sub worker-pool pool",
    "fault-tolerance": "let-it-crash supervision-tree one-for-one one-for-all rest-for-one circuit-breaker bulkhead "
    "rate-limiting retry-with-jitter health-monitoring",
    "performance": "ets-cache process-pooling message-batching message-size binary-memory hibernation "
    "partitioned-server",
    "distribution": "clustering replication partitioning hot-standby",
}
OFFICIAL = {
    "code": "comments-overuse complex-else-clauses-in-with complex-extractions-in-clauses dynamic-atom-creation "
    "long-parameter-list namespace-trespassing non-assertive-map-access non-assertive-pattern-matching "
    "non-assertive-truthiness structs-with-32-fields-or-more",
    "design": "alternative-return-types boolean-obsession exceptions-for-control-flow primitive-obsession "
    "unrelated-multi-clause-function using-application-configuration-for-libraries",
    "process": "code-organization-by-process scattered-process-interfaces sending-unnecessary-data "
    "unsupervised-processes",
    "macro": "compile-time-dependencies large-code-generation unnecessary-macros use-instead-of-import "
    "untracked-compile-time-dependencies",
}
"""The anchors of Elixir's own list of anti-patterns, by page."""
PARSE = """
for file <- System.argv() do
  source = File.read!(file)

  try do
    Code.string_to_quoted!(source)
    formatted = IO.iodata_to_binary([Code.format_string!(source), "\\n"])
    if formatted != source, do: IO.puts("#{file} is not formatted:\\n#{formatted}")
  rescue
    error -> IO.puts("#{file}: #{Exception.message(error)}")
  end
end
"""


def by_name(entry: Entry) -> str:
    return entry.name


def test_every_page_is_in_the_list():
    files = {page.relative_to(FOLDER).with_suffix("").as_posix() for page in FOLDER.rglob("*.md")}
    listed = [f"{folder}/{page}" for folder, pages in PAGES.items() for page in pages]
    assert sorted(files) == sorted(listed)
    assert len(KINDS) == len(PAGES)


@pytest.mark.parametrize("kind", ASKED_FOR)
def test_what_was_asked_for_is_there(kind):
    assert {(name, BY_NAME[name].kind) for name in ASKED_FOR[kind].split()} == {
        (name, kind) for name in ASKED_FOR[kind].split()
    }


@pytest.mark.parametrize("page", OFFICIAL)
def test_every_anti_pattern_of_elixirs_own_list_is_there(page):
    cited = {source for entry in ANTI_PATTERNS for source in entry.sources}
    wanted = {f"https://hexdocs.pm/elixir/{page}-anti-patterns.html#{anchor}" for anchor in OFFICIAL[page].split()}
    assert wanted <= cited


def test_elixirs_own_list_is_twenty_five():
    assert sum(len(anchors.split()) for anchors in OFFICIAL.values()) == 25


@pytest.mark.parametrize("entry", ENTRIES, ids=by_name)
def test_rules_and_templates_that_are_named_exist_or_are_planned(entry):
    assert set(entry.rules) <= WRITTEN | set(planned.RULES)
    assert set(entry.templates) <= {template.name for template in TEMPLATES} | set(planned.TEMPLATES)


def test_every_rule_has_an_anti_pattern_behind_it():
    named = {rule for entry in ANTI_PATTERNS for rule in entry.rules}
    assert WRITTEN | set(planned.RULES) <= named


def test_every_template_has_an_entry():
    written = {template.name for template in TEMPLATES}
    assert {template for entry in ENTRIES for template in entry.templates} == written | set(planned.TEMPLATES)


def test_what_is_written_is_no_longer_planned():
    assert not WRITTEN & set(planned.RULES)
    assert not {template.name for template in TEMPLATES} & set(planned.TEMPLATES)
    assert len(set(planned.RULES)) == len(planned.RULES)


@pytest.mark.parametrize("entry", ENTRIES, ids=by_name)
def test_page_is_short_and_says_something(entry):
    words = len(entry.body.split())
    assert 130 <= words <= 350, f"{words} words"


@pytest.mark.parametrize("entry", ENTRIES, ids=by_name)
def test_one_sentence_per_line(entry):
    prose = re.sub(r"(?ms)^```.*?^```$", "", entry.body)
    doubled = [line for line in prose.splitlines() if re.search(r"[a-z)`]\. [A-Z`]", line) and not line.startswith("|")]
    assert doubled == []


@pytest.mark.parametrize("entry", ENTRIES, ids=by_name)
def test_examples_are_marked_as_what_they_are(entry):
    fences = re.findall(r"^```(.*)$", entry.body, re.MULTILINE)
    assert set(fences[::2]) <= {"elixir", "python"}
    assert set(fences[1::2]) <= {""}


@pytest.mark.parametrize("entry", ENTRIES, ids=by_name)
def test_python_in_it_is_python(entry):
    for example in _examples(entry, "python"):
        compile(example, entry.name, "exec")


def test_elixir_in_them_is_elixir_and_formatted(tmp_path):
    elixir = shutil.which("elixir")
    if elixir is None:
        pytest.skip("elixir is not installed")
    files = list(_written_out(tmp_path))
    assert len(files) > 100
    done = subprocess.run(
        [elixir, "-e", PARSE, *map(str, files)], capture_output=True, text=True, check=False, timeout=120
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_links_of_the_list_lead_to_pages():
    text = ENTRIES_PAGE.read_text(encoding="utf-8")
    linked = {link for link in re.findall(r"\]\(([^)#]+)[^)]*\)", text) if not link.startswith("https://")}
    for link in linked:
        assert (ENTRIES_PAGE.parent / link).exists(), link
    assert {path(folder, page) for folder, pages in PAGES.items() for page in pages} <= {
        ENTRIES_PAGE.parent / link for link in linked
    }


def _examples(entry: Entry, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", entry.body, re.MULTILINE | re.DOTALL)


def _written_out(folder: Path):
    for entry in ENTRIES:
        for number, example in enumerate(_examples(entry, "elixir")):
            file = folder / f"{entry.name}.{number}.exs"
            file.write_text(example, encoding="utf-8")
            yield file
