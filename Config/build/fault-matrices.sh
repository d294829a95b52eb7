#!/usr/bin/env bash
# Runs the matrices of faults; in the long form the Reliability page and its JSON are what ran.
set -euo pipefail
cd "$(dirname "$0")/../.."

swift=$1
long=${2:-}
catalogue=Sources/SpoolDaemon/SpoolDaemon.docc
matrices=.build/matrices
rm -rf "$matrices"
mkdir -p "$matrices"
export KUSTO_SPOOL_MATRICES=$PWD/$matrices
[ -z "$long" ] || export KUSTO_SPOOL_FAULTS=long
"$swift" test -c release --skip-build --filter 'MatrixTests'
[ -n "$long" ] || exit 0

# Each section of the page between its two marks is the matrix of that name.
page=$(mktemp)
awk -v matrices="$matrices" '
    /^<!-- matrix / { print; print ""; name = $3; while ((getline line < (matrices "/" name ".md")) > 0) print line; close(matrices "/" name ".md"); print ""; skipping = 1; next }
    /^<!-- end matrix -->/ { skipping = 0 }
    !skipping { print }
' "$catalogue/Reliability.md" >"$page"
cat "$page" >"$catalogue/Reliability.md"
rm "$page"
mkdir -p "$catalogue/Resources"
cp "$matrices"/*.json "$catalogue/Resources/"
echo "$catalogue/Reliability.md says what ran."
