# make demo        what Whetstone does, on examples/storefront
# make test        every check there is; parts this machine lacks are named as skipped
# make vsix        the VS Code extension for this platform, with the server in it, in dist/; wants Node.js and a network
# make durability  kills and power cuts by the thousand: what the event store kept must be there, once; wants strace
# make sessions    two hundred sessions of editing by dice, on real files
# make mutants     a table of what the templates' tests notice when it is missing; wants Elixir
# make template-repeats  each template's test a hundred times, with every core busy; wants Elixir
# make clean       take away what the others made
.PHONY: help demo test vsix durability sessions mutants template-repeats clean
.DEFAULT_GOAL := help

help:
	@sed -n 's/^# //p' Makefile

demo:
	@sh dev/environment
	@sh dev/demo

test:
	@sh dev/environment --for-tests
	@sh dev/test

vsix:
	@sh dev/environment --for-tests
	@sh dev/vsix

durability:
	@sh dev/environment
	@.venv/bin/python -m benchmarks.durability

sessions:
	@sh dev/environment --for-tests
	@WHETSTONE_SESSIONS=200 .venv/bin/python -m pytest -n 2 tests/server/features/test_editing_sessions.py

mutants:
	@sh dev/environment --for-tests
	@.venv/bin/python -m tests.codegen.elixir.mutants

template-repeats:
	@sh dev/environment --for-tests
	@.venv/bin/python -m tests.codegen.elixir.repeats

clean:
	rm -rf .venv dist build vscode-client/dist vscode-client/node_modules vscode-client/wheels .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
