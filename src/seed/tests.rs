//! Whole plans: the music service and small schemas, looked at row by row.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use crate::db::catalog::Catalog;
use crate::scenario::model::{
    Assign, Data, Fanout, FanoutClass, Literal, Order, Pick, Rows, TableSpec, Template, TemplatePart, TimeSpec, ValueSpec,
};

use super::fixture::{catalog, data, located, reference, table, through, unique_per, value, with};
use super::plan::SeedPlan;
use super::text::append_text;
use super::types::{Kind, PgType};
use super::values::Context;

/// The music service's tables with the columns that matter to the shape of its rows.
fn music(playlists: u64) -> (Data, Catalog) {
    let catalog = catalog(
        "platforms(id int8 pk identity, platform_name text not null);
         songs(id int8 pk identity, song_name text not null, artist text not null, authorization_key varchar:25 not null default now());
         playlists(id int8 pk identity, name text not null);
         users(id int8 pk identity, created_at timestamptz not null, password text not null, platform_id int8 -> platforms.id);
         links(id int8 pk identity, song_id int8 not null -> songs.id, platform_id int8 not null -> platforms.id, song_url text);
         playlist_songs(id int8 pk identity, playlist_id int8 not null -> playlists.id, song_id int8 not null -> songs.id);
         song_history(id int8 pk identity, created_at timestamptz not null, user_id int8 not null -> users.id, song_id int8 not null -> songs.id);
         users_playlist_position(id int8 pk identity, user_id int8 not null -> users.id, playlist_id int8 not null -> playlists.id, playlist_song_position int8 -> playlist_songs.id);
         user_moods(user_id int8 pk -> users.id, mood text check (mood = ANY (ARRAY['HAPPY'::text, 'SAD'::text])))",
    );
    let per = |ratio, of: &str| Rows::Per { ratio, table: located(of) };
    let fanout = |shape| Assign::Fanout(shape);
    let classes = vec![FanoutClass { share: 0.01, children: 20..=30 }, FanoutClass { share: 0.99, children: 1..=5 }];
    let names = ["Spotify", "Apple"].map(|name| (Literal::Text(name.into()), 1.0)).to_vec();
    let url = Template { parts: vec![TemplatePart::Text("https://open.spotify.com/track/".into()), TemplatePart::Alnum(22)] };
    let year = TimeSpec { growth_per_week: 0.03, peak_hours: Some(18..=23), ..TimeSpec::last(Duration::from_secs(365 * 86_400)) };
    let tables = vec![
        TableSpec {
            fixed: true,
            ..with(table("platforms", Rows::Exactly(2)), vec![value("platform_name", ValueSpec::OneOf(names))])
        },
        table("playlists", Rows::Exactly(playlists)),
        with(
            table("users", per(0.3037, "playlists")),
            vec![reference("platform_id", "platforms", Assign::Pick(Pick::Weights(vec![8.0, 1.0])))],
        ),
        table("songs", per(25.9343, "playlists")),
        with(
            table("links", per(1.099_122, "songs")),
            vec![
                reference("song_id", "songs", fanout(Fanout::Range(1..=2))),
                unique_per("platform_id", "platforms", Assign::Pick(Pick::Weights(vec![8.0, 1.0])), "song_id"),
                value("song_url", ValueSpec::Template(url)),
            ],
        ),
        with(
            table("playlist_songs", per(67.633, "playlists")),
            vec![
                reference(
                    "playlist_id",
                    "playlists",
                    fanout(Fanout::Lognormal { sigma: 0.8, center: None, min: 5, max: Some(250) }),
                ),
                reference("song_id", "songs", Assign::Pick(Pick::Zipf { exponent: 1.05 })),
            ],
        ),
        with(
            table("users_playlist_position", per(1.0, "playlists")),
            vec![
                reference("user_id", "users", fanout(Fanout::Classes(classes))),
                reference("playlist_id", "playlists", fanout(Fanout::Even)),
                through("playlist_song_position", &["playlist_songs.id"], None),
            ],
        ),
        TableSpec {
            order: Order::Shuffled,
            ..with(
                table("song_history", per(4.529_539, "playlist_songs")),
                vec![
                    through("song_id", &["users_playlist_position.playlist_id", "playlist_songs.song_id"], Some(1..=7)),
                    value("created_at", ValueSpec::Time(year)),
                ],
            )
        },
        table("user_moods", per(0.6, "users")),
    ];
    (data(tables), catalog)
}

/// All rows of a table as text, by column name.
fn rows(plan: &SeedPlan, catalog: &Catalog, name: &str) -> Vec<HashMap<String, Option<String>>> {
    let table = plan.tables.iter().find(|table| table.name.name == name).unwrap();
    let found = catalog.find(name).unwrap();
    let kinds: Vec<Kind> = table.columns.iter().map(|column| PgType::of(found.column(column).unwrap()).unwrap().kind).collect();
    let mut bytes = Vec::new();
    table.write_rows(0..table.rows, &mut Context::rows(), &mut bytes).unwrap();
    let mut rest = bytes.as_slice();
    let mut rows = Vec::new();
    while !rest.is_empty() {
        assert_eq!(rest[..2], (table.columns.len() as u16).to_be_bytes());
        rest = &rest[2..];
        let mut row = HashMap::new();
        for (column, kind) in table.columns.iter().zip(&kinds) {
            let length = i32::from_be_bytes(rest[..4].try_into().unwrap());
            rest = &rest[4..];
            let value = usize::try_from(length).ok().map(|length| {
                let mut text = Vec::new();
                append_text(*kind, &rest[..length], &mut text);
                rest = &rest[length..];
                String::from_utf8(text).unwrap()
            });
            row.insert(column.clone(), value);
        }
        rows.push(row);
    }
    rows
}

fn hash(plan: &SeedPlan, threads: usize) -> String {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(plan.data_hash(threads)).unwrap()
}

fn number(row: &HashMap<String, Option<String>>, column: &str) -> u64 {
    row[column].as_ref().unwrap().parse().unwrap()
}

#[test]
fn the_music_counts_are_exact() {
    let (data, catalog) = music(3000);
    let plan = SeedPlan::new(&data, &catalog, 1.0).unwrap();
    let counts: Vec<(&str, u64)> = plan.tables.iter().map(|table| (table.name.name.as_str(), table.rows)).collect();
    assert_eq!(
        counts,
        [
            ("platforms", 2),
            ("playlists", 3_000),
            ("users", 911),
            ("songs", 77_803),
            ("links", 85_515),
            ("playlist_songs", 202_899),
            ("users_playlist_position", 3_000),
            ("song_history", 919_039),
            ("user_moods", 547),
        ]
    );
}

#[test]
fn users_play_only_songs_of_their_own_lists_each_list_in_rounds() {
    let (data, catalog) = music(120);
    let plan = SeedPlan::new(&data, &catalog, 1.0).unwrap();
    let positions = rows(&plan, &catalog, "users_playlist_position");
    let owner: HashMap<u64, u64> = positions.iter().map(|row| (number(row, "playlist_id"), number(row, "user_id"))).collect();
    assert_eq!(owner.len(), 120, "each list has one owner");

    let mut songs_of_user: HashMap<u64, HashMap<u64, u64>> = HashMap::new();
    let mut list_of_position = HashMap::new();
    for row in rows(&plan, &catalog, "playlist_songs") {
        let list = number(&row, "playlist_id");
        *songs_of_user.entry(owner[&list]).or_default().entry(number(&row, "song_id")).or_default() += 1;
        list_of_position.insert(number(&row, "id"), list);
    }
    for row in &positions {
        assert_eq!(list_of_position[&number(row, "playlist_song_position")], number(row, "playlist_id"));
    }

    let mut plays: HashMap<(u64, u64), u64> = HashMap::new();
    let history = rows(&plan, &catalog, "song_history");
    for row in &history {
        let (user, song) = (number(row, "user_id"), number(row, "song_id"));
        assert!(songs_of_user[&user].contains_key(&song), "user {user} has no song {song}");
        *plays.entry((user, song)).or_default() += 1;
    }
    let heard: usize = songs_of_user.values().map(HashMap::len).sum();
    assert_eq!(plays.len(), heard, "everything in a list is played at least once");
    let rounds = |(key, count): (&(u64, u64), &u64)| *count as f64 / songs_of_user[&key.0][&key.1] as f64;
    assert!(plays.iter().map(rounds).all(|rounds| rounds <= 9.5));
    let users: Vec<u64> = history.iter().take(50).map(|row| number(row, "user_id")).collect();
    assert!(users.windows(2).filter(|pair| pair[0] == pair[1]).count() < 25, "interleaved over users: {users:?}");
    let times: Vec<&String> = history.iter().map(|row| row["created_at"].as_ref().unwrap()).collect();
    assert!(times.windows(2).filter(|pair| pair[0] > pair[1]).count() < 3, "rows came in the order of their moments");
}

#[test]
fn inferred_and_unique_columns_hold() {
    let (data, catalog) = music(600);
    let plan = SeedPlan::new(&data, &catalog, 1.0).unwrap();
    let moods = rows(&plan, &catalog, "user_moods");
    let users: HashSet<u64> = moods.iter().map(|row| number(row, "user_id")).collect();
    assert_eq!(users.len(), moods.len(), "none or one per user");
    assert!(users.iter().all(|user| (1..=182).contains(user)));
    assert!(moods.iter().all(|row| ["HAPPY", "SAD"].contains(&row["mood"].as_deref().unwrap())));

    let mut platforms: HashMap<u64, Vec<u64>> = HashMap::new();
    for row in rows(&plan, &catalog, "links") {
        platforms.entry(number(&row, "song_id")).or_default().push(number(&row, "platform_id"));
    }
    assert_eq!(platforms.len(), 15_561, "every song has a link");
    assert!(platforms.values().all(|of_song| of_song.len() == 1 || of_song[0] != of_song[1]));
    let spotify = platforms.values().filter(|of_song| **of_song == [1]).count() as f64 / 15_561.0;
    assert!((0.78..0.82).contains(&spotify), "80% of songs on Spotify alone: {spotify}");

    let songs = rows(&plan, &catalog, "songs");
    assert!(songs.iter().all(|row| row["authorization_key"].as_ref().unwrap().len() == 25));
    assert!(songs.iter().all(|row| row["artist"].as_ref().unwrap().contains(' ')));
    assert_eq!(number(&songs[0], "id"), 1);
}

#[test]
fn any_number_of_threads_gives_the_same_bytes_and_they_never_change() {
    let (data, catalog) = music(30);
    let of = |seed, threads| {
        let data = Data { seed, ..data.clone() };
        hash(&SeedPlan::new(&data, &catalog, 1.0).unwrap(), threads)
    };
    let one = of(42, 1);
    assert_eq!(one, of(42, 2));
    assert_eq!(one, of(42, 8));
    assert_ne!(one, of(43, 1));
    // Golden: when this changes, `GENERATOR_VERSION` must be raised.
    assert_eq!(one, "d8f9ce1b4db334ff8058ed9eaded8f7fcb4448b0cf77908bff80ca38373e207f");
}

#[test]
fn a_larger_scale_keeps_the_rows_of_the_smaller() {
    let (data, catalog) = music(150);
    let (one, three) = (SeedPlan::new(&data, &catalog, 1.0).unwrap(), SeedPlan::new(&data, &catalog, 3.0).unwrap());
    assert_eq!((three.not_a_prefix.as_deref(), three.scales.as_slice()), (None, [1.0, 3.0].as_slice()));
    for table in &one.tables {
        let name = &table.name.name;
        let (few, many) = (rows(&one, &catalog, name), rows(&three, &catalog, name));
        assert!(few.len() < many.len() || name == "platforms", "{name}");
        assert!(few == many[..few.len()], "{name}: the rows of scale 1 are the first of scale 3");
    }
    // What holds at scale 1 holds at scale 3: users play songs of their own lists, lists have their bounds.
    let lists = rows(&three, &catalog, "playlist_songs");
    let mut lengths: HashMap<u64, u64> = HashMap::new();
    lists.iter().for_each(|row| *lengths.entry(number(row, "playlist_id")).or_default() += 1);
    assert!(lengths.len() == 450 && lengths.values().all(|length| (5..=250).contains(length)));
    let owner: HashMap<u64, u64> = rows(&three, &catalog, "users_playlist_position")
        .iter()
        .map(|row| (number(row, "playlist_id"), number(row, "user_id")))
        .collect();
    let songs: HashSet<(u64, u64)> =
        lists.iter().map(|row| (owner[&number(row, "playlist_id")], number(row, "song_id"))).collect();
    let history = rows(&three, &catalog, "song_history");
    assert!(history.iter().all(|row| songs.contains(&(number(row, "user_id"), number(row, "song_id")))));
}

#[test]
fn growing_again_and_again_gives_the_rows_and_hash_of_the_same_steps() {
    let (data, catalog) = music(40);
    let scales = [1.0, 2.5, 6.0];
    let grown = SeedPlan::growing(&data, &catalog, &scales, 0).unwrap();
    assert_eq!(hash(&grown, 1), hash(&grown, 4));
    assert_eq!(
        hash(&SeedPlan::growing(&data, &catalog, &scales[..1], 0).unwrap(), 1),
        hash(&SeedPlan::new(&data, &catalog, 1.0).unwrap(), 2)
    );
    let made = |from: usize| SeedPlan::growing(&data, &catalog, &scales[..=from], from).unwrap();
    let mut counted = 0;
    for from in 0..scales.len() {
        counted += made(from).rows();
    }
    assert_eq!(counted, grown.rows(), "each step makes what is new and no more");
    for table in &grown.tables {
        let whole = rows(&grown, &catalog, &table.name.name);
        let before = rows(&made(1), &catalog, &table.name.name);
        assert!(before == whole[..before.len()], "{}", table.name);
    }
}

#[test]
fn children_are_counted_the_same_however_they_were_laid() {
    let (data, catalog) = music(60);
    let plan = SeedPlan::new(&data, &catalog, 1.0).unwrap();
    for (table, column) in [("playlist_songs", "playlist_id"), ("playlist_songs", "song_id"), ("song_history", "user_id")] {
        hash(&plan, 2);
        let planned = plan.tables.iter().find(|planned| planned.name.name == table).unwrap();
        let mut counts = planned.references.iter().find(|reference| reference.column == column).unwrap().children();
        let mut seen: HashMap<u64, u64> = HashMap::new();
        rows(&plan, &catalog, table).iter().for_each(|row| *seen.entry(number(row, column)).or_default() += 1);
        let mut expected: Vec<u64> = seen.into_values().collect();
        counts.sort_unstable();
        expected.sort_unstable();
        assert_eq!(counts, expected, "{table}.{column}");
        planned.forget_counts();
    }
}

#[test]
fn problems_are_collected_and_say_what_to_do() {
    let catalog = catalog(
        "users(id int8 pk identity, age int2 not null, spot record not null);
         orders(id int8 pk identity, user_id int8 not null -> users.id, note varchar:4 not null, code int4 unique not null, path text);
         empties(id int8 pk identity); lost(id int8 pk identity, empty_id int8 not null -> empties.id, a text, b text)",
    );
    let by = |column: &str| ValueSpec::By { column: located(column), cases: vec![], otherwise: None };
    let nullable = |name: &str| crate::scenario::model::ColumnSpec { nulls: 0.1, ..value(name, ValueSpec::Words(1..=1)) };
    let tables = vec![
        with(table("users", Rows::Exactly(10)), vec![value("age", ValueSpec::Range { low: 0.0, high: 1e6 })]),
        with(
            table("orders", Rows::Exactly(100)),
            vec![
                reference("user_id", "users", Assign::Fanout(Fanout::Range(1..=5))),
                nullable("note"),
                value("code", ValueSpec::OneOf(vec![(Literal::Int(1), 1.0)])),
                through("path", &["empties.id"], None),
            ],
        ),
        with(table("lost", Rows::Exactly(5)), vec![value("a", by("b")), value("b", by("a"))]),
    ];
    let problems = SeedPlan::new(&data(tables), &catalog, 1.0).unwrap_err();
    let texts: Vec<String> = problems.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(texts.join("\n"));
}

/// Reviews of products, and what each review says of the product's characteristics.
fn rated(of_characteristic: crate::scenario::model::ColumnSpec, fanout: Option<Fanout>) -> (Data, Catalog) {
    let catalog = catalog(
        "products(id int8 pk identity);
         reviews(id int8 pk identity, product_id int8 not null -> products.id);
         characteristics(id int8 pk identity, product_id int8 not null -> products.id);
         ratings(id int8 pk identity, review_id int8 not null -> reviews.id, characteristic_id int8 not null -> characteristics.id)",
    );
    let mut of_rating = vec![of_characteristic];
    of_rating.extend(fanout.map(|fanout| reference("review_id", "reviews", Assign::Fanout(fanout))));
    let by_product = |shape| vec![reference("product_id", "products", Assign::Fanout(shape))];
    let tables = vec![
        table("products", Rows::Exactly(40)),
        TableSpec { order: Order::Shuffled, ..with(table("reviews", Rows::Exactly(120)), by_product(Fanout::Range(1..=9))) },
        with(table("characteristics", Rows::Exactly(160)), by_product(Fanout::Range(3..=5))),
        with(table("ratings", Rows::Exactly(470)), of_rating),
    ];
    (data(tables), catalog)
}

#[test]
fn a_path_starts_at_the_row_that_is_referenced() {
    for (rounds, fanout) in [(Some(1..=1), None), (None, Some(Fanout::Range(1..=9)))] {
        let once = rounds.is_some();
        let path = through("characteristic_id", &["reviews.product_id", "characteristics.id"], rounds);
        let (data, catalog) = rated(path, fanout);
        let plan = SeedPlan::new(&data, &catalog, 1.0).unwrap();
        let products = |table: &str| -> HashMap<u64, u64> {
            rows(&plan, &catalog, table).iter().map(|row| (number(row, "id"), number(row, "product_id"))).collect()
        };
        let (of_review, of_characteristic) = (products("reviews"), products("characteristics"));
        let mut pairs = HashSet::new();
        for row in rows(&plan, &catalog, "ratings") {
            let (review, characteristic) = (number(&row, "review_id"), number(&row, "characteristic_id"));
            assert_eq!(of_review[&review], of_characteristic[&characteristic]);
            pairs.insert((review, characteristic));
        }
        if once {
            assert!(pairs.len() > 460, "a review rates each characteristic once: {}", pairs.len());
        }
    }
}

#[test]
fn composite_keys_trees_and_defaults_need_no_description() {
    let catalog = catalog(
        "tags(id int4 pk identity, label varchar:12 unique not null);
         posts(id int8 pk identity, parent_id int8 -> posts.id, draft bool not null default false, shape record, total numeric generated);
         tagged(post_id int8 pk -> posts.id, tag_id int8 pk -> tags.id)",
    );
    let tables = vec![table("tags", Rows::Exactly(20)), table("posts", Rows::Exactly(30)), table("tagged", Rows::Exactly(600))];
    let plan = SeedPlan::new(&data(tables), &catalog, 1.0).unwrap();
    let pairs: HashSet<(u64, u64)> =
        rows(&plan, &catalog, "tagged").iter().map(|row| (number(row, "post_id"), number(row, "tag_id"))).collect();
    assert_eq!(pairs.len(), 600, "every pair once");
    assert!(pairs.iter().all(|(post, tag)| (1..=30).contains(post) && (1..=20).contains(tag)));
    let posts = rows(&plan, &catalog, "posts");
    assert_eq!(plan.tables[1].columns, ["id", "parent_id"], "constants, unknown types and generated columns are left out");
    assert_eq!(posts[0]["parent_id"], None);
    assert!(posts.iter().all(|row| row["parent_id"].is_none() || number(row, "parent_id") < number(row, "id")));
    assert!(posts.iter().filter(|row| row["parent_id"].is_none()).count() < 5, "a few roots");
    let labels: HashSet<String> = rows(&plan, &catalog, "tags").iter().map(|row| row["label"].clone().unwrap()).collect();
    assert!(labels.len() == 20 && labels.iter().all(|label| label.len() <= 12));
}
