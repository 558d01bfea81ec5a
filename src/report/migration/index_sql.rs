//! The parts of statements that perflab or the server wrote: where a name ends, where the next statement begins.

use crate::sql::quote_ident;

/// `CREATE [UNIQUE] INDEX name ON [ONLY] table …`, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct IndexSql<'a> {
    pub unique: bool,
    /// As SQL needs it, without a schema.
    pub name: String,
    /// The index of a partitioned table as the server prints it.
    pub only: bool,
    /// As SQL needs it, perhaps with its schema.
    pub table: &'a str,
    /// ` USING …` or ` (…`, to the end.
    pub rest: &'a str,
}

impl<'a> IndexSql<'a> {
    /// `None` when it is no CREATE INDEX with a name.
    pub fn of(definition: &'a str) -> Option<IndexSql<'a>> {
        let text = definition.trim().trim_end_matches(';').strip_prefix("CREATE ")?;
        let (unique, text) = text.strip_prefix("UNIQUE ").map_or((false, text), |rest| (true, rest));
        let (name, text) = split_name(text.strip_prefix("INDEX ")?);
        let text = text.strip_prefix(" ON ")?;
        let (only, text) = text.strip_prefix("ONLY ").map_or((false, text), |rest| (true, rest));
        let (table, rest) = split_name(text);
        (!name.is_empty() && !table.is_empty()).then(|| IndexSql { unique, name: name.to_owned(), only, table, rest })
    }

    /// The statement, built `how` (`CONCURRENTLY ` or nothing), unless there is an index of that name.
    pub fn create(&self, how: &str, table: &str) -> String {
        let unique = if self.unique { "UNIQUE " } else { "" };
        format!("CREATE {unique}INDEX {how}IF NOT EXISTS {} ON {table}{}", self.name, self.rest)
    }

    /// With the schema where the definition names one: an index lives where its table does, and only CREATE INDEX knows that by itself.
    pub fn full_name(&self) -> String {
        format!("{}{}", schema_of(self.table), self.name)
    }
}

/// A name beside a table, as SQL needs it.
pub(super) fn beside(table: &str, name: &str) -> String {
    format!("{}{}", schema_of(table), quote_ident(name))
}

/// `app.` of `app.log`; nothing of `log`.
fn schema_of(table: &str) -> &str {
    let mut quoted = false;
    let dot = table.find(|c: char| {
        quoted ^= c == '"';
        !quoted && c == '.'
    });
    dot.map_or("", |dot| &table[..=dot])
}

/// A name, perhaps with a schema, and what follows it.
fn split_name(text: &str) -> (&str, &str) {
    let mut quoted = false;
    let end = text.find(|c: char| {
        quoted ^= c == '"';
        !quoted && (c.is_whitespace() || c == '(')
    });
    text.split_at(end.unwrap_or(text.len()))
}

/// The statements of a text, parted by semicolons that stand in no literal, name or dollar quote.
pub(super) fn statements(text: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    let mut inside: Option<char> = None;
    for letter in text.chars() {
        match (inside, letter) {
            (None, ';') => {
                found.push(String::new());
                continue;
            }
            (None, '\'' | '"') => inside = Some(letter),
            (Some(open), close) if open == close => inside = None,
            _ => {}
        }
        if let Some(statement) = found.last_mut() {
            statement.push(letter);
        }
    }
    found.iter().map(|statement| statement.trim().to_owned()).filter(|statement| !statement.is_empty()).collect()
}

/// The name in a CREATE STATISTICS; `None` when it has none or the statement is another.
pub(super) fn statistics_name(statement: &str) -> Option<String> {
    let rest = statement.trim().strip_prefix("CREATE STATISTICS ")?;
    let (name, _) = split_name(rest.strip_prefix("IF NOT EXISTS ").unwrap_or(rest));
    (!name.is_empty() && name != "ON").then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_end_where_their_quotes_do() {
        let sql = IndexSql::of("CREATE UNIQUE INDEX \"a b\" ON ONLY \"my.shop\".\"t(1)\" USING btree (x)").unwrap();
        assert_eq!((sql.unique, sql.only, sql.name.as_str(), sql.table), (true, true, "\"a b\"", "\"my.shop\".\"t(1)\""));
        assert_eq!(sql.full_name(), "\"my.shop\".\"a b\"");
        assert_eq!(sql.create("", "t"), "CREATE UNIQUE INDEX IF NOT EXISTS \"a b\" ON t USING btree (x)");
        assert_eq!(IndexSql::of("CREATE INDEX i ON t(x);").unwrap().full_name(), "i");
        assert_eq!(IndexSql::of("CREATE INDEX ON t (x)"), None);
        assert_eq!(IndexSql::of("DROP INDEX i"), None);
    }

    #[test]
    fn semicolons_inside_of_quotes_part_nothing() {
        assert_eq!(statements("a ';' \";\"; b;\n"), ["a ';' \";\"", "b"]);
        assert_eq!(statistics_name("CREATE STATISTICS IF NOT EXISTS s.n (mcv) ON a, b FROM t").as_deref(), Some("s.n"));
        assert_eq!(statistics_name("CREATE STATISTICS ON a, b FROM t"), None);
    }

    proptest! {
        #[test]
        fn any_name_that_is_quoted_is_read_back(schema in "[a-zA-Z\". ()é]{1,12}", table in "[a-zA-Z\". ()é]{1,12}", name in "[a-zA-Z\". ()é]{1,12}") {
            let (schema, table, name) = (quote_ident(&schema), quote_ident(&table), quote_ident(&name));
            let definition = format!("CREATE INDEX {name} ON {schema}.{table} (x)");
            let sql = IndexSql::of(&definition).unwrap();
            prop_assert_eq!(sql.full_name(), format!("{schema}.{name}"));
            prop_assert_eq!(sql.create("", sql.table), format!("CREATE INDEX IF NOT EXISTS {name} ON {schema}.{table} (x)"));
        }
    }
}
