# The few commands of the project. Python 3.11 or newer with venv, and make, are all it takes.
PYTHON ?= python3
VENV := .venv
PIP := $(VENV)/bin/python -m pip --disable-pip-version-check --quiet
SARING := $(VENV)/bin/saring

.PHONY: run install chat test lint bench soak dev lock clean

run: install  ## serve everything on http://localhost:8000
	@$(SARING) run

install: $(VENV)/.installed  ## only the set-up of `make run`

chat: install  ## the bot in the terminal
	@$(SARING) chat

$(VENV)/.installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Saring needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Try: make run PYTHON=python3.12")'
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's venv module is missing. On Debian and Ubuntu: apt install python3-venv"; exit 1; }
	@test -x $(VENV)/bin/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing the locked dependencies into $(VENV) (once, about a minute) ..."
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

dev: $(VENV)/.dev

$(VENV)/.dev: $(VENV)/.installed requirements-dev.lock
	@echo "Installing what the tests and checks need ..."
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@

test: dev  ## all tests; a part that needs something missing says so
	@$(VENV)/bin/python -m pytest -n 2 --dist loadfile -q -m "not browser and not soak"
	@$(VENV)/bin/python -m pytest -n 2 --dist loadfile -q -m "browser and not soak" tests/browser

lint: dev  ## format, lint, types, import contracts
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/mypy
	@PYTHONPATH=. $(VENV)/bin/lint-imports --no-logo

bench: dev  ## all benchmarks, with their tables
	@$(VENV)/bin/python -m benchmarks

soak: dev  ## long fuzzing, kill and load runs
	@$(VENV)/bin/python -m pytest -q -m soak --timeout 3600

lock:  ## renew the lock files (maintainers; needs uv)
	uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --extra dev --upgrade -o requirements-dev.lock pyproject.toml
	uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 -c requirements-dev.lock -o requirements.lock pyproject.toml
	uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 -c requirements-dev.lock --extra semantic -o requirements-semantic.lock pyproject.toml

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache
