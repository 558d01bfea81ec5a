//! `published:`, figures that somebody wrote about the system.

use std::time::Duration;

use super::fields::{Fields, items, located, read, text};
use super::load::time_from_zero;
use crate::scenario::error::{Fault, Problems};
use crate::scenario::grammar;
use crate::scenario::model::{
    Located, Published, PublishedClock, PublishedFigure, PublishedLoad, PublishedSubject, PublishedTime,
};
use crate::scenario::quantity;
use crate::scenario::yaml::Node;

/// Keys that any figure may have.
const COMMON: [&str; 2] = ["what", "note"];
const OF_TIMES: [&str; 6] = ["endpoint", "clock", "statement", "constraint", "before", "after"];
const OF_ROWS: [&str; 2] = ["table", "rows"];
const OF_LOADS: [&str; 8] = ["load", "clients", "think", "rate", "latency", "errors", "requests", "lasts"];

/// Where a figure would stand and the author left a blank.
const BLANK: &str = "not given";

pub fn published(node: &Node, problems: &mut Problems) -> Option<Published> {
    let fields = Fields::described(node, &grammar::PUBLISHED, problems)?;
    let source = fields.require("source", problems).and_then(|node| words(node, "`source`", problems));
    let note = fields.get("note").and_then(|node| words(node, "`note`", problems));
    let listed = fields.require("figures", problems).and_then(|node| items(node, "`figures`", problems));
    let figures = listed.unwrap_or_default().iter().filter_map(|node| figure(node, problems)).collect();
    // A section without its source stands, so that the names in it are checked, too.
    Some(Published { source: source.unwrap_or_default(), note, figures })
}

fn figure(node: &Node, problems: &mut Problems) -> Option<PublishedFigure> {
    let all = grammar::PUBLISHED_FIGURE.names();
    let fields = Fields::described(node, &grammar::PUBLISHED_FIGURE, problems)?;
    let what = fields.get("what").and_then(|node| words(node, "`what`", problems));
    let note = fields.get("note").and_then(|node| words(node, "`note`", problems));
    let is_of = |keys: &[&str]| !fields.present(keys).is_empty();
    let (keys, kind): (&[&str], _) = match (is_of(&["endpoint"]), is_of(&OF_ROWS), is_of(&OF_LOADS)) {
        (true, ..) => (&OF_TIMES, "`endpoint`"),
        (false, true, _) => (&OF_ROWS, "`rows`"),
        (false, false, true) => (&OF_LOADS, "a load"),
        (false, false, false) => {
            let help = "write `endpoint:` and `before:`, `table:` and `rows:`, or `load:` with `rate:` and `latency:`";
            problems.report(fields.at(), Fault::with_help("a published figure is about nothing", help));
            return None;
        }
    };
    let others: Vec<&str> = all.into_iter().filter(|key| !COMMON.contains(key) && !keys.contains(key)).collect();
    for (key, at) in fields.present(&others) {
        problems.report(at, Fault::with_help(format!("`{key}` beside {kind}"), "make it a figure of its own"));
    }
    let subject = match kind {
        "`endpoint`" => PublishedSubject::Time(time(&fields, problems)?),
        "`rows`" => rows(&fields, problems)?,
        _ => PublishedSubject::Load(load(&fields, what.is_some(), problems)?),
    };
    Some(PublishedFigure { subject, what, note })
}

fn time(fields: &Fields<'_>, problems: &mut Problems) -> Option<PublishedTime> {
    let endpoint = fields.get("endpoint").and_then(|node| located(node, "`endpoint`", problems));
    let clock = fields.get("clock").map_or(Some(PublishedClock::Client), |node| clock(node, problems));
    let statement = fields.get("statement").and_then(|node| {
        let number = read(node, "`statement`", quantity::whole, problems)?;
        Some(Located::new(usize::try_from(number).unwrap_or(usize::MAX), node.at))
    });
    let constraint = fields.get("constraint").and_then(|node| words(node, "`constraint`", problems));
    if let (Some(at), Some(PublishedClock::Client | PublishedClock::Planning)) = (fields.key_at("constraint"), clock) {
        let help = "only EXPLAIN tells the time of a foreign key's trigger: write `clock: explain`";
        problems.report(at, Fault::with_help("`constraint` by another clock than EXPLAIN's", help));
    }
    let before = fields.require("before", problems).and_then(|node| given(node, "`before`", problems));
    let after = fields.get("after").map_or(Some(None), |node| given(node, "`after`", problems));
    Some(PublishedTime {
        endpoint: endpoint?,
        clock: clock.unwrap_or_default(),
        statement,
        constraint,
        before: before.flatten(),
        after: after.flatten(),
    })
}

/// A duration, or [`BLANK`].
fn given(node: &Node, what: &str, problems: &mut Problems) -> Option<Option<Duration>> {
    if node.text().is_some_and(|text| text.trim() == BLANK) {
        return Some(None);
    }
    let duration = |text: &str| {
        quantity::duration(text).map_err(|fault| {
            let help = fault.help.map_or_else(String::new, |help| format!("{help}; "));
            Fault::with_help(fault.message, format!("{help}`{BLANK}` where the place was left blank"))
        })
    };
    read(node, what, duration, problems).map(Some)
}

fn clock(node: &Node, problems: &mut Problems) -> Option<PublishedClock> {
    match text(node, "`clock`", problems)?.trim() {
        "client" => Some(PublishedClock::Client),
        "explain" => Some(PublishedClock::Explain),
        "planning" => Some(PublishedClock::Planning),
        other => {
            problems.report(node.at, Fault::unknown("clock", other, ["client", "explain", "planning"]));
            None
        }
    }
}

fn rows(fields: &Fields<'_>, problems: &mut Problems) -> Option<PublishedSubject> {
    let table = fields.get("table").map(|node| located(node, "`table`", problems));
    let rows = fields.require("rows", problems).and_then(|node| read(node, "`rows`", quantity::whole, problems));
    let rows = rows.unwrap_or_default();
    match table {
        Some(table) => Some(PublishedSubject::Rows { table: Some(table?), rows }),
        None => Some(PublishedSubject::Rows { table: None, rows }),
    }
}

fn load(fields: &Fields<'_>, is_named: bool, problems: &mut Problems) -> Option<PublishedLoad> {
    let phase = fields.get("load").and_then(|node| located(node, "`load`", problems));
    let whole = |key: &str, problems: &mut Problems| {
        fields.get(key).and_then(|node| read(node, &format!("`{key}`"), quantity::whole, problems))
    };
    let span = |key: &str, problems: &mut Problems| {
        fields.get(key).and_then(|node| read(node, &format!("`{key}`"), quantity::duration, problems))
    };
    let (clients, requests) = (whole("clients", problems), whole("requests", problems));
    let think = fields.get("think").and_then(|node| time_from_zero(node, "`think`", problems));
    let (latency, lasts) = (span("latency", problems), span("lasts", problems));
    let rate = fields.get("rate").and_then(|node| read(node, "`rate`", quantity::rate, problems));
    let errors = fields.get("errors").and_then(|node| read(node, "`errors`", quantity::share, problems));
    if fields.present(&["rate", "latency"]).is_empty() {
        let help = "write what it showed: `rate: 2520/s`, `latency: 10.64ms` or both";
        problems.report(fields.at(), Fault::with_help("a published load without a result", help));
    }
    if fields.get("load").is_none() && !is_named {
        let help = "name the phase of `load:` that does the same, or say `what:` it was";
        problems.report(fields.at(), Fault::with_help("a published load without a name", help));
    }
    Some(PublishedLoad { phase, clients, think, rate, latency, errors, requests, lasts })
}

/// Words without the blanks around them.
fn words(node: &Node, what: &str, problems: &mut Problems) -> Option<String> {
    text(node, what, problems).map(|text| text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::model::{Scenario, Source};

    fn figures(yaml: &str) -> Vec<PublishedFigure> {
        let text = format!(
            "name: shop\nendpoints:\n  - {{route: GET /users, sql: SELECT 1}}\nload: {{name: evening, closed: 8}}\n\
             published:\n  source: a write-up\n  figures: [{yaml}]\n"
        );
        let read = |source| crate::scenario::parse(source, |_| Ok(String::new()));
        let scenario: Scenario = read(Source { path: "shop.yaml".into(), text }).unwrap_or_else(|errors| panic!("{errors}"));
        scenario.published.expect("it is there").figures
    }

    fn time(yaml: &str) -> PublishedTime {
        match figures(yaml).remove(0).subject {
            PublishedSubject::Time(time) => time,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn times_may_be_blank() {
        let both =
            time("{endpoint: GET /users, clock: explain, before: 65.261ms, after: 1.217ms, statement: 1, constraint: a_fkey}");
        assert_eq!((both.before, both.after), (Some(Duration::from_nanos(65_261_000)), Some(Duration::from_nanos(1_217_000))));
        assert_eq!((both.clock, both.constraint.as_deref()), (PublishedClock::Explain, Some("a_fkey")));
        assert_eq!(both.statement.map(|statement| statement.value), Some(1));
        let blank = time("{endpoint: GET /users, before: not given}");
        assert_eq!((blank.before, blank.after, blank.clock), (None, None, PublishedClock::Client));
    }

    #[test]
    fn a_figure_is_of_what_its_keys_name() {
        let read = figures(
            "{rows: 1_292_269, note: all}, {load: evening, rate: 2.5k/s, think: 0s, errors: 0.003%}, {what: deployed, latency: 2809ms}",
        );
        assert_eq!(read[0].subject, PublishedSubject::Rows { table: None, rows: 1_292_269 });
        assert_eq!(read[0].note.as_deref(), Some("all"));
        let PublishedSubject::Load(load) = &read[1].subject else { panic!("{:?}", read[1]) };
        assert_eq!((load.rate, load.think), (Some(2_500.0), Some(Duration::ZERO)));
        assert!(load.errors.is_some_and(|share| (share - 0.00003).abs() < 1e-12));
        let PublishedSubject::Load(load) = &read[2].subject else { panic!("{:?}", read[2]) };
        assert_eq!((&load.phase, load.latency), (&None, Some(Duration::from_millis(2_809))));
    }
}
