# Every target makes what it needs. `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help gateways gateways-npm gateways-large demo test run bench check clean lock litellm test-litellm

help:            ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## +/\t/' | expand -t 16

$(STAMP): pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "vendorwatch needs Python 3.11 or newer; $(PYTHON) is `$(PYTHON) --version`. Say e.g. make PYTHON=python3.12"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

gateways:        ## real gateways (Envoy, 37 MB; TensorZero, 151 MB) for the tests that start one, beside the house's own environment
	test -x .gateways/bin/python || $(PYTHON) -m venv .gateways
	.gateways/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-gateways.lock

demo: $(STAMP)   ## the main job against stand-in vendors: no keys, no internet, a minute and a half
	$(BIN)/vendorwatch demo

test: $(STAMP)   ## all tests
	$(BIN)/python -m pytest -q

# LiteLLM in an environment of its own, by hash. No *.pth file but setuptools' may run at Python's start: that is how
# its stolen releases got in.
LITELLM := .litellm-venv
$(LITELLM)/.installed: requirements-litellm.lock
	@test -x $(LITELLM)/bin/python || $(PYTHON) -m venv $(LITELLM)
	$(LITELLM)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-litellm.lock
	@! find $(LITELLM) -name '*.pth' ! -name distutils-precedence.pth | grep . || { echo "unexpected .pth files"; exit 1; }
	@touch $@

litellm: $(LITELLM)/.installed   ## a real LiteLLM proxy for the tests: 600 MB, 3 to 4 minutes

test-litellm: $(STAMP) litellm   ## patches on that LiteLLM: the vendor that left is hit before and never after
	$(BIN)/python -m pytest -q tests/flows/test_litellm_proxy.py

run: $(STAMP)    ## the daemon on real vendors: no key needed, SQLite, alerts on the console
	$(BIN)/vendorwatch run

check: $(STAMP)  ## format, lint, types, floors
	$(BIN)/ruff check . && $(BIN)/mypy && $(BIN)/lint-imports

bench: $(STAMP)  ## every figure beside its yardstick
	$(BIN)/python -m bench

lock:            ## renew requirements.lock (names, versions and hashes; no host)
	uv pip compile pyproject.toml --all-extras --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate --quiet -o requirements.lock requirements-build.in
	uv pip compile requirements-litellm.in --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate --quiet -o requirements-litellm.lock

gateways-npm:    ## real gateways that come by npm: Portkey (25 MB)
	npm ci --prefix tests/support/npm --ignore-scripts --no-audit --no-fund --silent

gateways-large:  ## claude-code-router too (npm; 120 MB)
	npm ci --prefix tests/support/npm-ccr --ignore-scripts --no-audit --no-fund --silent

clean:           ## remove what make made
	rm -rf $(VENV) $(LITELLM) .mypy_cache .ruff_cache .pytest_cache .hypothesis dist
