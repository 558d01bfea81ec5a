//! What a page says once, folds away, or explains because a reader would stumble over it.

use perflab::report::markdown::render;
use perflab::report::model::{Finding, Run, Verdict};

use crate::music;

const SONG: &str = "POST /song/{song_id}/remove";

fn page(run: &Run) -> String {
    let first = render(run).files.swap_remove(0);
    String::from_utf8(first.1).expect("pages are UTF-8")
}

fn finding(rule: &str, sentence: &str) -> Finding {
    Finding { rule: rule.into(), sentence: sentence.into(), next_step: None, saves_ms: 1.0, ..Finding::default() }
}

#[test]
fn a_sentence_that_the_next_one_or_the_table_says_too_is_left_out() {
    let mut run = music::run();
    let song = run.explained.iter_mut().find(|endpoint| endpoint.label == SONG).expect("deleting a song is explained");
    song.statements[0].before.findings = vec![
        finding("summary", "It reads 77 rows to return 1."),
        finding("seq-scan-discards", "It reads all 77 rows of songs to find 1."),
        finding("cascade-without-index", "Deleting makes a foreign key look."),
    ];
    let page = page(&run);
    assert!(page.contains("**What it means.** It reads all 77 rows of songs to find 1.\n"), "{page}");
    assert!(!page.contains("77 rows to return") && !page.contains("Deleting makes a foreign key look."));
}

#[test]
fn a_statement_of_little_time_is_folded() {
    let mut run = music::run();
    let song = run.explained.iter_mut().find(|endpoint| endpoint.label == SONG).expect("deleting a song is explained");
    let mut minor = song.statements[0].clone();
    (minor.step, minor.share) = (1, 0.02);
    minor.sql = "SELECT minor".into();
    song.statements.push(minor);
    let page = page(&run);
    let (before, folded) =
        page.split_once("<details><summary>One more statement, 2% of the time</summary>").expect("it is folded");
    assert!(!before.contains("SELECT minor") && folded.contains("SELECT minor"));
}

#[test]
fn medians_that_differ_by_noise_make_no_change_in_a_heading() {
    let mut run = music::run();
    let pair = run.advice.as_mut().and_then(|advice| advice.endpoints.iter_mut().find(|pair| pair.label == SONG));
    pair.expect("it was measured in pairs").verdict = Verdict::WithinNoise;
    assert!(page(&run).contains(&format!("{SONG}: 45.2 ms, no change beyond noise\n")));
}

#[test]
fn a_change_that_is_not_the_quotient_of_the_medians_is_explained() {
    let mut run = music::run();
    let why = "need not be the quotient of the two.\n";
    assert!(!page(&run).contains(why));
    let pair = run.advice.as_mut().and_then(|advice| advice.endpoints.iter_mut().find(|pair| pair.label == SONG));
    pair.expect("it was measured in pairs").ratio *= 2.0;
    assert!(page(&run).contains(why));
}

#[test]
fn an_expectation_that_failed_says_why() {
    let mut run = music::run();
    let song = run.explained.iter_mut().find(|endpoint| endpoint.label == SONG).expect("deleting a song is explained");
    let statement = &mut song.statements[0];
    statement.expectation.as_mut().expect("something was expected").held = Some(false);
    let looked = statement.before.implied.clone();
    let after = statement.after.as_mut().expect("it was explained again");
    after.findings = vec![finding("cascade-without-index", "The time is in the rows themselves.")];
    // Foreign keys still take the time, so that no index was passed over.
    after.implied = looked;
    assert!(page(&run).contains("did not hold. The time is in the rows themselves."));
}

#[test]
fn a_statement_that_was_told_is_not_told_twice() {
    const USER: &str = "POST /users/delete/{user_id}";
    let mut run = music::run();
    let song = run.explained.iter().find(|endpoint| endpoint.label == SONG).expect("deleting a song is explained").clone();
    let told = run.explained.iter().position(|endpoint| endpoint.label == SONG).expect("it is");
    let other = run.explained.iter().position(|endpoint| endpoint.label == USER).expect("deleting a user is explained");
    assert!(told < other);
    run.explained[other].statements = song.statements.clone();
    let said = "**Statement 2** is statement 2 of [POST /song/{song_id}/remove](#";
    let text = page(&run);
    assert!(text.contains(said) && text.contains("<details><summary>Statement 2 in full</summary>"), "{text}");
    run.explained[other].statements[0].before.json = serde_json::json!([{"Plan": {"Node Type": "Result"}}]);
    assert!(!page(&run).contains(said), "another plan is another story");
}

#[test]
fn plans_of_an_endpoint_that_was_fast_and_stayed_so_are_folded() {
    let mut run = music::run();
    let bench = run.before.as_mut().and_then(|bench| bench.endpoints.iter_mut().find(|one| one.label == SONG));
    bench.expect("it was benched").slo = vec![music::slo(100.0, Some(60.0), Some(true))];
    let advice = run.advice.as_mut().expect("it was advised");
    let pair = advice.endpoints.iter_mut().find(|pair| pair.label == SONG).expect("it was measured in pairs");
    pair.verdict = Verdict::WithinNoise;
    assert!(page(&run).contains("<details><summary>Its statements, with plans</summary>"));
    assert!(!page(&music::run()).contains("with plans</summary>\n\n```sql"), "a slow one is told in full");
}

#[test]
fn the_verdict_accounts_for_every_slow_endpoint() {
    let mut run = music::run();
    let bench = run.before.as_mut().and_then(|bench| bench.endpoints.iter_mut().find(|one| one.label == SONG));
    bench.expect("it was benched").slo = vec![music::slo(20.0, Some(44.4), Some(false))];
    let met = |run: &mut Run, slo| {
        let advice = run.advice.as_mut().expect("it was advised");
        let pair = advice.endpoints.iter_mut().find(|pair| pair.label == SONG).expect("it was measured in pairs");
        (pair.verdict, pair.slo) = (Verdict::WithinNoise, slo);
    };
    met(&mut run, vec![music::slo(20.0, Some(19.0), Some(true))]);
    assert!(page(&run).contains(&format!("- {SONG} met its SLO, near which it is, when measured again")), "{}", page(&run));
    met(&mut run, Vec::new());
    assert!(page(&run).contains(&format!("- Of {SONG} it is not proven that it is fast now.")));
}

#[test]
fn an_slo_that_the_median_alone_keeps_is_named() {
    let mut run = music::run();
    assert!(page(&run).contains("faster, still over 50 ms |"));
    let advice = run.advice.as_mut().expect("it was advised");
    let label = advice.unsolved[0].label.clone();
    advice.unsolved[0].after_ms = 40.0;
    advice.endpoints.iter_mut().find(|pair| pair.label == label).expect("it was measured in pairs").after.p50_ms = 40.0;
    assert!(page(&run).contains("faster, still misses p95 &lt; 50 ms |"), "{}", page(&run));
}

#[test]
fn three_tips_are_shown_and_the_rest_is_folded() {
    let mut run = music::run();
    let song = run.explained.iter_mut().find(|endpoint| endpoint.label == SONG).expect("deleting a song is explained");
    let said = ["first", "second", "third", "fourth", "fifth"].map(|name| finding("a-tip", &format!("It is the {name}.")));
    song.statements[0].before.findings = [vec![finding("summary", "Most goes into reading.")], said.to_vec()].concat();
    let page = page(&run);
    let list = "**What it means.** Most goes into reading.\n\n1. It is the first.\n2. It is the second.\n3. It is the third.\n\n\
                <details><summary>Two more tips</summary>\n\n4. It is the fourth.\n5. It is the fifth.\n\n</details>\n";
    assert!(page.contains(list), "{page}");
}
