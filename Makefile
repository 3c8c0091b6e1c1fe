# Two commands do everything on a fresh Debian machine with python3 (3.11 or newer, with venv), make and a C compiler:
#   make assess    install into .venv, test the claims of the shipped case, say where the report is
#   make test      install what tests need, run the whole suite
# The others: make bench, calibrate, docs, lock, clean.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq --no-input

help:
	@echo "make assess     install into .venv and test the claims of the shipped case"
	@echo "make test       install what tests need and run the whole suite"
	@echo "make bench      speed and memory, beside a limit and a peer measured in the same run"
	@echo "make calibrate  the long calibration of the verdict rules, on simulated records"
	@echo "make docs       make the generated pages of the reference again"
	@echo "make lock       resolve requirements again (needs uv, or pip-tools)"
	@echo "make clean      remove .venv and caches; run folders stay"

assess: .venv/run.stamp bytecode
	@$(BIN)/standoff assess gaza-2023-2025

test: .venv/test.stamp bytecode browser
	@echo "lint";         $(BIN)/ruff check .
	@echo "format";       $(BIN)/ruff format --check .
	@echo "types";        $(BIN)/mypy
	@echo "import order"; $(BIN)/lint-imports --no-cache > .venv/imports.txt || { cat .venv/imports.txt; exit 1; }
	@echo "tests";        $(BIN)/pytest -n 2

bench: .venv/test.stamp bytecode
	@$(BIN)/python bench/bench.py
	@$(BIN)/python bench/game.py
	@$(BIN)/python bench/inference.py --game
	@$(BIN)/python bench/games_strategic.py
	@$(BIN)/python bench/games_signalling.py
	@mkdir -p bench/out; $(BIN)/python bench/games_dynamic.py --plot bench/out/games-scaling.svg

calibrate: .venv/test.stamp bytecode
	@OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 $(BIN)/python -m tests.calibration.calibrate
	@OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 $(BIN)/python -m tests.calibration.models
	@OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 $(BIN)/python -m tests.calibration.game

docs: .venv/run.stamp
	@$(BIN)/python -m standoff.cli.reference docs/reference/cli.md
	@$(BIN)/python -m standoff.inference.priors_page docs/reference/priors.md

.venv/python.stamp:
	@command -v $(PYTHON) > /dev/null || { echo "no $(PYTHON) here: apt-get install python3 python3-venv"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$$($(PYTHON) --version) is too old: Python 3.11 or newer is needed; if there is another, say make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2> /dev/null || { echo "$(PYTHON) has no venv module: apt-get install python3-venv"; exit 1; }
	@test -x $(BIN)/python || { echo "making .venv"; $(PYTHON) -m venv .venv; }
	@touch $@

# pip compiles what it installs, also where the environment forbids Python to do so on import.
.venv/run.stamp: .venv/python.stamp requirements/run.lock pyproject.toml
	@echo "installing what standoff needs (1.1 GB on disk, a minute or two, once)"
	@$(PIP) install --require-hashes --compile -r requirements/run.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

.venv/test.stamp: .venv/run.stamp requirements/test.lock
	@echo "installing what its tests need"
	@$(PIP) install --require-hashes --compile -r requirements/test.lock
	@touch $@

bytecode: .venv/run.stamp
	@$(BIN)/python -m compileall -q src

browser:
	@if command -v chromium > /dev/null; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null; then \
	  echo "installing Debian's chromium for the browser tests"; \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium > /dev/null \
	    || echo "chromium could not be installed: the browser tests will be skipped, by name"; \
	else \
	  echo "no chromium here (as root: apt-get install chromium): the browser tests will be skipped, by name"; \
	fi

# Pins stay where they are unless UPGRADE=--upgrade. No registry's host and no path of this machine ends up in a lock.
lock:
	@if command -v uv > /dev/null; then \
	  uv pip compile --quiet $(UPGRADE) --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links pyproject.toml requirements/build.in -o requirements/run.lock; \
	  uv pip compile --quiet $(UPGRADE) --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links pyproject.toml requirements/build.in --group test -o requirements/test.lock; \
	elif command -v pip-compile > /dev/null; then \
	  pip-compile --quiet $(UPGRADE) --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links --allow-unsafe --strip-extras pyproject.toml requirements/build.in -o requirements/run.lock; \
	  $(PYTHON) -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["dependency-groups"]["test"], sep="\n")' > .test.in; \
	  pip-compile --quiet $(UPGRADE) --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links --allow-unsafe --strip-extras pyproject.toml requirements/build.in .test.in -o requirements/test.lock; \
	  rm -f .test.in; \
	else \
	  echo "make lock needs uv, or pip-tools: pip install uv"; exit 1; \
	fi

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find src tests bench -name __pycache__ -prune -exec rm -rf {} +

.PHONY: help assess test bench calibrate docs bytecode browser lock clean
