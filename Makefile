# Everything a newcomer, a developer and CI call. `make help` lists it.
SHELL      := /bin/bash
ROBOTS     ?= 8
HTTP       ?= 127.0.0.1:8080
SIP        ?= 127.0.0.1:5060
KINDS      ?=
TIMES      ?= 20
SEED       ?= 1
WORLDS     ?= 4
CACHE      := $(or $(THREERINGS_CACHE),.threerings/cache)
BIN        := bin/threerings
WEB        := dashboard/web
# Packages whose tests play in real time, with sound: one after the other and last, with the machine to themselves.
REAL       := /(ari|asterisk-conf|recording|cmd/internal/[a-z0-9]+|internal/robot)$$
GO_SOURCES := $(shell git ls-files '*.go' 2>/dev/null)
WEB_SOURCES:= $(shell git ls-files '$(WEB)/src' '$(WEB)/*.json' '$(WEB)/*.ts' '$(WEB)/*.html' 2>/dev/null)

.DEFAULT_GOAL := help
.PHONY: help demo test test-go test-web bench bench-path bench-cost bench-search chaos check fmt build web deps deps-run deps-test clean

help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: deps-run build ## a whole centre on loopback with robot callers and agents (ROBOTS=0: without); Ctrl-C ends it
	@exec $(BIN) demo --robots $(ROBOTS) --http $(HTTP) --sip $(SIP)

test: deps build test-web test-go ## install what is missing and run every test, on the real Asterisk, Postgres, SIP, browser
	@echo "all tests passed"

test-go: deps-test web ## the Go tests, race detector on
	go test -race -timeout 40m $(TESTFLAGS) $$(go list ./... | grep -vE '$(REAL)')
	go test -race -timeout 40m -p 1 $(TESTFLAGS) $$(go list ./... | grep -E '$(REAL)')

test-web: deps-test build ## the page's tests: types, lint, units, and Chromium
	cd $(WEB) && npm run check && npm run e2e

bench: ## Go benchmarks
	go test -run '^$$' -bench . -benchtime 1s ./queue/... ./dashboard/...

bench-path: deps-run build ## the path of a call, measured on the real Asterisk: a table and bench-path.json
	$(BIN) bench-path --out bench-path.json

chaos: deps build ## break each part under calls and compare with the ledger: a table and chaos.json (KINDS=kill,stop TIMES=20 SEED=1 WORLDS=4)
	$(BIN) chaos --kinds "$(KINDS)" --times $(TIMES) --seed $(SEED) --worlds $(WORLDS) --out chaos.json

bench-cost: deps-run build ## what conversations, waiting callers and calls take of this machine: a table and bench-cost.json
	$(BIN) bench-cost --out bench-cost.json

bench-search: deps-run build ## searches among a million recordings: a table and bench-search.json
	$(BIN) bench-search --out bench-search.json

check: ## format, vet, lint, known vulnerabilities
	@bad=$$(gofmt -l $$(git ls-files '*.go')); [ -z "$$bad" ] || { echo "not gofmt-ed: $$bad (make fmt)"; exit 1; }
	go vet ./...
	go run honnef.co/go/tools/cmd/staticcheck@v0.8.2 ./...
	@scripts/vulncheck.sh

fmt: ## format the Go sources
	gofmt -w $$(git ls-files '*.go')

build: web $(BIN) ## build the program with its pages into bin/

$(BIN): $(GO_SOURCES) go.mod go.sum $(WEB)/dist/index.html
	go build -trimpath -o $(BIN) ./cmd/threerings

web: $(WEB)/dist/index.html ## build the pages

$(WEB)/dist/index.html: $(WEB_SOURCES) $(WEB)/node_modules/.package-lock.json
	cd $(WEB) && npm run build
	@touch $@

$(WEB)/node_modules/.package-lock.json: $(WEB)/package.json $(WEB)/package-lock.json
	@scripts/install-deps.sh node
	cd $(WEB) && npm ci --no-audit --no-fund
	@touch $@

deps: deps-run deps-test ## install what the demo and the tests need and is missing

deps-run:
	@scripts/install-deps.sh go node run
	@scripts/install-asterisk.sh $(CACHE) >/dev/null

deps-test: deps-run $(CACHE)/bin/versitygw
	@scripts/install-deps.sh test

# The S3 server of the tests: a program, and so none of our dependencies.
$(CACHE)/bin/versitygw:
	GOBIN=$(abspath $(CACHE))/bin go install github.com/versity/versitygw/cmd/versitygw@v1.8.0

clean: ## remove what was built; the cache and the demo's data stay
	rm -rf bin $(WEB)/dist
