//! `perflab why`

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde_json::Value;

use crate::cli::Outcome;
use crate::cli::args::WhyArgs;
use crate::cli::ui::Console;
use crate::report::markdown;
use crate::report::why::{self, Index, Line, Origin, Traced};
use crate::scenario::load;

/// Where each number of a line, or a number wherever it is printed, comes from. A number that comes from nowhere is a finding.
pub fn run(args: &WhyArgs, console: &Console) -> anyhow::Result<Outcome> {
    let (folder, line) = asked(args)?;
    let stored = folder.join("run.json");
    let text = std::fs::read_to_string(&stored)
        .with_context(|| format!("cannot read {}; `perflab run` writes it beside the report", stored.display()))?;
    let run: Value = serde_json::from_str(&text).with_context(|| format!("{} is no JSON", stored.display()))?;
    let index = Index::new(&run);
    let page = folder.join(markdown::PAGE);
    let lines = match (std::fs::read_to_string(&page), line) {
        (Ok(text), _) => why::lines(&text),
        (Err(error), Some(_)) => return Err(error).with_context(|| format!("cannot read {}", page.display())),
        (Err(_), None) => Vec::new(),
    };
    let traced = match (line, args.what.as_deref()) {
        (Some(number), _) => why::of_line(&index, one(&lines, number, &page)?),
        (None, Some(what)) => why::of_number(&index, &lines, what),
        (None, None) => bail!("say which number: `perflab why {} 126.3`, or which line: `… :57`", args.report),
    };
    if traced.is_empty() {
        match line {
            Some(number) => bail!("there is no number in line {number} of {}", page.display()),
            None => bail!("`{}` is no number; write it as the report has it", args.what.as_deref().unwrap_or_default()),
        }
    }
    console.result(&shown(&traced, &page, &lines))?;
    console.json(&serde_json::json!({"report": folder, "numbers": traced}))?;
    Ok(if traced.iter().all(|number| number.found > 0) { Outcome::Fine } else { Outcome::Finding })
}

/// The folder of the report, and the line of its page.
fn asked(args: &WhyArgs) -> anyhow::Result<(PathBuf, Option<usize>)> {
    let line_of = |text: &str| text.parse::<usize>().ok().filter(|line| *line > 0);
    if let Some((page, line)) = args.report.rsplit_once(':').and_then(|(page, line)| Some((page, line_of(line)?))) {
        if args.what.is_some() {
            bail!("a line and a number: name one of them");
        }
        return Ok((Path::new(page).parent().unwrap_or(Path::new("")).to_owned(), Some(line)));
    }
    let line = match args.what.as_deref().and_then(|what| what.strip_prefix(':')) {
        Some(text) => Some(line_of(text).with_context(|| format!("`:{text}` is no line; lines are counted from 1"))?),
        None => None,
    };
    Ok((folder(&args.report)?, line))
}

/// The folder that a path, a scenario or the name of one means.
fn folder(report: &str) -> anyhow::Result<PathBuf> {
    let path = Path::new(report);
    if path.is_dir() {
        return Ok(path.to_owned());
    }
    if path.extension().is_some_and(|end| end == "yaml" || end == "yml") {
        return Ok(super::report::folder_of(&load(path)?.name));
    }
    if path.is_file() {
        return Ok(path.parent().unwrap_or(Path::new("")).to_owned());
    }
    let named = super::report::folder_of(report);
    if named.is_dir() {
        return Ok(named);
    }
    bail!(
        "there is no report `{report}`; name a folder with a run.json, a scenario, or a line such as reports/music/report.md:57"
    )
}

fn one<'l>(lines: &'l [Line], number: usize, page: &Path) -> anyhow::Result<&'l Line> {
    lines.get(number - 1).with_context(|| format!("{} has {} lines", page.display(), lines.len()))
}

/// For people.
fn shown(traced: &[Traced], page: &Path, lines: &[Line]) -> String {
    let mut text = String::new();
    let mut last = None;
    for number in traced {
        if number.line != last || last.is_none() {
            if !text.is_empty() {
                text.push('\n');
            }
            match number.line {
                Some(at) => {
                    let words = lines.get(at - 1).map(|line| shortened(&one_line(&line.text), 90)).unwrap_or_default();
                    text.push_str(&format!("{}:{at}  {words}\n", page.display()));
                }
                None => text.push_str("not on the page; in run.json:\n"),
            }
            last = number.line;
        }
        text.push_str(&format!("  {}\n", number.printed));
        if number.sources.is_empty() {
            text.push_str("    nothing in run.json gives this number\n");
        }
        let fitting: Vec<&Origin> = number.sources.iter().filter(|source| source.fits).collect();
        let told_of = if fitting.is_empty() { number.sources.iter().collect() } else { fitting };
        for (place, source) in told_of.iter().enumerate() {
            let lead = match (place, source.fits) {
                (0, true) => "    ",
                (0, false) => "    perhaps ",
                _ => "    or ",
            };
            text.push_str(&format!("{lead}{}\n", told(source)));
        }
        let more = number.found.saturating_sub(told_of.len());
        if more > 0 {
            text.push_str(&format!("    and {more} less likely\n"));
        }
    }
    text.trim_end().to_owned()
}

/// `/advice/endpoints/*/after_ms (sum of 18 values) = 126.347054, a figure`
fn told(source: &Origin) -> String {
    let how = source.derived.as_deref().map(|how| if source.pointers.is_empty() { how.to_owned() } else { format!(" ({how})") });
    let value = match &source.value {
        Value::String(text) => format!("“{}”", shortened(&one_line(text), 80)),
        value => value.to_string(),
    };
    let of = source.of.iter().filter(|name| !name.is_empty()).map(|name| shortened(name, 50)).collect::<Vec<_>>().join(", ");
    let of = if of.is_empty() { of } else { format!(" [{of}]") };
    format!("{}{} = {value}, {}{of}", source.pointers.join(" and "), how.unwrap_or_default(), source.printed_as)
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text.to_owned(),
    }
}
