# `make setup` and `make demo` need Python 3.11 and a package index, nothing else; `make apps` and `make test` also the
# npm registry (npm itself comes from the package index where the machine has none).

PYTHON ?= python3.11
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
JOBS ?= 2

.PHONY: setup demo apps test test-browser oracles lint clean
.DELETE_ON_ERROR:

setup: specs/schema.docs.json

# The apps in a browser, with their editor and viewer.
apps: setup .venv/components
	$(BIN)/dlsuite apps

demo: setup
	$(BIN)/python -m dlsuite.demo

test: lint .venv/components
	$(BIN)/python -m pytest -q -n $(JOBS) --durations 15 --ignore tests/browser

# The apps in a real browser: Chromium, which is to be there.
test-browser: .venv/ready-for-tests .venv/components
	$(BIN)/python -m pytest -q -n $(JOBS) --dist loadfile --durations 10 tests/browser

# Other people's implementations beside ours: torch and its libraries, about 1 GB.
oracles: .venv/ready-for-oracles
	$(BIN)/python -m pytest -q -n $(JOBS) --durations 5 tests/oracles

lint: .venv/ready-for-tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q -p no:cacheprovider tests/contract/test_imports.py

clean:
	rm -rf .venv build dist *.egg-info

.venv/created:
	@command -v $(PYTHON) > /dev/null || { echo "$(PYTHON) is not here: install it, or name one: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	$(PYTHON) -m venv .venv
	touch $@

.venv/libraries: requirements.txt .venv/created
	$(PIP) install --quiet --requirement requirements.txt
	touch $@

.venv/ready: pyproject.toml setup.py .venv/libraries
	$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	touch $@

# What editors show of each component, in the words of the installed libraries: never committed.
specs/schema.docs.json: specs/schema.json .venv/ready
	$(BIN)/dlsuite schema --docs --vscode --output $@

# The JavaScript of the apps' editor and viewer, from the npm registry: never committed.
ifeq ($(wildcard apps/components/assets/vendor),)
.PHONY: .venv/components
endif
.venv/components: apps/components/package-lock.json apps/components/build.py requirements-build.txt .venv/ready
	command -v npm > /dev/null || $(PIP) install --quiet --requirement requirements-build.txt
	$(BIN)/python -m apps.components.build
	touch $@

.venv/ready-for-tests: requirements-test.txt .venv/ready
	$(PIP) install --quiet --requirement requirements-test.txt
	touch $@

.venv/ready-for-oracles: requirements-oracles.txt .venv/ready-for-tests
	$(PIP) install --quiet --requirement requirements-oracles.txt
	touch $@
