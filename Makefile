# Everything a fresh machine needs is in two commands: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: reports demo test test-unit test-real test-browser mutants mutants-quick lint bench lock clean

$(VENV)/.installed: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed: make PYTHON=python3.12 …" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation -e .
	touch $@

demo: $(VENV)/.installed  ## two platforms on this machine, two decisions
	$(BIN)/conformance demo

test: $(VENV)/.installed test-unit mutants-quick test-browser test-real  ## everything

test-unit: $(VENV)/.installed
	-sh tests/setup.sh
	$(BIN)/pytest -n 2 tests --ignore tests/real --ignore tests/browser

mutants: $(VENV)/.installed  ## every seeded fault over the reference platforms, all versions of all standards
	$(BIN)/conformance lint --mutants

mutants-quick: $(VENV)/.installed  ## the same, but of older versions every fifth, of very many every second one
	$(BIN)/conformance lint --mutants --quick

test-browser: $(VENV)/.installed
	-sh tests/browser/setup.sh
	$(BIN)/pytest -n 2 tests/browser

test-real: $(VENV)/.installed
	-$(BIN)/python -m tests.real
	$(BIN)/pytest tests/real

lint: $(VENV)/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/conformance lint

reports: $(VENV)/.installed  ## the published example in reports/, made anew
	sh reports/build.sh

bench: $(VENV)/.installed
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.reports
	$(BIN)/python -m benchmarks.register
	$(BIN)/python -m benchmarks.shacl
	$(BIN)/python -m benchmarks.exit --observations 20000

lock:  ## after a change of dependencies in pyproject.toml
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	  --extra dev --output-file requirements.lock pyproject.toml

clean:
	rm -rf $(VENV) runs
