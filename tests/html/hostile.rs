//! A run whose texts are those of somebody who wants the page to act for them.

use serde_json::json;

use crate::browser::Browser;
use crate::report::{music, page};

const ATTACK: &str = "</code></pre></svg></title></style></script><script>window.hit=1</script><img src=x onerror=\"window.hit=2\">\
    <svg onload=\"window.hit=3\"></svg><a href=\"javascript:window.hit=4\">x</a>\"'><iframe src=https://evil.example/></iframe>";

#[test]
fn what_a_user_wrote_does_not_act() {
    let mut run = music();
    run["scenario"]["title"] = ATTACK.into();
    run["scenario"]["about"] = format!(
        "{ATTACK}\n\n<details><summary>open\n\n[link](javascript:window.hit=5) ![picture](https://evil.example/a.png)\n\n\
         <style>body{{display:none}}</style>\n\n<meta http-equiv=refresh content=\"0;url=https://evil.example\">\n\n<base href=https://evil.example>\n"
    )
    .into();
    run["model"]["tables"][0]["name"] = ATTACK.into();
    run["model"]["tables"][1]["columns"][0]["type"] = ATTACK.into();
    run["explained"][0]["statements"][0]["sql"] = ATTACK.into();
    run["explained"][0]["statements"][0]["parameters"][0]["value"] = ATTACK.into();
    run["before"]["endpoints"][0]["label"] = ATTACK.into();
    run["warnings"] = json!([ATTACK]);
    run["environment"]["cpu"] = ATTACK.into();
    let plan = &mut run["explained"][0]["statements"][0]["before"];
    plan["text"] = format!("{ATTACK}\n{}", plan["text"].as_str().unwrap()).into();
    plan["json"][0]["Plan"]["Hash Cond"] = ATTACK.into();

    let file = page("hostile", &run);
    let mut browser = Browser::start();
    browser.open(&file);
    browser.click("[...document.querySelectorAll('.tools button')].find((one) => one.textContent === 'Open all')");
    for link in 0..browser.eval("document.querySelectorAll('main a:not([href])').length").as_u64().unwrap() {
        browser.eval(&format!("document.querySelectorAll('main a:not([href])')[{link}].click()"));
    }
    assert_eq!(browser.eval("window.hit ?? null"), json!(null));
    assert_eq!(
        browser.eval("document.querySelectorAll('main :is(script, style, iframe, img, meta, base, object, embed, form)').length"),
        json!(0)
    );
    assert_eq!(browser.eval("document.querySelectorAll('[href^=\"javascript\" i], [onload], [onerror]').length"), json!(0));
    assert_eq!(browser.requests().len(), 1, "{:?}", browser.requests());
    assert_eq!(browser.complaints(), Vec::<String>::new());
    // The page is there, below all of it.
    let text = browser.eval("document.querySelector('main').innerText");
    assert!(text.as_str().unwrap().contains("How it was measured"), "{text}");
    let fold = browser.eval("document.getElementById('how-it-was-measured').closest('details') === null");
    assert_eq!(fold, json!(true), "a fold that nobody closed holds the rest of the page");
}
