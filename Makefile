# What can be done here. Every target makes what it needs; `make help` lists them.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ENGINE_SOURCES := $(wildcard csrc/*.[ch] csrc/*.py csrc/*.txt csrc/*/*.[ch] csrc/*/*/*.[ch])
C_FILES := $(wildcard csrc/*.[ch] csrc/*/*.[ch] csrc/*/*/*.[ch] tests/c/*.[ch] examples/*.c benchmarks/*.c)
WARNINGS := -Wall -Wextra -Wpedantic -Werror
CC ?= cc
# How many compilers run at once.
JOBS := $(shell getconf _NPROCESSORS_ONLN)
PYTHON_HEADERS = -I$(shell $(BIN)/python -c "import sysconfig; print(sysconfig.get_path('include'))")

export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := build
.PHONY: help build engine demo test test-c test-c-arm64 test-c-musl test-pthreads test-thorough mutants fuzz lint format sizes examples bench sweep sweep-quick last-places docs figures dist clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

# ---- the environment ----

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

# The engine is compiled again when a C file is newer; Python files are used where they lie.
$(VENV)/built: $(BIN)/python setup.py pyproject.toml $(ENGINE_SOURCES)
	$(BIN)/pip install --quiet --editable ".[test]"
	@touch $@

# Pinned, because each release of a formatter formats a little differently.
$(VENV)/tools: $(VENV)/built .ci/tools.txt
	$(BIN)/pip install --quiet --requirement .ci/tools.txt
	@touch $@

build: $(VENV)/built ## compile the engine and install pylego, editable, into .venv

# After a build of one set alone, `make build` and all that needs it compile the others as well.
engine: $(BIN)/python ## compile what changed in csrc/, in place; PYLEGO_SETS=avx2: that set alone
	@$(BIN)/python -c "import cffi" 2> /dev/null || $(MAKE) build
	@$(BIN)/python -c "import setuptools" 2> /dev/null || $(BIN)/pip install --quiet setuptools
	@$(BIN)/python setup.py --quiet build_ext --inplace
	@if [ -n "$(PYLEGO_SETS)" ]; then rm -f $(VENV)/built; else touch $(VENV)/built; fi

demo: build ## train a network on handwritten digits and look at what it learned
	@$(BIN)/python examples/digits.py

# ---- tests ----

test: build ## run the tests (up to five minutes)
	$(BIN)/python tests/run.py

# One instruction set is enough, and "generic" is one on every machine.
test-pthreads: build ## run the tests of threads in a build without OpenMP
	@$(BIN)/pip install --quiet setuptools
	@mkdir -p build/pthreads && cp -r pylego build/pthreads/
	PYLEGO_OPENMP=0 PYLEGO_SETS=generic $(BIN)/python setup.py --quiet build_ext \
	    --build-lib build/pthreads --build-temp build/pthreads/objects
	PYLEGO_OPENMP=0 PYTHONPATH=$(CURDIR)/build/pthreads \
	    $(BIN)/pytest tests/test_threads.py tests/test_forks.py

test-thorough: build ## run the tests with many more random cases
	HYPOTHESIS_PROFILE=thorough $(BIN)/python -m pytest

test-c: ## run the C tests under sanitizers and with a failing allocator
	$(MAKE) --no-print-directory -j$(JOBS) -C tests/c CC="$(CC)"

test-c-arm64: ## run the C tests for arm64, under qemu: aarch64-linux-gnu-gcc, qemu-aarch64-static
	$(MAKE) --no-print-directory -j$(JOBS) -C tests/c plain CC=aarch64-linux-gnu-gcc \
	    RUN=qemu-aarch64-static LINK=-static

test-c-musl: ## run the C tests with another C library: musl-gcc
	$(MAKE) --no-print-directory -j$(JOBS) -C tests/c plain CC=musl-gcc

# Cosmic Ray brings many packages with it, so only this target installs it.
$(VENV)/mutants: $(VENV)/built .ci/mutants.txt
	$(BIN)/pip install --quiet --requirement .ci/mutants.txt
	@touch $@

mutants: $(VENV)/mutants ## change lines one at a time, see if tests notice: FILES= or BASE=, TESTS=
	@$(BIN)/python tests/mutants.py $(FILES) $(if $(BASE),--base $(BASE)) \
	    $(if $(TESTS),--tests $(TESTS)) $(if $(MOST),--most $(MOST))

fuzz: build ## open thousands of damaged files: COUNT=, SEED=, ONLY=part of a name
	$(BIN)/python tests/fuzz/run.py $(if $(COUNT),--count $(COUNT)) $(if $(SEED),--seed $(SEED)) \
	    $(if $(ONLY),--only $(ONLY))

examples: build ## run every example at smoke size
	$(BIN)/python -m pytest tests/test_examples.py

# ---- looking at the code ----

lint: $(VENV)/tools ## check style and types; compile with warnings as errors
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	@$(BIN)/clang-format --dry-run --Werror $(C_FILES)
	@printf '%s\n' csrc/*/*.c csrc/*/*/*.c | xargs -P $(JOBS) -I {} \
	    $(CC) -std=c11 -O3 -fopenmp-simd $(WARNINGS) -c {} -o /dev/null
	@if $(CC) -fopenmp -fsyntax-only csrc/has_openmp.c 2> /dev/null; then \
	    $(CC) -std=c11 -O3 -fopenmp $(WARNINGS) -c csrc/core/team.c -o /dev/null; \
	fi
	@for file in $(filter-out csrc/has_openmp.c,$(wildcard csrc/*.c)); do \
	    $(CC) -std=c11 -O3 $(WARNINGS) $(PYTHON_HEADERS) -c $$file -o /dev/null || exit 1; \
	done

format: $(VENV)/tools ## format Python and C
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	@$(BIN)/clang-format -i $(C_FILES)

sizes: build ## show lines per file and the longest functions; fail above the budgets
	$(BIN)/python tests/sizes.py

bench: build ## print the figures of the README
	$(BIN)/python benchmarks/run.py
	$(BIN)/python benchmarks/feeding.py

PEERS := $(if $(PEERS_PYTHON),--python $(PEERS_PYTHON))

sweep: build ## time every brick at every size beside PyTorch and NumPy: PEERS_PYTHON=, ONLY=family
	$(BIN)/python benchmarks/run_sweep.py $(PEERS) $(if $(ONLY),--only "$(ONLY)")

sweep-quick: build ## the same with few of the cases, in minutes
	$(BIN)/python benchmarks/run_sweep.py --quick $(PEERS) $(if $(ONLY),--only "$(ONLY)")

last-places: build ## print the errors of elementary functions in units in the last place
	$(BIN)/python benchmarks/last_places.py

docs: build ## run every snippet of the documentation
	$(BIN)/python -m pytest tests/test_docs.py

figures: build ## make the print-outs and pictures in docs/ again
	$(BIN)/python docs/figures.py --write
	$(BIN)/python docs/pictures.py --write

# ---- shipping ----

dist: $(VENV)/tools ## build sdist and wheel, look at the size, install the sdist in a clean environment, try it
	rm -rf dist build/clean
	@mkdir -p build
	@$(BIN)/python -m build --outdir dist . > build/dist.log 2>&1 || (cat build/dist.log; exit 1)
	@ls -l dist
	$(BIN)/python tests/wheel_size.py dist/*.whl
	$(PYTHON) -m venv build/clean
	build/clean/bin/pip install --quiet dist/*.tar.gz
	cd build/clean && bin/python -I ../../tests/smoke.py

clean: ## remove everything that was made
	rm -rf $(VENV) build dist *.egg-info pylego/_lego.* .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
