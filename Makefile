# Two commands on a fresh machine: `make app` and `make test`. Needs Python 3.11+, git, make.
PYTHON ?= python3
CORPUS ?= corpus
# What is known of the reports; a corpus elsewhere may have a catalogue of its own.
CATALOGUE ?= $(firstword $(wildcard $(CORPUS)/catalogue.toml corpus/catalogue.toml))
INDEX ?= index
PORT ?= 8501
# What `make soak` draws its cases from, and the seconds that each of its harnesses takes.
SEED ?= 1
BUDGET ?= 300
# Set to anything, it installs what the program needs by its digests; the tools of tests have none.
HASHED ?=
BIN := .venv/bin
# Set on purpose: with more threads than free cores, encoding slows down several times.
export OMP_NUM_THREADS ?= 2
export TOKENIZERS_PARALLELISM = false

.PHONY: app rebuild test soak check lint imports types browser format requirements docs clean

app: rebuild
	$(BIN)/reformqa app --corpus $(CORPUS) --index $(INDEX) --port $(PORT) \
	  $(if $(CATALOGUE),--catalogue $(CATALOGUE))

rebuild: .venv/installed
	$(BIN)/reformqa rebuild --corpus $(CORPUS) --index $(INDEX) \
	  $(if $(CATALOGUE),--catalogue $(CATALOGUE))

# One file of tests at a time for each processor and one more, for some wait for a browser.
WORKERS ?= $(shell expr $$(nproc 2>/dev/null || echo 2) + 1)
test: export OMP_NUM_THREADS = 1
test: .venv/installed browser
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --maxprocesses 6 --dist loadfile

# Searches for faults with other cases each time SEED changes; not a part of `make check`.
soak: .venv/installed browser
	$(BIN)/python -m soak --seed $(SEED) --budget $(BUDGET)

check: lint imports types test

lint: .venv/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

imports: .venv/installed
	$(BIN)/lint-imports

types: .venv/installed
	$(BIN)/mypy

# The API reference, for a browser.
docs: .venv/installed
	$(BIN)/python docs/make_api.py build/api

format: .venv/installed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# What an installation needs besides this project, with digests; run after a change of versions.
LOCK = uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate
requirements:
	@command -v uv >/dev/null || { echo "Install uv to resolve the packages." >&2; exit 1; }
	$(LOCK) --custom-compile-command "make requirements" --upgrade --constraint constraints.txt \
	  --extra sign-in --extra mcp --output-file requirements.txt pyproject.toml

browser:
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null \
	  || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null \
	       && apt-get update -qq && apt-get install -y -qq chromium >/dev/null; } \
	  || { echo "The tests need a browser: install Debian's 'chromium' package." >&2; exit 1; }

.venv/installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.version_info < (3, 11) and sys.exit("Python 3.11 is needed")'
	@echo "Making the environment in .venv: a few minutes, about 2 GB, once."
	@$(PYTHON) -m venv .venv || { echo "Install Debian's python3-venv package." >&2; exit 1; }
	@$(if $(HASHED),$(BIN)/pip install --quiet --require-hashes --requirement requirements.txt)
	@$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $@

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis
