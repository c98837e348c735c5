SHELL := /bin/bash
GO ?= go
LINT := $(GO) tool -modfile=.ci/go.mod golangci-lint
# The tests of one package take turns for servers, not the packages.
TESTFLAGS ?= -timeout 20m

FUZZTIME ?= 10s

.DEFAULT_GOAL := help
.PHONY: help run test e2e check fmt bench chaos fuzz build deps clean

help: ## This list
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## Install what is missing, start everything with demonstration data on http://127.0.0.1:8080
	@.ci/deps run
	@$(MAKE) --no-print-directory build
	@exec bin/arengo serve

test: ## All tests, on private servers and in a real browser
	@.ci/deps test
	@$(MAKE) --no-print-directory build
	bin/arengo services -- $(GO) test $(TESTFLAGS) ./...
	bin/arengo services -- $(GO) test $(TESTFLAGS) -tags testclock -run TestClock ./cmd/arengo

e2e: ## The browser tests alone
	@.ci/deps test
	@$(MAKE) --no-print-directory build
	bin/arengo services -- $(GO) test $(TESTFLAGS) -count=1 -v ./web/e2e/...

check: ## Format, linters, module files
	$(GO) mod verify
	$(GO) mod tidy -diff
	$(LINT) run

fmt: ## Format all Go files
	$(LINT) fmt

bench: ## The measurements of docs/performance.md
	@.ci/deps bench
	@$(MAKE) --no-print-directory build
	bin/arengo services --durable -- $(GO) test -run '^$$' -bench '^Benchmark(Arengo|Clock)$$' -benchtime 1x -timeout 30m ./cmd/arengo

chaos: ## Kill every part under load and audit what is left (ARENGO_CHAOS=90s); ten thousand races of people and timers
	@.ci/deps test
	@$(MAKE) --no-print-directory build
	$(GO) test -run '^$$' -bench '^BenchmarkChaos$$' -benchtime 1x -timeout 30m ./cmd/arengo
	ARENGO_RACES=10000 bin/arengo services -- $(GO) test -run 'AgainstTimer|SixtyFour' -count=1 -v -timeout 30m ./workflow ./cmd/arengo

# Minimizing is off: it would take all of the time.
fuzz: ## Random input for every parser, each for a while (FUZZTIME=10s)
	@grep -ro '^func Fuzz[A-Za-z]*' --include=*_test.go . | sed 's|/[^/]*:func | |' | sort | while read -r dir name; do \
		$(GO) test -run '^$$' -fuzz "^$$name$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 1x $$dir </dev/null || exit 1; \
	done

build: ## bin/arengo, one static binary
	@mkdir -p bin
	CGO_ENABLED=0 $(GO) build -trimpath -o bin/arengo ./cmd/arengo

deps: ## Install the packages that running and testing need
	@.ci/deps test

clean: ## Remove what was built; the data folder stays
	rm -rf bin coverage.out
