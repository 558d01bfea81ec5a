//! Advice as two SQL files: one that a live database survives, and one that takes it back.
//!
//! Every statement runs by itself (`psql -v ON_ERROR_STOP=1 -f FILE`), and both files can be run again after they were interrupted.
//! Indexes are built and dropped `CONCURRENTLY`, which keeps nobody waiting. What has to keep others waiting (an extension, the index of a
//! partitioned table as a whole) gives up quickly instead of queueing, because everybody else would queue behind it.

mod index_sql;
mod script;

use super::model::{AdviceRun, DroppedAdvice, Evidence, KeptIndex, OtherKind};
use super::wording::one_line;
use crate::sql::{quote_ident, quote_literal};
use crate::units;

use index_sql::IndexSql;
use script::Script;

/// The two files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migration {
    pub up: String,
    /// Leaves the catalog as it was before `up`, except for extensions.
    pub down: String,
}

/// The kept indexes, the statistics that helped, and, commented out, the indexes that may go.
pub fn migration(advice: &AdviceRun) -> Migration {
    Migration { up: up(advice), down: down(advice) }
}

fn up(advice: &AdviceRun) -> String {
    let evidence = match advice.evidence {
        Evidence::Measured => "Indexes that perflab built and measured.",
        Evidence::Estimated => {
            "Indexes that the planner expects to pay: ESTIMATED, NOT MEASURED. Nothing was built or executed to find them."
        }
    };
    let mut script = Script::begin(evidence);
    let mut extensions: Vec<&str> = advice.keep.iter().filter_map(|index| index.extension.as_deref()).collect();
    extensions.sort_unstable();
    extensions.dedup();
    for extension in extensions {
        script.quick(&format!("CREATE EXTENSION IF NOT EXISTS {}", quote_ident(extension)));
    }
    advice.keep.iter().for_each(|index| build(&mut script, index));
    for (create, _) in statistics(advice) {
        create.iter().for_each(|statement| script.quick(statement));
    }
    let names: Vec<String> = advice.keep.iter().filter_map(|index| Some(IndexSql::of(&index.definition)?.full_name())).collect();
    if !names.is_empty() {
        script.gap();
        script.comment("A build that was interrupted leaves an INVALID index, which is written and never read, and which IF NOT EXISTS takes");
        script.comment("for done. This lists all of them: SELECT indexrelid::regclass FROM pg_index WHERE NOT indisvalid;");
        check(&mut script, &names);
    }
    droppable(&mut script, advice);
    script.finish()
}

fn down(advice: &AdviceRun) -> String {
    let mut script = Script::begin("Takes back what the migration beside this file did.");
    for index in &advice.drop {
        match IndexSql::of(&index.definition) {
            Some(sql) if sql.only => {
                script.comment(&format!(
                    "{} was dropped from all partitions; this keeps writes waiting while it is built.",
                    index.name
                ));
                script.quick(&sql.create("", sql.table));
            }
            Some(sql) => script.patient(&sql.create("CONCURRENTLY ", sql.table)),
            None => {}
        }
    }
    for (_, name) in statistics(advice).into_iter().rev() {
        script.quick(&format!("DROP STATISTICS IF EXISTS {name}"));
    }
    for index in advice.keep.iter().rev() {
        let Some(sql) = IndexSql::of(&index.definition) else { continue };
        if index.partitions.is_empty() {
            script.patient(&format!("DROP INDEX CONCURRENTLY IF EXISTS {}", sql.full_name()));
            continue;
        }
        script.quick(&format!("DROP INDEX IF EXISTS {}", sql.full_name()));
        script.comment("Those that an interrupted migration had not attached yet.");
        for part in index.partitions.iter().filter(|part| part.divided) {
            script.quick(&format!("DROP INDEX IF EXISTS {}", index_sql::beside(&part.table, &part.index)));
        }
        for part in index.partitions.iter().filter(|part| !part.divided) {
            script.patient(&format!("DROP INDEX CONCURRENTLY IF EXISTS {}", index_sql::beside(&part.table, &part.index)));
        }
    }
    if let Some(extension) = advice.keep.iter().find_map(|index| index.extension.as_deref()) {
        script.gap();
        script.comment("Only if the migration made it; the database may have had and used it before.");
        script.comment(&format!("DROP EXTENSION IF EXISTS {};", quote_ident(extension)));
    }
    script.finish()
}

fn build(script: &mut Script, index: &KeptIndex) {
    let Some(sql) = IndexSql::of(&index.definition) else { return };
    script.gap();
    let size = match index.bytes {
        0 => String::new(),
        bytes if index.build_ms > 0.0 => {
            format!("{}, built in {}: ", units::bytes(bytes), units::seconds(index.build_ms / 1000.0))
        }
        bytes => format!("{}, estimated: ", units::bytes(bytes)),
    };
    let reason = if index.reason.is_empty() { &index.because } else { &index.reason };
    script.comment(&format!("{size}{}", one_line(reason)));
    if index.partitions.is_empty() {
        return script.patient(&sql.create("CONCURRENTLY ", sql.table));
    }
    script.comment("A partitioned table: an index on it alone, then one on each partition, which become parts of it.");
    script.quick(&sql.create("", &format!("ONLY {}", sql.table)));
    for part in &index.partitions {
        let own = IndexSql { name: quote_ident(&part.index), ..sql.clone() };
        match part.divided {
            true => script.quick(&own.create("", &format!("ONLY {}", part.table))),
            false => script.patient(&own.create("CONCURRENTLY ", &part.table)),
        }
    }
    script.comment("Once it is attached, an INVALID one could no longer be dropped by itself.");
    let leaves = index.partitions.iter().filter(|part| !part.divided);
    check(script, &leaves.map(|part| index_sql::beside(&part.table, &part.index)).collect::<Vec<_>>());
    // An index counts as whole once all of its partitions' are attached, so those deepest come first.
    for part in index.partitions.iter().rev() {
        script.quick(&format!("ALTER INDEX {} ATTACH PARTITION {}", part.of, index_sql::beside(&part.table, &part.index)));
    }
}

/// What creates each statistics object that was offered (with the ANALYZE that fills it), and its name.
fn statistics(advice: &AdviceRun) -> Vec<(Vec<String>, String)> {
    let offered = advice.rewrites.iter().filter(|other| other.kind == OtherKind::Statistics);
    let mut found: Vec<(Vec<String>, String)> = Vec::new();
    for other in offered {
        let statements = index_sql::statements(&other.sql);
        let name = statements.iter().find_map(|statement| index_sql::statistics_name(statement));
        let Some(name) = name.filter(|name| found.iter().all(|(_, known)| known != name)) else { continue };
        let repeatable = |statement: &String| match statement.strip_prefix("CREATE STATISTICS ") {
            Some(rest) if !rest.starts_with("IF NOT EXISTS ") => format!("CREATE STATISTICS IF NOT EXISTS {rest}"),
            _ => statement.clone(),
        };
        found.push((statements.iter().map(repeatable).collect(), name));
    }
    found
}

/// Fails when an index is not there or not whole: `IF NOT EXISTS` takes the INVALID index that an interrupted build leaves for done.
fn check(script: &mut Script, names: &[String]) {
    if names.is_empty() {
        return;
    }
    let list = names.iter().map(|name| quote_literal(name)).collect::<Vec<_>>().join(",\n        ");
    let tag = (0..).map(|n| format!("$check{n}$")).find(|tag| !list.contains(tag.as_str())).unwrap_or_default();
    script.raw(&format!(
        "DO {tag}\nDECLARE\n    wanted text;\nBEGIN\n    FOREACH wanted IN ARRAY ARRAY[\n        {list}\n    ] LOOP\n        \
         IF (SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(wanted)) IS NOT TRUE THEN\n            \
         RAISE EXCEPTION 'index % is missing or INVALID', wanted\n                \
         USING HINT = format('DROP INDEX CONCURRENTLY IF EXISTS %s; then run this file again.', wanted);\n        \
         END IF;\n    END LOOP;\nEND\n{tag};"
    ));
}

/// Commented out: perflab knows its scenario and nobody's other queries, and an index that only a monthly report needs is missed late.
fn droppable(script: &mut Script, advice: &AdviceRun) {
    if advice.drop.is_empty() {
        return;
    }
    let names: Vec<String> = advice.drop.iter().map(|index| quote_literal(&index.name)).collect();
    script.gap();
    script.comment("Indexes that the scenario does not need. Commented out, because your other queries are not in the scenario: ask the live");
    script.comment(
        "database (and its replicas, which count for themselves) how often each was used before you take the marks away.",
    );
    script.comment(&format!(
        "SELECT indexrelid::regclass, idx_scan FROM pg_stat_user_indexes WHERE indexrelname IN ({});",
        names.join(", ")
    ));
    script.be_patient();
    for index in &advice.drop {
        script.comment(&dropped(index));
    }
}

fn dropped(index: &DroppedAdvice) -> String {
    let sql = IndexSql::of(&index.definition);
    let name = sql.as_ref().map_or_else(|| quote_ident(&index.name), IndexSql::full_name);
    let statement = match sql {
        // Of a partitioned table it can only be dropped as a whole, with everybody waiting.
        Some(sql) if sql.only => script::briefly(&format!("DROP INDEX IF EXISTS {name}")),
        _ => format!("DROP INDEX CONCURRENTLY IF EXISTS {name};"),
    };
    format!("{statement}  -- {}: {}", units::bytes(index.bytes), one_line(&index.reason))
}

#[cfg(test)]
mod tests {
    use super::super::model::{OtherAdvice, Partition};
    use super::*;

    fn index(name: &str, definition: &str) -> KeptIndex {
        KeptIndex {
            name: name.into(),
            definition: definition.into(),
            because: "looks up rows by\n the key".into(),
            bytes: 81_920,
            build_ms: 12.0,
            ..KeptIndex::default()
        }
    }

    fn partition(table: &str, index: &str, of: &str, divided: bool) -> Partition {
        Partition { table: table.into(), index: index.into(), of: of.into(), divided }
    }

    fn advice() -> AdviceRun {
        let trigrams = "CREATE INDEX songs_name_trgm_idx ON songs USING gin (name gin_trgm_ops) WHERE (name <> 'a; b'::text)";
        let whole = KeptIndex {
            partitions: vec![
                partition("app.log_2024", "log_2024_at_idx", "app.log_at_idx", true),
                partition("app.log_2025", "log_2025_at_idx", "app.log_at_idx", false),
                partition("app.log_2024_1", "log_2024_1_at_idx", "app.log_2024_at_idx", false),
            ],
            ..index("log_at_idx", "CREATE INDEX log_at_idx ON app.log (at)")
        };
        AdviceRun {
            keep: vec![
                index("Ledger_idx", "CREATE INDEX \"Ledger_idx\" ON sales.\"Ledger\" (\"a.b\")"),
                KeptIndex { extension: Some("pg_trgm".into()), ..index("songs_name_trgm_idx", trigrams) },
                whole,
            ],
            drop: vec![DroppedAdvice {
                name: "users_name".into(),
                definition: "CREATE UNIQUE INDEX users_name ON public.users USING btree (name)".into(),
                reason: "users_name_id_idx begins with its columns".into(),
                bytes: 8192,
                ..DroppedAdvice::default()
            }],
            rewrites: vec![OtherAdvice {
                kind: OtherKind::Statistics,
                sql: "CREATE STATISTICS shop.places (dependencies, mcv) ON city, zip FROM shop.place; ANALYZE shop.place".into(),
                ..OtherAdvice::default()
            }],
            ..AdviceRun::default()
        }
    }

    #[test]
    fn a_live_database_survives_it() {
        let Migration { up, down } = migration(&advice());
        insta::assert_snapshot!("up", up);
        insta::assert_snapshot!("down", down);
    }

    #[test]
    fn estimates_are_called_so() {
        let advice = AdviceRun { evidence: Evidence::Estimated, ..advice() };
        assert!(migration(&advice).up.contains("ESTIMATED, NOT MEASURED"));
    }

    #[test]
    fn nothing_to_do_is_a_file_that_runs() {
        let Migration { up, down } = migration(&AdviceRun::default());
        assert!(!up.contains("INDEX C") && !up.contains("DO $"), "{up}");
        assert!(!down.contains("DROP"), "{down}");
    }
}
