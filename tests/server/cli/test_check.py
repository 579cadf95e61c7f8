"""`whetstone check`: silence where there is nothing, the documented fields where there is, in four formats."""

from __future__ import annotations

import json
import marshal
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whetstone_knowledge import BY_CODE
from whetstone_knowledge.syntax import find
from whetstone_server.choice import Choice
from whetstone_server.cli.findings.located import Lines, Located
from whetstone_server.cli.findings.sarif import document
from whetstone_server.cli.terminal import plain

FIELDS = {
    "code": str,
    "rule": str,
    "path": str,
    "line": int,
    "column": int,
    "end_line": int,
    "end_column": int,
    "function": (str, type(None)),
    "message": str,
    "severity": str,
    "impact": int,
    "fix": str,
    "heat": (float, type(None)),
}


def test_nothing_found_is_status_0(whetstone):
    done = whetstone("check", "shop/clean.py")
    assert done.status == 0
    assert re.fullmatch(r"Nothing found in 1 file, \d+\.\d\d s\.\n", done.out)
    assert not done.err


def test_findings_are_status_1_and_point_at_the_place(whetstone):
    done = whetstone("check", "shop")
    assert done.status == 1
    assert done.out.startswith(
        "shop/slow.py\n"
        "  4:9  WP101 string-built-in-loop  medium  impact 35  in joined\n"
        "      `text` is a string built piece by piece in a loop\n"
        "     4 │ text += row\n"
        "       │ ~~~~~~~~~~~\n"
    )
    assert "2 findings (2 medium) in 1 of 2 files" in done.out


def test_json_is_the_contract(whetstone):
    found = whetstone("check", "shop", "--format", "json").json
    assert set(found) == {"version", "files", "seconds", "errors", "findings"}
    assert (found["version"], found["files"], found["errors"]) == (1, 2, [])
    assert [(each["code"], each["line"], each["column"], each["function"]) for each in found["findings"]] == [
        ("WP101", 4, 9, "joined"),
        ("WP105", 10, 16, "Prices.cheapest"),
    ]
    for finding in found["findings"]:
        check_fields(finding)
        assert finding["path"] == "shop/slow.py"
        assert finding["heat"] is None


def check_fields(finding: dict) -> None:
    assert {name: isinstance(finding[name], kind) for name, kind in FIELDS.items()} == dict.fromkeys(FIELDS, True)
    assert set(finding) == set(FIELDS)
    assert finding["severity"] in {"low", "medium", "high", "critical"}
    assert finding["fix"] in {"proof-needed", "review", "none"}
    assert 0 <= finding["impact"] <= 100
    assert (1, 1) <= (finding["line"], finding["column"]) < (finding["end_line"], finding["end_column"])


@pytest.mark.parametrize(
    ("options", "codes"),
    [
        (["--select", "WP105"], ["WP105"]),
        (["--select", "wp10"], ["WP101", "WP105"]),
        (["--select", "string-built-in-loop"], ["WP101"]),
        (["--select", "WP101,sorted-for-one-end"], ["WP101", "WP105"]),
        (["--ignore", "WP101"], ["WP105"]),
        (["--select", "WP1", "--ignore", "WP10"], []),
    ],
)
def test_rules_are_chosen_by_code_beginning_and_name(whetstone, options, codes):
    done = whetstone("check", "shop", "--format", "json", *options)
    assert [each["code"] for each in done.json["findings"]] == codes
    assert done.status == bool(codes)


def test_the_project_chooses_and_the_command_line_overrides(whetstone, folder):
    (folder / "pyproject.toml").write_text("[tool.whetstone]\nselect = ['WP105']\n")
    assert [each["code"] for each in whetstone("check", "shop", "--format", "json").json["findings"]] == ["WP105"]
    done = whetstone("check", "shop", "--format", "json", "--select", "WP101")
    assert [each["code"] for each in done.json["findings"]] == ["WP101"]


@pytest.mark.parametrize(
    ("table", "codes"),
    [
        ("'shop/*' = ['WP101']", ["WP105"]),
        ("'**/slow.py' = ['WP1']", []),
        ("'slow.py' = ['sorted-for-one-end']", ["WP101"]),
        ("'tests/*' = ['WP101']", ["WP101", "WP105"]),
    ],
)
def test_rules_are_left_out_in_some_files(whetstone, folder, table, codes):
    (folder / "pyproject.toml").write_text(f"[tool.whetstone.per_file_ignores]\n{table}\n")
    assert [each["code"] for each in whetstone("check", "shop", "--format", "json").json["findings"]] == codes


def test_a_rule_to_be_left_out_that_there_is_not_is_said(whetstone, folder):
    (folder / "pyproject.toml").write_text("[tool.whetstone.per_file_ignores]\n'tests/*' = ['WP999']\n")
    done = whetstone("check", "shop")
    assert done.status == 2
    assert "no rule is called WP999" in done.err


def test_a_comment_silences_a_finding(whetstone, folder):
    slow = folder / "shop" / "slow.py"
    slow.write_text(slow.read_text().replace("text += row", "text += row  # whetstone: ignore[WP101]"))
    for format_ in ("text", "json", "sarif", "github"):
        done = whetstone("check", "shop", "--format", format_)
        assert "WP105" in done.out
        assert "`text` is a string built" not in done.out


def test_a_comment_that_names_no_rule_is_said_every_time(whetstone, folder):
    (folder / "shop" / "odd.py").write_text(
        "x = '# whetstone: ignore[WP998]'\ny = 1  # whetstone: ignore[WP999, WP101]\n"
    )
    for _ in range(2):
        done = whetstone("check", "shop", "--format", "json")
        assert done.status == 1
        assert done.err == "whetstone: shop/odd.py:2: no rule is called WP999, so nothing is silenced by it\n"
        assert done.json["errors"] == []


def test_a_file_that_cannot_be_decoded_is_said_and_the_rest_goes_on(whetstone, folder):
    (folder / "shop" / "odd.py").write_bytes(b"name = '\xff'\n")
    done = whetstone("check", "shop", "--format", "json")
    assert done.status == 1
    assert [error["path"] for error in done.json["errors"]] == ["shop/odd.py"]
    assert len(done.json["findings"]) == 2
    assert done.err.startswith("whetstone: shop/odd.py: ")
    assert done.err.count("\n") == 1


def test_a_path_that_is_not_there_is_said_and_the_rest_goes_on(whetstone):
    done = whetstone("check", "gone.py", "shop/clean.py", "--format", "json")
    assert done.status == 0
    assert [error["path"] for error in done.json["errors"]] == ["gone.py"]
    assert "gone.py" in done.err


def test_nothing_that_could_be_read_is_status_2(whetstone, folder):
    (folder / "odd.py").write_bytes(b"name = '\xff'\n")
    done = whetstone("check", "odd.py", "gone.py", "--format", "json")
    assert done.status == 2
    assert [error["path"] for error in done.json["errors"]] == ["odd.py", "gone.py"]
    assert done.err.count("\n") == 2


def test_looking_again_finds_the_same_and_leaves_the_project_alone(whetstone, folder):
    before = sorted(folder.rglob("*"))
    first = whetstone("check", "shop", "--format", "json").json
    second = whetstone("check", "shop", "--format", "json").json
    assert first["findings"] == second["findings"] != []
    assert sorted(folder.rglob("*")) == before


def test_a_home_that_cannot_be_written_does_not_keep_anybody_from_checking(whetstone, folder, monkeypatch):
    (folder / "home").write_text("a file")
    monkeypatch.setenv("WHETSTONE_HOME", str(folder / "home"))
    done = whetstone("check", "shop")
    assert (done.status, done.err) == (1, "")


def test_paths_elsewhere_are_absolute(whetstone, folder, monkeypatch):
    (folder / "elsewhere").mkdir()
    monkeypatch.chdir(folder / "elsewhere")
    found = whetstone("check", "../shop", "--format", "json").json
    assert {each["path"] for each in found["findings"]} == {str(folder / "shop" / "slow.py")}


def test_half_typed_code_is_no_error(whetstone, folder):
    (folder / "shop" / "slow.py").write_text(
        (folder / "shop" / "slow.py").read_text() + "\n\ndef broken(:\n    x = (\n"
    )
    found = whetstone("check", "shop", "--format", "json").json
    assert not found["errors"]
    assert "WP101" in {each["code"] for each in found["findings"]}


def test_columns_are_code_points_and_a_byte_order_mark_counts_for_nothing(whetstone, folder):
    text = "\ufeffdef é(rows):\n    t = '😀'\n    for row in rows: '😀'; t += row\n    return t\n"
    (folder / "shop" / "slow.py").write_text(text.replace("\n", "\r\n"), encoding="utf-8", newline="")
    (finding,) = whetstone("check", "shop", "--format", "json").json["findings"]
    assert (finding["line"], finding["column"], finding["end_line"], finding["end_column"]) == (3, 27, 3, 35)


def test_a_source_line_cannot_steer_the_terminal(whetstone, folder):
    (folder / "shop" / "slow.py").write_text(
        "def f(rows):\n    t = ''\n    for r in rows:\n        t += r; '\x1b[2J'\n    return t\n"
    )
    done = whetstone("check", "shop")
    assert done.status == 1
    assert "\x1b" not in done.out
    assert r"\x1b[2J" in done.out


def test_a_line_without_end_is_cut(whetstone, folder):
    line = f"        t += r; s = {'x' * 5000!r}\n"
    (folder / "shop" / "slow.py").write_text(f"def f(rows):\n    t = ''\n    for r in rows:\n{line}    return t\n")
    assert max(map(len, whetstone("check", "shop").out.splitlines())) < 200


def test_heat_comes_first_and_raises_the_impact(whetstone, folder):
    cheapest = ("/app/shop/slow.py", 9, "cheapest")
    stats = {cheapest: (1, 1, 0.25, 1.0, {}), ("/app/main.py", 1, "<module>"): (1, 1, 0.75, 1.0, {})}
    (folder / "run.prof").write_bytes(marshal.dumps(stats))
    cold = whetstone("check", "shop", "--format", "json").json["findings"]
    warm = whetstone("check", "shop", "--format", "json", "--profile", "run.prof").json["findings"]
    assert [(each["code"], each["heat"]) for each in warm] == [("WP105", 0.25), ("WP101", 0.0)]
    assert warm[0]["impact"] == round(cold[1]["impact"] + (100 - cold[1]["impact"]) / 2)
    assert warm[1]["impact"] == cold[0]["impact"]
    assert "heat 25.0%" in whetstone("check", "shop", "--profile", "run.prof").out


def test_github_gets_workflow_commands(whetstone, folder):
    (folder / "shop" / "slow.py").rename(folder / "shop" / "a,b:100%.py")
    done = whetstone("check", "shop", "--format", "github")
    assert done.status == 1
    assert done.out.splitlines()[0] == (
        "::warning file=shop/a%2Cb%3A100%25.py,line=4,col=9,title=WP101 string-built-in-loop"
        "::`text` is a string built piece by piece in a loop"
    )
    assert len(done.out.splitlines()) == 2


def test_sarif_is_what_code_hosts_read(whetstone, folder):
    (folder / "shop" / "odd.py").write_bytes(b"name = '\xff'\n")
    done = whetstone("check", "shop", "--format", "sarif")
    assert done.status == 1
    log = done.json
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    assert run["columnKind"] == "unicodeCodePoints"
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [code for code in BY_CODE if not BY_CODE[code].on_request]
    assert all(re.fullmatch(r"https://.+#[a-z-]+", rule["helpUri"]) for rule in rules)
    first, second = run["results"]
    assert rules[first["ruleIndex"]]["id"] == first["ruleId"] == "WP101"
    place = first["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "shop/slow.py", "uriBaseId": "%SRCROOT%"}
    assert place["region"] == {"startLine": 4, "startColumn": 9, "endLine": 4, "endColumn": 20}
    assert run["originalUriBaseIds"]["%SRCROOT%"]["uri"] == f"{folder.as_uri()}/"
    assert first["partialFingerprints"] != second["partialFingerprints"]
    (notification,) = run["invocations"][0]["toolExecutionNotifications"]
    assert "odd.py" in json.dumps(notification)


SHAPES = {
    "log": ({"version", "runs"}, {"$schema": None, "version": None, "runs": "run"}),
    "run": (
        {"tool"},
        {
            "tool": "tool",
            "columnKind": None,
            "newlineSequences": None,
            "originalUriBaseIds": None,
            "invocations": "invocation",
            "results": "result",
        },
    ),
    "tool": ({"driver"}, {"driver": "component"}),
    "component": (
        {"name"},
        {"name": None, "version": None, "semanticVersion": None, "informationUri": None, "rules": "descriptor"},
    ),
    "descriptor": (
        {"id"},
        {
            "id": None,
            "name": None,
            "shortDescription": "text",
            "fullDescription": "text",
            "helpUri": None,
            "help": "text",
            "defaultConfiguration": "configuration",
            "properties": None,
        },
    ),
    "text": ({"text"}, {"text": None, "markdown": None}),
    "configuration": (set(), {"level": None, "rank": None}),
    "invocation": (
        {"executionSuccessful"},
        {"executionSuccessful": None, "toolExecutionNotifications": "notification"},
    ),
    "notification": ({"message"}, {"message": "text", "level": None, "locations": "location"}),
    "result": (
        {"message"},
        {
            "ruleId": None,
            "ruleIndex": None,
            "level": None,
            "message": "text",
            "locations": "location",
            "partialFingerprints": None,
            "rank": None,
            "properties": None,
        },
    ),
    "location": (set(), {"physicalLocation": "place", "logicalLocations": "logical"}),
    "place": ({"artifactLocation"}, {"artifactLocation": "artifact", "region": "region"}),
    "artifact": ({"uri"}, {"uri": None, "uriBaseId": None}),
    "region": ({"startLine"}, {"startLine": None, "startColumn": None, "endLine": None, "endColumn": None}),
    "logical": (set(), {"fullyQualifiedName": None, "kind": None}),
}
"""Of each SARIF object: what its schema requires, and which of the properties it knows we write, with their shape."""


def check_shape(value: object, shape: str) -> None:
    if isinstance(value, list):
        for item in value:
            check_shape(item, shape)
        return
    required, known = SHAPES[shape]
    assert required <= set(value) <= set(known), shape
    for name, inner in known.items():
        if inner and name in value:
            check_shape(value[name], inner)
    assert value.get("level", "note") in {"none", "note", "warning", "error"}
    assert 0.0 <= value.get("rank", 0.0) <= 100.0


def test_sarif_has_only_what_its_schema_knows(whetstone, folder):
    (folder / "shop" / "odd.py").write_bytes(b"name = '\xff'\n")
    check_shape(whetstone("check", "shop", "--format", "sarif").json, "log")


def test_fingerprints_survive_edits_elsewhere(whetstone, folder):
    def fingerprints() -> list[str]:
        results = whetstone("check", "shop", "--format", "sarif").json["runs"][0]["results"]
        return [result["partialFingerprints"] for result in results]

    before = fingerprints()
    slow = folder / "shop" / "slow.py"
    slow.write_text(f"# a comment\n\n{slow.read_text()}")
    assert fingerprints() == before


TEXTS = st.lists(
    st.sampled_from([pair[0] for rule in BY_CODE.values() for pair in rule.pairs])
    | st.text(st.characters(codec="utf-8"), max_size=20).map(
        lambda text: f"# {text.splitlines()[0] if text.strip() else ''}\n"
    ),
    max_size=4,
).map("\n".join)


@given(TEXTS, st.sampled_from(["\n", "\r\n", "\r"]), st.booleans())
def test_any_finding_has_the_documented_fields_and_a_place_in_the_text(text, newline, marked):
    """Whatever is found in whatever text, its JSON has every field, and its lines and columns mark what was found."""
    text = text.replace("\n", newline)
    source = (b"\xef\xbb\xbf" if marked else b"") + text.encode()
    lines = Lines(source)
    found = [
        Located(
            Path("a.py"),
            each,
            BY_CODE[each.code],
            *lines.position(each.span.start),
            *lines.position(each.span.end),
            impact=each.impact,
        )
        for each in find(source)
    ]
    by_line = re.split("\r\n|\r|\n", text)
    for each in found:
        shown = json.loads(json.dumps(each.as_json()))
        check_fields(shown)
        if shown["line"] == shown["end_line"]:
            marked_text = by_line[shown["line"] - 1][shown["column"] - 1 : shown["end_column"] - 1]
            assert marked_text.encode() == source[each.finding.span.start : each.finding.span.end]
    assert len(document(found, [], Choice(on_request=True))["runs"][0]["results"]) == len(found)


@given(st.text())
def test_nothing_that_is_printed_can_steer_a_terminal(text):
    assert all(letter.isprintable() or letter == "\n" for letter in plain(text))
