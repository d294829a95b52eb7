#!/usr/bin/env bash
# Says clearly what is wrong with the Swift toolchain, if something is.
set -euo pipefail

swift=$1
wanted=6.3
hint="Install Swift $wanted or newer from https://www.swift.org/install/linux/ and put it on the PATH, or call make SWIFT=/path/to/swift."
if ! command -v "$swift" >/dev/null; then
    echo "There is no Swift toolchain: '$swift' is not a command. $hint" >&2
    exit 1
fi
found=$("$swift" --version 2>/dev/null | sed -n 's/.*Swift version \([0-9][0-9.]*\).*/\1/p' | head -n 1)
if [ "$(printf '%s\n%s\n' "$wanted" "${found:-0}" | sort -V | head -n 1)" != "$wanted" ]; then
    echo "'$swift' is Swift ${found:-of an unknown version}; kusto-spool needs $wanted. $hint" >&2
    exit 1
fi
