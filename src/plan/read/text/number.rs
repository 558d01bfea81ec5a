//! Numbers with their labels, and where one is none.

/// What was expected at a place of a line.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Mistake {
    /// Characters before the place.
    pub(super) before: usize,
    pub(super) found: String,
    pub(super) expected: String,
}

impl Mistake {
    /// At `part`, which is a slice of `text` (or, when it is not, at the beginning).
    pub(super) fn at(text: &str, part: &str, expected: &str) -> Self {
        let bytes = (part.as_ptr() as usize).wrapping_sub(text.as_ptr() as usize);
        let before = text.get(..bytes).map_or(0, |before| before.chars().count());
        Mistake { before, found: crate::plan::read::error::quoted(part), expected: expected.to_owned() }
    }
}

/// A number that is finite and not negative, as all of EXPLAIN's are.
pub(super) fn number(text: &str, value: &str) -> Result<f64, Mistake> {
    let plain = value.bytes().all(|b| b.is_ascii_digit() || b".eE+".contains(&b));
    match value.parse::<f64>() {
        Ok(number) if plain && number.is_finite() => Ok(number),
        _ => Err(Mistake::at(text, value, "a number")),
    }
}

/// A whole number.
pub(super) fn count(text: &str, value: &str) -> Result<u64, Mistake> {
    value.parse().map_err(|_| Mistake::at(text, value, "a whole number"))
}

/// `12kB`
pub(super) fn kilobytes(text: &str, value: &str) -> Result<f64, Mistake> {
    match value.trim().strip_suffix("kB") {
        Some(digits) => number(text, digits.trim_end()),
        None => Err(Mistake::at(text, value, "a number of kB")),
    }
}

/// `1.250 ms`
pub(super) fn milliseconds(text: &str, value: &str) -> Result<f64, Mistake> {
    match value.trim().strip_suffix("ms") {
        Some(digits) => number(text, digits.trim_end()),
        None => Err(Mistake::at(text, value, "a number of ms")),
    }
}

/// `0.29..8.31`
pub(super) fn range(text: &str, value: &str) -> Result<(Option<f64>, Option<f64>), Mistake> {
    let Some((from, to)) = value.split_once("..") else { return Err(Mistake::at(text, value, "two numbers with `..` between")) };
    Ok((Some(number(text, from)?), Some(number(text, to)?)))
}

/// `key=value key=value`
pub(super) fn fields<'a>(
    text: &str,
    list: &'a str,
    mut take: impl FnMut(&'a str, &'a str) -> Result<(), Mistake>,
) -> Result<(), Mistake> {
    for field in list.split_whitespace() {
        let Some((key, value)) = field.split_once('=') else { return Err(Mistake::at(text, field, "a figure like rows=1")) };
        take(key, value)?;
    }
    Ok(())
}

/// What stands before the first of the labels, and each label's value; `None` for a label that is not there.
///
/// The labels are looked for in their order, so the blanks between may be as many as they like.
pub(super) fn labelled<'a, const N: usize>(list: &'a str, labels: [&str; N]) -> (&'a str, [Option<&'a str>; N]) {
    let mut values = [None; N];
    let (mut before, mut rest) = (list.trim(), list);
    let mut open: Option<usize> = None;
    for (i, label) in labels.iter().enumerate() {
        let Some(at) = find_label(rest, label) else { continue };
        match open {
            Some(open) => values[open] = Some(rest[..at].trim()),
            None => before = rest[..at].trim(),
        }
        rest = &rest[at + label.len() + 1..];
        open = Some(i);
    }
    if let Some(open) = open {
        values[open] = Some(rest.trim());
    }
    (before, values)
}

/// The same when every label must be there; `label` is that of the whole line.
pub(super) fn parts<'a, const N: usize>(
    text: &str,
    label: &str,
    value: &'a str,
    labels: [&str; N],
) -> Result<(&'a str, [&'a str; N]), Mistake> {
    let (before, found) = labelled(value, labels);
    let mut whole = [""; N];
    for (i, part) in found.iter().enumerate() {
        let missing = || Mistake::at(text, &value[value.len()..], &format!("`{}:` after `{label}:`", labels[i]));
        whole[i] = part.ok_or_else(missing)?;
    }
    Ok((before, whole))
}

/// `Label:` at the start or after a blank.
fn find_label(text: &str, label: &str) -> Option<usize> {
    text.match_indices(label)
        .map(|(at, _)| at)
        .find(|at| text[at + label.len()..].starts_with(':') && (*at == 0 || text[..*at].ends_with(char::is_whitespace)))
}
