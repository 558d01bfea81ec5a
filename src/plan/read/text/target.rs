//! What a node reads or writes: `Backward using songs_pkey on public.songs s`.

use crate::plan::PlanNode;

/// Takes the whole of a heading's name behind the type.
///
/// # Errors
/// With what is left when that is no target.
pub(super) fn take<'a>(node: &mut PlanNode, text: &'a str) -> Result<(), &'a str> {
    let mut rest = text;
    let by_index = matches!(node.node_type.as_str(), "Index Scan" | "Index Only Scan");
    if by_index {
        let backward = word(rest, "Backward");
        node.scan_direction = Some(if backward.is_some() { "Backward" } else { "Forward" }.into());
        rest = backward.unwrap_or(rest);
    }
    if let Some(after) = word(rest, "using") {
        let (index, after) = identifier(after).ok_or(after)?;
        node.index = Some(index);
        rest = after.trim_start();
    }
    let Some(on) = word(rest, "on") else { return if rest.is_empty() { Ok(()) } else { Err(rest) } };
    let (name, mut rest) = identifier(on).ok_or(on)?;
    if node.node_type == "Bitmap Index Scan" {
        node.index = Some(name);
        return if rest.is_empty() { Ok(()) } else { Err(rest) };
    }
    let mut name = name;
    if let Some(after) = rest.strip_prefix('.') {
        let (relation, after) = identifier(after).ok_or(after)?;
        node.schema = Some(std::mem::replace(&mut name, relation));
        rest = after;
    }
    let rest = rest.trim_start();
    let (alias, rest) = if rest.is_empty() { (name.clone(), rest) } else { identifier(rest).ok_or(rest)? };
    node.alias = Some(alias);
    match node.node_type.as_str() {
        // Subqueries and lists of values have no name but their alias.
        "Subquery Scan" | "Values Scan" => {}
        "Function Scan" => node.function = Some(name),
        "Table Function Scan" => node.table_function = Some(name),
        "CTE Scan" | "WorkTable Scan" => node.cte = Some(name),
        "Named Tuplestore Scan" => node.tuplestore = Some(name),
        _ => node.relation = Some(name),
    }
    if rest.trim_start().is_empty() { Ok(()) } else { Err(rest) }
}

/// What follows a word and blanks.
fn word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let rest = text.strip_prefix(word)?;
    rest.starts_with(char::is_whitespace).then(|| rest.trim_start())
}

/// A name as `quote_identifier` writes it, and what follows.
pub(super) fn identifier(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(|c: char| c.is_whitespace() || "\".(),:;".contains(c)).unwrap_or(text.len());
        return (end > 0).then(|| (text[..end].to_owned(), &text[end..]));
    };
    let mut name = String::new();
    let mut chars = quoted.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if c == '"' && chars.next_if(|(_, next)| *next == '"').is_none() {
            return Some((name, &quoted[at + 1..]));
        }
        name.push(c);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_bare_or_quoted() {
        assert_eq!(identifier("songs s"), Some(("songs".into(), " s")));
        assert_eq!(identifier("\"Odd \"\"Name\"\"\".x"), Some(("Odd \"Name\"".into(), ".x")));
        assert_eq!(identifier("\"open"), None);
        assert_eq!(identifier(""), None);
    }
}
