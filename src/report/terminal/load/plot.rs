//! Throughput against clients, drawn with letters.

use super::super::super::model::{LoadRun, LoadStep};
use super::super::super::under_load::fit;
use super::super::Screen;
use crate::units::{amount, count};

const HEIGHT: usize = 9;
const WIDEST: usize = 60;
/// Fewer points are told faster by the table.
const FEWEST_POINTS: usize = 3;

struct Letters {
    point: char,
    invalid: char,
    law: char,
    knee: char,
    upright: char,
    corner: char,
    level: char,
}

const UNICODE: Letters =
    Letters { point: '●', invalid: '×', law: '·', knee: '◆', upright: '│', corner: '└', level: '─' };
const ASCII: Letters = Letters { point: 'o', invalid: 'x', law: '.', knee: 'K', upright: '|', corner: '+', level: '-' };

/// The sweep with the law behind it, clients on a logarithmic axis; `None` when too few numbers of clients were tried.
pub fn throughput(run: &LoadRun, screen: Screen) -> Option<String> {
    let steps: Vec<(u32, &LoadStep)> = run.steps.iter().filter_map(|step| Some((step.clients?, step))).collect();
    let steps: Vec<_> = steps.into_iter().filter(|(clients, step)| *clients > 0 && step.throughput_per_s.is_finite()).collect();
    let fewest = steps.iter().map(|(clients, _)| *clients).min()?;
    let most = steps.iter().map(|(clients, _)| *clients).max()?;
    let highest = steps.iter().map(|(_, step)| step.throughput_per_s).fold(0.0, f64::max);
    if different(&steps) < FEWEST_POINTS || highest <= 0.0 {
        return None;
    }
    let letters = if screen.ascii { ASCII } else { UNICODE };
    let label = amount(highest);
    let margin = label.chars().count() + 1;
    let width = screen.width.saturating_sub(margin + 2).clamp(20, WIDEST);
    let (low, high) = (f64::from(fewest).ln(), f64::from(most).ln());
    let column = |clients: f64| (((clients.ln() - low) / (high - low)).clamp(0.0, 1.0) * (width - 1) as f64).round() as usize;
    let row = |per_s: f64| HEIGHT - 1 - ((per_s / highest).clamp(0.0, 1.0) * (HEIGHT - 1) as f64).round() as usize;

    let mut field = vec![vec![' '; width]; HEIGHT];
    if let Some(law) = &run.usl {
        let columns: Vec<usize> = (0..width).collect();
        for x in columns {
            let clients = (low + (high - low) * x as f64 / (width - 1) as f64).exp();
            field[row(law.throughput_at(clients))][x] = letters.law;
        }
    }
    let knee = run.knee.as_ref().filter(|knee| knee.reached).map(|knee| knee.clients);
    for (clients, step) in &steps {
        let letter = match step.invalid.is_empty() {
            false => letters.invalid,
            true if knee == Some(*clients) => letters.knee,
            true => letters.point,
        };
        field[row(step.throughput_per_s)][column(f64::from(*clients))] = letter;
    }
    let mut lines = vec!["calls/s".to_owned()];
    for (y, cells) in field.iter().enumerate() {
        let scale = match y {
            0 => label.as_str(),
            y if y == HEIGHT - 1 => "0",
            _ => "",
        };
        lines.push(format!(
            "{scale:>width$} {}{}",
            letters.upright,
            cells.iter().collect::<String>().trim_end(),
            width = margin - 1
        ));
    }
    lines.push(format!("{:margin$}{}{}", "", letters.corner, letters.level.to_string().repeat(width)));
    let ticks: Vec<(usize, String)> = steps.iter().map(|(n, _)| (column(f64::from(*n)), count(u64::from(*n)))).collect();
    lines.push(format!("{:margin$} {} clients", "", axis(ticks)));
    lines.push(key(run, knee.is_some(), &letters));
    Some(lines.iter().map(|line| line.trim_end()).collect::<Vec<_>>().join("\n"))
}

fn different(steps: &[(u32, &LoadStep)]) -> usize {
    let mut clients: Vec<u32> = steps.iter().map(|(clients, _)| *clients).collect();
    clients.sort_unstable();
    clients.dedup();
    clients.len()
}

/// Numbers under their columns; one that would touch its neighbour is left out.
fn axis(mut ticks: Vec<(usize, String)>) -> String {
    ticks.sort_by_key(|(at, _)| *at);
    let mut line = String::new();
    for (at, label) in ticks {
        let used = line.chars().count();
        let start = at.saturating_sub(label.len() / 2);
        if line.is_empty() || start > used {
            line.push_str(&" ".repeat(start.saturating_sub(used)));
            line.push_str(&label);
        }
    }
    line
}

fn key(run: &LoadRun, knee: bool, letters: &Letters) -> String {
    let mut parts = vec![format!("{} measured", letters.point)];
    if knee {
        parts.push(format!("{} the knee", letters.knee));
    }
    if run.steps.iter().any(|step| !step.invalid.is_empty()) {
        parts.push(format!("{} proves nothing", letters.invalid));
    }
    if let Some(fit) = fit(run) {
        parts.push(format!("{} scalability law ({fit})", letters.law));
    }
    let key = parts.join("  ");
    if key.is_ascii() || letters.point != 'o' { key } else { key.replace('²', "2") }
}
