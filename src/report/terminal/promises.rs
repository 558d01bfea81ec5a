//! Promises that were broken, and those that nobody can tell about.

use super::super::model::SloResult;
use super::super::standing::slo_promise;
use super::Screen;
use super::sheet::{GREEN, RED, Sheet, YELLOW};
use crate::units::counted;

/// Each promise that was not kept in a line: where, what was asked, what it is.
pub fn promises_text(promises: &[(String, &SloResult)], screen: Screen) -> String {
    let of = |met: Option<bool>| promises.iter().filter(move |(_, slo)| slo.met == met);
    let number = |met| of(met).count() as u64;
    let said = format!(": {} kept, {} broken, {} cannot be told", number(Some(true)), number(Some(false)), number(None));
    let mut sheet = Sheet::new(screen);
    match (promises.len() as u64, number(Some(false)), number(None)) {
        (0, ..) => sheet.text("No promises: write `slo:` under an endpoint, or give --slo \"p95 < 50ms\"."),
        (_, 1.., _) => sheet.led(RED, "Promises broken", &said),
        (_, 0, 1..) => sheet.led(YELLOW, "Promises not settled", &said),
        (all, 0, 0) => sheet.led(GREEN, "Promises kept", &format!(": all of {}", counted(all, "promise", "promises"))),
    }
    for (place, slo) in of(Some(false)) {
        let got = slo.shown().unwrap_or_default();
        let where_ = slo.reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
        sheet.item(&format!("{place}: {}, got {got}{where_}", slo_promise(slo)));
    }
    for (place, slo) in of(None) {
        let why = slo.reason.as_deref().unwrap_or("nothing measured it");
        sheet.item(&format!("{place}: {}, cannot be told: {why}", slo_promise(slo)));
    }
    sheet.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::model::SloUnit;

    #[test]
    fn the_broken_are_named_with_place_asked_and_got() {
        let slo = |promise: &str, unit, measured, met, reason: Option<&str>| SloResult {
            promise: promise.into(),
            unit,
            measured,
            met,
            reason: reason.map(str::to_owned),
            ..SloResult::default()
        };
        let results = [
            slo("p95 < 20 ms", SloUnit::Ms, Some(44.3), Some(false), None),
            slo("p50 < 20 ms", SloUnit::Ms, Some(4.3), Some(true), None),
            slo("rps >= 1000/s", SloUnit::PerSecond, None, None, Some("it needs a load phase")),
            slo(
                "plan: no seq scan over 100000 rows",
                SloUnit::Count,
                Some(919_039.0),
                Some(false),
                Some("statement 2 reads song_history row by row"),
            ),
        ];
        let promises: Vec<(String, &SloResult)> = results.iter().map(|slo| ("POST /song/{song_id}/remove".into(), slo)).collect();
        let text = promises_text(&promises, Screen { width: 80, color: false, ascii: false });
        insta::assert_snapshot!(text, @r"
        Promises broken: 1 kept, 2 broken, 1 cannot be told
        - POST /song/{song_id}/remove: p95 < 20 ms, got 44.3 ms
        - POST /song/{song_id}/remove: plan: no seq scan over 100000 rows, got 919,039
          (statement 2 reads song_history row by row)
        - POST /song/{song_id}/remove: rps >= 1000/s, cannot be told: it needs a load
          phase
        ");
    }
}
