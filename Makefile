# kusto-spool: `make help` lists what there is.

SWIFT ?= swift
PREFIX ?= /usr/local
BUILD := $(SWIFT) build -c release
DEBIAN_PACKAGES := libcurl4-openssl-dev libisal-dev libsqlite3-dev libssl-dev libsystemd-dev zlib1g-dev pkg-config curl jq openssl python3

.DEFAULT_GOAL := help
.PHONY: help deps build installable debug demo test test-faults test-sdk bench bench-long bench-peers fuzz test-asan test-tsan check fmt install uninstall clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

deps: ## install the Debian packages that are missing, and look for the Swift toolchain
	@Config/build/install-packages.sh $(DEBIAN_PACKAGES)
	@Config/build/check-swift.sh "$(SWIFT)"

build: deps ## build the daemon and the emulator, release
	$(BUILD) --product kusto-spool
	$(BUILD) --product kusto-emulator

installable: build ## the daemon as it is installed: with Swift's libraries inside, so that it needs no toolchain at its side
	KUSTO_SPOOL_STATIC=1 $(BUILD) --product kusto-spool

debug: deps ## build everything, debug
	$(SWIFT) build --build-tests

demo: build ## ingest sample files through the emulator and show what became of them
	@Config/demo/demo.sh "$$($(BUILD) --show-bin-path)"

test: test-sdk ## run every test, release; the emulator's proof first
	$(SWIFT) build -c release --build-tests
	$(SWIFT) test -c release --skip-build

test-faults: build ## kills, faults and errors of the system against the real daemon; LONG=1 for all of them, which writes the Reliability page
	$(SWIFT) build -c release --build-tests
	@Config/build/fault-matrices.sh "$(SWIFT)" "$(LONG)"

test-sdk: build ## prove the emulator with Microsoft's Python SDKs from PyPI
	@Config/build/install-packages.sh python3-venv
	@Config/build/sdk-proof.sh "$$($(BUILD) --show-bin-path)/kusto-emulator"

bench: installable ## how near to the wire: ratios to a floor program in C, within 15 minutes; tables and plots under .build/bench
	$(BUILD) --product kusto-spool-floor
	$(BUILD) --product CCallCounter
	@Config/build/install-packages.sh gnuplot-nox
	/usr/bin/python3 Config/bench/bench.py "$$($(BUILD) --show-bin-path)" .build/bench

bench-long: installable ## the same for a file of 16 GiB, a backlog of a million files and a million that await their verdict; needs 60 GB of disk
	$(BUILD) --product kusto-spool-floor
	@Config/build/install-packages.sh gnuplot-nox
	/usr/bin/python3 Config/bench/bench.py "$$($(BUILD) --show-bin-path)" .build/bench-long --points 4,5,5b --large 16 --repeats 1

bench-peers: test-sdk installable ## the same beside Microsoft's SDK for Python
	$(BUILD) --product kusto-spool-floor
	/usr/bin/python3 Config/bench/bench.py "$$($(BUILD) --show-bin-path)" .build/bench-peers --points peers --peer .build/sdk-proof/bin/python

fuzz: deps ## run each fuzzer for TIME seconds (60); FUZZ chooses among them, what crashes is left in .build-fuzz/crashes
	@Config/build/fuzz.sh "$(SWIFT)" "$(or $(TIME),60)" $(FUZZ)

test-asan: deps ## run the tests of the pure and the book-keeping modules under the address sanitizer; FILTER for others
	@Config/build/sanitize.sh "$(SWIFT)" address "$(FILTER)"

test-tsan: deps ## the same under the thread sanitizer
	@Config/build/sanitize.sh "$(SWIFT)" thread "$(FILTER)"

check: deps ## formatting and style, strictly
	$(SWIFT) format lint --strict --parallel --recursive Package.swift Sources Tests
	@Config/build/check-style.sh

fmt: ## format the sources in place
	$(SWIFT) format --in-place --parallel --recursive Package.swift Sources Tests

install: installable ## install under PREFIX (/usr/local), with the unit and an example configuration
	install -Dm755 "$$($(BUILD) --show-bin-path)/kusto-spool" "$(DESTDIR)$(PREFIX)/bin/kusto-spool"
	sed 's|/usr/local/bin|$(PREFIX)/bin|' systemd/kusto-spool.service | install -Dm644 /dev/stdin "$(DESTDIR)/usr/lib/systemd/system/kusto-spool.service"
	test -e "$(DESTDIR)/etc/kusto-spool/kusto-spool.yaml" || install -Dm644 Config/kusto-spool.yaml "$(DESTDIR)/etc/kusto-spool/kusto-spool.yaml"

uninstall: ## remove what install put there; configuration, spools and state stay
	rm -f "$(DESTDIR)$(PREFIX)/bin/kusto-spool" "$(DESTDIR)/usr/lib/systemd/system/kusto-spool.service"

clean: ## remove build results
	rm -rf .build .build-fuzz .build-asan .build-tsan
