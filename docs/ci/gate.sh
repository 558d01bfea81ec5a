#!/bin/sh
# Gates a change with perflab, on any CI that can run a shell.
#
#   gate.sh SCENARIO               against where this branch left origin/main, side by side
#   gate.sh SCENARIO REF           against another branch, tag or commit
#   gate.sh SCENARIO baseline.json against a file of --write-baseline; it is written when it is not there
#
# RESULTS  folder for junit.xml, summary.md and result.json  [default: perflab-results]
# OPTIONS  further options of `perflab ci`, e.g. "--scale 0.5 --no-times"
#
# Exits as perflab does: 0 passed, 1 something got worse, 2 could not run, 3 cannot be told.
set -eu
scenario=${1:?usage: gate.sh SCENARIO [REF | baseline.json]}
against=${2:-origin/main}
results=${RESULTS:-perflab-results}
mkdir -p "$results"
rm -f "$results/summary.md"

case $against in
*.json)
    if [ -f "$against" ]; then
        set -- --baseline "$against"
    else
        mkdir -p "$(dirname "$against")"
        set -- --write-baseline "$against"
    fi
    ;;
*) set -- --base-ref "$against" ;;
esac

status=0
# shellcheck disable=SC2086  # options are words
perflab ci "$scenario" "$@" --junit "$results/junit.xml" --summary "$results/summary.md" --output "$results/result.json" \
    ${OPTIONS:-} || status=$?
case $status in
0) echo "perflab: passed" ;;
1) echo "perflab: something got worse, see $results/summary.md" >&2 ;;
3) echo "perflab: cannot be told, see $results/summary.md" >&2 ;;
*) echo "perflab: could not run" >&2 ;;
esac
exit "$status"
