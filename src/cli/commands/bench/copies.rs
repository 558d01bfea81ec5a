//! Copies of the seeded rows with the same indexes on each.

use crate::cli::laboratory::Laboratory;
use crate::cli::stages;
use crate::report::model::KeptIndex;

/// Makes copies with `indexes`, which are built once: further copies are made of the first.
pub struct Copies<'a> {
    indexes: &'a [KeptIndex],
    /// The first one. Nobody writes to it.
    first: Option<String>,
}

impl<'a> Copies<'a> {
    pub fn with(indexes: &'a [KeptIndex]) -> Copies<'a> {
        Copies { indexes, first: None }
    }

    pub fn have_indexes(&self) -> bool {
        !self.indexes.is_empty()
    }

    /// The copy that all share who only read. Its sessions must be closed before another copy is made.
    ///
    /// # Errors
    /// When the server fails.
    pub async fn shared(&mut self, laboratory: &mut Laboratory) -> anyhow::Result<String> {
        if let Some(first) = &self.first {
            return Ok(first.clone());
        }
        let clone = laboratory.lab.clone_seeded("ways").await?;
        if let Err(error) = stages::build_indexes(&laboratory.lab.clone_target(&clone), self.indexes).await {
            laboratory.lab.drop_clone(&clone).await?;
            return Err(error);
        }
        self.first = Some(clone.clone());
        Ok(clone)
    }

    /// A copy of its own, to be changed and dropped.
    ///
    /// # Errors
    /// When the server fails.
    pub async fn another(&mut self, laboratory: &mut Laboratory, purpose: &str) -> anyhow::Result<String> {
        if self.indexes.is_empty() {
            return Ok(laboratory.lab.clone_seeded(purpose).await?);
        }
        let first = self.shared(laboratory).await?;
        Ok(laboratory.lab.clone_of(&first, purpose).await?)
    }

    /// Drops the copy that was shared.
    ///
    /// # Errors
    /// When the server fails.
    pub async fn drop(self, laboratory: &mut Laboratory) -> anyhow::Result<()> {
        match self.first {
            Some(first) => Ok(laboratory.lab.drop_clone(&first).await?),
            None => Ok(()),
        }
    }
}
