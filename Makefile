# Every target makes what it needs. `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help demo test run bench check clean lock gateways gateways-large

help:            ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## +/\t/' | expand -t 16

$(STAMP): pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "vendorwatch needs Python 3.11 or newer; $(PYTHON) is `$(PYTHON) --version`. Say e.g. make PYTHON=python3.12"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(STAMP)   ## the main job against stand-in vendors: no keys, no internet, about a minute
	$(BIN)/vendorwatch demo

test: $(STAMP)   ## all tests
	$(BIN)/python -m pytest -q

run: $(STAMP)    ## the daemon on real vendors: no key needed, SQLite, alerts on the console
	$(BIN)/vendorwatch run

check: $(STAMP)  ## format, lint, types, floors
	$(BIN)/ruff check . && $(BIN)/mypy && $(BIN)/lint-imports

bench: $(STAMP)  ## every figure beside its yardstick
	$(BIN)/python -m bench

lock:            ## renew requirements.lock (names, versions and hashes; no host)
	uv pip compile pyproject.toml --all-extras --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate --quiet -o requirements.lock requirements-build.in

gateways:        ## real gateways for the tests, pinned by hash (npm; 25 MB, a quarter of a minute); without them their flows are skipped
	npm ci --prefix tests/support/npm --ignore-scripts --no-audit --no-fund --silent

gateways-large:  ## claude-code-router too (npm; 120 MB)
	npm ci --prefix tests/support/npm-ccr --ignore-scripts --no-audit --no-fund --silent

clean:           ## remove what make made
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis dist
