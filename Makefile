# Everything a newcomer needs: `make demo` and `make test`. Everything a developer needs: `make check`.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
DEPENDENCIES = pyproject.toml

.DEFAULT_GOAL := help
.PHONY: help demo test check lint format setup bench docs pictures run clean need-python

help: ## Say what can be made
	@grep -E '^[a-z-]+:.*##' $(firstword $(MAKEFILE_LIST)) | sed -E 's/:.*## /\t/' | expand -t 12

need-python:
	@command -v $(PYTHON) >/dev/null 2>&1 || { \
	  echo "Python is missing. On Debian or Ubuntu: sudo apt-get install -y python3 python3-venv"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "$$($(PYTHON) --version) is too old: trainvis needs Python 3.11 or newer. Name one: make demo PYTHON=python3.11"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "Python's venv is missing. On Debian or Ubuntu: sudo apt-get install -y python3-venv"; exit 1; }

# One stamp a set of extras: the second call of a target costs nothing.
$(VENV)/.demo: $(DEPENDENCIES) | need-python
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing trainvis with TensorFlow and scikit-learn into $(VENV) (some 600 MB, a few minutes the first time) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[demo]'
	@touch $@

$(VENV)/.dev: $(DEPENDENCIES) | need-python
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing trainvis with all that its tests need into $(VENV) (some 700 MB, a few minutes the first time) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@ $(VENV)/.demo

setup: $(VENV)/.dev ## Make the virtual environment with everything in it

demo: $(VENV)/.demo ## Train on handwritten digits and open the application on it
	@$(BIN)/trainvis demo

test: $(VENV)/.dev ## Run all tests: the fast ones, their properties with many examples, those that load a framework
	$(BIN)/python -m pytest -q -n 2 --dist worksteal -m "not slow"
	$(BIN)/python -m pytest -q -n 2 --dist worksteal --hypothesis-profile=many -m "hypothesis and not slow"
	$(BIN)/python -m pytest -q -n 2 --dist worksteal -m slow

lint: $(VENV)/.dev ## Format check, ruff, types, walls between the rooms
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/basedpyright --level error --pythonpath $(BIN)/python
	$(BIN)/lint-imports

check: lint test ## All of it: what a change must pass

format: $(VENV)/.dev ## Format and mend what can be mended
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.dev ## Measure; one JSON line a figure
	$(BIN)/python -m benchmarks

pictures: $(VENV)/.dev ## Make the pictures of the manual with the tool itself
	$(BIN)/python docs/pictures.py

docs: $(VENV)/.dev ## Build the manual into site/
	$(BIN)/mkdocs build --strict --quiet

run: $(VENV)/.demo ## Open the application
	$(BIN)/trainvis-tui

clean: ## Remove what was built
	rm -rf $(VENV) site build dist *.egg-info
