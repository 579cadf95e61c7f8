"""Every template, in menu order, one line each; what a template is stands in its folder.

The folder is named for it: `elixir/circuit_breaker/` is `circuit-breaker`.
"""

from __future__ import annotations

from whetstone_codegen.template import LANGUAGES, Template

MENU = (
    "gen-server",
    "server",
    "supervisor",
    "dynamic-supervisor",
    "application",
    "agent",
    "gen-statem",
    "state-machine",
    "task-pool",
    "worker-pool",
    "pool",
    "pub-sub",
    "circuit-breaker",
    "bulkhead",
    "rate-limiter",
    "ttl-cache",
    "pipeline",
    "distributed-worker",
    "partitioned-state",
    "replication",
    "cluster-membership",
    "hot-standby",
    "health-monitor",
)
"""The names in menu order; a name that has no folder in a language is no template there.

`server`, `state-machine` and `worker-pool` are what `gen-server`, `gen-statem` and `task-pool` are called in Python.
"""

TEMPLATES = tuple(
    template
    for language in LANGUAGES
    for template in (Template(language, name) for name in MENU)
    if template.folder.is_dir()
)


def named(language: str, name: str) -> Template | None:
    """Return the template of that name, in kebab-case or as its folder is called; None when there is none."""
    wanted = name.replace("_", "-")
    return next((one for one in TEMPLATES if one.language == language and one.name == wanted), None)
