# Two commands for a newcomer: `make demo` and `make test`. Both can be run again at any time.
.DEFAULT_GOAL := help
.PHONY: help demo test test-slow check docs bench clean venv venv-dev venv-docs

ARGS ?=
export SOUNDS MODEL PYTHON

help: ## say what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: venv ## classify a few dozen real recordings (SOUNDS=folder: yours; MODEL=name or folder)
	@tools/demo.sh

test: venv-dev ## run the tests, two at a time on one core each (ARGS="-k words": some of them)
	OMP_NUM_THREADS=1 .venv/bin/python -m pytest -n 2 $(ARGS)

test-slow: venv-dev ## run the slow tests
	.venv/bin/python -m pytest -m slow $(ARGS)

check: venv-dev venv-docs ## lint, format, types, import contracts, pages
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	if [ -e mkdocs.yml ]; then .venv/bin/mkdocs build --strict --quiet; fi

docs: venv-docs ## build the pages into site/
	.venv/bin/mkdocs build --strict

bench: venv-dev ## measure the speed of `classify`, `embed`, the store, augmentations, training and the search over ensembles
	set -e; for part in classify embed store augment; do .venv/bin/python benchmarks/$${part}_speed.py; done
	.venv/bin/python benchmarks/hatr_epoch.py
	.venv/bin/python benchmarks/ensemble_search.py

clean: ## remove what these commands made
	rm -rf .venv demo site build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis src/*.egg-info
	find src tests benchmarks tools -name __pycache__ -prune -exec rm -rf {} +

venv:
	@tools/environment.sh

venv-dev:
	@tools/environment.sh dev

venv-docs:
	@if [ -e mkdocs.yml ]; then tools/environment.sh docs; fi
