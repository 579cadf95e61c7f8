"""Findings as SARIF 2.1.0, which code hosts read.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import inspect
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from whetstone_knowledge.catalogue import address, page
from whetstone_knowledge.languages import LANGUAGES
from whetstone_server import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

    from whetstone_knowledge.rule import Rule
    from whetstone_server.choice import Choice
    from whetstone_server.cli.findings.located import Located

_LEVELS = {"critical": "error", "high": "warning", "medium": "warning", "low": "note"}
_ROOT = "%SRCROOT%"


def document(findings: Sequence[Located], errors: Sequence[tuple[str, str]], choice: Choice) -> dict[str, Any]:
    """Return one run: the rules that were asked for, what they found, and the files that could not be read."""
    rules = [rule for language in LANGUAGES for rule in choice.rules(language)]
    place = {rule.code: index for index, rule in enumerate(rules)}
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "Whetstone",
                        "version": __version__,
                        "semanticVersion": __version__,
                        "informationUri": "https://github.com/whetstone-ls/whetstone",
                        "rules": [_rule(rule) for rule in rules],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "newlineSequences": ["\r\n", "\n", "\r"],
                "originalUriBaseIds": {_ROOT: {"uri": Path.cwd().as_uri().rstrip("/") + "/"}},
                "invocations": [
                    {
                        "executionSuccessful": True,
                        "toolExecutionNotifications": [_notification(path, message) for path, message in errors],
                    }
                ],
                "results": [_result(found, place[found.rule.code]) for found in findings],
            }
        ],
    }


def _rule(rule: Rule) -> dict[str, Any]:
    words = inspect.getdoc(rule) or rule.title
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": words.partition("\n")[0]},
        "fullDescription": {"text": words},
        "helpUri": address(rule),
        "help": {"text": words, "markdown": page(rule)},
        "defaultConfiguration": {"level": _LEVELS[rule.severity], "rank": float(rule.weight)},
        "properties": {"tags": ["performance", rule.language], "fix": rule.fix},
    }


def _result(found: Located, rule_index: int) -> dict[str, Any]:
    location: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": _artifact(found.shown_path),
            "region": {
                "startLine": found.line,
                "startColumn": found.column,
                "endLine": found.end_line,
                "endColumn": found.end_column,
            },
        }
    }
    if found.finding.function:
        location["logicalLocations"] = [{"fullyQualifiedName": found.finding.function, "kind": "function"}]
    return {
        "ruleId": found.rule.code,
        "ruleIndex": rule_index,
        "level": _LEVELS[found.finding.severity],
        "message": {"text": found.finding.message},
        "locations": [location],
        "partialFingerprints": {"whetstoneFinding/v1": found.finding.id},
        "rank": float(found.impact),
        "properties": {"severity": found.finding.severity, "fix": found.finding.fix, "heat": found.heat},
    }


def _notification(path: str, message: str) -> dict[str, Any]:
    return {
        "level": "error",
        "message": {"text": message},
        "locations": [{"physicalLocation": {"artifactLocation": _artifact(path)}}],
    }


def _artifact(path: str) -> dict[str, str]:
    """Return where a file is: below the working directory as a relative reference, elsewhere as a file URI."""
    quoted = quote(os.fsencode(path))
    return {"uri": f"file://{quoted}"} if Path(path).is_absolute() else {"uri": quoted, "uriBaseId": _ROOT}
