//! Plans as trees, from plans that a real server made.

use perflab::report::model::{ExplainedPlan, Finding};
use perflab::report::plan_tree::{PlanTree, layout, mermaid, svg};
use perflab::report::terminal::{PlanLayout, PlanView, Screen, plan};

const COLOURS: [&str; 5] = ["\u{1b}[31m", "\u{1b}[33m", "\u{1b}[1m", "\u{1b}[2m", "\u{1b}[0m"];

fn explained(name: &str) -> ExplainedPlan {
    let file = format!("{}/tests/plans/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let json = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{file}: {error}"));
    ExplainedPlan { json: serde_json::from_str(&json).unwrap(), ..ExplainedPlan::default() }
}

pub fn tree(name: &str) -> PlanTree {
    PlanTree::of(&explained(name), &[]).unwrap()
}

/// Every plan of the collection.
pub fn names() -> Vec<String> {
    let folder = format!("{}/tests/plans", env!("CARGO_MANIFEST_DIR"));
    let in_folder = |under: &str| {
        let files = std::fs::read_dir(format!("{folder}/{under}")).unwrap();
        let name = |file: std::fs::DirEntry| Some(format!("{under}{}", file.file_name().to_str()?.strip_suffix(".json")?));
        files.filter_map(|file| name(file.unwrap())).collect::<Vec<_>>()
    };
    let mut names = [in_folder(""), in_folder("timed/")].concat();
    names.sort();
    names
}

fn drawn(name: &str, screen: Screen) -> String {
    format!("{name}\n{}\n", layout::text(&tree(name), screen))
}

const PICKED: [&str; 9] = [
    "timed/delete-song",
    "timed/next-song",
    "timed/cte-twice",
    "timed/parallel",
    "timed/subplan-per-row",
    "timed/nested-loop-many",
    "52-never-executed",
    "61-buffers",
    "65-estimates-only",
];

#[test]
fn on_80_columns() {
    let all: Vec<String> = PICKED.iter().map(|name| drawn(name, Screen { width: 80, color: false, ascii: false })).collect();
    insta::assert_snapshot!("plan_trees_80", all.join("\n"));
}

#[test]
fn on_120_columns_in_colour() {
    let screen = Screen { width: 120, color: true, ascii: false };
    let all: Vec<String> = PICKED.iter().map(|name| drawn(name, screen)).collect();
    let mut bare = all.join("\n");
    insta::assert_snapshot!("plan_trees_120_colour", bare.replace('\u{1b}', "ESC"));
    for code in COLOURS {
        bare = bare.replace(code, "");
    }
    let plain: Vec<String> = PICKED.iter().map(|name| drawn(name, Screen { color: false, ..screen })).collect();
    assert_eq!(bare, plain.join("\n"), "colour changes no letter");
}

#[test]
fn in_ascii() {
    let all: Vec<String> = PICKED.iter().map(|name| drawn(name, Screen { width: 80, color: false, ascii: true })).collect();
    insta::assert_snapshot!("plan_trees_80_ascii", all.join("\n"));
}

/// Nothing wraps on any screen of at least 60 columns, and figures stand under their titles.
#[test]
fn every_plan_fits() {
    for name in names() {
        for width in [60, 72, 80, 100, 120, 200] {
            let text = layout::text(&tree(&name), Screen { width, color: false, ascii: false });
            let wide: Vec<&str> = text.lines().filter(|line| line.chars().count() > width).collect();
            assert!(wide.is_empty(), "{name} on {width}: {wide:#?}");
            let ascii = layout::text(&tree(&name), Screen { width, color: false, ascii: true });
            let odd = ascii.lines().find(|line| !line.is_ascii());
            assert!(odd.is_none(), "{name}: {odd:?}");
            let nodes = tree(&name).rows.len();
            let title = text.lines().next().unwrap();
            let column = title.chars().take_while(|c| *c == ' ').count() + title.trim_start().find("node").unwrap();
            let figures = |line: &&str| line.chars().take(column).any(|c| c.is_ascii_digit()) && !line.contains("planning ");
            assert!(text.lines().filter(figures).count() <= nodes, "{name} on {width}:\n{text}");
        }
    }
}

#[test]
fn the_worst_is_the_largest_own_time() {
    for name in names().iter().filter(|name| name.starts_with("timed/")) {
        let tree = tree(name);
        let own = |row: &perflab::report::plan_tree::Row| row.own_ms.unwrap_or(0.0);
        let worst: Vec<f64> = tree.rows.iter().filter(|row| row.worst).map(own).collect();
        let most = tree.rows.iter().map(own).fold(0.0, f64::max);
        assert_eq!(worst, if tree.rows.len() > 1 { vec![most] } else { vec![] }, "{name}");
    }
}

#[test]
fn tips_have_their_numbers_beside_their_nodes() {
    let mut found = explained("timed/next-song");
    let tip = |rule: &str, node| Finding { rule: rule.into(), sentence: format!("{rule} said."), node, ..Finding::default() };
    found.findings =
        vec![tip("summary", None), tip("first", Some(2)), tip("whole", None), tip("second", Some(2)), tip("third", Some(5))];
    let screen = Screen { width: 100, color: false, ascii: false };
    let folded = plan(&found, screen, PlanLayout::Tree);
    assert!(folded.contains("Sort [1] [3]") && !folded.contains(" [4]"), "nothing points at a tip that is folded: {folded}");
    let text = plan(&found, screen, PlanView { layout: PlanLayout::Tree, all_tips: true });
    let sort = text.lines().find(|line| line.contains("─ Sort")).unwrap();
    let scan = text.lines().find(|line| line.contains("Seq Scan on users_playlist_position")).unwrap();
    assert!(sort.ends_with("Sort [1] [3]") && scan.ends_with(" [4]"), "{text}");
    assert!(text.contains("\n1. first said.\n2. whole said.\n3. second said.\n4. third said."), "{text}");
}

#[test]
fn a_plan_without_json_is_shown_as_text() {
    let explained = ExplainedPlan { text: "Result  (cost=0.00..0.01 rows=1 width=4)\n".into(), ..ExplainedPlan::default() };
    let text = plan(&explained, Screen { width: 80, color: false, ascii: false }, PlanLayout::Tree);
    assert!(text.contains("\nResult  (cost=0.00..0.01"), "{text}");
}

#[test]
fn drawn_as_a_picture() {
    insta::assert_snapshot!("plan_picture", svg::draw(&tree("timed/next-song"), "GET /next: 236.5 ms").unwrap());
}

#[test]
fn drawn_as_a_flowchart() {
    let all: Vec<String> = ["timed/cte-twice", "timed/delete-song", "52-never-executed", "58-odd-names", "65-estimates-only"]
        .iter()
        .map(|name| format!("%% {name}\n{}", mermaid::draw(&tree(name))))
        .collect();
    insta::assert_snapshot!("plan_flowcharts", all.join("\n"));
}

/// Own parts lie one behind the other and stay on the card, whatever is drawn as length.
#[test]
fn every_picture_is_whole() {
    for name in names() {
        let tree = tree(&name);
        let Some(picture) = svg::draw(&tree, "<a> & \u{0}") else { continue };
        assert!(picture.contains("&lt;a&gt; &amp;") && !picture.contains('\u{0}'), "{name}");
        assert!(picture.matches("<rect").count() > 3, "{name}: {picture}");
        for rect in picture.lines().filter(|line| line.starts_with("<rect")) {
            let attribute = |key: &str| -> i32 {
                rect.split(&format!(" {key}=\"")).nth(1).and_then(|rest| rest.split('"').next()?.parse().ok()).unwrap()
            };
            assert!(attribute("x") >= 0 && attribute("x") + attribute("width") <= 960, "{name}: {rect}");
        }
        assert_eq!(
            tree.parents().iter().filter(|parent| parent.is_none()).count(),
            1 + tree.rows.iter().filter(|row| row.node.is_none()).count()
        );
    }
}

/// On the page: the picture, then the tree and PostgreSQL's text to be opened; of a small plan the text alone.
#[test]
fn on_the_page() {
    let mut run = crate::music::run();
    let real = explained("timed/next-song");
    let statement = &mut run.explained[0].statements[0];
    statement.before.json = real.json;
    statement.before.execution_ms = 236.5;
    statement.before.text = "Hash Join  (cost=…)\n".into();
    let (label, step) = (run.explained[0].label.clone(), run.explained[0].statements[0].step);
    let rendered = perflab::report::markdown::render(&run);
    let file =
        |name: &str| rendered.files.iter().find(|file| file.0 == name).map(|file| String::from_utf8(file.1.clone()).unwrap());
    let page = file("report.md").unwrap();
    let shown = format!(
        "![{}, statement {step}: 236.5 ms, by node of its plan](plan-1-{step}.svg)\n\n<details><summary>The plan (6 nodes): ",
        label.replace(['<', '>'], " ")
    );
    assert!(page.contains(&shown), "{shown}\nis not in\n{page}");
    assert!(page.contains("</summary>\n\n```\n     ms share"), "{page}");
    let text = "\n<details><summary>The plan as PostgreSQL prints it</summary>\n\n```\nHash Join  (cost=…)\n```\n\n</details>\n";
    assert_eq!(page.matches(text).count(), 1);
    assert!(page.lines().filter(|line| line.contains('►')).all(|line| line.chars().count() <= 110));
    assert!(file(&format!("plan-1-{step}.svg")).unwrap().contains("WindowAgg"));
    assert_eq!(rendered.files.iter().filter(|file| file.0.starts_with("plan-")).count(), 1, "the others have no real plan");
}
