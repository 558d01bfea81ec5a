//! What a reader can do: sort, fold, find, change the colours.

use serde_json::{Value, json};

use crate::browser::Browser;
use crate::report::{music, page};

/// The first table of percentiles that has a row per endpoint.
const TABLE: &str = "[...document.querySelectorAll('table.sortable')]\
    .find((table) => [...table.tHead.rows[0].cells].some((head) => head.textContent === 'p95'))";

#[test]
fn the_page_does_what_it_offers() {
    let mut browser = Browser::start();
    browser.resize(1400, 900);
    browser.open(&page("acting", &music()));
    folds(&mut browser);
    sorts(&mut browser);
    changes_colours(&mut browser);
    reveals(&mut browser);
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

/// The figures of a column, from top to bottom; cells that have none as null.
fn figures(browser: &mut Browser, column: usize) -> Vec<Option<f64>> {
    let cells = format!("[...({TABLE}).tBodies[0].rows].map((row) => row.cells[{column}].dataset.sort ?? null)");
    let cells = browser.eval(&cells);
    cells.as_array().unwrap().iter().map(|cell| cell.as_str().map(|key| key.parse().unwrap())).collect()
}

fn direction(browser: &mut Browser, column: usize) -> Value {
    browser.eval(&format!("({TABLE}).querySelectorAll('th')[{column}].getAttribute('aria-sort')"))
}

fn sorts(browser: &mut Browser) {
    let heads = browser.eval(&format!("[...({TABLE}).querySelectorAll('th')].map((head) => head.textContent)"));
    let column = heads.as_array().unwrap().iter().position(|head| head == "p50").unwrap();
    let head = format!("({TABLE}).querySelectorAll('th button')[{column}]");
    let rows = browser.eval(&format!("({TABLE}).tBodies[0].rows.length"));

    browser.eval("document.querySelectorAll('main details').forEach((fold) => fold.open = true)");
    browser.click(&head);
    let down = figures(browser, column);
    assert!(down.is_sorted_by(|a, b| a >= b) && down.first() > down.last(), "{down:?}");
    assert_eq!(direction(browser, column), json!("descending"));
    browser.click(&head);
    let up = figures(browser, column);
    assert_eq!(up, down.iter().rev().copied().collect::<Vec<_>>());
    assert_eq!(direction(browser, column), json!("ascending"));

    // With the keyboard, by words; what was sorted by before says so no more.
    browser.eval(&format!("({TABLE}).querySelectorAll('th button')[0].focus()"));
    browser.press("Enter", 13, "\r");
    let names = browser.eval(&format!("[...({TABLE}).tBodies[0].rows].map((row) => row.cells[0].textContent)"));
    let names: Vec<&str> = names.as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(names.first().unwrap().starts_with("GET ") && names.last().unwrap().starts_with("POST "), "{names:?}");
    assert_eq!([direction(browser, 0), direction(browser, column)], [json!("ascending"), json!(null)]);
    assert_eq!(browser.eval(&format!("({TABLE}).tBodies[0].rows.length")), rows);
}

fn folds(browser: &mut Browser) {
    let button =
        |text: &str| format!("[...document.querySelectorAll('.tools button')].find((one) => one.textContent === '{text}')");
    let open = "document.querySelectorAll('main details[open]:not(.node)').length";
    browser.click(&button("Open all"));
    assert_eq!(browser.eval(open), browser.eval("document.querySelectorAll('main details:not(.node)').length"));

    let node = "document.querySelector('.plan details.node summary')";
    let height = "document.querySelector('.plan .tree').getBoundingClientRect().height";
    let before = browser.eval(height).as_f64();
    browser.click(node);
    assert_eq!(browser.eval("document.querySelector('.plan details.node').open"), json!(false));
    let folded = browser.eval(height).as_f64();
    assert!(folded < before, "{folded:?} {before:?}");
    browser.click(node);
    assert_eq!(browser.eval(height).as_f64(), before);

    browser.click(&button("Fold all"));
    assert_eq!(browser.eval(open), json!(0));
}

fn changes_colours(browser: &mut Browser) {
    let colours =
        "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.querySelector('.picture rect')).fill]";
    let before = browser.eval(colours);
    browser.click("document.querySelector('[data-does=theme]')");
    let after = browser.eval(colours);
    assert!(before[0] != after[0] && before[1] != after[1], "{before} {after}");
    browser.click("document.querySelector('[data-does=theme]')");
    assert_eq!(browser.eval(colours), before);
    // And by itself where the system is dark.
    browser.call("Emulation.setEmulatedMedia", json!({ "features": [{ "name": "prefers-color-scheme", "value": "dark" }] }));
    browser.eval("(document.documentElement.removeAttribute('data-theme'), null)");
    assert_eq!(browser.eval(colours), after);
}

/// A link into something folded opens it.
fn reveals(browser: &mut Browser) {
    browser.eval("(() => { const fold = document.querySelector('main details:has(p)'); fold.open = false; const hidden = fold.querySelector('p'); hidden.id = 'hidden'; location.hash = '#hidden'; })()");
    browser.eval("new Promise((done) => setTimeout(done, 100))");
    assert_eq!(browser.eval("document.getElementById('hidden').checkVisibility()"), json!(true));
}
