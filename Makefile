# Every target uses a virtual environment of its own, made by the first one that needs it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export HF_HUB_OFFLINE := 1

.PHONY: chat test test-slow test-browser check bench eval reader clean

chat: $(VENV)/.installed  ## open the chat on http://127.0.0.1:7860, over the sample articles the first time
	$(BIN)/dateline chat

test: $(VENV)/.installed  ## the test suite
	$(BIN)/python -m pytest

test-slow: $(VENV)/.installed  ## many more kills, larger libraries
	$(BIN)/python -m pytest -m slow --timeout 3600

test-browser: $(VENV)/.installed  ## the chat in a real browser; needs Chromium on the PATH
	$(BIN)/python -m pytest -m browser

check: $(VENV)/.installed  ## lint, format, types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/.installed  ## Dateline beside plain LangChain; ARGS="--data FOLDER" adds real news
	$(BIN)/python tests/benchmarks/bench.py $(ARGS)

# What the sample questions must not fall under, and the questions for which that holds.
TESTSET := 416220fd5521e1af8712cb54a4413c09077ba9ccddaf27107ce3d512e2d24b52
FLOORS := --min right=0.64 --min attributed=0.63 --min refused=0.5 --max false_refusal=0.11 --min verbatim=1

eval: $(VENV)/.installed  ## the sample questions over the sample articles; fails where the answers got worse
	echo "$(TESTSET)  corpus/testset.jsonl" | sha256sum --check --quiet
	rm -rf .bench/run
	$(BIN)/dateline ingest corpus/articles --library .bench/corpus
	$(BIN)/dateline eval corpus/testset.jsonl --library .bench/corpus --out .bench/run
	$(BIN)/dateline eval gate .bench/run $(FLOORS)

# Training lays down and takes up gigabytes: malloc is told to keep them, which saves a tenth of the time.
reader: $(VENV)/.installed  ## train the reader anew; DATA="folder of span_qa and realtimeqa" LIBRARY="of its articles"
	MALLOC_MMAP_THRESHOLD_=1073741824 MALLOC_TRIM_THRESHOLD_=4294967296 $(BIN)/python -m qa.reader.train $(DATA)
	$(BIN)/python -m qa.reader.calibrate $(DATA) $(LIBRARY)

$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $@

clean:
	rm -rf $(VENV)
