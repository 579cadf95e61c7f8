# make demo    what Whetstone does, on examples/storefront
# make test    every check there is; parts this machine lacks are named as skipped
# make clean   take away what the other two made
.PHONY: help demo test clean
.DEFAULT_GOAL := help

help:
	@sed -n 's/^# //p' Makefile

demo:
	@sh dev/environment
	@sh dev/demo

test:
	@sh dev/environment --for-tests
	@sh dev/test

clean:
	rm -rf .venv dist build .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
