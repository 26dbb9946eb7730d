#!/bin/sh
# Installs into .build; with --check it only tells, by its exit code, whether that was done, by this very script
# with this very lock file.
set -eu
cd "$(dirname "$0")"
venv=.build/venv

if [ "${1:-}" = "--check" ]; then
  cat requirements.txt setup.sh | cmp -s - .build/installed && "$venv/bin/python" -S -c 'import sys; sys.exit(sys.version_info < (3, 11))'
  exit
fi

python=python3
if ! "$python" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
  if ! command -v apt-get >/dev/null || [ "$(id -u)" != 0 ]; then
    echo "Python 3.11 or newer with venv is missing. On Debian: apt-get install -y python3 python3-venv" >&2
    exit 1
  fi
  apt-get update -qq
  apt-get install -y --no-install-recommends python3 python3-venv
  python=/usr/bin/python3
fi

rm -rf .build
"$python" -m venv "$venv"
"$venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: -r requirements.txt
# Compiles what a start imports, so that no measured start has to, and proves that it can be imported.
export PYTHONPATH=../kit/python PYTHONPYCACHEPREFIX=.build/pycache PYTHONDONTWRITEBYTECODE=
"$venv/bin/python" -c "import postgres, server"
cat requirements.txt setup.sh >.build/installed
