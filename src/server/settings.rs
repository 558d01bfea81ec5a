//! The settings perflab's server runs with, each with its reason, and what a scenario may change of them.
//!
//! Fitted to the machine where a setting is about size; otherwise left at PostgreSQL's default unless the default would
//! disturb a measurement. Durability is left as in production. The reasons go into every report.

use std::collections::BTreeMap;
use std::path::Path;

use super::ServerError;
use super::machine::Machine;
use super::socket::PORT;

/// One setting that perflab or the scenario chose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerSetting {
    pub name: String,
    /// With its unit, as `SHOW` prints it once the server runs.
    pub value: String,
    /// One sentence, lower case, without a dot.
    pub why: String,
}

/// Settings that keep the server private and findable; a scenario cannot have them.
const FIXED: &[&str] = &[
    "listen_addresses",
    "port",
    "unix_socket_directories",
    "unix_socket_permissions",
    "unix_socket_group",
    "data_directory",
    "config_file",
    "hba_file",
    "ident_file",
    "external_pid_file",
    "include",
    "include_dir",
    "include_if_exists",
];

const MB: u64 = 1 << 20;
const GB: u64 = 1 << 30;

/// Everything that goes into the server's settings file: what perflab chooses, changed by `overrides`.
///
/// # Errors
/// An override has a name that is none, or one of those that perflab needs for itself.
pub fn choose(
    machine: &Machine,
    preload: Option<&str>,
    overrides: &BTreeMap<String, String>,
) -> Result<Vec<ServerSetting>, ServerError> {
    let mut settings = sized(machine);
    settings.extend(quiet());
    settings.extend(observing(machine, preload));
    for (name, value) in overrides {
        let name = name.to_ascii_lowercase();
        check_override(&name, value)?;
        settings.retain(|setting| setting.name != name);
        settings.push(setting(&name, value.clone(), "the scenario's `server:` asks for it"));
    }
    Ok(settings)
}

/// Follows the machine's memory and disk.
fn sized(machine: &Machine) -> Vec<ServerSetting> {
    let memory = machine.memory;
    let shared_buffers = (memory / 4).clamp(128 * MB, 4 * GB);
    let max_wal = (machine.disk / 10).clamp(GB, 8 * GB);
    let mut settings = vec![
        setting(
            "shared_buffers",
            megabytes(shared_buffers),
            "a quarter of the memory, at most 4 GB: more only makes dropping databases slower",
        ),
        setting(
            "effective_cache_size",
            megabytes((memory / 4 * 3).max(256 * MB)),
            "three quarters of the memory: what the planner may expect to find cached",
        ),
        setting(
            "work_mem",
            megabytes((memory / 800).clamp(4 * MB, 64 * MB)),
            "a quarter of the memory shared by all connections, 4 to 64 MB",
        ),
        setting(
            "maintenance_work_mem",
            megabytes((memory / 16).clamp(64 * MB, GB)),
            "a sixteenth of the memory, at most 1 GB, so that index builds sort in memory",
        ),
        setting(
            "max_wal_size",
            megabytes(max_wal),
            "a tenth of the disk, 1 to 8 GB, so that loading data does not force checkpoints",
        ),
        setting(
            "min_wal_size",
            megabytes(max_wal / 4),
            "log files are used again rather than made anew in the middle of a measurement",
        ),
        setting("max_connections", "200".into(), "room for the largest pools that a scenario compares"),
    ];
    if machine.shared_memory.is_some_and(|size| size < GB) {
        let why = "/dev/shm is smaller than 1 GB, as in many containers, and parallel queries would fail for want of it";
        settings.push(setting("dynamic_shared_memory_type", "sysv".into(), why));
    }
    settings
}

/// Keeps other work of the server out of the measurements, and its safety in.
fn quiet() -> Vec<ServerSetting> {
    [
        ("fsync", "on", "as in production: writes are timed with what makes them safe"),
        ("synchronous_commit", "on", "as in production: a commit returns when it is on disk"),
        ("full_page_writes", "on", "as in production"),
        ("checkpoint_timeout", "30min", "no checkpoint on a timer within a short run"),
        ("autovacuum", "off", "perflab runs VACUUM (ANALYZE) itself, and a worker that wakes up in a measurement is noise"),
        ("wal_level", "minimal", "nobody replicates a lab, and loading into a new table then skips the log"),
        ("max_wal_senders", "0", "what wal_level = minimal demands"),
        ("timezone", "UTC", "times read the same on every machine"),
        ("log_timezone", "UTC", "times read the same on every machine"),
        ("lc_messages", "C", "errors in English, whatever the machine speaks"),
    ]
    .into_iter()
    .map(|(name, value, why)| setting(name, value.into(), why))
    .collect()
}

/// Lets the server say more about what it did.
fn observing(machine: &Machine, preload: Option<&str>) -> Vec<ServerSetting> {
    let mut settings = Vec::new();
    if machine.cheap_clock {
        let why = "plans tell how long they waited for the disk; reading this machine's clock costs next to nothing";
        settings.push(setting("track_io_timing", "on".into(), why));
    }
    if let Some(library) = preload {
        settings.push(setting("shared_preload_libraries", library.into(), "counts statements and sums their times"));
    }
    settings
}

fn check_override(name: &str, value: &str) -> Result<(), ServerError> {
    let refuse = |why| Err(ServerError::Setting { name: name.to_owned(), why });
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '.';
    if name.is_empty() || !name.chars().all(plain) {
        return refuse("a setting's name has only letters, digits, underscores and dots");
    }
    if FIXED.contains(&name) {
        return refuse("perflab needs it to keep the server private and to find it again");
    }
    if value.contains(['\n', '\r', '\0']) {
        return refuse("its value must be on one line");
    }
    Ok(())
}

/// The text of the settings file. The socket's folder is in it but not among the settings: it differs between machines and
/// says nothing about a measurement.
pub fn file_text(settings: &[ServerSetting], socket_dir: &Path) -> String {
    let mut text = String::from("# Written by perflab before each start of the server; changes made here are lost.\n");
    let mut line = |name: &str, value: &str| text.push_str(&format!("{name} = {}\n", quote(value)));
    line("listen_addresses", "");
    line("port", &PORT.to_string());
    line("unix_socket_directories", &quote_list_item(&socket_dir.to_string_lossy()));
    line("unix_socket_permissions", "0700");
    for setting in settings {
        line(&setting.name, &setting.value);
    }
    text
}

/// The names of the settings whose lines differ between two settings files, in the order of the first.
pub fn difference(wanted: &str, current: &str) -> Vec<String> {
    let parse = |text: &str| -> Vec<(String, String)> {
        let pairs = text.lines().filter_map(|line| line.split_once(" = "));
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    };
    let (wanted, current) = (parse(wanted), parse(current));
    let changed = wanted.iter().filter(|line| !current.contains(line)).map(|(name, _)| name.clone());
    let dropped = current.iter().filter(|(name, _)| !wanted.iter().any(|(other, _)| other == name)).map(|(name, _)| name.clone());
    changed.chain(dropped).collect()
}

/// What `current`, the settings file of a running server, has in other words than `chosen`: the overrides it was started with.
pub fn overrides_in(current: &str, chosen: &[ServerSetting]) -> BTreeMap<String, String> {
    let plain = |value: &str| Some(value.strip_prefix('\'')?.strip_suffix('\'')?.replace("''", "'").replace(r"\\", r"\"));
    let lines = current.lines().filter_map(|line| line.split_once(" = "));
    lines
        .filter(|(name, _)| !FIXED.contains(name))
        .filter_map(|(name, value)| Some((name.to_owned(), plain(value)?)))
        .filter(|(name, value)| !chosen.iter().any(|setting| setting.name == *name && setting.value == *value))
        .collect()
}

/// What initdb was told and no restart changes.
pub fn fixed_at_creation() -> [ServerSetting; 2] {
    [
        setting("server_encoding", "UTF8".into(), "the encoding of nearly every service"),
        setting(
            "lc_collate",
            "C".into(),
            "text sorts the same on every machine, and no library of the system can change an index",
        ),
    ]
}

/// A quoted value of postgresql.conf, where backslashes escape (documentation of PostgreSQL 18, section 19.1.2).
fn quote(value: &str) -> String {
    format!("'{}'", value.replace('\\', "\\\\").replace('\'', "''"))
}

/// One path in a comma-separated list of them.
fn quote_list_item(path: &str) -> String {
    format!("\"{}\"", path.replace('"', "\"\""))
}

fn setting(name: &str, value: String, why: &str) -> ServerSetting {
    ServerSetting { name: name.to_owned(), value, why: why.to_owned() }
}

fn megabytes(bytes: u64) -> String {
    format!("{}MB", bytes / MB)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAPTOP: Machine = Machine { memory: 8 * GB, disk: 200 * GB, shared_memory: Some(4 * GB), cheap_clock: true };

    fn value(settings: &[ServerSetting], name: &str) -> Option<String> {
        settings.iter().find(|setting| setting.name == name).map(|setting| setting.value.clone())
    }

    fn choose_for(machine: Machine) -> Vec<ServerSetting> {
        choose(&machine, Some("pg_stat_statements"), &BTreeMap::new()).unwrap()
    }

    #[test]
    fn sizes_follow_the_machine() {
        let laptop = choose_for(LAPTOP);
        assert_eq!(value(&laptop, "shared_buffers").unwrap(), "2048MB");
        assert_eq!(value(&laptop, "effective_cache_size").unwrap(), "6144MB");
        assert_eq!(value(&laptop, "work_mem").unwrap(), "10MB");
        assert_eq!(value(&laptop, "max_wal_size").unwrap(), "8192MB");
        let small = choose_for(Machine { memory: 512 * MB, disk: 5 * GB, shared_memory: Some(64 * MB), cheap_clock: false });
        assert_eq!(value(&small, "shared_buffers").unwrap(), "128MB");
        assert_eq!(value(&small, "work_mem").unwrap(), "4MB");
        assert_eq!(value(&small, "max_wal_size").unwrap(), "1024MB");
        assert_eq!(value(&small, "dynamic_shared_memory_type").unwrap(), "sysv");
        assert_eq!(value(&small, "track_io_timing"), None);
        assert_eq!(value(&laptop, "dynamic_shared_memory_type"), None);
    }

    #[test]
    fn durability_is_honest_until_the_scenario_says_otherwise() {
        let plain = choose_for(LAPTOP);
        for name in ["fsync", "synchronous_commit", "full_page_writes"] {
            assert_eq!(value(&plain, name).unwrap(), "on");
        }
        let overrides = BTreeMap::from([("FSYNC".to_owned(), "off".to_owned())]);
        let changed = choose(&LAPTOP, None, &overrides).unwrap();
        let fsync: Vec<_> = changed.iter().filter(|setting| setting.name == "fsync").collect();
        assert_eq!((fsync.len(), fsync[0].value.as_str()), (1, "off"));
        assert!(fsync[0].why.contains("scenario"));
    }

    #[test]
    fn every_setting_has_a_reason() {
        for setting in choose_for(LAPTOP) {
            assert!(setting.why.len() > 10 && !setting.why.ends_with('.'), "{setting:?}");
        }
    }

    #[test]
    fn a_scenario_cannot_open_the_server_or_smuggle_lines() {
        for (name, value) in [("listen_addresses", "*"), ("Port", "1"), ("a b", "1"), ("", "1"), ("work_mem", "1MB\nport = 1")] {
            let overrides = BTreeMap::from([(name.to_owned(), value.to_owned())]);
            assert!(matches!(choose(&LAPTOP, None, &overrides), Err(ServerError::Setting { .. })), "{name} = {value}");
        }
    }

    #[test]
    fn values_are_quoted() {
        let settings = [setting("search_path", r"it's \ here".into(), "")];
        let text = file_text(&settings, Path::new("/a, b"));
        assert!(text.contains(r"search_path = 'it''s \\ here'"), "{text}");
        assert!(text.contains(r#"unix_socket_directories = '"/a, b"'"#), "{text}");
    }

    #[test]
    fn overrides_are_read_back() {
        let overrides = BTreeMap::from([("fsync".to_owned(), "off".to_owned()), ("my.note".to_owned(), r"it's \ x".to_owned())]);
        let text = file_text(&choose(&LAPTOP, None, &overrides).unwrap(), Path::new("/run"));
        assert_eq!(overrides_in(&text, &choose(&LAPTOP, None, &BTreeMap::new()).unwrap()), overrides);
    }

    #[test]
    fn differences_are_named() {
        let text = |value: &str, more: &str| format!("# comment\nport = '1'\nfsync = '{value}'\n{more}");
        assert!(difference(&text("on", ""), &text("on", "")).is_empty());
        assert_eq!(difference(&text("off", ""), &text("on", "jit = 'off'\n")), ["fsync", "jit"]);
    }
}
