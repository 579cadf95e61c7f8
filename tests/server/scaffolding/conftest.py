"""A Mix project as `mix new --sup` makes it, without Elixir."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

MIX = """\
defmodule Ledger.MixProject do
  use Mix.Project

  def project do
    [
      app: :ledger,
      version: "0.1.0"
    ]
  end

  def application do
    [
      extra_applications: [:logger],
      mod: {Ledger.Application, []}
    ]
  end
end
"""
APPLICATION = """\
defmodule Ledger.Application do
  use Application

  def start(_type, _args) do
    children = [
      # first
      Ledger.Repo
    ]

    Supervisor.start_link(children, strategy: :one_for_one)
  end
end
"""


@pytest.fixture
def root(tmp_path) -> Path:
    """The folder of the project."""
    root = tmp_path / "ledger"
    (root / "lib" / "ledger").mkdir(parents=True)
    (root / "mix.exs").write_text(MIX)
    (root / "lib" / "ledger" / "application.ex").write_text(APPLICATION)
    return root


@pytest.fixture
def snapshot(root):
    """What every file below the project holds, as a function."""
    return lambda: {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
