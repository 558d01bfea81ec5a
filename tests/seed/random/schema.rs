//! From a draft to DDL, a scenario that says nothing but `rows`, and what may rightly be refused.

use super::draft::{ColumnDraft, Draft, ReferenceDraft, TableDraft, UniqueDraft};

/// Types with how many values there are to choose from; `None`: more than any test has rows.
const TYPES: &[(&str, Option<u64>, Option<&str>)] = &[
    ("int", None, Some("7")),
    ("text", None, Some("'draft'")),
    ("bigint", None, Some("(random() * 1000)::bigint")),
    ("smallint", None, Some("0")),
    ("boolean", Some(2), Some("false")),
    ("varchar(12)", None, Some("'none'")),
    ("char(5)", None, None),
    ("numeric(10,2)", None, Some("0.00")),
    ("numeric", None, None),
    ("double precision", None, Some("0.5")),
    ("real", None, None),
    ("uuid", None, Some("gen_random_uuid()")),
    ("date", None, Some("CURRENT_DATE")),
    ("timestamptz", None, Some("now()")),
    ("timestamp", None, None),
    ("time", None, None),
    ("bytea", None, None),
    ("jsonb", None, Some("'{}'")),
    ("mood", Some(3), Some("'calm'")),
    ("adult", Some(102), None),
    ("int CHECK (%s BETWEEN 1 AND 5)", Some(5), None),
    ("text CHECK (%s IN ('S', 'M', 'L', 'XL'))", Some(4), None),
    ("text CHECK (length(%s) <= 8)", None, None),
    ("numeric(6,2) CHECK (%s > 0)", None, None),
];

const TYPES_OF_NAMESPACE: &str = "CREATE TYPE mood AS ENUM ('happy', 'calm', 'sad');
CREATE DOMAIN adult AS int CHECK (VALUE >= 18 AND VALUE < 120);
";

const ODD: [&str; 8] = [
    "Order",
    "we ird",
    "do.t",
    "quo\"te",
    "ünï",
    "select",
    "a'b",
    "it_is_a_very_long_name_of_sixty_three_bytes_as_postgresql_has_it",
];

pub struct Schema {
    pub ddl: String,
    pub tables_yaml: String,
    /// Why a refusal would be right; empty: it would not be.
    pub too_small: Vec<String>,
    /// Statements that must work after the load.
    pub inserts_a_row: Vec<String>,
}

#[derive(Debug, Clone)]
struct Column {
    name: String,
    /// As in the DDL, with its CHECK.
    of: String,
    /// The type alone.
    base: String,
    not_null: bool,
    default: Option<String>,
    /// `None`: more than any test has rows.
    values: Option<u64>,
    /// References to tables, by their number.
    references: Vec<usize>,
}

#[derive(Debug, Clone)]
struct Table {
    /// Quoted.
    name: String,
    yaml: String,
    rows: u64,
    columns: Vec<Column>,
    /// The first one is the primary key.
    keys: Vec<Vec<usize>>,
    lines: Vec<String>,
    after: Vec<String>,
    sure_to_insert: bool,
}

impl Schema {
    pub fn of(draft: &Draft) -> Schema {
        let mut too_small = Vec::new();
        let mut tables: Vec<Table> = (0..).zip(&draft.tables).map(|(i, table)| begin(i, table, draft)).collect();
        // The first ones may be referenced; later ones may be over references.
        for (i, table) in draft.tables.iter().enumerate() {
            table.uniques.iter().take(1).filter(|unique| unique.how < 4).for_each(|unique| add_unique(&mut tables[i], unique));
        }
        for (i, table) in draft.tables.iter().enumerate() {
            table.references.iter().for_each(|reference| add_reference(&mut tables, i, reference));
        }
        for (i, table) in draft.tables.iter().enumerate() {
            table.uniques.iter().skip(1).for_each(|unique| add_unique(&mut tables[i], unique));
        }
        for i in 0..tables.len() {
            // Rows of two parents may have nothing in common.
            if tables[i].columns.iter().any(|column| column.references.len() > 1) {
                too_small.push(format!("{} has references that share a column", tables[i].name));
            }
            small_spaces(&tables, i, &mut too_small);
        }
        let ddl = ddl(draft, &tables);
        let tables_yaml = tables
            .iter()
            .map(|table| format!("    {}: {{rows: {}}}\n", serde_json::to_string(&table.yaml).unwrap(), table.rows))
            .collect();
        let inserts = tables.iter().filter(|table| table.sure_to_insert && table.columns.len() == 1 && table.rows > 0);
        let inserts_a_row = inserts.map(|table| format!("INSERT INTO {} DEFAULT VALUES", table.name)).collect();
        Schema { ddl, tables_yaml, too_small, inserts_a_row }
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn begin(i: usize, draft: &TableDraft, all: &Draft) -> Table {
    let own_schema = all.two_schemas && i % 2 == 1;
    let number = if own_schema { i - 1 } else { i };
    let bare =
        if all.odd_names { format!("{}{}", if number < 2 { "" } else { "T " }, ODD[number % 8]) } else { format!("t{number}") };
    let bare: String = bare.chars().take(60).collect();
    let schema = if all.odd_names { "Other.One" } else { "other" };
    let (name, yaml) = if own_schema {
        (format!("{}.{}", quoted(schema), quoted(&bare)), format!("{schema}.{bare}"))
    } else if all.two_schemas {
        (format!("public.{}", quoted(&bare)), format!("public.{bare}"))
    } else {
        (quoted(&bare), bare)
    };
    let mut table = Table {
        name,
        yaml,
        rows: u64::from(draft.rows),
        columns: Vec::new(),
        keys: Vec::new(),
        lines: Vec::new(),
        after: Vec::new(),
        sure_to_insert: false,
    };
    add_key(&mut table, draft.key, all.odd_names);
    for (place, column) in draft.columns.iter().enumerate() {
        add_column(&mut table, place, column, all.odd_names);
    }
    if table.columns.is_empty() {
        table.columns.push(plain("only", "int", false));
    }
    table.sure_to_insert = matches!(draft.key % 9, 0 | 1);
    table
}

fn plain(name: &str, of: &str, not_null: bool) -> Column {
    Column {
        name: name.to_owned(),
        of: of.to_owned(),
        base: of.to_owned(),
        not_null,
        default: None,
        values: None,
        references: Vec::new(),
    }
}

fn add_key(table: &mut Table, key: u8, odd: bool) {
    let id = if odd { "I d" } else { "id" };
    let mut column = plain(id, "int", true);
    let mut second = None;
    match key % 9 {
        0 => column.of = "int GENERATED ALWAYS AS IDENTITY".into(),
        1 => column.of = "serial".into(),
        2 => column = plain(id, "bigint", true),
        3 => column = plain(id, "uuid", true),
        4 => column = plain(id, "text", true),
        5 => column = plain(id, "numeric(12,0)", true),
        6 => column = plain(id, "date", true),
        7 => second = Some(plain("scope", "text", true)),
        _ => return,
    }
    table.columns.push(column);
    table.columns.extend(second);
    let all: Vec<usize> = (0..table.columns.len()).collect();
    table.lines.push(format!("PRIMARY KEY ({})", names(table, &all)));
    table.keys.push(all);
}

fn add_column(table: &mut Table, place: usize, draft: &ColumnDraft, odd: bool) {
    let (of, values, default) = TYPES[draft.kind as usize % TYPES.len()];
    let name = if odd { format!("{} {place}", ODD[place % 7]) } else { format!("c{place}") };
    let mut column = plain(&name, of, draft.not_null);
    column.base = of.split(" CHECK").next().unwrap_or(of).to_owned();
    column.of = of.replace("%s", &quoted(&name));
    column.values = values;
    column.default = default.filter(|_| draft.has_default).map(str::to_owned);
    table.columns.push(column);
}

fn names(table: &Table, columns: &[usize]) -> String {
    columns.iter().map(|column| quoted(&table.columns[*column].name)).collect::<Vec<_>>().join(", ")
}

fn add_reference(tables: &mut [Table], from: usize, draft: &ReferenceDraft) {
    let to = draft.to as usize % tables.len();
    let keys = tables[to].keys.clone();
    let Some(key) = keys.get(draft.key as usize % keys.len().max(1)) else { return };
    let mut own = Vec::new();
    for (n, parent) in key.iter().enumerate() {
        let target = tables[to].columns[*parent].clone();
        let fits = |(place, column): &(usize, &Column)| {
            column.base == target.base && !column.references.is_empty() && !own.contains(place) && column.default.is_none()
        };
        let shared = tables[from].columns.iter().enumerate().find(fits).map(|(place, _)| place);
        // All of a key's columns shared would make most of these schemas impossible.
        let shared = shared.filter(|_| draft.share && n == 0 && key.len() > 1);
        let place = shared.unwrap_or_else(|| {
            let name = format!("r{}_{n}", tables[from].columns.len());
            let base = if target.base == "serial" { "int" } else { &target.base };
            tables[from].columns.push(plain(&name, base, draft.not_null));
            tables[from].columns.len() - 1
        });
        tables[from].columns[place].references.push(to);
        if let Some(values) = target.values {
            tables[from].columns[place].values.get_or_insert(values);
        }
        own.push(place);
    }
    let (columns, referenced) = (names(&tables[from], &own), names(&tables[to], key));
    let full = if draft.match_full && own.iter().all(|column| tables[from].columns[*column].not_null == draft.not_null) {
        " MATCH FULL"
    } else {
        ""
    };
    let deferrable = if draft.deferrable { " DEFERRABLE INITIALLY DEFERRED" } else { "" };
    let statement = format!(
        "ALTER TABLE {} ADD FOREIGN KEY ({columns}) REFERENCES {} ({referenced}){full}{deferrable};",
        tables[from].name, tables[to].name
    );
    tables[from].after.push(statement);
}

fn add_unique(table: &mut Table, draft: &UniqueDraft) {
    let mut columns: Vec<usize> = (0..table.columns.len()).filter(|column| draft.columns >> (column % 16) & 1 == 1).collect();
    columns.truncate(3);
    if columns.is_empty() {
        return;
    }
    let listed = names(table, &columns);
    match draft.how {
        0 | 1 => table.lines.push(format!("UNIQUE ({listed})")),
        2 => table.lines.push(format!("UNIQUE NULLS NOT DISTINCT ({listed})")),
        3 => table.after.push(format!("CREATE UNIQUE INDEX ON {} ({listed});", table.name)),
        4 => {
            let first = quoted(&table.columns[columns[0]].name);
            table.after.push(format!("CREATE UNIQUE INDEX ON {} ({listed}) WHERE {first} IS NOT NULL;", table.name));
        }
        _ => {
            let text = columns.iter().copied().find(|column| table.columns[*column].base == "text");
            let Some(text) = text else { return };
            table.after.push(format!("CREATE UNIQUE INDEX ON {} (lower({}));", table.name, names(table, &[text])));
            columns = vec![text];
        }
    }
    table.keys.push(columns);
}

/// Notes the keys of a table that have fewer values than the table has rows, and references to nothing.
fn small_spaces(tables: &[Table], i: usize, too_small: &mut Vec<String>) {
    let table = &tables[i];
    let values = |column: &Column| {
        let parents = column.references.iter().map(|to| tables[*to].rows).min();
        match (column.values, parents) {
            (Some(values), Some(parents)) => Some(values.min(parents)),
            (values, parents) => values.or(parents),
        }
    };
    for column in &table.columns {
        if table.rows > 0 && column.not_null && values(column) == Some(0) {
            too_small.push(format!("{}.{} references nothing", table.name, column.name));
        }
    }
    for key in &table.keys {
        let space =
            key.iter().try_fold(1_u64, |space, column| values(&table.columns[*column]).map(|n| space.saturating_mul(n.max(1))));
        if space.is_some_and(|space| space < table.rows) {
            too_small.push(format!("{}: a key with {space:?} values", table.name));
        }
    }
}

fn ddl(draft: &Draft, tables: &[Table]) -> String {
    let mut ddl = TYPES_OF_NAMESPACE.to_owned();
    if draft.two_schemas {
        ddl.push_str(&format!("CREATE SCHEMA {};\n", quoted(if draft.odd_names { "Other.One" } else { "other" })));
    }
    for table in tables {
        let columns = table.columns.iter().map(|column| {
            let not_null = if column.not_null { " NOT NULL" } else { "" };
            let default = column.default.as_ref().map_or_else(String::new, |default| format!(" DEFAULT {default}"));
            format!("{} {}{not_null}{default}", quoted(&column.name), column.of)
        });
        let lines: Vec<String> = columns.chain(table.lines.iter().cloned()).collect();
        ddl.push_str(&format!("CREATE TABLE {} (\n    {}\n);\n", table.name, lines.join(",\n    ")));
    }
    for statement in tables.iter().flat_map(|table| &table.after).filter(|line| line.starts_with("CREATE")) {
        ddl.push_str(&format!("{statement}\n"));
    }
    for statement in tables.iter().flat_map(|table| &table.after).filter(|line| line.starts_with("ALTER")) {
        ddl.push_str(&format!("{statement}\n"));
    }
    ddl
}
