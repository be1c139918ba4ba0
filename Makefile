# make demo    build the environment, run three trials end to end, start the site with them
# make stop    stop the site that make demo started
# make test    the whole test suite, with branch coverage of the core; the platform on both databases
# make lint    format, lint, types, import contracts, known faults of dependencies
# make bench   measure speed; writes docs/benchmarks.md
# make lock    resolve the dependencies again
# make clean   remove what the above made

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
LOCK := $(BIN)/pip-compile --quiet --generate-hashes --no-emit-index-url \
	--no-emit-trusted-host --no-emit-find-links --no-strip-extras --no-header --allow-unsafe
WORKERS ?= 2

# One thread per process: the work is many small matrices, and sums then come out the same everywhere.
export OPENBLAS_NUM_THREADS := 1
# Python keeps what it compiles, whatever the machine says: the tests start hundreds of processes.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: demo stop test lint bench lock clean tools format
.DEFAULT_GOAL := demo

.venv/base.stamp: requirements/build.txt requirements/base.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Lighttouch needs Python 3.11 or newer; set PYTHON=... to one" if sys.version_info < (3, 11) else 0)'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing Lighttouch and its locked dependencies into .venv"
	@$(PIP) install --require-hashes -r requirements/build.txt
	@$(PIP) install --require-hashes -r requirements/base.txt
	@$(PIP) install --no-build-isolation --no-deps --editable .
	@touch $@

.venv/dev.stamp: .venv/base.stamp requirements/dev.txt
	@echo "Installing the development tools"
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@

.venv/web.stamp: .venv/base.stamp requirements/web.txt
	@echo "Installing the platform's dependencies"
	@$(PIP) install --require-hashes -r requirements/web.txt
	@touch $@

FRONTEND := src/lighttouch/web/ui
.venv/frontend.stamp: .venv/base.stamp package-lock.json $(FRONTEND)/build.sh $(wildcard $(FRONTEND)/styles/*.scss)
	@echo "Building the pages' styles and scripts"
	@sh $(FRONTEND)/build.sh
	@touch $@

# What the surveys are measured beside; it needs older libraries than we do.
.venv/otree.stamp: requirements/otree.txt
	@echo "Installing oTree into .venv/otree, to measure beside"
	@$(PYTHON) -m venv .venv/otree
	@.venv/otree/bin/python -m pip --quiet --disable-pip-version-check install --require-hashes -r requirements/otree.txt
	@touch $@

tools:
	@sh tests/install_tools.sh

demo: .venv/web.stamp .venv/frontend.stamp
	@$(BIN)/lighttouch demo --out demo --site

stop:
	@$(BIN)/lighttouch demo --out demo --stop

test: .venv/dev.stamp .venv/frontend.stamp tools
	$(BIN)/python -m pytest -q -n $(WORKERS) --ignore tests/web --cov --cov-report=term:skip-covered --cov-fail-under=100
	$(BIN)/python -m pytest -q -p no:cacheprovider --doctest-modules src/lighttouch/core
	$(BIN)/python -m pytest -q -n $(WORKERS) tests/web
	$(BIN)/python -m tests.web.postgres $(BIN)/python -m pytest -q -n $(WORKERS) tests/web -m "not browser"

lint: .venv/dev.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/python -m mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tests.audit_dependencies requirements/web.txt

format: .venv/dev.stamp
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: .venv/dev.stamp .venv/otree.stamp
	$(BIN)/python -m benchmarks

lock: .venv/dev.stamp
	$(LOCK) -o requirements/build.txt requirements/build.in
	$(LOCK) -o requirements/base.txt pyproject.toml
	$(LOCK) --extra web --extra dev -o requirements/dev.txt pyproject.toml
	$(LOCK) --extra web -o requirements/web.txt pyproject.toml
	$(LOCK) -o requirements/node.txt requirements/node.in
	$(LOCK) -o requirements/otree.txt requirements/otree.in

clean:
	rm -rf .venv demo node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
