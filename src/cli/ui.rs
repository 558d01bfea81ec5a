//! The console: results to stdout, progress and notes to stderr.

use std::io::{IsTerminal, Write};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::report::model::FORMAT_VERSION;
use crate::report::terminal::Screen;
use crate::scenario::error::ScenarioError;

use super::args::{Color, Format, OutputArgs};

/// Everything a command says goes through here.
pub struct Console {
    pub format: Format,
    quiet: bool,
    /// Colour on stdout.
    pub color: bool,
    /// Columns of stdout; 100 when it is no terminal.
    pub width: usize,
    live: bool,
    /// The terminal says that it shows no more than ASCII, or the user does.
    ascii: bool,
}

/// Columns assumed where there is no terminal to ask.
const PIPED_WIDTH: usize = 100;

impl Console {
    pub fn new(output: OutputArgs) -> Console {
        let color = match output.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => {
                let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
                let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
                std::io::stdout().is_terminal() && !refused && !dumb
            }
        };
        let width = match std::io::stdout().is_terminal() {
            true => usize::from(console::Term::stdout().size().1),
            false => PIPED_WIDTH,
        };
        let live = std::io::stderr().is_terminal() && !output.quiet;
        let ascii = output.ascii || std::io::stdout().is_terminal() && !speaks_unicode(|name| std::env::var(name).ok());
        Console { format: output.format, quiet: output.quiet, color, width, live, ascii }
    }

    /// A result for people; nothing when JSON was asked for.
    ///
    /// # Errors
    /// When stdout cannot be written; a reader that went away is no error worth a word and ends the program quietly.
    pub fn result(&self, text: &str) -> std::io::Result<()> {
        if self.format == Format::Json { Ok(()) } else { write_out(text) }
    }

    /// A result for programs, which says its format's version first; nothing when text was asked for.
    pub fn json(&self, value: &impl serde::Serialize) -> std::io::Result<()> {
        if self.format != Format::Json {
            return Ok(());
        }
        let mut value = serde_json::to_value(value).map_err(std::io::Error::other)?;
        if let Some(object) = value.as_object_mut().filter(|object| !object.contains_key("format")) {
            object.shift_insert(0, "format".to_owned(), FORMAT_VERSION.into());
        }
        write_out(&serde_json::to_string_pretty(&value).map_err(std::io::Error::other)?)
    }

    /// A sentence on stderr about what is going on.
    pub fn note(&self, text: impl AsRef<str>) {
        if !self.quiet {
            // stderr that cannot be written leaves nobody to tell.
            let _ = writeln!(std::io::stderr(), "{}", text.as_ref());
        }
    }

    /// The one place where an error reaches the user.
    pub fn error(&self, error: &anyhow::Error) {
        let _ = match error.downcast_ref::<ScenarioError>() {
            // It shows its lines and says `error:` by itself.
            Some(ScenarioError::Invalid(mistakes)) => writeln!(std::io::stderr(), "{mistakes}"),
            _ => writeln!(std::io::stderr(), "error: {error:#}"),
        };
    }

    /// How tables are drawn.
    pub fn screen(&self) -> Screen {
        Screen { width: self.width, color: self.color, ascii: self.ascii }
    }

    /// Whether stderr is a terminal that may be drawn on.
    pub fn is_live(&self) -> bool {
        self.live
    }

    /// Shows that a stage has begun: a moving line on a terminal, a plain one elsewhere.
    pub fn stage(&self, name: &str) -> Stage {
        if !self.live {
            self.note(format!("{name} …"));
            return Stage { bar: None };
        }
        let bar = ProgressBar::with_draw_target(Some(1000), ProgressDrawTarget::stderr());
        // The template is a constant; a mistyped one falls back to the library's own.
        let style = ProgressStyle::with_template("{spinner} {prefix:<10} {bar:24} {elapsed:>4}  {msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("━╸─"));
        bar.set_prefix(name.to_owned());
        bar.enable_steady_tick(Duration::from_millis(120));
        Stage { bar: Some(bar) }
    }
}

/// Whether locale and kind of terminal promise more than ASCII: the first of the three variables that is set decides (POSIX, section
/// 8.2), and the console of the Linux kernel has no glyphs for bars.
pub fn speaks_unicode(variable: impl Fn(&str) -> Option<String>) -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| variable(name).filter(|value| !value.is_empty()));
    let utf8 = locale.is_some_and(|locale| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    });
    utf8 && !variable("TERM").is_some_and(|term| term == "linux" || term == "dumb")
}

fn write_out(text: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.trim_end_matches('\n').as_bytes())?;
    out.write_all(b"\n")?;
    out.flush()
}

/// A stage under way; its line goes when it is dropped.
pub struct Stage {
    bar: Option<ProgressBar>,
}

impl Stage {
    /// How far it is, 0 to 1, and what it is at.
    pub fn at(&self, share: f64, message: impl Into<String>) {
        if let Some(bar) = &self.bar {
            bar.set_position((share.clamp(0.0, 1.0) * 1000.0) as u64);
            bar.set_message(message.into());
        }
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_locale_decides_what_letters_there_are() {
        let speaks = |set: &[(&str, &str)]| {
            speaks_unicode(|name| set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
        };
        assert!(speaks(&[("LANG", "en_US.UTF-8"), ("TERM", "xterm")]) && speaks(&[("LC_ALL", "C.utf8")]));
        assert!(!speaks(&[]) && !speaks(&[("LC_ALL", "C"), ("LANG", "de_DE.UTF-8")]));
        assert!(!speaks(&[("LANG", "en_US.UTF-8"), ("TERM", "linux")]));
    }
}
