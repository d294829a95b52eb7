#!/usr/bin/env bash
# The main job on real files: emulator and daemon on a temporary spool, the samples dropped into it, their verdicts, the rows.
# Exit status 0 only if every file got the verdict that it should get, and every row landed.
set -euo pipefail

bin=$1
samples=$(cd "$(dirname "$0")/../samples" && pwd)
work=$(mktemp -d)
emulator=
daemon=

stop() {
    # Only what this script has started, by its id.
    if [ -n "$daemon" ]; then kill -TERM "$daemon" 2>/dev/null || true; wait "$daemon" 2>/dev/null || true; fi
    if [ -n "$emulator" ]; then kill -TERM "$emulator" 2>/dev/null || true; wait "$emulator" 2>/dev/null || true; fi
    rm -rf "$work"
}
trap stop EXIT

fail() {
    echo "demo: $1" >&2
    if [ -s "$work/daemon.log" ]; then
        echo "The daemon said:" >&2
        tail -n 20 "$work/daemon.log" >&2
    fi
    exit 1
}

# Waits for a condition by looking at it; bounded.
await() {
    local what=$1
    shift
    for _ in $(seq 200); do
        "$@" && return 0
        sleep 0.1
    done
    fail "$what did not happen within 20 s"
}

echo "1. Starting kusto-emulator, which stands in for Azure."
"$bin/kusto-emulator" --quiet --batching-delay 500ms --port-file "$work/port.txt" >"$work/emulator.log" 2>&1 &
emulator=$!
await "the emulator's start" test -s "$work/port.txt"
uri=http://127.0.0.1:$(cat "$work/port.txt")

echo "2. Starting kusto-spool on a temporary spool for each kind of file."
install -d -m 700 "$work/state" "$work/log"
printf 'emulator-token' >"$work/token"
chmod 600 "$work/token"
{
    echo "cluster:"
    echo "  ingestion_uri: $uri"
    echo "  credential: { kind: static_token, token: $work/token }"
    echo "state: $work/state"
    echo "journal: { path: $work/log/journal.ndjson }"
    echo "spools:"
    for route in "countries Countries csv" "currencies Currencies json" "scripts Scripts multijson" "time-zones TimeZones tsv"; do
        read -r name table format <<<"$route"
        install -d -m 750 "$work/spool-$name"
        echo "  - { path: $work/spool-$name, database: Demo, table: $table, format: $format }"
    done
} >"$work/kusto-spool.yaml"
"$bin/kusto-spool" run -c "$work/kusto-spool.yaml" 2>"$work/daemon.log" &
daemon=$!
await "the daemon's start" grep -q ready "$work/daemon.log"

echo "3. Dropping files: copied beside the spool and renamed in, as a producer should."
dropped=0
drop() {
    cp "$samples/$1" "$work/$1"
    mv "$work/$1" "$work/spool-$2/$1"
    dropped=$((dropped + 1))
}
drop countries.csv countries
drop countries-ragged.csv countries
drop currencies.json currencies
drop scripts.multijson scripts
drop time-zones.tsv time-zones

echo "4. The journal, until every file has its verdict:"
echo
timeout 60 "$bin/kusto-spool" tail -c "$work/kusto-spool.yaml" --follow --lines all --verdicts "$dropped" || fail "not every file got a verdict within 60 s"
echo

echo "5. The rows that landed:"
echo
query() { curl --fail --silent --show-error --max-time 20 --header "Authorization: Bearer emulator-token" --header "Content-Type: application/json" --data "{\"db\":\"Demo\",\"csl\":\"$1\"}" "$uri/v1/rest/query"; }
expect() {
    local table=$1 expected=$2 found
    found=$(query "$table | count" | jq '.Tables[0].Rows[0][0]')
    printf '%-12s %5s rows, for example  %s\n' "$table" "$found" "$(query "$table | take 1" | jq -c '.Tables[0].Rows[0]')"
    [ "$found" = "$expected" ] || fail "$table has $found rows and should have $expected"
}
expect Countries "$(wc -l <"$samples/countries.csv")"
expect Currencies "$(wc -l <"$samples/currencies.json")"
expect Scripts "$(jq length "$samples/scripts.multijson")"
expect TimeZones "$(wc -l <"$samples/time-zones.tsv")"
echo

echo "6. What became of each file:"
echo
"$bin/kusto-spool" tail -c "$work/kusto-spool.yaml" --lines all --json | jq -s -r '
    def instant: (.[0:19] + "Z" | fromdate) + ((.[19:23]) | tonumber);
    group_by(.source)[] | select(.[0].source)
    | (map(select(.event == "accepted"))[0].at) as $start
    | (map(select(.event | IN("succeeded", "failed", "skipped")))[0]) as $verdict
    | [$verdict.file, $verdict.event, ((($verdict.at | instant) - ($start | instant)) * 1000 | round | tostring + " ms"), ($verdict.code // "")]
    | @tsv' | sort | awk -F '\t' 'BEGIN { printf "%-24s %-10s %9s  %s\n", "FILE", "VERDICT", "AFTER", "REASON" } { printf "%-24s %-10s %9s  %s\n", $1, $2, $3, $4 }' | tee "$work/table"
[ "$(grep -c ' succeeded ' "$work/table")" = 4 ] || fail "four files should have succeeded"
grep -q '^countries-ragged.csv *failed .*Stream_WrongNumberOfFields' "$work/table" || fail "the ragged file should have failed"
settled() { [ -f "$work/spool-countries/failed/countries-ragged.csv" ] && [ "$(find "$work"/spool-*/done -type f | wc -l)" = 4 ]; }
await "the disposal of the files" settled
echo

kill -TERM "$daemon"
status=0
wait "$daemon" || status=$?
daemon=
[ "$status" = 0 ] || fail "the daemon ended with $status"
echo "All of it happened: 4 files are in done/, 1 is in failed/ with its reason, and the daemon stopped in order."
