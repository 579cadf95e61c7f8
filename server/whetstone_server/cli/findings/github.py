"""Findings as GitHub's workflow commands, which put them beside the changed lines of a pull request.

https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from whetstone_server.cli.findings.located import Located


def lines(findings: Iterable[Located], errors: Iterable[tuple[str, str]]) -> Iterable[str]:
    """Yield one command per file that could not be read, and one per finding."""
    for path, message in errors:
        yield f"::error file={_property(path)},title=Whetstone::{_data(message)}"
    for found in findings:
        title = f"{found.rule.code} {found.rule.name}"
        yield (
            f"::warning file={_property(found.shown_path)},line={found.line},col={found.column},"
            f"title={_property(title)}::{_data(found.finding.message)}"
        )


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
