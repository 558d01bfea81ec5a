//! Table-level lock modes: their names, which do not go together, and what that means for an endpoint.

/// A mode, weakest first; the table of conflicts is that of the documentation of PostgreSQL 18, section 13.3.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    AccessShare,
    RowShare,
    RowExclusive,
    ShareUpdateExclusive,
    Share,
    ShareRowExclusive,
    Exclusive,
    AccessExclusive,
}

use Mode::{AccessExclusive, AccessShare, Exclusive, RowExclusive, RowShare, Share, ShareRowExclusive, ShareUpdateExclusive};

impl Mode {
    const ALL: [(Mode, &'static str, &'static str); 8] = [
        (AccessShare, "AccessShareLock", "ACCESS SHARE"),
        (RowShare, "RowShareLock", "ROW SHARE"),
        (RowExclusive, "RowExclusiveLock", "ROW EXCLUSIVE"),
        (ShareUpdateExclusive, "ShareUpdateExclusiveLock", "SHARE UPDATE EXCLUSIVE"),
        (Share, "ShareLock", "SHARE"),
        (ShareRowExclusive, "ShareRowExclusiveLock", "SHARE ROW EXCLUSIVE"),
        (Exclusive, "ExclusiveLock", "EXCLUSIVE"),
        (AccessExclusive, "AccessExclusiveLock", "ACCESS EXCLUSIVE"),
    ];

    /// As `pg_locks.mode` has it; `None` for the modes of predicate locks, which keep nobody waiting.
    pub fn of(written: &str) -> Option<Mode> {
        Mode::ALL.iter().find(|(_, known, _)| *known == written).map(|(mode, ..)| *mode)
    }

    /// The mode of that [`Mode::name`].
    pub fn named(name: &str) -> Option<Mode> {
        Mode::ALL.iter().find(|(.., known)| *known == name).map(|(mode, ..)| *mode)
    }

    /// As the documentation writes it.
    pub fn name(self) -> &'static str {
        Mode::ALL.iter().find(|(mode, ..)| *mode == self).map_or("", |(.., name)| name)
    }

    /// Whether two sessions cannot have them on one table at a time.
    pub fn conflicts(self, other: Mode) -> bool {
        let (weak, strong) = if self <= other { (self, other) } else { (other, self) };
        match weak {
            AccessShare => strong == AccessExclusive,
            RowShare => strong >= Exclusive,
            RowExclusive => strong >= Share,
            // Not with itself, which is why two of VACUUM, ANALYZE and CREATE INDEX CONCURRENTLY take turns.
            ShareUpdateExclusive => true,
            // With itself: indexes of one table can be built side by side.
            Share => strong != Share,
            _ => true,
        }
    }

    /// What endpoints do that has to wait for it.
    pub fn blocks(self) -> &'static str {
        match self {
            AccessExclusive => "reads and writes",
            Exclusive => "writes and SELECT … FOR UPDATE",
            Share | ShareRowExclusive => "writes",
            _ => "nothing",
        }
    }

    /// Whether an endpoint can have to wait for it at all.
    pub fn keeps_waiting(self) -> bool {
        self >= Share
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conflicts_are_those_of_the_documentation() {
        // A row per mode, an X per mode that it does not go with, both weakest first.
        let table = ["       X", "      XX", "    XXXX", "   XXXXX", "  XX XXX", "  XXXXXX", " XXXXXXX", "XXXXXXXX"];
        for ((one, ..), row) in Mode::ALL.iter().zip(table) {
            for ((other, ..), mark) in Mode::ALL.iter().zip(row.chars()) {
                assert_eq!(one.conflicts(*other), mark == 'X', "{} {}", one.name(), other.name());
            }
        }
    }

    #[test]
    fn a_mode_has_the_names_of_the_server_and_of_the_documentation() {
        assert_eq!(Mode::of("ShareUpdateExclusiveLock").map(Mode::name), Some("SHARE UPDATE EXCLUSIVE"));
        assert_eq!(Mode::of("SIReadLock"), None);
    }

    #[test]
    fn what_is_blocked_is_what_conflicts_with_reading_and_writing() {
        for (mode, ..) in Mode::ALL {
            let (reads, writes) = (mode.conflicts(AccessShare), mode.conflicts(RowExclusive));
            assert_eq!((mode.blocks().contains("reads"), mode.blocks().contains("writes")), (reads, writes), "{}", mode.name());
            assert_eq!(mode.keeps_waiting(), writes);
        }
    }
}
