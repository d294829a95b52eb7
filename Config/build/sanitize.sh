#!/usr/bin/env bash
# Runs tests under a sanitizer, in a scratch directory of its own. Usage: sanitize.sh SWIFT address|thread [FILTER]
set -euo pipefail

swift=$1 sanitizer=$2 filter=${3:-}
scratch=.build-${sanitizer:0:1}san
# The pure modules, the books, and the one that speaks C most; a whole system under a sanitizer is slow and finds the same. Only these are built, unless
# a filter asks for others.
modules=ResultJournal,Ledger,SpoolPrimitives,KustoWire,SpoolDirectory,CurlTransport,FuzzTargets,IngestionModel,AzureStorage
if [ -z "$filter" ]; then
    export KUSTO_SPOOL_TESTS=$modules
    filter="(${modules//,/|})Tests"
fi

# Tests that kill or abort on purpose are not worth a backtrace each.
export SWIFT_BACKTRACE=enable=no
suppressions=$PWD/Config/build/tsan-suppressions.txt
export TSAN_OPTIONS="halt_on_error=0 exitcode=66 suppressions=$suppressions"
# Threads that a test's process leaves to its exit keep what they hold, and Swift's runtime keeps its metadata for ever: both look like leaks.
export ASAN_OPTIONS=detect_leaks=0

"$swift" build --build-tests --sanitize="$sanitizer" --scratch-path "$scratch"
"$swift" test --skip-build --sanitize="$sanitizer" --scratch-path "$scratch" --filter "$filter"
