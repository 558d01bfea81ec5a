#!/bin/sh
# Captures every statement of statements.sql from a real server as NN-name.json and NN-name.txt, and those of timed.sql
# and reading.sql as timed/name.json and reading/name.json.
#
#   PGHOST=… PGUSER=… PGDATABASE=<an empty database> ./capture.sh [name]
#
# and those of resources.sql, on the tables of resources-schema.sql, as resources/name.json: from PostgreSQL 15, and 18 where `-- server: 18` says so.
#
# The statement runs twice first, so that caches, hint bits and dead rows are the same for both formats, and every run is rolled back.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
q() { psql -X -q -A -t -v ON_ERROR_STOP=1 "$@"; }
[ "${SKIP_SCHEMA:-}" ] || q -f "$here/schema.sql" -f "$here/resources-schema.sql" -f "$here/reading-schema.sql"
major=$(($(q -c 'SHOW server_version_num') / 10000))
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
split() { mkdir -p "$work/$2"; awk -v dir="$work/$2" '/^-- [0-9a-z-]+$/ { name = $2; next } name != "" { print > (dir "/" name ".part") }' "$here/$1"; }
split statements.sql plain
split timed.sql timed
split resources.sql resources
split reading.sql reading
for part in "$work"/*/*.part; do
    name=$(basename "$part" .part); kind=$(basename "$(dirname "$part")")
    case "${1:-}" in '' | "$name") ;; *) continue ;; esac
    options=$(sed -n 's/^-- options: //p' "$part"); options=${options:-ANALYZE, TIMING OFF, SUMMARY OFF}
    [ "$kind" = plain ] || options="ANALYZE, BUFFERS, WAL, SETTINGS, VERBOSE"
    settings=$(sed -n 's/^-- set: //p' "$part")
    before=$(sed -n 's/^-- first: //p' "$part")
    # What only the first execution shows must not be warmed up.
    once=$(sed -n 's/^-- once: //p' "$part")
    # Plans of another server than the one at hand stay as they are.
    server=$(sed -n 's/^-- server: //p' "$part")
    [ "${server:-15}" = "$major" ] || continue
    last=$(sed -n 's/^-- last: //p' "$part")
    statement=$(sed '/^--/d' "$part")
    script() {
        echo "SET max_parallel_workers_per_gather = 0; SET timezone = 'UTC'; $settings"
        [ -z "$once" ] || echo "$once"
        for format in $([ "$once" ] || echo TEXT TEXT) "$1"; do
            echo "BEGIN; $before"
            case "$format" in "$1") echo "\\o $2" ;; *) echo "\\o /dev/null" ;; esac
            echo "EXPLAIN ($options, FORMAT $format) $statement"
            echo "\\o"
            echo "ROLLBACK;"
        done
        echo "$last"
    }
    # The first two runs warm up; only what the last prints is kept, since it opens its file anew.
    # Some also without VERBOSE, to test that it can be taken away from the JSON.
    case "$name" in
    59-verbose | 60-verbose-modify) verbose=$options; options="ANALYZE, TIMING OFF, SUMMARY OFF"; script TEXT "$here/$name.plain.txt" | q; options=$verbose ;;
    esac
    case "$kind" in
    plain) script JSON "$here/$name.json" | q; script TEXT "$here/$name.txt" | q ;;
    *) script JSON "$here/$kind/$name.json" | q ;;
    esac
done
# search_path, so that indexes are named without their schema.
[ "${1:-}" ] || { echo "SET search_path = shop;"; cat "$here/reading-facts.sql"; } | q > "$here/facts/shop.json"
