use super::*;
use crate::report::model::{
    DataModel, Environment, ExplainedEndpoint, ExplainedPlan, ExplainedStatement, FORMAT_VERSION, Run, ScenarioInfo,
};

/// A run about nothing.
fn run() -> Run {
    Run {
        format: FORMAT_VERSION,
        perflab: "0.0.0".into(),
        scenario: ScenarioInfo { name: "a".into(), title: "A".into(), about: None, file: "a.yaml".into() },
        environment: Environment {
            started_at: "2026-01-01T00:00:00Z".into(),
            os: String::new(),
            cpu: String::new(),
            cores: 1,
            memory_bytes: 0,
            server_version: String::new(),
            server_kind: "embedded".into(),
            server_origin: String::new(),
            settings: Vec::new(),
        },
        model: DataModel::default(),
        seed: None,
        published: None,
        before: None,
        explained: Vec::new(),
        advice: None,
        stages: Vec::new(),
        warnings: Vec::new(),
    }
}

fn html(markdown: &str) -> String {
    let run = run();
    let pictures = Pictures::of(&[("a.svg".into(), b"<svg width=\"1\" height=\"1\"></svg>".to_vec())]);
    write(markdown, &Places::of(&run), &pictures).html
}

#[test]
fn markdown_becomes_html() {
    let shown = html("# T `c`\n\n*a* **b** ~~c~~\nd\n\n- x\n- y\n\n3. z\n\n> q\n\n---\n");
    assert!(shown.starts_with("<h1 id=\"t-c\">T <code>c</code> <a class=\"anchor\" href=\"#t-c\""), "{shown}");
    assert!(shown.contains("<p><em>a</em> <strong>b</strong> <del>c</del>\nd</p>"), "{shown}");
    assert!(shown.contains("<ul>\n<li>x</li>\n<li>y</li>\n</ul>\n<ol start=\"3\">\n<li>z</li>\n</ol>"), "{shown}");
    assert!(shown.contains("<blockquote>\n<p>q</p>\n</blockquote>\n<hr>"), "{shown}");
}

#[test]
fn alerts_are_told_by_a_word() {
    let shown = html("> [!WARNING]\n> Busy.\n");
    assert_eq!(shown, "<div class=\"alert warning\" role=\"note\"><p class=\"alert-title\">Warning</p>\n<p>Busy.</p>\n</div>\n");
}

#[test]
fn tables_have_keys_where_there_are_figures() {
    let shown = html("| a | size |\n|---|--:|\n| x \\| y | 10 kB |\n| <br>`z` | 1 MB |\n| **all** | 2 MB |\n");
    assert!(shown.contains("<table class=\"sortable\">") && shown.contains("<th scope=\"col\" class=\"r\">size</th>"), "{shown}");
    assert!(shown.contains("<td class=\"s\">x | y</td><td class=\"r\" data-sort=\"10240\">10 kB</td>"), "{shown}");
    assert!(shown.contains("<td class=\"s\"><br><code>z</code></td><td class=\"r\" data-sort=\"1048576\">1 MB</td>"), "{shown}");
    assert!(
        shown.contains("<tfoot><tr><td class=\"s\"><strong>all</strong></td><td class=\"r\">2 MB</td></tr></tfoot>"),
        "{shown}"
    );
}

#[test]
fn pictures_of_the_report_are_in_the_page_and_no_others() {
    let shown = html(
        "![A](a.svg)\n\n<picture><source srcset=\"b.svg\"><img src=\"a.svg\" alt=\"B\"></picture>\n\n![C](https://c.example/c.png)\n",
    );
    assert_eq!(shown.matches("<svg").count(), 2, "{shown}");
    assert!(shown.contains("aria-label=\"B\"") && !shown.contains("<img") && !shown.contains("srcset"), "{shown}");
    assert!(shown.contains("<a href=\"https://c.example/c.png\" rel=\"noreferrer\">C</a>"), "{shown}");
}

#[test]
fn nothing_that_a_user_wrote_acts() {
    let shown = html(
        "<script>alert(1)</script>\n\n<img src=x onerror=alert(1)>\n\n[x](javascript:alert(1)) <b onclick=\"y\">z\n\n\
         <a href=\"JAVASCRIPT:x\">q</a>\n\n`<script>`\n\n```html\n<script>\n```\n",
    );
    assert!(!shown.contains("<script") && !shown.contains("onclick") && !shown.contains("onerror"), "{shown}");
    assert!(!shown.to_lowercase().contains("href=\"javascript"), "{shown}");
    assert!(shown.contains("<b>z</b></p>"), "an open tag ends with its block: {shown}");
}

#[test]
fn folds_are_closed_by_the_next_section() {
    let shown = html("<details><summary>s</summary>\n\na\n\n## Next\n\nb\n\n</details>\n");
    assert!(shown.contains("<p>a</p>\n</details><h2 id=\"next\">"), "{shown}");
    assert_eq!(shown.matches("</details>").count(), 1, "{shown}");
    let shown = html("- <details>\n\n  a\n- b\n\n<details><summary>c</summary>\n\nd\n\n</details>\n");
    assert_eq!((shown.matches("<details").count(), shown.matches("</details>").count()), (2, 2), "{shown}");
    assert!(shown.contains("</details></li>"), "{shown}");
}

#[test]
fn a_line_of_links_to_sections_is_marked() {
    let shown = html("[A](#a) · [B](#b)\n\nSee [A](#a) and [B](#b).\n");
    assert!(
        shown.starts_with("<p class=\"jump\"><a href=\"#a\">A</a> · ") && shown.contains("<p>See <a href=\"#a\">"),
        "{shown}"
    );
}

proptest::proptest! {
    /// Whatever stands in the Markdown, every tag that opens is closed in its turn.
    #[test]
    fn tags_are_in_pairs(markdown in "(<details>|</details>|<summary>|</b>|<b>|<p>|- |> |\n|\n\n|a|\\*|\\*\\*|`|\\[x\\]\\(#y\\)|\\||# |## |    |<br>|&|<){0,30}") {
        let shown = html(&markdown);
        let mut open: Vec<String> = Vec::new();
        for tag in shown.split('<').skip(1).filter_map(|rest| rest.split('>').next()) {
            let name: String = tag.trim_start_matches('/').chars().take_while(|c| c.is_ascii_alphanumeric()).collect();
            if ["br", "hr"].contains(&name.as_str()) {
                continue;
            }
            if tag.starts_with('/') {
                proptest::prop_assert_eq!(open.pop(), Some(name), "{}", shown);
            } else {
                open.push(name);
            }
        }
        proptest::prop_assert!(open.is_empty(), "{}", shown);
    }
}

/// A run with one plan.
fn planned() -> Run {
    let plan = serde_json::json!([{
        "Plan": {
            "Node Type": "Limit", "Startup Cost": 0.0, "Total Cost": 1.5, "Plan Rows": 1, "Plan Width": 4,
            "Actual Startup Time": 0.1, "Actual Total Time": 2.9, "Actual Rows": 1, "Actual Loops": 1,
            "Plans": [{
                "Node Type": "Seq Scan", "Parent Relationship": "Outer", "Relation Name": "t", "Alias": "t",
                "Startup Cost": 0.0, "Total Cost": 9.0, "Plan Rows": 90, "Plan Width": 4,
                "Actual Startup Time": 0.1, "Actual Total Time": 2.8, "Actual Rows": 1, "Actual Loops": 1,
                "Filter": "(a < '<b>'::text)", "Rows Removed by Filter": 70
            }]
        },
        "Planning Time": 0.2,
        "Execution Time": 3.0
    }]);
    let before =
        ExplainedPlan { text: "Limit\n  ->  Seq Scan on t\n".into(), json: plan, execution_ms: 3.0, ..ExplainedPlan::default() };
    let statement = ExplainedStatement { step: 1, sql: "SELECT  1\nFROM t".into(), before, ..ExplainedStatement::default() };
    let explained = ExplainedEndpoint { label: "GET /a".into(), statements: vec![statement], ..ExplainedEndpoint::default() };
    Run { explained: vec![explained], ..run() }
}

#[test]
fn a_plan_becomes_a_tree_and_says_where_it_stands() {
    let run = planned();
    let html = |markdown: &str| write(markdown, &Places::of(&run), &Pictures::of(&[])).html;
    let fold = "<details><summary>As PostgreSQL prints it</summary>\n\n```\nLimit\n  ->  Seq Scan on t\n```\n\n</details>\n";
    let shown = html(&format!("### 1. GET /a: 3 ms\n\n```sql\nSELECT 1 FROM t\n-- $1 = 2\n```\n\n```\ndrawn\n```\n\n{fold}"));
    assert!(shown.contains("<h3 id=\"1-get-a-3-ms\" data-run=\"/explained/0\">"), "{shown}");
    assert!(shown.contains("<div class=\"code\" data-run=\"/explained/0/statements/0\">"), "{shown}");
    assert_eq!(shown.matches("<div class=\"plan\" data-run=\"/explained/0/statements/0/before\">").count(), 1, "{shown}");
    assert!(shown.contains("<code>drawn</code>"), "what was drawn stays, as text: {shown}");
    assert!(shown.contains("Filter, drops 70: (a &lt; '&lt;b&gt;'::text)") && shown.contains("90× over"), "{shown}");
    assert!(shown.contains("planning 0.20 ms, execution 3.0 ms"), "{shown}");

    // A small plan stands alone; a block that something else parts from it is another one.
    let shown = html("```\nother\n```\n\nAnd:\n\n```\nLimit\n  ->  Seq Scan on t\n```\n");
    assert!(shown.contains("<code>other</code></pre></div>\n<p>And:</p>\n<div class=\"plan\""), "{shown}");
}
