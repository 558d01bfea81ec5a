//! SQL being written, each statement with the patience it needs.

/// What keeps others waiting waits no longer than this for its own turn: a request in the queue stops everybody behind it.
const QUICK: &str = "5s";
/// Building `CONCURRENTLY` waits for all older transactions, holding up nobody; giving up there leaves an INVALID index.
const PATIENT: &str = "30min";

/// A file, from the top to the bottom.
pub(super) struct Script {
    text: String,
    lock_timeout: &'static str,
}

impl Script {
    pub fn begin(what: &str) -> Script {
        let text = format!(
            "-- {what}\n-- Run it with psql -v ON_ERROR_STOP=1 -f, without -1: CONCURRENTLY is refused inside a transaction block.\n\
             -- It can be run again after it failed or was interrupted.\nSET statement_timeout = 0;\n"
        );
        Script { text, lock_timeout: "" }
    }

    /// A statement that may keep others waiting.
    pub fn quick(&mut self, statement: &str) {
        self.with_timeout(QUICK, statement);
    }

    /// A statement that keeps nobody waiting and may have to wait itself.
    pub fn patient(&mut self, statement: &str) {
        self.with_timeout(PATIENT, statement);
    }

    /// What follows by other hands keeps nobody waiting and may have to wait itself.
    pub fn be_patient(&mut self) {
        self.set(PATIENT);
    }

    fn set(&mut self, lock_timeout: &'static str) {
        if self.lock_timeout != lock_timeout {
            self.text.push_str(&format!("SET lock_timeout = '{lock_timeout}';\n"));
            self.lock_timeout = lock_timeout;
        }
    }

    fn with_timeout(&mut self, lock_timeout: &'static str, statement: &str) {
        self.set(lock_timeout);
        self.text.push_str(&format!("{};\n", statement.trim().trim_end_matches(';')));
    }

    /// One line.
    pub fn comment(&mut self, line: &str) {
        self.text.push_str(&format!("-- {line}\n"));
    }

    /// As it is.
    pub fn raw(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push('\n');
    }

    pub fn gap(&mut self) {
        self.text.push('\n');
    }

    pub fn finish(self) -> String {
        self.text
    }
}

/// A statement that may keep others waiting, among those that do not.
pub(super) fn briefly(statement: &str) -> String {
    format!("SET lock_timeout = '{QUICK}'; {statement}; SET lock_timeout = '{PATIENT}';")
}
