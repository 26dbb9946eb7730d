#!/bin/sh
# Installs and builds a runner on this kit. Run it in the runner's folder, which holds a mix project with one release:
#   sh ../kit/beam/setup.sh packages [MORE]   what the system must have; installs it where it may
#   sh ../kit/beam/setup.sh build             compiles the kit and the runner into .build/release
#   sh ../kit/beam/setup.sh check             0 if the release was built from the sources that are there
set -eu

kit=$(dirname "$0")
built=.build/built-from

sources() {
  find "$kit/lib" "$kit/mix.exs" lib config rel priv native mix.exs -type f 2>/dev/null | LC_ALL=C sort | xargs sha256sum
}

packages() {
  missing=
  for package in elixir erlang-mochiweb erlang-jiffy "$@"; do
    dpkg-query -W -f '${Status}\n' "$package" 2>/dev/null | grep -q '^install ok installed$' || missing="$missing $package"
  done
  [ -n "$missing" ] || return 0
  if [ "$(id -u)" != 0 ]; then
    echo "Run this first: sudo apt-get install --no-install-recommends$missing" >&2
    exit 1
  fi
  apt-get update -qq
  # shellcheck disable=SC2086
  DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing
}

build() {
  rm -f "$built"
  from=$(sources)
  # Nothing of mix is left in the home of who builds.
  MIX_ENV=prod MIX_HOME="$PWD/.build/mix-home" mix release --overwrite --quiet
  echo "$from" >"$built"
}

check() {
  [ -f "$built" ] && [ -d .build/release/bin ] && [ "$(sources)" = "$(cat "$built")" ]
}

command=$1
shift
"$command" "$@"
