//! Every `perflab …` that a page shows is one that the program understands.

use clap::error::{ContextKind, ContextValue, ErrorKind};
use perflab::cli::command;

use super::pages::Page;

#[test]
fn every_command_line_is_understood() {
    let mut understood = 0;
    for page in Page::all() {
        for Shown { line, text, in_prose } in shown(&page) {
            let words = words(&text);
            match command().try_get_matches_from(&words) {
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::DisplayHelp || (in_prose && is_cut_short(&error)) => {}
                Err(error) => panic!("{}:{line}: {text}\n{words:?}\n{error}", page.name),
            }
            understood += 1;
        }
    }
    assert!(understood >= 60, "{understood} command lines");
}

/// In a sentence `perflab`, `perflab bench --check` and `perflab advise --migration` lack nothing but what is not the point.
fn is_cut_short(error: &clap::Error) -> bool {
    let value = error.get(ContextKind::InvalidValue);
    match error.kind() {
        ErrorKind::MissingRequiredArgument
        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
        | ErrorKind::MissingSubcommand => true,
        ErrorKind::InvalidValue => matches!(value, Some(ContextValue::String(value)) if value.is_empty()),
        _ => false,
    }
}

/// Flags that stand by themselves, as in a table of them.
#[test]
fn every_flag_that_is_named_exists() {
    let (mut known, mut named) = (Vec::new(), 0);
    long_flags(&command(), &mut known);
    for page in Page::all() {
        for (line, code) in page.code_spans() {
            let Some(flag) = code.strip_prefix("--").and_then(|rest| rest.split([' ', '=']).next()) else { continue };
            if flag.is_empty() {
                continue;
            }
            let pages_own = ["docs/CI.md", "docs/MIGRATIONS.md"].contains(&page.name.as_str());
            let elsewhere = page.name == "README.md" && page.text.lines().nth(line - 1).unwrap().contains("cargo ");
            assert!(known.iter().any(|known| known == flag) || pages_own || elsewhere, "{}:{line}: --{flag}", page.name);
            named += 1;
        }
    }
    assert!(named >= 30, "{named} flags");
}

fn long_flags(command: &clap::Command, found: &mut Vec<String>) {
    found.extend(command.get_arguments().filter_map(|argument| argument.get_long().map(str::to_owned)));
    command.get_subcommands().for_each(|subcommand| long_flags(subcommand, found));
}

/// A table of the flags of one command says in its head which one.
#[test]
fn tables_of_flags_are_those_of_their_command() {
    let mut tables = 0;
    for page in Page::all() {
        for table in page.text.split("| flag of `perflab ").skip(1) {
            let (name, rows) = table.split_once('`').unwrap();
            let command = command().find_subcommand(name).unwrap_or_else(|| panic!("{}: no command {name}", page.name)).clone();
            let mut known = Vec::new();
            long_flags(&command, &mut known);
            let flags = rows
                .lines()
                .take_while(|line| line.contains('|'))
                .filter_map(|line| line.strip_prefix("| `--")?.split(['`', ' ']).next());
            let unknown: Vec<&str> = flags.filter(|flag| !known.iter().any(|known| known == flag)).collect();
            assert!(unknown.is_empty(), "{}: {name} has no {unknown:?}", page.name);
            tables += 1;
        }
    }
    assert!(tables >= 1);
}

/// The README's table has every command, and none that does not exist.
#[test]
fn the_table_of_commands_is_whole() {
    let page = Page::read("README.md");
    let first_word = |line: &str| Some(line.strip_prefix("| `perflab ")?.split([' ', '`']).next()?.to_owned());
    let named: Vec<String> = page.text.lines().filter_map(first_word).collect();
    let known: Vec<String> = command().get_subcommands().map(|known| known.get_name().to_owned()).collect();
    let missing: Vec<&String> = known.iter().filter(|name| !named.contains(name)).collect();
    assert!(missing.is_empty(), "not in the table: {missing:?}");
    let invented = named.iter().filter(|name| !known.contains(name));
    assert_eq!(invented.collect::<Vec<_>>(), Vec::<&String>::new());
}

/// A command line on a page.
struct Shown {
    line: usize,
    text: String,
    /// Named in a sentence, not shown to be typed.
    in_prose: bool,
}

/// Command lines of a page, from blocks and from code within sentences.
fn shown(page: &Page) -> Vec<Shown> {
    let mut found = Vec::new();
    // Output may begin with the program's name, too.
    let blocks = page.blocks().into_iter().filter(|block| !["text", "json", "sql"].contains(&block.language.as_str()));
    for block in blocks {
        // What a workflow fills in is a number wherever we show one.
        let joined = block.text.replace("\\\n", " ").replace("${{ matrix.shard }}", "1");
        for (number, line) in joined.lines().enumerate() {
            let line_of_page = block.line + number + 1;
            found.extend(in_line(line).into_iter().map(|text| Shown { line: line_of_page, text, in_prose: false }));
        }
    }
    for (line, code) in page.code_spans() {
        found.extend(in_line(code).into_iter().map(|text| Shown { line, text, in_prose: true }));
    }
    found
}

/// What follows `perflab ` where it is called; nothing where it is a word among others (`src/…`, `.perflab/`, `# perflab …`).
fn in_line(line: &str) -> Vec<String> {
    let starts = line.match_indices("perflab ").map(|(at, _)| at);
    let called = starts.filter(|at| {
        let before = line[..*at].trim_end();
        before.is_empty()
            || before.ends_with(['|', ';', '"', '(', '$', '&', '='])
            || before.ends_with("run:")
            || before.ends_with("release --")
    });
    called.map(|at| line[at..].to_owned()).collect()
}

/// The words of a command as a shell takes them, up to where another one begins. Ellipses stand for what was left out, brackets for what
/// may be, and of `start|stop` the first will do.
fn words(line: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), c) => word.get_or_insert_default().push(c),
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, '$') if chars.peek() == Some(&'(') => {
                let depth = |open: &mut u32, c: char| *open = *open + u32::from(c == '(') - u32::from(c == ')');
                let mut open = 0;
                for c in chars.by_ref() {
                    depth(&mut open, c);
                    if open == 0 {
                        break;
                    }
                }
                word.get_or_insert_default().push('1');
            }
            // A table's own sign is escaped.
            (None, '\\') if chars.peek() == Some(&'|') => {}
            (None, ' ') => found.extend(word.take()),
            (None, '|') if word.is_some() => {
                // Alternatives: the rest of the word goes.
                while chars.peek().is_some_and(|c| *c != ' ') {
                    chars.next();
                }
            }
            (None, '>' | '|' | ';' | '&' | '#' | ')') if word.is_none() || c == ';' || c == ')' => break,
            (None, c) => word.get_or_insert_default().push(c),
        }
    }
    found.extend(word);
    found.retain(|word| word != "…" && word != "...");
    found.into_iter().map(|word| word.trim_matches(['[', ']']).trim_end_matches('…').replace("K/N", "1/2")).collect()
}

#[test]
fn words_are_those_of_a_shell() {
    let of = |line: &str| words(line).join("¦");
    assert_eq!(
        of("perflab explain a.yaml \"GET /a b\" --index 'CREATE INDEX' # why"),
        "perflab¦explain¦a.yaml¦GET /a b¦--index¦CREATE INDEX"
    );
    assert_eq!(
        of("perflab learn --database-url \"$(perflab db url x)\" | head"),
        "perflab¦learn¦--database-url¦$(perflab db url x)"
    );
    assert_eq!(of("perflab bench a --shard $((X + 1))/4 > b"), "perflab¦bench¦a¦--shard¦1/4");
    assert_eq!(of(r"perflab db start\|stop\|status"), "perflab¦db¦start");
    assert_eq!(of("perflab explain SCENARIO [ENDPOINT] …"), "perflab¦explain¦SCENARIO¦ENDPOINT");
    assert_eq!(in_line("psql -c x | perflab explain --plan -"), ["perflab explain --plan -"]);
    assert!(in_line("the `.perflab/` folder of perflab is").is_empty());
}
