//! The data model as a Mermaid `erDiagram`, which GitHub draws.
//!
//! Mermaid is strict about names and types (<https://mermaid.js.org/syntax/entityRelationshipDiagram.html>), so what it would not
//! read is written in letters that it does.

use super::super::model::{DataModel, ModelColumn, ModelTable, Relation};
use super::text::block;

/// The diagram in its code block, ended by a newline.
pub(super) fn diagram(model: &DataModel) -> String {
    let mut lines = vec!["erDiagram".to_owned()];
    for relation in &model.relations {
        lines.push(format!("    {}", edge(model, relation)));
    }
    for table in &model.tables {
        lines.extend(entity(model, table));
    }
    block("mermaid", &lines.join("\n"))
}

/// The parent first: `users ||--o{ song_history : "user_id, on delete cascade"`.
fn edge(model: &DataModel, relation: &Relation) -> String {
    let child = model.tables.iter().find(|table| table.name == relation.table);
    let columns: Vec<&ModelColumn> =
        child.map_or_else(Vec::new, |table| table.columns.iter().filter(|c| relation.columns.contains(&c.name)).collect());
    let keys = child.map_or(0, |table| table.columns.iter().filter(|c| c.primary_key).count());
    let alone = matches!(columns.as_slice(), [only] if only.unique || (only.primary_key && keys == 1));
    let always = !columns.is_empty() && columns.iter().all(|c| c.not_null);
    let parent_end = if always { "||" } else { "|o" };
    let child_end = if alone { "o|" } else { "o{" };
    let line = if relation.on_delete.is_some() { "--" } else { ".." };
    let mut label = relation.columns.join(", ");
    if let Some(action) = relation.on_delete.as_deref().filter(|action| !action.eq_ignore_ascii_case("no action")) {
        label.push_str(&format!(", on delete {}", action.to_lowercase()));
    }
    format!(
        "{} {parent_end}{line}{child_end} {} : \"{}\"",
        entity_id(&relation.referenced),
        entity_id(&relation.table),
        quoted(&label)
    )
}

fn entity(model: &DataModel, table: &ModelTable) -> Vec<String> {
    let id = entity_id(&table.name);
    let name = if id == table.name { id } else { format!("{id}[\"{}\"]", quoted(&table.name)) };
    if table.columns.is_empty() {
        return vec![format!("    {name}")];
    }
    let mut lines = vec![format!("    {name} {{")];
    for column in &table.columns {
        let is_foreign = model.relations.iter().any(|r| r.table == table.name && r.columns.contains(&column.name));
        let keys = [(column.primary_key, "PK"), (is_foreign, "FK"), (column.unique && !column.primary_key, "UK")];
        let marks: Vec<&str> = keys.iter().filter(|(applies, _)| *applies).map(|(_, mark)| *mark).collect();
        let line = format!("        {} {} {}", type_word(&column.type_name), attribute(&column.name), marks.join(", "));
        lines.push(line.trim_end().to_owned());
    }
    lines.push("    }".to_owned());
    lines
}

/// A name that Mermaid reads without quotes. Words of its own grammar get a letter in front.
fn entity_id(name: &str) -> String {
    const GRAMMAR: [&str; 14] = [
        "one",
        "only",
        "many",
        "zero",
        "to",
        "optionally",
        "end",
        "title",
        "direction",
        "style",
        "class",
        "classdef",
        "subgraph",
        "erdiagram",
    ];
    let id = word(name);
    if GRAMMAR.contains(&id.to_lowercase().as_str()) { format!("t_{id}") } else { id }
}

/// A column's name, apart from Mermaid's own marks for keys.
fn attribute(name: &str) -> String {
    let name = word(name);
    if ["PK", "FK", "UK"].contains(&name.as_str()) { format!("c_{name}") } else { name }
}

/// Letters, digits and underscores, a letter or underscore first.
fn word(name: &str) -> String {
    let kept: String = name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '_' }).collect();
    if kept.starts_with(|c: char| c.is_ascii_alphabetic()) {
        kept
    } else {
        format!("c{}{kept}", if kept.starts_with('_') { "" } else { "_" })
    }
}

/// PostgreSQL's type in its short name, as one word.
fn type_word(type_name: &str) -> String {
    let short = type_name
        .replace("character varying", "varchar")
        .replace("timestamp with time zone", "timestamptz")
        .replace("timestamp without time zone", "timestamp")
        .replace("time without time zone", "time")
        .replace("double precision", "float8");
    let kept = short.chars().map(|c| if c.is_ascii_alphanumeric() || "_()[]".contains(c) { c } else { '_' });
    let kept: String = kept.collect();
    if kept.starts_with(|c: char| c.is_ascii_alphabetic()) { kept } else { format!("t_{kept}") }
}

/// Inside double quotes.
fn quoted(text: &str) -> String {
    text.chars().map(|c| if c == '"' || c.is_control() { '\'' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &str, not_null: bool, unique: bool) -> ModelColumn {
        ModelColumn { name: name.into(), type_name: "numeric(10,2)".into(), not_null, primary_key: false, unique }
    }

    #[test]
    fn ends_and_lines_say_what_the_schema_says() {
        let table = |name: &str, columns| ModelTable { name: name.into(), columns, indexes: Vec::new() };
        let relation = |column: &str, on_delete: Option<&str>| Relation {
            table: "my songs".into(),
            columns: vec![column.into()],
            referenced: "users".into(),
            referenced_columns: vec!["id".into()],
            on_delete: on_delete.map(str::to_owned),
        };
        let model = DataModel {
            tables: vec![table("users", Vec::new()), table("my songs", vec![column("a", true, false), column("b", false, true)])],
            relations: vec![relation("a", Some("CASCADE")), relation("b", None)],
        };
        let text = diagram(&model);
        assert!(text.contains("users ||--o{ my_songs : \"a, on delete cascade\""), "{text}");
        assert!(text.contains("users |o..o| my_songs : \"b\""), "{text}");
        assert!(text.contains("my_songs[\"my songs\"] {\n        numeric(10_2) a FK\n        numeric(10_2) b FK, UK"), "{text}");
    }
}
