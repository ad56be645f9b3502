# Two commands on a fresh machine with Python 3.11 and make: `make demo` and `make test`.

PYTHON ?= $(firstword $(shell command -v python3.11 python3.12 python3 python 2>/dev/null))
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --constraint constraints.txt

# Stamps: newer than what they were installed from, so that nothing is installed twice.
PROJECT := pyproject.toml constraints.txt
CORE := $(VENV)/.installed-core
DEV := $(VENV)/.installed-dev

# Tests run in two processes on two cores; a thread more in each would only be in the way.
JOBS ?= 2
ONE_THREAD := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1 NUMBA_NUM_THREADS=1
PYTEST := $(ONE_THREAD) $(BIN)/python -m pytest -n $(JOBS)

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo test lint types imports unit test-slow gallery format clean distclean

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | column -t -s '|'

demo: $(CORE) ## Install the core and decompose a*b*a^-1 over S4
	$(BIN)/wordtensor decompose "a*b*a^-1" S4

test: lint types imports unit ## Lint, types, import contract and the fast tests

lint: $(DEV) ## Check style and layout
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(DEV) ## Check types, strictly
	$(BIN)/mypy

imports: $(DEV) ## Check that rooms import downwards only
	$(BIN)/lint-imports

unit: $(DEV) ## Run the fast tests
	$(PYTEST) -m "not slow"

test-slow: $(DEV) ## Run the slow tests: full sweeps and long searches
	$(PYTEST) -m slow

gallery: $(DEV) ## Draw the pictures of docs/gallery again
	$(ONE_THREAD) $(BIN)/python scripts/gallery.py

format: $(DEV) ## Rewrite the sources in the house style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean: ## Remove caches and build products
	rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .asv
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean ## Remove the virtual environment as well
	rm -rf $(VENV)

$(BIN)/python:
	@$(or $(PYTHON),false) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	  || { echo 'error: Python 3.11 or newer not found; name one with make PYTHON=...' >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(CORE): $(PROJECT) | $(BIN)/python
	$(PIP) --editable .
	@touch $@

$(DEV): $(PROJECT) | $(BIN)/python
	$(PIP) --editable '.[dev]'
	@touch $(CORE) $@
