//! What a value may look like.

use super::{Mapping, Quantity};

/// The forms of a value; several of them are one, too.
#[derive(Debug, Clone, Copy)]
pub enum Form {
    /// Words on one line or several.
    Text,
    /// A text of this shape: a regular expression, and what to call it.
    Shaped(&'static str, &'static str),
    /// The name of something, e.g. "a table".
    Name(&'static str),
    /// One SQL statement.
    Sql,
    /// One of these words.
    Words(&'static [&'static str]),
    /// One of the words that the model knows.
    Known(fn() -> Vec<&'static str>),
    /// `true` or `false`.
    Flag,
    /// Any single value: text, number, `true`, `false` or `null`.
    Scalar,
    Quantity(Quantity),
    Mapping(&'static Mapping),
    /// A mapping whose keys are the author's own names for this, e.g. "a table".
    Named(&'static str, &'static Form),
    /// A mapping of these keys to one form: `{mon: 2}`.
    Each(fn() -> Vec<&'static str>, &'static Form),
    /// `{1%: …, rest: …}`: what stands behind each share.
    Classes(&'static Form),
    /// At least so many.
    List(&'static Form, usize),
    /// Two.
    Pair(&'static Form),
    Either(&'static [Form]),
    /// What several keys take.
    Same(&'static Form),
}

impl Form {
    /// Calls `visit` with every mapping that may stand here.
    pub fn each_mapping(&self, visit: &mut dyn FnMut(&'static Mapping)) {
        match self {
            Form::Mapping(mapping) => visit(mapping),
            Form::Named(_, inner) | Form::Each(_, inner) | Form::Classes(inner) | Form::List(inner, _) | Form::Pair(inner) => {
                inner.each_mapping(visit);
            }
            Form::Either(forms) => forms.iter().for_each(|form| form.each_mapping(visit)),
            Form::Same(form) => form.each_mapping(visit),
            _ => {}
        }
    }
}
