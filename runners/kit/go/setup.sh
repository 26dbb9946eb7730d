#!/bin/sh
# Puts a runner in Go in place; to be run in its folder. `packages` installs Go with apt-get where it is missing, `build` builds
# .build/server, and `check` ends with 0 if that was done for the sources of runner and kit as they are now.
set -eu

stamp=.build/sources.sha256

sources() {
  find . ../kit/go -name .build -prune -o \( -name '*.go' -o -name '*.sql' -o -name 'go.*' \) ! -name '*_test.go' -type f -print |
    LC_ALL=C sort | xargs sha256sum
}

case "${1:-}" in
packages)
  command -v go >/dev/null && exit 0
  if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    echo "Go 1.19 or newer is missing. On Debian: apt-get install golang-go" >&2
    exit 1
  fi
  apt-get update
  apt-get install -y --no-install-recommends golang-go
  ;;
build)
  mkdir -p .build
  rm -f "$stamp"
  go build -trimpath -buildvcs=false -mod=readonly -o .build/server .
  sources >"$stamp"
  ;;
check)
  test -x .build/server && sources | cmp -s - "$stamp"
  ;;
*)
  echo "expected: sh ../kit/go/setup.sh packages | build | check, in the folder of a runner" >&2
  exit 2
  ;;
esac
