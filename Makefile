# Everything a person types. `make` alone lists it; CI runs `make check` and nothing else.

VENV := .venv
PY := $(VENV)/bin/python
UV := $(VENV)/bin/uv --system-certs --quiet
# Compiled at once, because many machines forbid Python to write bytecode later; then every start is slow.
INSTALL := $(UV) pip install --python $(PY) --compile-bytecode --require-hashes

# The first interpreter that is new enough; say `make PYTHON=/path/to/python3.12 demo` to choose.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && { echo $$p; break; }; done)

.DEFAULT_GOAL := help
.PHONY: help demo test check bench format format-check lint types imports lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/.runtime ## the whole loop on this machine, console on http://127.0.0.1:8000
	$(VENV)/bin/fairuse demo $(ARGS)

# A file stays in one process: its tests share what they made. ARGS="-n 0 -k words" for a few tests.
test: $(VENV)/.dev ## the tests; those that need a broker, PostgreSQL or Chromium skip without one
	$(PY) -m pytest -n 2 --dist loadfile $(ARGS)

check: $(VENV)/.spark format-check lint types imports test ## all that CI demands; the tests run the notebooks and read the docs

bench: $(VENV)/.dev ## the benchmark suite: a table, and bench.json
	$(VENV)/bin/fairuse bench $(ARGS)

format: $(VENV)/.dev ## lay the code out, and fix what can be fixed by machine
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .

format-check: $(VENV)/.dev
	$(VENV)/bin/ruff format --check .

lint: $(VENV)/.dev ## ruff, every rule but those named in pyproject.toml
	$(VENV)/bin/ruff check .

types: $(VENV)/.dev ## mypy --strict
	$(VENV)/bin/mypy

imports: $(VENV)/.dev ## the arrows between the packages
	$(VENV)/bin/lint-imports

lock: $(VENV)/.uv ## resolve the dependencies afresh into the three locks
	$(UV) pip compile $(LOCKING) pyproject.toml --extra dev -o requirements-dev.lock
	$(UV) pip compile $(LOCKING) pyproject.toml -c requirements-dev.lock -o requirements.lock
	$(UV) pip compile $(LOCKING) pyproject.toml --extra spark --extra mlflow -c requirements-dev.lock -o requirements-spark.lock
LOCKING := --upgrade --generate-hashes --universal --python-version 3.11 --no-annotate --custom-compile-command "make lock"

clean: ## remove the environment and what the demo wrote
	rm -rf $(VENV) var registry bench.json

# Stamps: an environment is installed again only when its lock has changed.
# pip's part is one small wheel; uv then installs the rest several times faster than pip would.
$(VENV)/.uv: requirements-uv.lock
	@test -n "$(PYTHON)" || { echo "fairuse needs Python 3.11, 3.12 or 3.13: none found"; exit 1; }
	@test -x $(PY) || $(PYTHON) -m venv $(VENV)
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.lock
	@touch $@

$(VENV)/.runtime: $(VENV)/.uv requirements.lock pyproject.toml
	$(INSTALL) -r requirements.lock
	$(UV) pip install --python $(PY) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements-dev.lock
	$(INSTALL) -r requirements-dev.lock
	@touch $@

# Half a gigabyte, for the tests of one engine: only CI and whoever asks for it installs this.
$(VENV)/.spark: $(VENV)/.dev requirements-spark.lock
	$(UV) pip install --python $(PY) --require-hashes -r requirements-spark.lock
	@touch $@
