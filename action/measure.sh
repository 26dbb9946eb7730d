#!/usr/bin/env bash
# Runs a campaign and holds it against a policy, for workflows. Settings come as variables:
#   DERBY_RUN           words after "agent-derby run", parted at spaces
#   DERBY_POLICY        policy file, or empty
#   DERBY_BASELINE      campaign folder or summary.json, or empty
#   DERBY_INCONCLUSIVE  fail or warn
#   DERBY_VERSION       version of the package where none is installed
# Exit code: 0 pass, 1 regression, 3 inconclusive (0 with "warn"), 2 the call or the machine was not up to it.
set -uo pipefail

case ${DERBY_INCONCLUSIVE:-fail} in
fail | warn) ;;
*)
  echo "DERBY_INCONCLUSIVE is \"fail\" or \"warn\", not \"$DERBY_INCONCLUSIVE\"." >&2
  exit 2
  ;;
esac
if [ -z "${DERBY_RUN:-}" ]; then
  echo 'DERBY_RUN says what to run, for example "kill ./derby --profile smoke".' >&2
  exit 2
fi

derby() {
  if [ -x node_modules/.bin/agent-derby ]; then node_modules/.bin/agent-derby "$@"; else npx --yes "agent-derby@${DERBY_VERSION:-latest}" "$@"; fi
}
tell() { if [ -n "${GITHUB_OUTPUT:-}" ]; then printf '%s=%s\n' "$1" "$2" >>"$GITHUB_OUTPUT"; fi; }

out=${DERBY_OUT:-results}
mkdir -p "$out"
fresh=$(mktemp -d "$out/workflow-XXXXXX") || exit 2
read -r -a words <<<"$DERBY_RUN"
# The gate decides: a broken promise (1) is for the policy to weigh. Anything else left no report.
derby run "${words[@]}" --out "$fresh"
ran=$?
if [ "$ran" -gt 1 ]; then exit 2; fi
folder=$(find "$fresh" -mindepth 1 -maxdepth 1 -type d | head -n 1)
tell folder "$folder"

asked=()
if [ -n "${DERBY_POLICY:-}" ]; then asked+=(--policy "$DERBY_POLICY"); fi
if [ -n "${DERBY_BASELINE:-}" ]; then asked+=(--baseline "$DERBY_BASELINE"); fi
derby gate "$folder" ${asked[@]+"${asked[@]}"} --markdown "$folder/gate.md" --json "$folder/gate.json"
gate=$?
case $gate in
0) tell answer pass ;;
1) tell answer regression ;;
3) tell answer inconclusive ;;
esac
if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then
  for part in gate.md report.md; do
    if [ -f "$folder/$part" ]; then
      cat "$folder/$part" >>"$GITHUB_STEP_SUMMARY"
      echo >>"$GITHUB_STEP_SUMMARY"
    fi
  done
fi
if [ "$gate" = 3 ] && [ "${DERBY_INCONCLUSIVE:-fail}" = warn ]; then exit 0; fi
exit "$gate"
