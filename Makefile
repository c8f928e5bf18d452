# Two commands for everybody: `make demo` and `make test`. Both work from a bare clone.
VENV := .venv
PYTHON ?= python3
BIN := $(VENV)/bin
UV := $(shell command -v uv 2>/dev/null)
OUT ?= reports/out
RUN_STAMP := $(VENV)/.run-stamp
TEST_STAMP := $(VENV)/.test-stamp

.PHONY: help demo test quick lint format types notebooks benchmarks docs picture wheel clean

help:  ## List the commands
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

demo: $(RUN_STAMP)  ## Packs of all sample teams for the latest month; last line: path of index.html
	@$(BIN)/kpitools demo --out $(OUT)

test: $(TEST_STAMP)  ## Everything: style, types, notebooks without outputs, all tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/nbstripout --verify notebooks/*.ipynb
	$(BIN)/pytest -n 2 --dist loadgroup

quick: $(TEST_STAMP)  ## The inner loop: tests that take no notebook, browser or fresh environment
	$(BIN)/pytest -q -n 2 --dist loadgroup -m "not slow"

lint: $(TEST_STAMP)  ## Style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(TEST_STAMP)  ## Set the code as the project does
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

picture: demo  ## The picture in the README: a page of the demo packs (needs pdftoppm)
	pdftoppm -r 100 -f 2 -l 2 -singlefile -png $(OUT)/2026-10/billing-*.pdf docs/pack-page

docs: $(TEST_STAMP)  ## The pages of the built-in catalogue, docs/kpis
	rm -f docs/kpis/*.md
	$(BIN)/python -c "from pathlib import Path; from kpitools.catalog import load_builtin; from kpitools.packs.kpi_pages import write_pages; write_pages(load_builtin(), Path('docs/kpis'))"

wheel: $(TEST_STAMP)  ## Build the wheel into dist/
	$(BIN)/python -m build --wheel

benchmarks: $(TEST_STAMP)  ## Measure; prints ratios of one run
	$(BIN)/python benchmarks/pack_stages.py
	$(BIN)/python benchmarks/facts_20m.py
	$(BIN)/python benchmarks/facts_100m.py

clean:  ## Remove what was made
	rm -rf $(VENV) dist build reports/out .pytest_cache .ruff_cache .mypy_cache

$(VENV)/pyvenv.cfg:
ifdef UV
	$(UV) venv --python $(PYTHON) $(VENV)
else
	$(PYTHON) -m venv $(VENV)
endif
	@touch $@

$(RUN_STAMP): $(VENV)/pyvenv.cfg pyproject.toml
ifdef UV
	$(UV) pip install --quiet --python $(BIN)/python -e .
else
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
endif
	@touch $@

$(TEST_STAMP): $(VENV)/pyvenv.cfg pyproject.toml
ifdef UV
	$(UV) pip install --quiet --python $(BIN)/python -e '.[test]'
else
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[test]'
endif
	@touch $(RUN_STAMP) $@
