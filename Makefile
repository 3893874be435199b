# What can be done here: make help
.DEFAULT_GOAL := help
SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3
DEMO_HOME := $(CURDIR)/.demo

$(VENV)/.installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

.PHONY: help
help: ## Show this
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: tools
tools:
	@command -v git >/dev/null || { \
	  echo "git is not on PATH. Install it: apt-get install git, or https://git-scm.com/downloads" >&2; exit 4; }
	@command -v terraform >/dev/null || command -v tofu >/dev/null || { \
	  echo "terraform or tofu is not on PATH. Install one: https://developer.hashicorp.com/terraform/install or https://opentofu.org/docs/intro/install" >&2; exit 4; }

.PHONY: install
install: $(VENV)/.installed ## Create the environment in .venv

.PHONY: demo
demo: tools $(VENV)/.installed ## Create a service on the embedded platform and look at it
	@rm -rf $(DEMO_HOME)
	@PLATFORMCTL_HOME=$(DEMO_HOME) BIN=$(BIN) sh docs/demo.sh

.PHONY: test
test: tools $(VENV)/.installed lint ## Everything that CI runs
	$(BIN)/python -m pytest -n 2 --dist worksteal -m 'not soak'

.PHONY: test-fast
test-fast: $(VENV)/.installed ## Unit and contract tests
	$(BIN)/python -m pytest -q -n 2 --dist worksteal -m 'not soak and not slow' tests/unit tests/contract

.PHONY: lint
lint: $(VENV)/.installed ## ruff and mypy --strict
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

.PHONY: soak
soak: tools $(VENV)/.installed $(VENV)/peers/.installed ## The long corpora: random kills, every fault of GitHub, merges
	$(BIN)/python -m pytest -m soak -s

$(VENV)/peers/.installed:
	$(PYTHON) -m venv $(VENV)/peers
	$(VENV)/peers/bin/python -m pip install --quiet --disable-pip-version-check cruft==2.16.0 copier==9.19.1
	@touch $@

.PHONY: bench
bench: tools $(VENV)/.installed $(VENV)/peers/.installed ## Times beside their floors, and beside peers, in one run
	$(BIN)/python -m bench

.PHONY: docs
docs: $(VENV)/.installed ## Write the generated references anew
	$(BIN)/python docs/generate.py
