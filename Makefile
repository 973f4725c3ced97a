# make serve   build the knowledge graph and serve it at http://127.0.0.1:7878/sparql
# make test    run all tests
# make conformance  run the W3C suites (SHACL, entailment) that lie beside the project or where CONFORMANCE points
# make fuzz    try thousands of random ontologies and shapes against HermiT, owlrl and pySHACL
# make lint    check types, style and format
# make bench   time the build, the server and other tools side by side, and write docs/benchmarks/ (STUDIES=3000)
# make bench-reasoning  the first half of it: the build; make bench-serving, the second: the server
# make bench-pages  how long the pages take at the server, and how large they are
# make bench-watch  how long `serve --watch` takes to follow an edit
# make soak    serve under mixed load for MINUTES=10 with a new snapshot each minute
# make screenshots  take the pictures in docs/images anew, with Debian's chromium
# make format  put the code into the common format

PYTHON ?= python3
VENV ?= .venv
PORT ?= 7878
FUZZ ?= 20
STUDIES ?= 3000
MINUTES ?= 10
BIN := $(VENV)/bin

.PHONY: help serve build check test conformance fuzz lint bench bench-reasoning bench-serving bench-pages bench-watch soak screenshots format clean
.DEFAULT_GOAL := help

help:
	@sed -n 's/^# \(make .*\)/\1/p' Makefile

serve: build
	@$(BIN)/exo-onto serve --port $(PORT)

build: $(VENV)/.product
	@$(BIN)/exo-onto build

check: $(VENV)/.product
	@$(BIN)/exo-onto check

test: $(VENV)/.develop
	@$(BIN)/python -m pytest

conformance: $(VENV)/.develop
	@$(BIN)/python -m pytest -rs tests/test_conformance_*.py

fuzz: $(VENV)/.develop
	@EXO_ONTO_FUZZ=$(FUZZ) $(BIN)/python -m pytest tests/test_reason.py tests/test_fuzz_shapes.py tests/test_explain.py tests/test_crossing.py

lint: $(VENV)/.develop
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

bench: bench-reasoning bench-serving

bench-reasoning: $(VENV)/.bench
	@$(BIN)/python -m benchmarks.bench --studies $(STUDIES) $(BENCH)

bench-serving: $(VENV)/.bench
	@$(BIN)/python -m benchmarks.serving --studies $(STUDIES) $(BENCH_SERVING)

bench-pages: $(VENV)/.bench
	@$(BIN)/python -m benchmarks.pages

bench-watch: $(VENV)/.bench
	@$(BIN)/python -m benchmarks.watching

soak: $(VENV)/.bench
	@$(BIN)/python -m benchmarks.soak --minutes $(MINUTES)

screenshots: $(VENV)/.develop
	@$(BIN)/python tests/screenshots.py

format: $(VENV)/.develop
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

clean:
	rm -rf $(VENV) build

$(BIN)/python:
	@echo "making a virtual environment in $(VENV) ..."
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "exo-onto needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Name another with make PYTHON=python3.12 ...")'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.product: $(BIN)/python pyproject.toml $(shell find web hatch_build.py -path web/node_modules -prune -o -type f -print)
	@echo "installing exo-onto (about 250 MB on disk, once; its pages are made with npm) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.develop: $(VENV)/.product
	@echo "installing what the tests need ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

$(VENV)/.bench: $(VENV)/.product
	@echo "installing the tools to compare with ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[bench]'
	@touch $@
