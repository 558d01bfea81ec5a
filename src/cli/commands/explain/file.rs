//! Plans that somebody else made, from a file or from stdin.

use std::io::Read;
use std::path::Path;

use anyhow::Context;

use super::draw;
use crate::cli::Outcome;
use crate::cli::args::{ExplainCommand, Format, Which};
use crate::cli::ui::Console;
use crate::explain::narrated::meaning;
use crate::plan::{Facts, Findings, FoundPlan, read_plans, to_json};
use crate::report::model::ExplainedPlan;
use crate::report::terminal;
use crate::units::{self, counted};

/// Plans named beside the one that is explained.
const NAMED: usize = 5;

/// Says what the plans in a file mean; `-` is stdin.
pub(super) fn explain(file: &Path, args: &ExplainCommand, console: &Console) -> anyhow::Result<Outcome> {
    let named = if file == Path::new("-") { "stdin".into() } else { file.display().to_string() };
    let text = decoded(read(file)?);
    let found = read_plans(&text).with_context(|| format!("cannot read a plan from {named}"))?;
    for problem in &found.problems {
        console.note(format!("a plan in {named} is left out: {}", said(problem)));
    }
    let chosen = choose(&found, args.which, &named, console)?;
    let explained: Vec<ExplainedPlan> = chosen.iter().map(|place| explained(&found.plans[*place])).collect();
    if console.format == Format::Json {
        match explained.as_slice() {
            [one] if args.which != Which::All => console.json(one)?,
            several => console.json(&several)?,
        }
        draw::write_plans(&explained, args.draw.as_ref(), console)?;
        return Ok(Outcome::Fine);
    }
    for (place, explained) in chosen.iter().zip(&explained) {
        let plan = &found.plans[*place];
        if found.plans.len() > 1 {
            let of = found.plans.len();
            console.result(&format!("Plan {} of {of}, line {} of {named}", place + 1, plan.first))?;
        }
        for note in &plan.notes {
            console.note(format!("{named}: {note}"));
        }
        console.result(&terminal::plan(explained, console.screen(), args.view()))?;
    }
    draw::write_plans(&explained, args.draw.as_ref(), console)?;
    Ok(Outcome::Fine)
}

fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    if file != Path::new("-") {
        return std::fs::read(file).with_context(|| format!("cannot read the plan {}", file.display()));
    }
    let mut bytes = Vec::new();
    std::io::stdin().read_to_end(&mut bytes).context("cannot read the plan from stdin")?;
    Ok(bytes)
}

/// Bytes as text: UTF-8, or UTF-16 as PowerShell redirects it. A log may have lines in other encodings; their letters are lost,
/// the plans in it are not.
fn decoded(bytes: Vec<u8>) -> String {
    let wide = |unit: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes[2..].chunks_exact(2).map(|pair| unit([pair[0], pair[1]])).collect();
        String::from_utf16_lossy(&units)
    };
    match bytes.get(..2) {
        Some([0xff, 0xfe]) => wide(u16::from_le_bytes),
        Some([0xfe, 0xff]) => wide(u16::from_be_bytes),
        _ => String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()),
    }
}

/// The places of the plans to explain, and a word on the others.
fn choose(found: &Findings, which: Which, named: &str, console: &Console) -> anyhow::Result<Vec<usize>> {
    let count = found.plans.len();
    let slowest = found.slowest_first();
    match which {
        Which::All => Ok((0..count).collect()),
        Which::Number(number) if (1..=count).contains(&number) => Ok(vec![number - 1]),
        Which::Number(number) => {
            anyhow::bail!("{named} has {}, so there is no plan {number}", counted(count as u64, "plan", "plans"))
        }
        Which::Slowest => {
            if count > 1 {
                let next: Vec<String> =
                    slowest[1..].iter().take(NAMED).map(|place| shown(&found.plans[*place], *place)).collect();
                console.note(format!(
                    "{count} plans in {named}; this is the slowest. Next: {}. --which NUMBER takes another, --which all each",
                    next.join(", ")
                ));
            }
            Ok(slowest.into_iter().take(1).collect())
        }
    }
}

/// `3 (line 120, 88.1 ms)`
fn shown(plan: &FoundPlan, place: usize) -> String {
    let time = match plan.time_ms() {
        Some(ms) => units::ms(ms),
        None => "not measured".to_owned(),
    };
    format!("{} (line {}, {time})", place + 1, plan.first)
}

/// An error with its causes in one line.
fn said(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {}", said(source)),
        None => error.to_string(),
    }
}

fn explained(found: &FoundPlan) -> ExplainedPlan {
    let mut plan = found.plan.clone();
    // auto_explain says the time in its log entry.
    plan.execution_ms = plan.execution_ms.or(found.duration_ms);
    let json = found.json.clone().unwrap_or_else(|| to_json(&plan));
    meaning(&plan, json, &Facts::default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powershell_writes_utf_16() {
        let wide = |bytes: fn(u16) -> [u8; 2]| "\u{feff}Seq Scan → ".encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
        assert_eq!(decoded(wide(u16::to_le_bytes)), "Seq Scan → ");
        assert_eq!(decoded(wide(u16::to_be_bytes)), "Seq Scan → ");
        assert_eq!(decoded("größer".into()), "größer");
        assert_eq!(decoded(b"gr\xf6\xdfer".to_vec()), "gr\u{fffd}\u{fffd}er");
        assert_eq!(decoded(vec![0xff]), "\u{fffd}");
    }
}
