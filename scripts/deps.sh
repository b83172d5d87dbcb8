#!/usr/bin/env bash
# Installs the Debian packages that building and running need and that are missing. Without root it prints the command.
set -euo pipefail
packages=(libpq-dev libssl-dev zlib1g-dev pkg-config postgresql-15 postgresql-client-15 python3 util-linux openssl)
missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
done
command -v swift >/dev/null || { echo "Swift 6.3 is needed: see https://www.swift.org/install" >&2; exit 2; }
[ ${#missing[@]} -eq 0 ] && exit 0
if [ "$(id -u)" -ne 0 ]; then
  echo "missing packages: ${missing[*]}" >&2
  echo "run: sudo apt-get update && sudo apt-get install --yes --no-install-recommends ${missing[*]}" >&2
  exit 2
fi
# Debian's package would make and start a cluster of its own.
mkdir -p /etc/postgresql-common/createcluster.d
echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.d/huijia.conf
export DEBIAN_FRONTEND=noninteractive
apt-get update -q
apt-get install --yes --no-install-recommends "${missing[@]}"
