# Everything runs in a virtual environment of its own, .venv, which the first target sets up.

PYTHON ?= python3
VENV ?= .venv
# what to install: the source tree, or a wheel (PACKAGE=dist/actlib-0.1.0-....whl)
PACKAGE ?= .
EXTRAS ?= test,docs
BIN := $(VENV)/bin
SOURCES := setup.py pyproject.toml $(shell find actlib -name '*.py' -o -name '*.pyx' -o -name '*.pxd')
HTML := docs/_build/html
# all builders share what has been read and checked
SPHINX = $(BIN)/sphinx-build -W --keep-going --jobs auto -q -d docs/_build/doctrees

.DEFAULT_GOAL := help
.PHONY: help site html book exercises test bench accuracy lint check dist clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit("actlib needs Python 3.11 or later" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip

# the stamp carries the extras in its name, so that asking for more of them installs them
$(VENV)/installed-%: $(BIN)/python $(SOURCES)
	@echo "Installing actlib with its kernels (the first time takes some minutes) ..."
	$(BIN)/python -m pip install --quiet "$(PACKAGE)[$*]"
	@touch $@

site: html book  ## run the experiments, render the textbook, and make its PDF, EPUB and zip
	@echo
	@echo "The textbook is ready. Open file://$(abspath $(HTML))/index.html"

html: $(VENV)/installed-$(EXTRAS)  ## render what changed of the textbook
	$(SPHINX) -b html docs $(HTML)

book: html  ## the textbook as PDF, EPUB and zip, from the pages that html has read
	$(SPHINX) -b book docs docs/_build/book
	$(SPHINX) -b ebook docs docs/_build/ebook
	$(BIN)/python docs/make_book.py docs/_build

exercises: $(VENV)/installed-$(EXTRAS)  ## render the textbook without the answers to its exercises
	$(SPHINX) -b html -t no-answers docs docs/_build/exercises

test: $(VENV)/installed-$(EXTRAS)  ## run every test against the installed package
	$(BIN)/pytest -q -n auto --dist loadfile

bench: $(VENV)/installed-$(EXTRAS)  ## compare speed with the peers that are installed (EXTRAS=test,peers for all)
	$(BIN)/python benchmarks/run.py --json docs/_ext/speed.json

accuracy: $(VENV)/installed-$(EXTRAS)  ## measure errors in ulp beside the peers that are installed
	$(BIN)/python benchmarks/accuracy.py

lint: $(VENV)/installed-dev  ## check style and types
	$(BIN)/ruff check .
	PATH="$(abspath $(BIN)):$$PATH" $(BIN)/cython-lint actlib
	$(BIN)/mypy --strict actlib

check: $(VENV)/installed-$(EXTRAS)  ## self-test of the installed kernels against the definitions
	$(BIN)/actlib check

dist: $(VENV)/installed-dev  ## build sdist and wheel into dist/
	$(BIN)/pyproject-build

clean:  ## remove everything that was built
	rm -rf $(VENV) build dist docs/_build docs/gallery *.egg-info
	find actlib -name '*.so' -delete
