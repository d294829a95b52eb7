#!/usr/bin/env bash
# Runs the fuzzers one after the other, each over its corpus of Tests/Fuzz/Corpus, and says which inputs broke an invariant.
# Usage: fuzz.sh SWIFT SECONDS [Configuration|Journal|Management|Notification|SAS|XML …]
set -euo pipefail

swift=$1 seconds=$2
shift 2
fuzzers=("$@")
[ $# -gt 0 ] || fuzzers=(Configuration Journal Management Notification SAS XML)

scratch=.build-fuzz
crashes=$scratch/crashes
mkdir -p "$crashes"
status=0

for name in "${fuzzers[@]}"; do
    # libFuzzer brings main, so the fuzzers are declared only when they are asked for.
    KUSTO_SPOOL_FUZZ=1 "$swift" build --product "Fuzz$name" --sanitize=fuzzer --scratch-path "$scratch" >"$scratch/build.log" 2>&1 || {
        tail -40 "$scratch/build.log" >&2
        exit 1
    }
    target=$(tr '[:upper:]' '[:lower:]' <<<"$name")
    # What is learned goes to a directory of its own; the corpus in the repository stays small and chosen.
    mkdir -p "$scratch/corpus/$target"
    echo "fuzz: $name for $seconds s"
    if ! SWIFT_BACKTRACE=enable=no "$scratch/debug/Fuzz$name" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 -max_len=16384 \
        -print_final_stats=1 -artifact_prefix="$crashes/$target-" "$scratch/corpus/$target" "Tests/Fuzz/Corpus/$target" \
        >"$scratch/$target.log" 2>&1; then
        status=1
        grep -aE "^($target: |==[0-9]+== ERROR|SUMMARY|Fatal error)" "$scratch/$target.log" | head -5 >&2 || true
    fi
    grep -aE 'stat::(number_of_executed_units|peak_rss_mb)|^Done' "$scratch/$target.log" | sed "s/^/fuzz: $name /" || true
done

if compgen -G "$crashes/*" >/dev/null; then
    echo "fuzz: inputs that break an invariant; mend the code, and add each to Tests/Fuzz/Corpus/<target>/ under a name that says what it is:" >&2
    ls "$crashes"/* >&2
    status=1
fi
exit $status
