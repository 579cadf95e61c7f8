"""Elixir as rules and templates see it: the grammar, calls, modules and their callbacks."""
