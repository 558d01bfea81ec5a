#!/bin/sh
# Runs `perflab ci` N times with nothing changed, and counts how often it cries.
#
#   docs/ci/false-alarms.sh SCENARIO [N]     20 times unless said
#
# Both sides are the same commit, whose rows are made twice: one for each side, as for a change of the schema. SAME_ROWS=1 lets both
# sides have the same rows, as for a change of the statements. Every run analyzes and measures anew, times included.
#
# PERFLAB  the program            [default: perflab]
# PROJECT  folder of its server   [default: a temporary one, whose server is stopped at the end]
# OPTIONS  of `perflab ci`        [default: none], e.g. "--scale 0.1 --time 4s"
set -eu
scenario=${1:?usage: false-alarms.sh SCENARIO [N]}
times=${2:-20}
perflab=${PERFLAB:-perflab}
work=$(mktemp -d)
project=${PROJECT:-$work/project}
mkdir -p "$project"
finish() {
    [ -n "${PROJECT:-}" ] || "$perflab" --quiet --project "$project" db stop >/dev/null 2>&1 || true
    rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM

# A repository of its own, so that nothing but the scenario decides.
root=$(cd "$(dirname "$scenario")/.." && pwd)
folder=$(basename "$(cd "$(dirname "$scenario")" && pwd)")
mkdir -p "$work/repository/$folder"
cp "$root"/*.sql "$work/repository/" 2>/dev/null || true
cp -R "$root/$folder/." "$work/repository/$folder/"
cd "$work/repository"
git init -q -b main . && git add -A
git -c user.name=ci -c user.email=ci@example.com commit -q -m "Unchanged"

alarms=0 unknown=0 broken=0 run=0
while [ "$run" -lt "$times" ]; do
    run=$((run + 1))
    if [ -z "${SAME_ROWS:-}" ]; then
        # A comment is no change of the schema, but another text: both sides get rows of their own, made and analyzed anew.
        git checkout -q -f main
        for file in *.sql "$folder"/*.sql; do
            [ ! -f "$file" ] || echo "-- run $run of $$" >>"$file"
        done
    fi
    status=0
    begun=$(date +%s)
    # shellcheck disable=SC2086  # options are words
    "$perflab" --quiet --project "$project" ci "$folder/$(basename "$scenario")" --base-ref main --measure-anyway --annotations never \
        ${OPTIONS:-} >"$work/said" 2>"$work/errors" || status=$?
    seconds=$(($(date +%s) - begun))
    case $status in
    0) verdict=passed ;;
    1) verdict="FALSE ALARM" alarms=$((alarms + 1)) ;;
    3) verdict="cannot be told" unknown=$((unknown + 1)) ;;
    *) verdict="could not run" broken=$((broken + 1)) ;;
    esac
    printf 'run %2d of %d: %s (exit %d, %d s)\n' "$run" "$times" "$verdict" "$status" "$seconds"
    case $status in 0) ;; 1 | 3) sed 's/^/    /' "$work/said" ;; *) sed 's/^/    /' "$work/errors" ;; esac
done
echo "$times unchanged runs of $(basename "$scenario"): $alarms false alarms, $unknown could not be told, $broken could not run."
[ $((alarms + broken)) -eq 0 ]
