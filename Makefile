# The two commands a newcomer needs: make demo, make test. Everything goes into .venv; for one more
# Python beside it: make PYTHON=python3.11 VENV=.venv-3.11 test.
PYTHON ?=
# With INSTALLER=uv packages are installed in a tenth of the time, as .ci/run does; uv knows nothing
# of the indexes in pip's settings, so that pip is asked where it fails.
INSTALLER ?= pip
VENV := .venv
BIN := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
RUN := $(BIN)/python
PIP := $(RUN) -m pip install --quiet --disable-pip-version-check
INSTALL = $(if $(filter uv,$(INSTALLER)),$(RUN) -m uv pip install --quiet --compile-bytecode --python $(RUN) $(1) ||) $(PIP) $(1)
TORCH_PARTS := .[lipgan,musetalk,latentsync]
# A file's tests stay in one process, for what its fixtures made.
WORKERS ?= auto
PARALLEL := -n $(WORKERS) --dist loadfile
# The newest supported Python there is, else any 3.11 or newer, unless PYTHON names one.
FIND := for p in $(or $(PYTHON),python3.13 python3.12 python3.11 python3 python); do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$p"; break; }; done

.PHONY: help setup demo test e2e cluster coverage parity extras package docs reference lint bench soak hear train lock clean
help:
	@echo "make demo   a portrait speaks a script: output/demo.mp4"
	@echo "make test   the tests, on all cores (WORKERS=0: in one process)"
	@echo "make e2e    the studio in Chromium, from a picture to a video, and live"
	@echo "make coverage the same, and which lines and branches they leave out"
	@echo "make cluster campaigns on a Ray cluster of this machine"
	@echo "make parity the tests that need torch: the networks of others against the official numbers"
	@echo "make extras each optional voice installed in an environment of its own, beside the core"
	@echo "make package wheel and sdist in dist/, and the wheel tried alone in a bare environment"
	@echo "make docs   the site of the documentation in build/site, its links checked"
	@echo "make reference docs/cli.md from the command line itself"
	@echo "make lint   ruff, mypy and import-linter"
	@echo "make bench  speed and memory, beside ffmpeg encoding the same frames alone; lips and heads beside real ones; films"
	@echo "make soak   500 random command lines on odd files, each within limits (SOAK='--count N --seed N')"
	@echo "make hear   how well the offline voice is understood, by a recogniser that listens to it"
	@echo "make train  the articulation network anew, with GRID=FOLDER (hours)"
	@echo "make setup  the virtual environment in .venv that all of these use"
	@echo "make lock   pin the newest versions of all dependencies anew"
	@echo "make clean  remove what was made"

setup: $(VENV)/.dev

demo: $(VENV)/.demo
	$(BIN)/lipwright demo --output output/demo.mp4

test: $(VENV)/.dev
	@echo "tests on $$($(RUN) -V)"
	$(RUN) -m pytest -q $(PARALLEL)

cluster: $(VENV)/.cluster
	$(RUN) -m pytest -q -m cluster tests/campaign

e2e: $(VENV)/.dev
	@chromium=$${CHROMIUM:-$$(command -v chromium)}; [ -n "$$chromium" ] || { \
		echo "error: chromium was not found: install it (Debian: apt install chromium)." >&2; \
		exit 1; \
	}
	@axe=$$($(RUN) .ci/axe.py) && AXE="$$axe" $(RUN) -m pytest -q -m browser tests/studio

coverage: $(VENV)/.dev
	@echo "tests and their coverage on $$($(RUN) -V)"
	$(RUN) -m coverage erase
	$(RUN) -m coverage run -m pytest -q $(PARALLEL)
	$(RUN) -m coverage combine --quiet
	$(RUN) -m coverage report
	$(RUN) .ci/coverage_parsers.py

parity: $(VENV)/.parity
	OMP_NUM_THREADS=1 $(RUN) -m pytest -q $(PARALLEL) tests/engines/wav2lip tests/engines/lipgan tests/engines/whisper tests/engines/musetalk tests/engines/latentsync tests/evaluation/test_syncnet.py tests/evaluation/test_syncnet_parity.py

extras: $(VENV)/.uv
	$(RUN) .ci/extras.py

package: $(VENV)/.uv
	$(RUN) .ci/package.py

docs: $(VENV)/.docs
	NO_MKDOCS_2_WARNING=1 $(RUN) -m mkdocs build --quiet

reference: $(VENV)/.dev
	$(RUN) .ci/cli_reference.py

lint: $(VENV)/.dev
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy
	$(BIN)/lint-imports --no-cache --no-logo

bench: $(VENV)/.demo
	$(RUN) benchmarks/speed.py $(BENCH)
	$(RUN) benchmarks/quality.py $(QUALITY)
	$(RUN) benchmarks/wild.py
	$(RUN) benchmarks/motion.py $(MOTION)
	$(RUN) benchmarks/turning.py
	$(RUN) benchmarks/films.py
	$(RUN) benchmarks/dub.py --speed
	$(RUN) benchmarks/people.py
	$(RUN) benchmarks/offsets.py
	$(RUN) benchmarks/seams.py
	$(RUN) benchmarks/resume.py
	$(RUN) benchmarks/encoders.py

soak: $(VENV)/.dev
	$(RUN) -m tests.cli.soak $(SOAK)

hear: $(VENV)/.demo
	$(PIP) --editable ".[proof]"
	$(RUN) benchmarks/voice.py $(HEAR)

train: $(VENV)/.dev
	$(PIP) --editable ".[train]"
	$(MAKE) -C training/articulation $(if $(GRID),GRID="$(abspath $(GRID))")

lock: $(VENV)/.uv
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-annotate --no-header --extra dev pyproject.toml \
		--output-file requirements/dev.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-annotate --no-header --extra demo pyproject.toml \
		--constraint requirements/dev.txt --output-file requirements/demo.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-annotate --no-header --extra server --extra live --extra demo \
		pyproject.toml --constraint requirements/dev.txt --output-file requirements/server.txt

clean:
	rm -rf $(VENV) .venv-3.* output build dist .coverage* .pytest_cache .ruff_cache .mypy_cache .hypothesis

$(VENV)/.python:
	@python=$$($(FIND)); \
	if [ -z "$$python" ]; then \
		echo "error: no Python 3.11 or newer was found: install one, or run make PYTHON=/path/to/python." >&2; \
		exit 1; \
	fi; \
	"$$python" -m venv $(VENV) || { \
		echo "error: $$python cannot make a virtual environment: install its venv module (Debian: python3-venv)." >&2; \
		exit 1; \
	}
	$(if $(filter uv,$(INSTALLER)),$(PIP) uv)
	@touch $@

$(VENV)/.demo: $(VENV)/.python requirements/demo.txt pyproject.toml
	$(call INSTALL,--require-hashes -r requirements/demo.txt)
	$(call INSTALL,--no-deps --editable .)
	@touch $@

$(VENV)/.dev: $(VENV)/.demo requirements/dev.txt
	$(call INSTALL,--require-hashes -r requirements/dev.txt)
	@touch $@

$(VENV)/.parity: $(VENV)/.dev
	$(call INSTALL,--editable "$(TORCH_PARTS)")
	@touch $@

$(VENV)/.cluster: $(VENV)/.dev
	$(call INSTALL,--editable ".[ray]")
	@touch $@

$(VENV)/.docs: $(VENV)/.dev
	$(call INSTALL,--editable ".[docs]")
	@touch $@

$(VENV)/.uv: $(VENV)/.dev
	$(PIP) uv
	@touch $@
