# All commands for developers. `make` without a target lists them.
,      := ,
PYTHON ?= python3
EXTRAS ?= dev
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready-$(subst $(,),-,$(EXTRAS))
SERIES := $(VENV)/.ready-series

OLDEST := .venv-oldest

# Tests start many processes, each of which would otherwise compile all sources again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test test-slow test-oldest fuzz torture experiments lint format docs pictures bench bench-search compare clean
help:        ## this list
	@grep -E '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

$(READY): pyproject.toml dlrun/__init__.py
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[$(EXTRAS)]'
	touch $@

$(SERIES): | $(READY)  # time series of one experiment; only the files of this package are read
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps aeon
	touch $@

demo: $(READY)  ## train a small convolutional network on scikit-learn's digits
	$(BIN)/dlrun train experiments/quickstart/digits-cnn.yaml

test: $(READY)  ## style, types, and all tests except the slow ones
	$(MAKE) --no-print-directory lint
	$(BIN)/python -m pytest -m "not slow" --numprocesses 2 --dist worksteal

test-slow: $(READY) $(SERIES)  ## the slow tests: experiments, broken files, killed processes, whole trainings
	$(BIN)/python -m pytest -m slow --numprocesses 2 --dist worksteal

test-oldest:  ## the tests of `make test` with the oldest dependencies that pyproject.toml allows
	test -x $(OLDEST)/bin/python || $(PYTHON) -m venv $(OLDEST)
	$(OLDEST)/bin/python -m pip install --quiet --disable-pip-version-check \
		--editable '.[dev]' --constraint constraints-oldest.txt
	$(OLDEST)/bin/python -m pytest -m "not slow" --numprocesses 2 --dist worksteal

fuzz: $(READY)  ## fuzz every file reader, in less than an hour
	$(BIN)/python -m pytest tests/fuzz --hypothesis-profile fuzz --timeout 3600 --numprocesses 2 --dist worksteal

torture: $(READY)  ## kill trainings 500 times, resume them and compare the results
	DLRUN_TORTURE=500 $(BIN)/python -m pytest tests/cli/test_killed.py --timeout 3600

experiments: $(READY) $(SERIES)  ## run all experiments (NAME=folder for one, QUICK=1 for a short version)
	$(BIN)/python -m experiments $(or $(NAME),--all) $(if $(QUICK),--quick)

lint: $(READY)  ## check style, types, and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY)  ## format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(READY)  ## write the reference from the component classes, the gallery from the findings
	$(BIN)/python docs/build_reference.py
	$(BIN)/python docs/build_gallery.py

pictures: $(READY)  ## train the example of the README and draw its pictures (needs EXTRAS=dev,docs)
	$(BIN)/python docs/draw_terminal.py

bench: $(READY)  ## compare with PyTorch, JAX and others (needs EXTRAS=dev,bench)
	$(BIN)/python -m benchmarks.run

bench-search: $(READY)  ## compare searches with Optuna, BoTorch and others, in hours (needs EXTRAS=dev,bench-search)
	$(BIN)/python -m benchmarks.run --only search/regret search/rank search/seconds --name search

compare: $(READY)  ## measure two checkouts in turn: make compare BEFORE=../old AFTER=.
	$(BIN)/python -m benchmarks.compare "$(BEFORE)" "$(AFTER)"

clean:       ## remove the files of the other targets
	rm -rf $(VENV) $(OLDEST) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
