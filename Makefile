# Everything a contributor needs. Given: make, python3.11 and the package registries. `make` alone prints the targets.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:

PYTHON ?= python3.11
BROWSER ?= yes
ARGS ?=
# Tests run in so many processes at once, each with databases of its own; JOBS=0 runs them in the one that a debugger sees.
# A fifth of their time is waiting, for a server or a deadline: one more than there are processors keeps these busy.
JOBS ?= $(shell echo $$(($$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2) + 1)))
SPREAD := --numprocesses $(JOBS) --maxprocesses 8 --dist loadfile --no-loadscope-reorder

VENV := .venv
BIN := $(VENV)/bin
UV_VERSION := $(shell sed -n 's/^ *"uv==\(.*\)",$$/\1/p' pyproject.toml)
SYNCED := $(VENV)/.synced
EXAMPLES := examples/slice-plugin/src:examples/projection-plugin/src:examples/token-enricher-plugin/src:examples/idp-plugin/src:examples/lock-adapter/src:examples/storage-adapter/src:examples/embedded-service:examples/python-client
NODE := tests/e2e/node
NODE_SYNCED := $(NODE)/node_modules/.synced

export UV_PROJECT_ENVIRONMENT := $(VENV)
export UV_PYTHON_DOWNLOADS := never
# Compiled once here, or the first start of everything would take twice as long; with PYTHONDONTWRITEBYTECODE each would,
# and whatever has changed since would be compiled by each of the tests' processes.
export UV_COMPILE_BYTECODE := 1
unexport PYTHONDONTWRITEBYTECODE
export PATH := $(CURDIR)/$(BIN):$(PATH)

ifeq ($(BROWSER),yes)
BROWSER_READY := browser
MARK :=
else
MARK := not browser
endif

.PHONY: help run test test-all lint bench browser

help: ## print this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

run: $(SYNCED) ## serve on http://localhost:8080 with SQLite in ./hexkeep-data; ARGS="--port 9000" passes options
	@$(BIN)/hexkeep serve $(ARGS)

test: $(SYNCED) $(BROWSER_READY) ## run the tests, without those marked slow; ARGS="tests/unit -k name" narrows, JOBS=0 is for debuggers
	$(BIN)/pytest $(SPREAD) -m "not slow$(if $(MARK), and $(MARK))" $(ARGS)

test-all: $(SYNCED) $(BROWSER_READY) ## run every test
	$(BIN)/pytest $(SPREAD) -m "$(MARK)" $(ARGS)

lint: $(SYNCED) ## ruff (rules and format), mypy --strict, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	MYPYPATH=$(EXAMPLES) $(BIN)/mypy -p hexkeep_badges -p hexkeep_email_domains -p hexkeep_customer_number -p hexkeep_discourse -p hexkeep_flock -p hexkeep_lmdb -m service -m bring_people -m follow
	$(BIN)/lint-imports --no-logo

bench: $(SYNCED) ## measure against the floors of the same run; prints a table, writes build/bench.json
	$(BIN)/python -m tests.bench $(ARGS)

# The environment is exactly what uv.lock says; uv itself is one of the locked tools.
$(SYNCED): pyproject.toml uv.lock
	@command -v $(PYTHON) >/dev/null || { echo "Hexkeep needs Python 3.11: install python3.11, or name another with make PYTHON=python3.12"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }
	@$(BIN)/uv --version 2>/dev/null | grep -q "^uv $(UV_VERSION)\b" || $(BIN)/python -m pip install --quiet "uv==$(UV_VERSION)"
	$(BIN)/uv sync --quiet --locked --all-extras --all-groups
	@$(BIN)/python -m compileall -q src
	@touch $@

# The browser tests need Chromium, and Node clients with their packages. Without nginx, xmlsec1, slapd and Apache with its modules their tests are skipped.
browser: $(NODE_SYNCED)
	@for name in chromium chromium-browser google-chrome; do command -v $$name >/dev/null && exit 0; done; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends chromium >/dev/null; \
	else \
		echo "The browser tests need Chromium: install the package 'chromium' of your system (or Google Chrome),"; \
		echo "or leave these tests out with: make $(MAKECMDGOALS) BROWSER=no"; \
		exit 1; \
	fi
	@if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		PATH="$$PATH:/usr/sbin"; wanted=; \
		command -v nginx >/dev/null || wanted=nginx; \
		command -v xmlsec1 >/dev/null || wanted="$$wanted xmlsec1"; \
		command -v slapd >/dev/null || wanted="$$wanted slapd"; \
		test -f /usr/lib/apache2/modules/mod_auth_openidc.so || wanted="$$wanted libapache2-mod-auth-openidc"; \
		test -f /usr/lib/apache2/modules/mod_auth_mellon.so || wanted="$$wanted libapache2-mod-auth-mellon"; \
		test -z "$$wanted" || { apt-get update -qq && \
			DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $$wanted >/dev/null || true; }; fi

$(NODE_SYNCED): $(NODE)/package.json $(NODE)/package-lock.json $(SYNCED)
	cd $(NODE) && npm ci --no-audit --loglevel=error
	@touch $@
