//! Lines and their indentation.

use std::fmt::{Arguments, Display, Write};

use super::TextOptions;
use crate::plan::Plan;

/// The text so far and the depth of the next line, in steps of two spaces.
pub(super) struct Writer<'a> {
    pub(super) plan: &'a Plan,
    pub(super) options: TextOptions,
    pub(super) out: String,
    pub(super) indent: usize,
    /// VERBOSE was given when the plan was made, and is asked for.
    pub(super) verbose: bool,
    /// VERBOSE was given when the plan was made, and is to be taken away.
    pub(super) unqualify: bool,
    /// The only name that the plan's columns can have, when there is one alone.
    pub(super) only_alias: Option<&'a str>,
    /// The name of the last bitmap heap scan, whose index scans stand below it.
    pub(super) heap_alias: Option<&'a str>,
}

impl<'a> Writer<'a> {
    pub(super) fn new(plan: &'a Plan, options: TextOptions) -> Self {
        let nodes = || crate::plan::walk::nodes(&plan.root);
        let verbose = nodes().any(|node| node.schema.is_some() || !node.output.is_empty());
        // The row that was not inserted is a relation of its own.
        let excluded = nodes().any(|node| node.conflict.as_ref().and_then(|c| c.resolution.as_deref()) == Some("UPDATE"));
        let mut aliases: Vec<&str> = nodes().filter_map(|node| node.alias.as_deref()).collect();
        aliases.sort_unstable();
        aliases.dedup();
        Writer {
            plan,
            options,
            out: String::new(),
            indent: 0,
            verbose: verbose && options.verbose,
            unqualify: verbose && !options.verbose,
            only_alias: if let ([only], false) = (&aliases[..], excluded) { Some(only) } else { None },
            heap_alias: None,
        }
    }

    /// The spaces that start a line.
    pub(super) fn margin(&mut self) {
        self.out.extend(std::iter::repeat_n("  ", self.indent));
    }

    /// Adds to the line begun.
    pub(super) fn add(&mut self, text: Arguments) {
        // Writing to a String cannot fail.
        let _ = self.out.write_fmt(text);
    }

    /// A whole line.
    pub(super) fn line(&mut self, text: Arguments) {
        self.margin();
        self.add(text);
        self.out.push('\n');
    }

    /// `Label: value`
    pub(super) fn property(&mut self, label: &str, value: impl Display) {
        self.line(format_args!("{label}: {value}"));
    }

    /// `Label: a, b`; nothing for an empty list.
    pub(super) fn list(&mut self, label: &str, values: &[String]) {
        if !values.is_empty() {
            self.property(label, values.join(", "));
        }
    }

    /// `Label: 7`, without decimals; nothing for zero, unless the plan was read from a text that had it.
    pub(super) fn positive(&mut self, label: &str, value: Option<f64>) {
        if let Some(value) = value.filter(|value| *value > 0.0 || self.plan.form.is_some()) {
            self.count(label, value);
        }
    }

    /// `Label: 7`, without decimals.
    pub(super) fn count(&mut self, label: &str, value: f64) {
        self.line(format_args!("{label}: {value:.0}"));
    }

    /// What `write` writes, one step further in.
    pub(super) fn indented(&mut self, write: impl FnOnce(&mut Self)) {
        self.indent += 1;
        write(self);
        self.indent -= 1;
    }
}
