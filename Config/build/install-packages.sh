#!/usr/bin/env bash
# Installs the Debian packages named as arguments, as far as they are missing.
set -euo pipefail

missing=()
for package in "$@"; do
    status=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$status" = installed ] || missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ]; then
    exit 0
fi

sudo=()
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "These Debian packages are missing: ${missing[*]}. Install them as root." >&2; exit 1; }
    sudo=(sudo)
fi
echo "Installing Debian packages: ${missing[*]}"
apt() { "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -q "$@"; }
apt update >/dev/null
apt install --yes --no-install-recommends "${missing[@]}" >/dev/null
