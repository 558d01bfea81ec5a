//! What a reader sees without doing anything.

use serde_json::json;

use crate::browser::Browser;
use crate::report::{music, page};

#[test]
fn the_page_is_whole_and_fits() {
    let file = page("whole", &music());
    let mut browser = Browser::start();
    browser.resize(1400, 900);
    browser.open(&file);
    assert_eq!(browser.complaints(), Vec::<String>::new());
    assert_eq!(browser.requests(), [format!("file://{}", file.canonicalize().unwrap().display())]);

    for width in [1400, 400] {
        browser.resize(width, 900);
        let wide = browser.eval("document.documentElement.scrollWidth");
        assert!(wide.as_u64() <= Some(u64::from(width)), "at {width} pixels the page is {wide} wide");
        browser.eval("document.querySelectorAll('details').forEach((fold) => fold.open = true)");
        let wide = browser.eval("document.documentElement.scrollWidth");
        assert!(wide.as_u64() <= Some(u64::from(width)), "with everything open, at {width} pixels it is {wide} wide");
        let flat = browser.eval(
            "[...document.querySelectorAll('main svg, main img')].filter((one) => { const box = one.getBoundingClientRect(); \
             return box.width < 1 || box.height < 1; }).map((one) => one.outerHTML.slice(0, 120))",
        );
        assert_eq!(flat, json!([]), "pictures without a size");
    }
    let lost = browser.eval(
        "[...document.querySelectorAll('a[href^=\"#\"]')].map((link) => link.hash.slice(1))\
         .filter((id) => !document.getElementById(decodeURIComponent(id)))",
    );
    assert_eq!(lost, json!([]), "links that lead nowhere");
    let twice = browser.eval("(() => { const ids = [...document.querySelectorAll('[id]')].map((one) => one.id); return ids.filter((id, i) => ids.indexOf(id) !== i); })()");
    assert_eq!(twice, json!([]), "names that are taken twice");
}

#[test]
fn all_that_the_markdown_says_is_there_without_a_script() {
    let run = music();
    let file = page("plain", &run);
    let mut browser = Browser::start();
    browser.call("Emulation.setScriptExecutionDisabled", json!({ "value": true }));
    browser.open(&file);
    assert_eq!(browser.eval("document.querySelectorAll('button').length"), json!(0), "buttons that would do nothing");
    let text = browser.eval("document.querySelector('main').textContent");
    let text = words(text.as_str().unwrap());
    let markdown = std::fs::read_to_string(file.with_file_name("report.md")).unwrap();
    let mut code = false;
    for line in markdown.lines() {
        if line.trim_start().starts_with("```") {
            code = !code;
        } else if code {
            assert!(text.contains(&words(line)), "{line}");
        }
    }
    let places = [
        "/explained/0/label",
        "/explained/0/statements/0/before/findings/0/sentence",
        "/advice/keep/0/name",
        "/before/endpoints/0/label",
        "/environment/cpu",
    ];
    for pointer in places {
        let value = words(run.pointer(pointer).and_then(|value| value.as_str()).unwrap());
        assert!(text.contains(value.trim_end_matches('.')), "{pointer}: {value}");
    }
    // What is named after a place in run.json is about what stands there.
    let pointers = browser
        .eval("[...document.querySelectorAll('[data-run]')].map((one) => [one.dataset.run, one.tagName, one.textContent])");
    assert!(pointers.as_array().unwrap().len() > 20, "{pointers}");
    for pointer in pointers.as_array().unwrap() {
        let place = run.pointer(pointer[0].as_str().unwrap()).unwrap_or_else(|| panic!("{pointer} leads nowhere"));
        if let Some(label) = place["label"].as_str() {
            assert!(pointer[2].as_str().unwrap().contains(label), "{pointer}");
        }
    }
}

/// The words alone, since lines break elsewhere on a page.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
