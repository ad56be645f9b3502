# Two commands on a fresh machine with Python 3.11 and make: `make demo` and `make test`.

PYTHON ?= $(firstword $(shell command -v python3.11 python3.12 python3 python 2>/dev/null))
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --constraint constraints.txt

# Stamps: newer than what they were installed from, so that nothing is installed twice.
PROJECT := pyproject.toml constraints.txt
CORE := $(VENV)/.installed-core
DEV := $(VENV)/.installed-dev
DOCS := $(VENV)/.installed-docs

# Benchmarks have an environment of their own, for what they compare with.
BENCH_VENV ?= .venv-bench
BENCH := $(BENCH_VENV)/.installed-bench
BENCH_PIP = $(BENCH_VENV)/bin/python -m pip --disable-pip-version-check install --quiet \
  --constraint constraints.txt
ASV := $(BENCH_VENV)/bin/asv
ASV_RUN = $(ONE_THREAD) $(ASV) run --config benchmarks/asv.conf.json --python=same \
  --set-commit-hash "$$(git rev-parse HEAD)"

# Tests run in two processes on two cores; a thread more in each would only be in the way.
JOBS ?= 2
ONE_THREAD := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1 NUMBA_NUM_THREADS=1
PYTEST := $(ONE_THREAD) $(BIN)/python -m pytest -n $(JOBS)

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo test lint types imports unit bench-check test-slow hostile bench bench-full \
  bench-report gallery docs docs-links format clean distclean

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | column -t -s '|'

demo: $(CORE) ## Install the core and decompose a*b*a^-1 over S4
	$(BIN)/wordtensor decompose "a*b*a^-1" S4

test: lint types imports bench-check unit ## Lint, types, import contract and the fast tests

lint: $(DEV) ## Check style and layout
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(DEV) ## Check types, strictly
	$(BIN)/mypy

imports: $(DEV) ## Check that rooms import downwards only
	$(BIN)/lint-imports

unit: $(DEV) ## Run the fast tests
	$(PYTEST) -m "not slow"

bench-check: $(DEV) ## Collect the benchmarks without running them
	$(BIN)/asv check --config benchmarks/asv.conf.json --python=same

test-slow: $(DEV) ## Run the slow tests: full sweeps and long searches
	$(PYTEST) -m slow

hostile: $(DEV) ## Odd commands, damaged and forged files, kills: minutes, with counts
	$(PYTEST) tests/hostile

bench: $(BENCH) ## Run every benchmark once, in a few minutes, and write .asv/benchmarks.md
	$(call bench-run,--quick,--output .asv/benchmarks.md)

bench-full: $(BENCH) ## Run the benchmarks for numbers to compare, and write docs/results/benchmarks.md
	$(call bench-run,,)

bench-report: $(BENCH) ## Write docs/results/benchmarks.md from the latest results
	$(BENCH_VENV)/bin/python benchmarks/report.py

# A run replaces the results of its commit, so that a table is of one run. What fails is in the table.
define bench-run
@$(ASV) machine --config benchmarks/asv.conf.json --yes >/dev/null 2>&1
@rm -f .asv/results/*/"$$(git rev-parse --short=8 HEAD)"-existing-*.json
$(if $(1),,WORDTENSOR_BENCH_FULL=1 )$(ASV_RUN) $(1); status=$$?; \
  $(BENCH_VENV)/bin/python benchmarks/report.py $(2) && exit $$status
endef

gallery: $(DEV) ## Draw the pictures of docs/gallery again
	$(ONE_THREAD) $(BIN)/python scripts/gallery.py

docs: $(DOCS) ## Build the site into build/site; a warning or a broken link is an error
	$(ONE_THREAD) $(BIN)/python -m sphinx --builder html --fresh-env --fail-on-warning --keep-going --jobs auto \
	  --doctree-dir build/doctrees docs build/site
	$(BIN)/python scripts/check_site.py build/site

docs-links: $(DOCS) ## Check the site's links to other places; needs a network
	$(BIN)/python -m sphinx --builder linkcheck -q docs build/links

format: $(DEV) ## Rewrite the sources in the house style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean: ## Remove caches and build products
	rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .asv
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean ## Remove the virtual environments as well
	rm -rf $(VENV) $(BENCH_VENV)

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

$(DOCS): $(PROJECT) | $(BIN)/python
	$(PIP) --editable '.[dev,docs]'
	@touch $(CORE) $(DEV) $@

# Without the peers where they cannot be installed: what needs one is skipped.
$(BENCH): $(PROJECT)
	@test -x $(BENCH_VENV)/bin/python || $(MAKE) --no-print-directory VENV=$(BENCH_VENV) \
	  $(BENCH_VENV)/bin/python
	$(BENCH_PIP) --editable '.[dev,peers]' || $(BENCH_PIP) --editable '.[dev]'
	@touch $@
