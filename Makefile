# make book   environment, page assets, execute, build; then prints where to open the book
# make test   the same set-up, then every test
# make pdf    the book as make book leaves it, and the whole of it as one PDF, which the first page then offers (wants Chromium)
# make lab    JupyterLab in the book's environment
# make run NOTEBOOK=beyond-collapse/03-finite-samples PROFILE=paper [SET="-p repeats 20"] [WORKERS=2 or tcp://host:8786]
#             rerun with other parameters; parts that are finished are kept
# make parts NOTEBOOK=... [PROFILE=paper] [SET=...]   the parts of that run and their state
# make record NOTEBOOK=...   copy a complete paper run to data/reference
# make ledger [NOTEBOOK=...]   copy the last laptop run's ledgers to data/ledger, after you have read the difference
# make bench  benchmarks, each against a peer in one run
# make clean  remove everything that was built

PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
NOTEBOOKS := $(wildcard book/*/*.ipynb)
export PATH := $(CURDIR)/$(BIN):$(PATH)
export PYDEVD_DISABLE_FILE_VALIDATION := 1

# Parameters go into SET. Without it make takes `-p repeats 20` for its own option, which prints its whole database, and for two
# targets, and `repeats=20` or `WORKER=2` for a variable: the notebook would run as if nothing was said. So one sentence instead, and an end: by
# a signal, because make prints the database even after an error.
RERUNS := run parts record ledger
TARGETS := book pdf test lint lab $(RERUNS) bench clean
# what a command line may set: the variables of these targets, those of the environment, make's own
KNOWN := NOTEBOOK PROFILE SET WORKERS PYTHON VENV BOOK_% OMP_% MAKE% -*-% SHELL
ifneq (,$(filter $(RERUNS),$(MAKECMDGOALS)))
STRAY := $(filter-out $(TARGETS),$(MAKECMDGOALS))
STRAY += $(if $(findstring p,$(filter-out --%,$(firstword -$(MAKEFLAGS)))),-p)
STRAY += $(foreach name,$(filter-out $(KNOWN),$(.VARIABLES)),$(if $(filter command,$(firstword $(origin $(name)))),$(name)=))
ifneq (,$(strip $(STRAY)))
$(info $(strip $(STRAY)): parameters of a notebook go into SET, such as SET="-p repeats 20 -p seed 3"; beside it: NOTEBOOK, PROFILE, WORKERS)
$(shell kill -TERM $$PPID; sleep 1)
endif
endif

.DEFAULT_GOAL := book
.PHONY: $(TARGETS)

$(VENV)/.done: requirements.txt requirements-book.txt constraints.txt pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "This book needs Python 3.11: '$(PYTHON)' is not on the PATH. Set PYTHON=/path/to/python3.11."; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt -r requirements-book.txt -c constraints.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

# npm comes from a Python package, so that Python is all a reader needs
node_modules/.done: package.json package-lock.json $(VENV)/.done
	$(BIN)/npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

book: $(VENV)/.done node_modules/.done
	$(KEPT) OMP_NUM_THREADS=1 $(BIN)/jupyter-book build . -W -n --keep-going --quiet
	@echo
	@echo "The book is built. Open it with:  $(BIN)/python -m http.server --directory _build/html 8000"
	@echo "and then http://127.0.0.1:8000/ in a browser (the sliders need a server; plain reading works from the file too)."

pdf: book
	$(BIN)/python extensions/book_pdf.py

lint: $(VENV)/.done
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

# Each notebook runs twice: in the build, whose site the browser tests open, and under nbval, whose ledgers tests/notebooks then
# compares with the committed ones. The build keeps its parts and nbval goes on from them, as a run that was killed would: a number is
# computed once, by the code that the key of its part names.
test: KEPT := BOOK_WORKERS=1 BOOK_PROGRESS=off
test: lint book
	$(KEPT) OMP_NUM_THREADS=1 BOOK_THREADS=1 $(BIN)/pytest -p no:cacheprovider -n 2 --dist loadscope --nbval-lax \
		--nbval-cell-timeout 1800 --nbval-sanitize-with tests/notebooks/sanitize.cfg $(NOTEBOOKS)
	$(BIN)/pytest -n 2 --dist loadscope tests

lab: $(VENV)/.done
	$(BIN)/jupyter lab book

run: $(VENV)/.done
	@$(BIN)/python -m lib.rerun $(NOTEBOOK) $(if $(PROFILE),--profile $(PROFILE)) $(if $(WORKERS),--workers $(WORKERS)) $(SET)

parts: $(VENV)/.done
	@$(BIN)/python -m lib.rerun $(NOTEBOOK) $(if $(PROFILE),--profile $(PROFILE)) --parts $(SET)

record: $(VENV)/.done
	@$(BIN)/python -m lib.rerun $(NOTEBOOK) --record $(SET)

ledger: $(VENV)/.done
	@$(BIN)/python -m lib.rerun $(NOTEBOOK) --ledger $(SET)

bench: book
	for file in benchmarks/*.py; do $(BIN)/python $$file || exit 1; done

clean:
	rm -rf _build .cache $(VENV) node_modules *.egg-info
