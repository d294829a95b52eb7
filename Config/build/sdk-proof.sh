#!/usr/bin/env bash
# Runs Tests/SDKProof against an emulator: Microsoft's own SDKs, pinned, in a virtual environment under .build.
set -euo pipefail
cd "$(dirname "$0")/../.."

emulator=$1
venv=.build/sdk-proof
if ! cmp -s Tests/SDKProof/requirements.txt "$venv/installed.txt"; then
    echo "Installing Microsoft's SDKs from PyPI into $venv"
    rm -rf "$venv"
    /usr/bin/python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check -r Tests/SDKProof/requirements.txt
    cp Tests/SDKProof/requirements.txt "$venv/installed.txt"
fi
exec "$venv/bin/python" Tests/SDKProof/prove.py "$emulator"
