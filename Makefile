# Everything a contributor runs. All of it rests on `make setup`.

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint fix check bench screenshots wheel smoke lock

BIN := .venv/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check

# The first Python that is new enough; looked for only when .venv has to be made.
PYTHON = $(firstword $(foreach name,python3 python3.13 python3.12 python3.11,$(shell \
	$(name) -c 'import sys; sys.version_info >= (3, 11) and print("$(name)")' 2>/dev/null)))

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' Makefile

setup: .venv/ready ## Prepare .venv: the locked dependencies, and Hookline itself

.venv/ready: requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Hookline needs Python 3.11 or newer: install it \
	and run this again." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python lacks its venv \
	module: run 'sudo apt install $(PYTHON)-venv' and then this again." >&2; exit 1; }
	@echo "Preparing .venv, which takes a minute the first time."
	@$(BIN)/python -c 'import pip, sys; assert sys.version_info >= (3, 11)' 2>/dev/null \
	|| $(PYTHON) -m venv --clear .venv
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

demo: setup ## Open the console on a demo with live deliveries
	@$(BIN)/hookline demo

test: setup ## Run the tests; ARGS="tests/core -k sign" picks some
	$(BIN)/pytest -n auto --maxprocesses 8 $(ARGS)

lint: setup ## Check format, style, types and the arrows between the folders
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fix: setup ## Format, and correct what can be corrected by itself
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

check: lint test ## What a commit must pass

bench: setup ## Measure the worker and the console
	$(BIN)/python -m bench

screenshots: setup ## Make the pictures of the README anew
	$(BIN)/python -m screenshots

wheel: setup ## Build the wheel into dist/
	@rm -rf dist
	$(BIN)/python -m hatchling build --target wheel --directory dist

smoke: wheel ## Install the wheel without the lock, in a fresh place, and start it
	@place=$$(mktemp -d) && trap 'rm -rf "$$place"' EXIT && \
	$(BIN)/python -m venv "$$place" && \
	"$$place/bin/pip" --quiet --disable-pip-version-check install dist/*.whl && \
	"$$place/bin/hookline" --version

lock: setup ## Write requirements.lock anew; UPGRADE=--upgrade takes the newest versions
	@$(BIN)/uv --version >/dev/null 2>&1 || $(PIP) install uv
	@$(BIN)/uv --no-config pip compile pyproject.toml --group dev --universal --quiet \
	--generate-hashes --custom-compile-command "make lock" $(UPGRADE) --output-file requirements.lock
