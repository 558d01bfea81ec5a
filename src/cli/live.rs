//! How a measurement goes, while it runs: redrawn in place on a terminal, a plain line now and then elsewhere.

use std::fmt::Write as _;
use std::io::Write as _;
use std::time::{Duration, Instant};

use console::{Alignment, Term, pad_str};

use crate::bench::live::{LiveEndpoint, LiveTick};
use crate::units;

use super::ui::{Console, speaks_unicode};

/// Between two drawings: four a second, and a tick that comes a little early is not left out.
const REDRAW: Duration = Duration::from_millis(200);
/// Between two plain lines.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// Shows [`LiveTick`]s; what it drew is gone when it is dropped.
pub struct LiveView<'c> {
    console: &'c Console,
    /// What the stage is called: `bench`, `load`.
    name: &'static str,
    term: Option<Term>,
    /// Lines on the screen that are ours.
    drawn: usize,
    shown: Instant,
    started: Instant,
    state: State,
}

/// What has been told since the last time it was shown, and what is known of before.
#[derive(Default)]
struct State {
    what: String,
    share: f64,
    backlog: u64,
    seconds: f64,
    endpoints: Vec<LiveEndpoint>,
}

impl<'c> LiveView<'c> {
    pub fn new(console: &'c Console, name: &'static str) -> LiveView<'c> {
        let term = console.is_live().then(Term::stderr);
        let now = Instant::now();
        LiveView { console, name, term, drawn: 0, shown: now, started: now, state: State::default() }
    }

    /// Takes a tick in, and shows how things stand when it is time.
    pub fn show(&mut self, tick: &LiveTick) {
        let another = tick.what != self.state.what;
        self.state.take(tick);
        let due = if self.term.is_some() { REDRAW } else { LINE_EVERY };
        if !another && self.shown.elapsed() < due {
            return;
        }
        match &self.term {
            Some(term) => {
                let (height, width) = term.size();
                let ascii = !speaks_unicode(|name| std::env::var(name).ok());
                let elapsed = self.started.elapsed();
                let lines = self.state.frame(self.name, elapsed, (usize::from(width), usize::from(height)), ascii);
                self.draw(&lines);
            }
            None if another => self.console.note(format!("{}: {} …", self.name, self.state.what)),
            None => self.console.note(self.state.line(self.name, self.started.elapsed())),
        }
        self.shown = Instant::now();
        self.state.forget();
    }

    /// Writes all lines at once over those before, so that nothing flickers.
    fn draw(&mut self, lines: &[String]) {
        let mut text = String::new();
        if self.drawn > 0 {
            let _ = write!(text, "\x1b[{}A", self.drawn);
        }
        for line in lines {
            let _ = write!(text, "\r{line}\x1b[K\n");
        }
        text.push_str("\x1b[J");
        // stderr that cannot be written leaves nobody to show anything to.
        let _ = std::io::stderr().write_all(text.as_bytes());
        self.drawn = lines.len();
    }
}

impl Drop for LiveView<'_> {
    fn drop(&mut self) {
        if self.drawn > 0 {
            self.draw(&[]);
        }
    }
}

impl State {
    fn take(&mut self, tick: &LiveTick) {
        if tick.what != self.what || tick.endpoints.len() != self.endpoints.len() {
            self.endpoints = tick.endpoints.clone();
            self.seconds = tick.seconds;
        } else {
            self.seconds += tick.seconds;
            for (known, new) in self.endpoints.iter_mut().zip(&tick.endpoints) {
                known.calls += new.calls;
                known.errors = new.errors;
                // An endpoint without a call since has the times of its last ones.
                known.p50_ms = new.p50_ms.or(known.p50_ms);
                known.p95_ms = new.p95_ms.or(known.p95_ms);
                known.p99_ms = new.p99_ms.or(known.p99_ms);
            }
        }
        self.what.clone_from(&tick.what);
        (self.share, self.backlog) = (tick.share.clamp(0.0, 1.0), tick.backlog);
    }

    /// What is shown is not shown again; times and errors stay.
    fn forget(&mut self) {
        self.seconds = 0.0;
        self.endpoints.iter_mut().for_each(|endpoint| endpoint.calls = 0);
    }

    fn rate(&self, calls: u64) -> f64 {
        if self.seconds > 0.0 { calls as f64 / self.seconds } else { 0.0 }
    }

    fn calls(&self) -> u64 {
        self.endpoints.iter().map(|endpoint| endpoint.calls).sum()
    }

    fn errors(&self) -> u64 {
        self.endpoints.iter().map(|endpoint| endpoint.errors).sum()
    }

    /// For logs.
    fn line(&self, name: &str, elapsed: Duration) -> String {
        let mut line = format!(
            "{name}: {}, {:.0}% after {} s: {} calls/s",
            self.what,
            self.share * 100.0,
            elapsed.as_secs(),
            units::count(self.rate(self.calls()).round() as u64)
        );
        let slowest = self.endpoints.iter().filter_map(|endpoint| Some((endpoint.p95_ms?, &endpoint.label)));
        if let Some((p95_ms, label)) = slowest.max_by(|a, b| a.0.total_cmp(&b.0)) {
            let _ = write!(line, ", slowest p95 {} ms ({label})", milliseconds(Some(p95_ms)));
        }
        let _ = write!(line, ", {} errors", units::count(self.errors()));
        if self.backlog > 0 {
            let _ = write!(line, ", backlog {}", units::count(self.backlog));
        }
        line
    }

    /// For a window of that many columns and rows: at most one line less than it has, none wider.
    fn frame(&self, name: &str, elapsed: Duration, (width, height): (usize, usize), ascii: bool) -> Vec<String> {
        let (full, rest, more) = if ascii { ('#', '-', "..") } else { ('━', '─', "…") };
        let bar: String = (0..20).map(|at| if (at as f64) < self.share * 20.0 { full } else { rest }).collect();
        let mut head = format!("{name}  {bar} {:>3.0}%  {:>3} s  {}", self.share * 100.0, elapsed.as_secs(), self.what);
        if self.backlog > 0 {
            let _ = write!(head, "  backlog {}", units::count(self.backlog));
        }
        let columns = Columns::of(&self.endpoints, width);
        let mut lines = vec![head, columns.titles()];
        let room = height.saturating_sub(lines.len() + 1);
        let fitting = if self.endpoints.len() <= room { room } else { room.saturating_sub(1) };
        for endpoint in self.endpoints.iter().take(fitting) {
            lines.push(columns.row(endpoint, self.rate(endpoint.calls), more));
        }
        if let Some(hidden) = self.endpoints.len().checked_sub(fitting).filter(|hidden| *hidden > 0) {
            lines.push(format!("  and {hidden} more; all {} calls/s", units::count(self.rate(self.calls()).round() as u64)));
        }
        lines.truncate(height.saturating_sub(1).max(1));
        // The last column stays free: some terminals go to the next line when it is written.
        lines.iter().map(|line| cut(line, width.saturating_sub(1), more)).collect()
    }
}

/// Which columns the window has room for.
struct Columns {
    label: usize,
    /// Of p50, p95 and p99, the first so many.
    percentiles: usize,
}

const NUMBER: usize = 10;
const LEAST_LABEL: usize = 16;

impl Columns {
    fn of(endpoints: &[LiveEndpoint], width: usize) -> Columns {
        let longest = endpoints.iter().map(|endpoint| console::measure_text_width(&endpoint.label)).max().unwrap_or(0);
        let room = |percentiles: usize| width.saturating_sub(3 + (percentiles + 2) * NUMBER);
        let percentiles = (1..=3).rev().find(|percentiles| room(*percentiles) >= LEAST_LABEL).unwrap_or(1);
        Columns { label: longest.max("endpoint".len()).min(room(percentiles)), percentiles }
    }

    fn titles(&self) -> String {
        let titles = ["p50 ms", "p95 ms", "p99 ms"];
        self.line("endpoint", "calls/s", titles.map(str::to_owned), "errors", "")
    }

    fn row(&self, endpoint: &LiveEndpoint, rate: f64, more: &str) -> String {
        let times = [endpoint.p50_ms, endpoint.p95_ms, endpoint.p99_ms].map(milliseconds);
        let rate = units::count(rate.round() as u64);
        self.line(&endpoint.label, &rate, times, &units::count(endpoint.errors), more)
    }

    fn line(&self, label: &str, rate: &str, times: [String; 3], errors: &str, more: &str) -> String {
        let mut line = format!("  {}", pad_str(&cut_within(label, self.label, more), self.label, Alignment::Left, None));
        let _ = write!(line, "{rate:>NUMBER$}");
        for time in times.iter().take(self.percentiles) {
            let _ = write!(line, "{time:>NUMBER$}");
        }
        let _ = write!(line, "{errors:>NUMBER$}");
        line
    }
}

fn cut(text: &str, width: usize, more: &str) -> String {
    console::truncate_str(text, width, if width > more.len() { more } else { "" }).into_owned()
}

/// Cut in the middle: a route's cases differ at its end.
fn cut_within(text: &str, width: usize, more: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let mark = console::measure_text_width(more);
    if console::measure_text_width(text) <= width || width <= mark + 2 || letters.len() != console::measure_text_width(text) {
        // Letters of double width are cut at the end, which is known to fit.
        return cut(text, width, more);
    }
    let kept = width - mark;
    let head = kept / 3;
    letters[..head].iter().copied().chain(more.chars()).chain(letters[letters.len() - (kept - head)..].iter().copied()).collect()
}

/// Three digits, as tables have it; a dash for what is not known.
fn milliseconds(ms: Option<f64>) -> String {
    match ms {
        None => "-".to_owned(),
        Some(ms) if ms < 10.0 => format!("{ms:.2}"),
        Some(ms) if ms < 100.0 => format!("{ms:.1}"),
        Some(ms) => format!("{ms:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tick(endpoints: usize) -> LiveTick {
        let endpoint = |number| LiveEndpoint {
            label: format!("GET /playlist/{{playlist_id}}/play/{number}"),
            calls: 100 * number,
            errors: number,
            p50_ms: Some(0.5 * number as f64),
            p95_ms: Some(12.34),
            p99_ms: (number > 1).then_some(456.7),
        };
        let endpoints = (1..=endpoints as u64).map(endpoint).collect();
        LiveTick { what: "8 clients".into(), share: 0.5, seconds: 0.25, backlog: 1200, endpoints }
    }

    fn state(endpoints: usize) -> State {
        let mut state = State::default();
        state.take(&tick(endpoints));
        state
    }

    #[test]
    fn a_window_shows_every_endpoint() {
        let lines = state(2).frame("load", Duration::from_secs(7), (80, 24), false);
        assert_eq!(
            lines,
            [
                "load  ━━━━━━━━━━──────────  50%    7 s  8 clients  backlog 1,200",
                "  endpoint                      calls/s    p50 ms    p95 ms    p99 ms    errors",
                "  GET /pla…laylist_id}/play/1       400      0.50      12.3         -         1",
                "  GET /pla…laylist_id}/play/2       800      1.00      12.3       457         2",
            ]
        );
    }

    #[test]
    fn what_was_told_between_two_drawings_counts_together() {
        let mut state = state(1);
        state.take(&LiveTick { endpoints: vec![LiveEndpoint { errors: 3, ..LiveEndpoint::default() }], ..tick(1) });
        assert_eq!((state.rate(state.calls()), state.errors(), state.endpoints[0].p50_ms), (200.0, 3, Some(0.5)));
        state.forget();
        assert_eq!((state.rate(state.calls()), state.errors(), state.endpoints[0].p50_ms), (0.0, 3, Some(0.5)));
    }

    #[test]
    fn a_log_line_names_the_slowest() {
        let line = state(2).line("load", Duration::from_secs(20));
        assert_eq!(
            line,
            "load: 8 clients, 50% after 20 s: 1,200 calls/s, slowest p95 12.3 ms (GET /playlist/{playlist_id}/play/2), \
             3 errors, backlog 1,200"
        );
    }

    proptest! {
        #[test]
        fn a_frame_fits_its_window(endpoints in 0_usize..40, width in 0_usize..200, height in 2_usize..60, ascii in any::<bool>()) {
            let lines = state(endpoints).frame("load", Duration::from_secs(7), (width, height), ascii);
            prop_assert!(lines.len() < height);
            for line in lines {
                prop_assert!(console::measure_text_width(&line) <= width.saturating_sub(1), "{line}");
                prop_assert!(!ascii || line.is_ascii(), "{line}");
            }
        }
    }
}
