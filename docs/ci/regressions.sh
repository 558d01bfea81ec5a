#!/bin/sh
# Makes three deliberate regressions in each of the shipped systems, and shows that `perflab ci` catches them:
# an index dropped, an N+1 introduced, a plan made slower. An unchanged commit comes first, which has to pass.
#
#   docs/ci/regressions.sh [NAME ...]     all five when none is named
#
# PERFLAB  the program            [default: perflab]
# PROJECT  folder of its server   [default: a temporary one, whose server is stopped at the end]
# SCALE    of the rows            [default: 1]
# OPTIONS  of `perflab ci`        [default: none]
set -eu
cd "$(dirname "$0")/../.."
here=$PWD
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

[ $# -gt 0 ] || set -- music shoes products reviews reviews_meta

# The indexes that the base has; the first is dropped later.
indexes() {
    case $1 in
    music) echo "CREATE INDEX ci_links ON links (song_id); CREATE INDEX ci_history ON song_history (song_id);" ;;
    shoes) echo "CREATE INDEX ci_ledger ON catalog_ledger (catalog_id); CREATE INDEX ci_items ON cart_items (cart_id);" ;;
    products) echo "CREATE INDEX ci_styles ON styles (product_id); CREATE INDEX ci_photos ON photos (style_id); CREATE INDEX ci_skus ON skus (style_id); CREATE INDEX ci_features ON features (product_id); CREATE INDEX ci_related ON related (current_product_id);" ;;
    reviews) echo "CREATE INDEX ci_reviews ON reviews (product_id); CREATE INDEX ci_photos ON reviews_photos (review_id); CREATE INDEX ci_characteristics ON characteristics (product_id);" ;;
    reviews_meta) echo "CREATE INDEX ci_reviews ON reviews (product_id); CREATE INDEX ci_photos ON reviews_photos (review_id); CREATE INDEX ci_characteristics ON characteristics (product_id); CREATE INDEX ci_values ON characteristic_reviews (characteristic_id);" ;;
    *) echo "no system $1" >&2; return 2 ;;
    esac
}

schema() { [ "$1" = music ] && echo schema.sql || echo "scenarios/$1.sql"; }

drop_index() { sed -i -E '/ci_/s/^CREATE INDEX [^;]*; ?//' "$(schema "$1")"; }

# A list, and then one statement for each of its rows.
n_plus_one() {
    case $1 in
    products)
        awk '/^    sql: SELECT related_product_id FROM related/ {
                 sub(/^    sql: /, ""); print "    steps:"; print "      - sql: " $0; print "        as: related"
                 print "      - sql: SELECT id, name FROM products WHERE id = :related.related_product_id"
                 print "        for_each: related"; next }
             { print }' "scenarios/$1.yaml" ;;
    *)
        case $1 in music) table=songs ;; shoes) table=catalog ;; *) table=reviews ;; esac
        awk -v table="$table" '{ print }
             /^    steps:/ && !done {
                 print "      - {sql: SELECT id FROM " table " ORDER BY id LIMIT 20, as: listed}"
                 print "      - {sql: SELECT * FROM " table " WHERE id = :listed.id, for_each: listed}"; done = 1 }' "scenarios/$1.yaml" ;;
    esac >"$work/edited" && cat "$work/edited" >"scenarios/$1.yaml"
}

# A condition that no index answers.
slower_plan() {
    case $1 in
    music) sed -i 's/links\.song_id = :song_id/links.song_id + 0 = :song_id/' "scenarios/$1.yaml" ;;
    shoes) sed -i 's/auth_token = :auth_token/auth_token::text = :auth_token/' "scenarios/$1.yaml" ;;
    products) sed -i 's/WHERE product_id = :product_id/WHERE product_id + 0 = :product_id/' "scenarios/$1.yaml" ;;
    reviews) sed -i 's/WHERE product_id = :product_id AND NOT reported/WHERE product_id + 0 = :product_id AND NOT reported/' "scenarios/$1.yaml" ;;
    reviews_meta) sed -i 's/WHERE product_id = :product_id AND rating/WHERE product_id + 0 = :product_id AND rating/' "scenarios/$1.yaml" ;;
    esac
}

unchanged() { echo "-- A comment is no change, but the rows are made anew for it." >>"$(schema "$1")"; }

wrong=0
printf '%-13s %-12s %-5s %-8s %8s  %s\n' system change exit verdict seconds "what failed"
for name in "$@"; do
    repository=$work/$name
    mkdir -p "$repository/scenarios"
    cp "$here/schema.sql" "$repository/"
    cp "$here"/scenarios/"$name".* "$repository/scenarios/"
    cd "$repository"
    { echo; indexes "$name"; } >>"$(schema "$name")"
    git init -q -b main . && git add -A
    git -c user.name=ci -c user.email=ci@example.com commit -q -m "The base, with its indexes"
    for change in unchanged drop_index n_plus_one slower_plan; do
        git checkout -q -f main
        $change "$name"
        if git diff --quiet; then
            echo "$change does not change $name: this script is out of date" >&2
            wrong=$((wrong + 1))
            continue
        fi
        begun=$(date +%s)
        status=0
        # shellcheck disable=SC2086  # options are words
        "$perflab" --quiet --project "$project" ci "scenarios/$name.yaml" --base-ref main --measure-anyway --scale "${SCALE:-1}" \
            --annotations never --junit "$work/junit.xml" --output "$work/result.json" ${OPTIONS:-} >"$work/said" 2>"$work/errors" || status=$?
        seconds=$(($(date +%s) - begun))
        failed=$(sed -n 's/.*<failure message="\([^"]*\)" type="\([^"]*\)".*/\2: \1/p' "$work/junit.xml" 2>/dev/null | head -1 | cut -c1-90)
        expected=1
        [ "$change" != unchanged ] || expected=0
        case $status in 0) verdict=passed ;; 1) verdict=failed ;; 3) verdict=unknown ;; *) verdict=error; failed=$(tail -1 "$work/errors") ;; esac
        # What cannot be told is no alarm.
        if [ "$status" -ne "$expected" ] && ! { [ "$expected" -eq 0 ] && [ "$status" -eq 3 ]; }; then
            wrong=$((wrong + 1))
            verdict="$verdict!"
        fi
        printf '%-13s %-12s %-5s %-8s %8s  %s\n' "$name" "$change" "$status" "$verdict" "$seconds" "$failed"
        rm -f "$work/junit.xml" "$work/result.json"
    done
    cd "$here"
done
[ "$wrong" -eq 0 ] && echo "All as expected." || { echo "$wrong not as expected (marked !)."; exit 1; }
