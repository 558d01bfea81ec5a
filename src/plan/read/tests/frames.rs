//! What stands around a plan makes no difference to it.

use super::*;

const PLAN: &str = "\
Hash Join  (cost=1.04..2.09 rows=2 width=102) (actual time=0.010..0.020 rows=2 loops=1)
  Hash Cond: (\"*VALUES*\".column1 = p.id)
  Filter: (p.name <> 'it''s, \"x\"'::text)
  Rows Removed by Filter: 0
  ->  Values Scan on \"*VALUES*\"  (cost=0.00..0.03 rows=2 width=96) (actual time=0.001..0.002 rows=2 loops=1)
  ->  Hash  (cost=1.02..1.02 rows=2 width=14) (actual time=0.005..0.005 rows=2 loops=1)
        Buckets: 1024  Batches: 1  Memory Usage: 9kB
        ->  Seq Scan on platforms p  (cost=0.00..1.02 rows=2 width=14) (never executed)
Planning:
  Buffers: shared hit=3
Planning Time: 0.100 ms
Trigger for constraint links_song_id_fkey on songs: time=6.414 calls=1
Execution Time: 0.300 ms
";

/// The plan with each line changed.
fn framed(frame: impl Fn(&str) -> String) -> String {
    PLAN.lines().map(|line| frame(line) + "\n").collect()
}

#[track_caller]
fn same(text: &str) -> FoundPlan {
    let mut found = read_plans(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert_eq!(found.problems.len(), 0, "{:?}\n{text}", found.problems);
    assert_eq!(found.plans.len(), 1, "{text}");
    let found = found.plans.remove(0);
    assert_eq!(printed(&found.plan), PLAN, "{text}");
    assert_eq!(found.notes, Vec::<String>::new());
    found
}

#[test]
fn bare_and_with_other_line_ends() {
    same(PLAN);
    same(PLAN.trim_end());
    same(&PLAN.replace('\n', "\r\n"));
    same(&format!("\u{feff}\n\n{PLAN}\n\n"));
    same(&PLAN.replace('\n', "\n\n"));
    same(&PLAN.replace(' ', "\u{a0}"));
    same(&PLAN.replace("->", "-&gt;"));
}

#[test]
fn of_psql() {
    let width = 120;
    let rule = "-".repeat(width);
    let heading = format!("{:^width$}", "QUERY PLAN");
    same(&format!("{heading}\n{rule}\n{}(13 rows)\n\nTime: 1.234 ms\n", framed(|line| format!(" {line}"))));
    same(&format!("perf=# EXPLAIN ANALYZE SELECT 1;\n{heading}\n{rule}\n{}(13 Zeilen)\n", framed(|line| format!(" {line}"))));
    let border = format!("+{rule}+");
    let rows = framed(|line| format!("| {line:<118} |"));
    same(&format!("{border}\n| {:^118} |\n{border}\n{rows}{border}\n(13 rows)\n", "QUERY PLAN"));
    let unicode = rows.replace('|', "│");
    same(&format!("┌{}┐\n│{heading}│\n├{}┤\n{unicode}└{}┘\n", "─".repeat(width), "─".repeat(width), "─".repeat(width)));
    // One cell with line ends in it, as from a table of plans.
    same(&format!("{heading}\n{rule}\n{} \n(1 row)\n", framed(|line| format!(" {line:<110}+"))));
    let expanded: String = PLAN
        .lines()
        .enumerate()
        .map(|(i, line)| format!("-[ RECORD {} ]{}\nQUERY PLAN | {line}\n", i + 1, "-".repeat(80)))
        .collect();
    same(&expanded);
    let bordered: String = PLAN
        .lines()
        .enumerate()
        .map(|(i, line)| format!("+-[ RECORD {} ]-+-----+\n| QUERY PLAN | {line:<118} |\n", i + 1))
        .collect();
    same(&bordered);
    same(&PLAN.lines().map(|line| format!("QUERY PLAN | {line}\n")).collect::<String>());
}

#[test]
fn of_csv_and_pgadmin() {
    let quoted = framed(|line| format!("\"{}\"", line.replace('"', "\"\"")));
    same(&format!("\"QUERY PLAN\"\n{quoted}"));
    same(&quoted.replace("\"\n", "\";\n"));
    // psql --csv quotes what has a comma or a quote.
    let sparse =
        framed(|line| if line.contains([',', '"']) { format!("\"{}\"", line.replace('"', "\"\"")) } else { line.to_owned() });
    same(&format!("QUERY PLAN\n{sparse}"));
}

#[test]
fn of_markdown_and_mail() {
    same(&format!("Look at this:\n\n```\n{PLAN}```\n\nNot good. Limit it!\n"));
    let rows = framed(|line| format!("| {line:<118} |"));
    same(&format!("#### Delete User\n| QUERY PLAN |\n| {} |\n{rows}\nMuch better!\n", "-".repeat(118)));
    same(&framed(|line| format!("> {line}")));
    same(&framed(|line| format!("> > {line}")));
    same(&framed(|line| format!("    {line}")));
    same(&framed(|line| format!("\t\t{line}")));
    same(&format!("- the plan:\n\n  ```text\n{}  ```\n", framed(|line| format!("  {line}"))));
    same(&framed(|line| format!("-- {line}")));
    same(&framed(|line| format!("# {line}")));
    same(&PLAN.replace("loops=1)\n  Hash Cond", "loops=1)   <-- slow!\n  Hash Cond"));
}

#[test]
fn widened_or_narrowed() {
    for factor in [2, 3, 4] {
        let wide = framed(|line| {
            let inner = line.trim_start();
            " ".repeat((line.len() - inner.len()) * factor) + inner
        });
        same(&wide);
    }
    same(&framed(|line| {
        let inner = line.trim_start();
        "\t".repeat((line.len() - inner.len()) / 2) + inner
    }));
    same(
        &PLAN.replace("->  ", "-> ").replace("  (cost", " (cost").replace("  Batches", " Batches").replace("  Memory", " Memory"),
    );
    same(&PLAN.replace(") (actual", ")    (actual").replace("->  ", "->      "));
    // The clipboard took the first line's indentation, and only that.
    same(framed(|line| format!("    {line}")).trim_start());
    // A narrow window broke the lines.
    let broken = PLAN
        .replace(" (actual time=0.010", "\n(actual time=0.010")
        .replace(" rows=2 width=14) (actual", " rows=2\nwidth=14) (actual");
    assert_eq!(Plan::read(&broken.replace("102)\n(actual", "102) (actual\n")).map(|plan| printed(&plan)).unwrap(), PLAN);
}

#[test]
fn of_auto_explain() {
    let header = "2026-11-21 13:28:09.123 UTC [4711] perf@perf LOG:  duration: 12.345 ms  plan:";
    let body = format!("Query Text: SELECT *\n\t  FROM platforms -- Limit it\n\t WHERE true;\n{PLAN}");
    let entry: String = body.lines().map(|line| format!("\t{}\n", line.strip_prefix('\t').unwrap_or(line))).collect();
    let next = "2026-11-21 13:28:10.123 UTC [4711] perf@perf LOG:  checkpoint starting: time\n";
    let query = "SELECT *\n  FROM platforms -- Limit it\n WHERE true;";
    let check = |text: &str| {
        let mut found = read_plans(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        assert_eq!((found.plans.len(), found.problems.len()), (1, 0), "{text}");
        let FoundPlan { mut plan, duration_ms, .. } = found.plans.remove(0);
        assert_eq!(plan.query_text.take().as_deref(), Some(query), "{text}");
        assert_eq!(printed(&plan), PLAN, "{text}");
        assert_eq!(duration_ms, Some(12.345));
    };
    check(&format!("{next}{header}\n{entry}{next}"));
    let docker: String = format!("{next}{header}\n{entry}").lines().map(|line| format!("db-1  | {line}\n")).collect();
    check(&docker);
    let kubernetes: String =
        format!("{header}\n{entry}{next}").lines().map(|line| format!("2026-11-21T13:28:09.1Z stderr F {line}\n")).collect();
    check(&kubernetes);
    let syslog: String = format!("{header}\n{entry}")
        .lines()
        .enumerate()
        .map(|(i, line)| format!("Nov 21 13:28:09 host postgres[4711]: [5-{}] {}\n", i + 1, line.replace('\t', "#011")))
        .collect();
    check(&syslog);
    let message = format!("duration: 12.345 ms  plan:\nQuery Text: {query}\n{PLAN}");
    let csv = format!(
        "2026-11-21 13:28:09.123 UTC,\"perf\",\"perf\",4711,\"[local]\",65.1,3,\"SELECT\",LOG,00000,\"{}\",,,,,,,,,\"psql\"\n",
        message.trim_end().replace('"', "\"\"")
    );
    check(&csv);
    let json = serde_json::json!({"timestamp": "2026-11-21", "pid": 4711, "message": message});
    check(&format!("{json}\n"));
}

#[test]
fn of_json() {
    let json = fixtures::file("45-delete-cascade.json");
    let plan = fixtures::plan("45-delete-cascade");
    let lines = |frame: &dyn Fn(&str) -> String| json.lines().map(|line| frame(line) + "\n").collect::<String>();
    let object = lines(&|line| line.to_owned());
    let object = object.trim().trim_start_matches('[').trim_end_matches(']').trim();
    let header = "2026-11-21 13:28:09.123 UTC [4711] LOG:  duration: 12.345 ms  plan:";
    for text in [
        json.clone(),
        object.to_owned(),
        json.replace('\n', " "),
        format!("  QUERY PLAN  \n---------------\n{}(1 row)\n", lines(&|line| format!(" {line:<80}+"))),
        format!("+----+\n| QUERY PLAN |\n+----+\n{}+-----+\n", lines(&|line| format!("| {line:<80}+|"))),
        format!(
            "-[ RECORD 1 ]----\nQUERY PLAN | {}",
            lines(&|line| format!("{line:<80}+")).trim_end().replace('\n', "\n           | ")
        ),
        format!(
            "+-[ RECORD 1 ]---+\n| QUERY PLAN | {}\n+----+\n",
            lines(&|line| format!("{line:<80}+|")).trim_end().replace('\n', "\n|            | ")
        ),
        format!("\"{}\"\n", json.trim_end().replace('"', "\"\"")),
        format!("\"QUERY PLAN\"\n\"{}\"\n", json.trim_end().replace('"', "\"\"")),
        format!("see:\n```json\n{json}```\nbad\n"),
        lines(&|line| format!("> {line}")),
        format!("{header}\n{}\n{header}\n", lines(&|line| format!("\t{line}"))),
        format!("{header} {}\n", object.replace('\n', " ")),
        format!("[not json] log line\n{{}}\n[1, 2]\n{json}"),
    ] {
        let found = read_plans(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        assert_eq!((found.plans.len(), found.problems.len()), (1, 0), "{text}");
        assert_eq!(found.plans[0].plan, plan, "{text}");
    }
}

/// The write-up of the music service: prose, tables of results, statements, and its plans as Markdown tables.
#[test]
fn every_plan_of_a_text_is_found() {
    let all: String = texts().iter().map(|(name, text)| format!("## {name}\n\nSort of *good*:\n\n```\n{text}```\n\n")).collect();
    let found = read_plans(&all).unwrap();
    assert_eq!(found.problems.len(), 0, "{:?}", found.problems);
    assert_eq!(found.plans.len(), texts().len());
    for (found, (name, text)) in found.plans.iter().zip(texts()) {
        assert_eq!(printed(&found.plan), text, "{name}");
        assert_eq!(all.lines().nth(found.first - 1).unwrap(), text.lines().next().unwrap());
        assert_eq!(all.lines().nth(found.last - 1).unwrap(), text.lines().last().unwrap());
    }
}

/// A plan as PostgreSQL 12 and 13 print it where it differs (no server of theirs could be asked): the lines of `explain.c` of these
/// versions.
#[test]
fn of_postgresql_12_and_13() {
    let text = "\
Update on events  (cost=0.00..2.00 rows=2 width=14) (actual time=0.100..0.100 rows=0 loops=1)
  Update on events_2023
  Update on events_2024
  ->  Seq Scan on events_2023  (cost=0.00..1.00 rows=1 width=14) (actual time=0.010..0.020 rows=1 loops=1)
  ->  Gather  (cost=0.00..1.00 rows=1 width=14) (actual time=0.010..0.020 rows=1 loops=1)
        Workers Planned: 1
        Params Evaluated: $0, $1
        Workers Launched: 1
        JIT for worker 0:
          Functions: 2
          Options: Inlining false, Optimization false, Expressions true, Deforming true
        ->  HashAggregate  (cost=0.00..1.00 rows=1 width=14) (actual time=0.010..0.020 rows=1 loops=1)
              Group Key: a
              Peak Memory Usage: 24 kB
              Buffers: shared hit=3
              I/O Timings: read=0.250
              Worker 0: actual time=0.010..0.020 rows=1 loops=1
              ->  Seq Scan on events_2024  (cost=0.00..1.00 rows=1 width=14) (actual time=0.010..0.020 rows=1 loops=1)
Planning Time: 0.100 ms
Execution Time: 0.200 ms
";
    let plan = Plan::read(text).unwrap();
    let members: Vec<_> = plan.root.children.iter().map(|child| child.parent_relationship.as_deref()).collect();
    assert_eq!(members, [Some("Member"), Some("Member")]);
    assert_eq!(plan.root.target_tables.len(), 2);
    let gather = &plan.root.children[1];
    assert_eq!(gather.params_evaluated, ["$0", "$1"]);
    assert_eq!(gather.workers[0].jit.as_ref().map(|jit| jit.functions), Some(2.0));
    let aggregate = &gather.children[0];
    assert_eq!((aggregate.peak_memory_kb, aggregate.io.unwrap().read_ms), (Some(24.0), Some(0.25)));
    assert_eq!(aggregate.workers[0].rows, Some(1.0));
}
