# Everything a developer types. `make` alone lists the targets.
,      := ,
PYTHON ?= python3
EXTRAS ?= dev
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready-$(subst $(,),-,$(EXTRAS))

.PHONY: help demo test test-slow fuzz torture lint format docs pictures bench clean
help:        ## this list
	@grep -E '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

$(READY): pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[$(EXTRAS)]'
	touch $@

demo: $(READY)  ## train a small convolutional network on scikit-learn's digits
	$(BIN)/dlrun train experiments/quickstart/digits-cnn.yaml

test: $(READY)  ## all checks, and the tests that take no more than a few seconds each
	$(MAKE) --no-print-directory lint
	$(BIN)/python -m pytest -m "not slow" --numprocesses 2 --dist worksteal

test-slow: $(READY)  ## the other tests: experiments, broken files, kills, whole trainings
	$(BIN)/python -m pytest -m slow --numprocesses 2 --dist worksteal

fuzz: $(READY)  ## broken files of every kind, for about half an hour
	$(BIN)/python -m pytest tests/fuzz --hypothesis-profile fuzz --timeout 3600 --numprocesses 2 --dist worksteal

torture: $(READY)  ## kill trainings 500 times and compare what they end with
	DLRUN_TORTURE=500 $(BIN)/python -m pytest tests/cli/test_killed.py --timeout 3600

lint: $(READY)  ## style, types, and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY)  ## put the code into form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(READY)  ## write the reference from the component classes
	$(BIN)/python docs/build_reference.py

pictures: $(READY)  ## train the README's example and draw its pictures (needs EXTRAS=dev,docs)
	$(BIN)/python docs/draw_terminal.py

bench: $(READY)  ## measure steps and whole processes against PyTorch (needs EXTRAS=dev,parity)
	$(BIN)/python -m benchmarks.run

clean:       ## remove what the other targets made
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
