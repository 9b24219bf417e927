# Two commands on a fresh machine with Python 3.11+ and make: `make demo` and `make test`.
# Everything is installed into .venv, with uv where it is there and with python3 -m venv otherwise.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

# As many tests at a time as there are cores, four at most; `ARGS=-n0` runs one after another (for --pdb, and to measure).
PARALLEL ?= -n auto --maxprocesses 4 --dist worksteal

.PHONY: help demo test test-quick lint docs bench wheel-test checkout-test clean faults fuzz

help:
	@echo "make demo   crawl, ingest and export a sample site on loopback"
	@echo "make test   run the tests; ARGS=tests/scraper/test_crawl.py runs some of them, ARGS=-n0 one after another"
	@echo "make test-quick  run the tests that find most, in a minute or so"
	@echo "make lint   ruff, mypy --strict, import-linter"
	@echo "make docs   write the generated parts of docs/ again"
	@echo "make faults attack the archive for half an hour: kills, full disks, flipped bits; prints the figures"
	@echo "make fuzz   fuzz the readers with atheris for FUZZ_SECONDS (300)"
	@echo "make bench  print the table of speed and memory"

demo: $(VENV)/.demo
	$(BIN)/btl demo

test: $(VENV)/.test
	@sh .ci/system
	$(BIN)/python -m pytest $(PARALLEL) $(ARGS)

# The files that QUICK names in tests/conftest.py: some of every room, and no browser.
test-quick: $(VENV)/.test
	$(BIN)/python -m pytest $(PARALLEL) --quick $(ARGS)

lint: $(VENV)/.dev .types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy -p belowtheline
	$(BIN)/lint-imports

docs: $(VENV)/.test
	$(BIN)/python -m cogapp -r README.md docs/*.md

bench: $(VENV)/.test
	$(BIN)/python bench/run.py $(ARGS)

faults: $(VENV)/.test
	$(BIN)/python -m pytest tests/faults -m long $(ARGS)

# atheris has no wheel for every Python and machine: without one the fuzzing of the tests remains.
FUZZ_SECONDS ?= 300
fuzz: $(VENV)/.test
	@if VENV=$(VENV) PYTHON="$(PYTHON)" sh .ci/install atheris; then \
	    PYTHONPATH=. $(BIN)/python tests/faults/fuzz.py -max_total_time=$(FUZZ_SECONDS) -max_len=60000 -timeout=20 $(ARGS); \
	else echo "fuzz: skipped, atheris cannot be installed here: \`make faults\` fuzzes without it." >&2; fi

# The tests against what a user of the wheel gets, without those of the checkout itself.
wheel-test: $(VENV)/.dev
	rm -rf dist .wheel
	$(BIN)/python -m build --wheel --outdir dist .
	VENV=.wheel PYTHON="$(PYTHON)" sh .ci/install "$$(echo dist/*.whl)[test]"
	@sh .ci/system
	.wheel/bin/python -m pytest $(PARALLEL) -m "not checkout and not long" $(ARGS)

# The tests of what is in no wheel: docs, examples, what is packed.
checkout-test: $(VENV)/.dev
	$(BIN)/python -m pytest -m "checkout and not long" $(ARGS)

$(VENV)/.demo: pyproject.toml
	VENV=$(VENV) PYTHON="$(PYTHON)" sh .ci/install -e ".[browse]"
	@touch $@

$(VENV)/.test: pyproject.toml
	VENV=$(VENV) PYTHON="$(PYTHON)" sh .ci/install -e ".[test]"
	@touch $@ $(VENV)/.demo

$(VENV)/.dev: pyproject.toml
	VENV=$(VENV) PYTHON="$(PYTHON)" sh .ci/install -e ".[dev]"
	@touch $@ $(VENV)/.demo $(VENV)/.test

# mypy does not follow the editable hook: the folders are linked where it looks.
.types:
	mkdir -p .types/belowtheline
	for folder in archive authoring cli demo exports jobs pipelines reading scraper sites; do ln -sfn ../../$$folder .types/belowtheline/$$folder; done

clean:
	rm -rf $(VENV) .wheel .versions .types build dist *.egg-info demo-archive
