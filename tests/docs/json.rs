//! The keys of the JSON that the pages name are keys of the model.

use perflab::report::model::Run;

use super::pages::Page;

#[test]
fn the_keys_of_the_advice_page_are_those_of_the_model() {
    let schema = schemars::schema_for!(Run).to_value().to_string();
    let page = Page::read("docs/ADVICE.md");
    let section = page.text.split("\n## JSON\n").nth(1).expect("a section on JSON");
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    let spans = rows.flat_map(|line| line.split('`').skip(1).step_by(2));
    let is_key = |word: &&str| word.starts_with(|c: char| c.is_ascii_lowercase());
    let keys = spans.flat_map(|span| span.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))).filter(is_key);
    let (known, unknown): (Vec<&str>, Vec<&str>) = keys.partition(|key| schema.contains(&format!("\"{key}\"")));
    assert!(unknown.is_empty(), "{unknown:?}");
    assert!(known.len() >= 50, "{known:?}");
}
