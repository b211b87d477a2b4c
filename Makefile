# Everything a reader needs: `make figures`, `make test`. The environment .venv is made by itself
# when it is missing or when requirements.lock changes. With several Pythons:
# make PYTHON=python3.12 …
PYTHON ?= python3
VENV := .venv
BENCH := build/bench-venv
RUN := $(VENV)/bin/python -m
ARGS ?=

.PHONY: help figures campaign smoke style check test lab verify bench clean env bench-env

help:
	@echo "make figures   run all notebooks, publish figures, data and ledger (what stands is kept)"
	@echo "make campaign  compute the missing records of long campaigns (see campaigns/README.md)"
	@echo "make smoke     the same with small sizes, under build/smoke"
	@echo "make check     style, types and fast tests, a good minute"
	@echo "make test      all tests, style and types"
	@echo "make lab       JupyterLab on this machine only, text notebooks open as notebooks"
	@echo "make verify    regenerate everything under build/verify, compare what it means"
	@echo "make bench     time the qubit engine against its peers (see benchmarks/README.md)"
	@echo "make clean     remove build/ and .venv (published files stay)"
	@echo "More options of the runner: make figures ARGS='--only 02 --force'"

figures: env
	$(RUN) qdm_utils run $(ARGS)

campaign: env
	$(RUN) qdm_utils campaign $(ARGS)

# Two notebooks at a time in one process each: to start more takes longer than their small sweeps.
smoke: env
	QDM_WORKERS=$${QDM_WORKERS:-1} $(RUN) qdm_utils run --preset smoke --jobs 2 $(ARGS)

style: env
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy

# A process that has nothing left takes tests from another. More than eight would spend their time
# on imports.
check: style
	$(RUN) pytest -m "not slow and not notebooks" -n logical --maxprocesses 8 --dist worksteal $(ARGS)

test: style
	$(RUN) pytest $(ARGS)

lab: env
	JUPYTER_CONFIG_PATH=$(CURDIR)/jupyter $(RUN) jupyterlab --ip=127.0.0.1 --LabApp.default_url=/lab/tree/notebooks $(ARGS)

verify: env
	$(RUN) qdm_utils verify $(ARGS)

bench: bench-env
	OMP_NUM_THREADS=1 MKL_NUM_THREADS=1 OMP_WAIT_POLICY=PASSIVE PYTHONPATH="$(CURDIR)" \
		$(BENCH)/bin/python -m benchmarks $(ARGS)

clean:
	rm -rf build $(VENV)

# The copy of the lock inside .venv is written last, so a half-finished installation is done again.
env:
	@cmp -s requirements.lock $(VENV)/requirements.lock || { \
		$(PYTHON) -c 'import sys; sys.exit(None if (3, 11) <= sys.version_info < (3, 13) else \
			"This project needs Python 3.11 or 3.12, but %s is %d.%d; " \
			"name another with make PYTHON=python3.12." \
			% (sys.executable, *sys.version_info[:2]))' && \
		echo "Installing the environment into $(VENV) (once, some minutes)…" && \
		rm -rf $(VENV) && $(PYTHON) -m venv $(VENV) && \
		$(RUN) pip install --quiet --disable-pip-version-check -r requirements.lock && \
		$(RUN) pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation \
			-e . && \
		$(RUN) pip check && cp requirements.lock $(VENV)/requirements.lock; }

bench-env:
	@cmp -s benchmarks/requirements.txt $(BENCH)/requirements.txt || { \
		echo "Installing the benchmarks' environment into $(BENCH) (once)…" && \
		rm -rf $(BENCH) && $(PYTHON) -m venv $(BENCH) && \
		$(BENCH)/bin/python -m pip install --quiet --disable-pip-version-check \
			-r benchmarks/requirements.txt && \
		$(BENCH)/bin/python -m pip check && \
		cp benchmarks/requirements.txt $(BENCH)/requirements.txt; }
