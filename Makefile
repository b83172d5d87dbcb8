# Everything a person or CI runs. `make demo` and `make test` work on a fresh Debian 12 machine with Swift 6.3.
SWIFT ?= swift
# One configuration for programs and tests: a new user waits for one cold build, not two. By product, because a build of
# everything would also compile the tools of the packages we use (protoc: some hundred C++ files).
PRODUCTS = huijiaPackageTests huijiad huijiactl huijia-lab
BIN = .build/release
LAB_DIR ?= /tmp/huijia-lab
SEEDS ?= 3000
# How long `make torture` writes, in minutes; TORTURE adds options, such as --seed 7 or --spec FILE.
MINUTES ?= 10
# How many policies `make leaks` puts in force.
POLICIES ?= 200
TORTURE ?=
export HUIJIA_SIMULATION_SEEDS ?= 3000
export HUIJIA_FUZZ_SECONDS ?= 2

.PHONY: deps build demo lab bench test check format lint vectors simulate torture leaks clean

deps:
	@bash scripts/deps.sh

build: deps
	@for product in $(PRODUCTS); do $(SWIFT) build -c release --product $$product || exit 1; done

demo: build
	$(BIN)/huijia-lab demo

lab: build
	$(BIN)/huijia-lab up --dir $(LAB_DIR)
	$(BIN)/huijia-lab nodes --dir $(LAB_DIR)

# Beside PostgreSQL's own logical replication; about eight minutes on a quiet machine. BENCH=--quick only shows that it works.
bench: build
	$(BIN)/huijia-lab bench $(BENCH)

test: build
	$(SWIFT) test -c release --skip-build --no-parallel

# What CI runs: style, vectors by an independent program, all tests with longer fuzzing, the demo.
check: lint vectors build
	HUIJIA_FUZZ_SECONDS=5 HUIJIA_SIMULATION_SEEDS=$(SEEDS) $(SWIFT) test -c release --skip-build --no-parallel
	$(BIN)/huijia-lab demo

lint:
	$(SWIFT) format lint --strict --recursive --parallel Sources Tests Package.swift

format:
	$(SWIFT) format --in-place --recursive --parallel Sources Tests Package.swift

vectors:
	python3 Tests/SignedFeedTests/Vectors/make_vectors.py --check

# make simulate SEEDS=100000 runs more histories; a failure prints its seed and the commit.
simulate: build
	HUIJIA_SIMULATION_SEEDS=$(SEEDS) $(SWIFT) test -c release --skip-build --no-parallel --filter Simulation

# Random writers at every node under cuts and kills; then every acknowledged write is accounted for.
torture: build
	$(BIN)/huijia-lab torture --minutes $(MINUTES) $(TORTURE)

# Random policies one after another over real daemons; every frame, table, dump, file and log is searched for what no policy gave.
leaks: build
	HUIJIA_LEAK_POLICIES=$(POLICIES) $(SWIFT) test -c release --skip-build --no-parallel --filter ScopeLeaks

clean:
	rm -rf .build
