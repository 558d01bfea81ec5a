//! What a statement leaves behind beside its locks: files, bytes, WAL, statistics that are gone.

use std::collections::HashMap;

use crate::db::DbError;
use crate::db::relation_locks::{analyzed_columns, relations, total_bytes};
use crate::db::touched::wal_position;

use super::{Facts, Runner};

impl Runner<'_> {
    pub(super) async fn wal(&mut self) -> Result<Option<u64>, DbError> {
        match self.facts {
            // A block that has failed answers nothing, and the statement before was the last.
            Facts::All => Ok(wal_position(&mut self.connection).await.ok()),
            Facts::LocksOnly => Ok(None),
        }
    }

    /// Which relations have another file since the last look.
    pub(super) async fn look_at_files(&mut self) -> Result<(), DbError> {
        if self.facts == Facts::LocksOnly {
            return Ok(());
        }
        let now = relations(&mut self.connection).await?;
        let by = self.runs.len() - 1;
        for relation in &now {
            let rewritten = self.files.get(&relation.oid).is_some_and(|file| *file != relation.file);
            match relation.kind.as_str() {
                "r" | "m" if rewritten => self.runs[by].rewritten.push(relation.name.clone()),
                "i" if rewritten => self.runs[by].reindexed.push(relation.name.clone()),
                _ => {}
            }
        }
        self.files = now.iter().map(|relation| (relation.oid, relation.file)).collect();
        Ok(())
    }

    pub(super) async fn look_at_relations(&mut self) -> Result<(), DbError> {
        let now = relations(&mut self.connection).await?;
        self.watch.borrow_mut().know(&now);
        self.relations = now.into_iter().map(|relation| (relation.oid, relation)).collect();
        Ok(())
    }

    /// What can be asked only while nothing is locked.
    pub(super) async fn after_transaction(&mut self) -> Result<(), DbError> {
        self.watch.borrow_mut().take_seen();
        self.look_at_relations().await?;
        if self.facts == Facts::LocksOnly || self.block.is_some() {
            return Ok(());
        }
        let bytes = total_bytes(&mut self.connection).await?;
        let analyzed: HashMap<String, bool> = analyzed_columns(&mut self.connection).await?.into_iter().collect();
        let had = |column: &str| self.analyzed.get(column) == Some(&true);
        let mut lost: Vec<String> =
            analyzed.iter().filter(|(column, has)| !**has && had(column)).map(|(column, _)| column.clone()).collect();
        lost.sort();
        if let Some(run) = self.runs.last_mut() {
            run.bytes_change = Some(bytes - self.bytes);
            run.statistics_lost = lost;
        }
        (self.bytes, self.analyzed) = (bytes, analyzed);
        Ok(())
    }
}
