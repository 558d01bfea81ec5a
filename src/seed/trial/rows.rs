//! The rows that are tried.

use std::collections::BTreeSet;

use crate::seed::plan::TablePlan;
use crate::seed::problem::SeedProblem;
use crate::seed::rng::mix;
use crate::seed::values::Context;

/// The first and the last rows, where bounds show, and as many in between.
const ENDS: u64 = 64;
const BETWEEN: u64 = 192;

/// Rows of a table, field by field.
pub struct Sample {
    /// Numbers of the rows, from 0.
    rows: Vec<u64>,
    /// Of each column; `None`: its values cannot be made, or were refused.
    fields: Vec<Option<Vec<Vec<u8>>>>,
}

impl Sample {
    /// Makes the rows, and says which columns' texts are no values.
    pub fn make(table: &TablePlan) -> (Sample, Vec<SeedProblem>) {
        let rows = chosen(table.rows);
        let mut context = Context::rows();
        let mut problems = Vec::new();
        let fields = (0..table.columns.len()).map(|place| {
            let mut fields = Vec::with_capacity(rows.len());
            for row in &rows {
                let mut field = Vec::new();
                if let Err(failure) = table.write_field(place, *row, &mut context, &mut field) {
                    problems.push(failure.into());
                    return None;
                }
                fields.push(field);
            }
            Some(fields)
        });
        let fields = fields.collect();
        (Sample { rows, fields }, problems)
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn has(&self, place: usize) -> bool {
        self.fields[place].is_some()
    }

    pub fn leave_out(&mut self, place: usize) {
        self.fields[place] = None;
    }

    /// The row that stands in a line of the COPY (from 1), counted from 1.
    pub fn row(&self, line: u64) -> u64 {
        usize::try_from(line).ok().and_then(|line| self.rows.get(line.checked_sub(1)?)).map_or(line, |row| row + 1)
    }

    /// Names of the columns that are there.
    pub fn columns(&self, table: &TablePlan) -> Vec<String> {
        table.columns.iter().zip(&self.fields).filter(|(_, fields)| fields.is_some()).map(|(name, _)| name.clone()).collect()
    }

    /// The rows as COPY takes them.
    pub fn bytes(&self, table: &TablePlan) -> Vec<u8> {
        let there: Vec<&Vec<Vec<u8>>> = self.fields.iter().flatten().collect();
        let mut bytes = Vec::new();
        for line in 0..self.rows.len() {
            bytes.extend_from_slice(&(there.len() as u16).to_be_bytes());
            there.iter().for_each(|fields| bytes.extend_from_slice(&fields[line]));
        }
        let left: Vec<bool> = self.fields.iter().map(Option::is_some).collect();
        table.put_element_oids_of(&left, &mut bytes);
        bytes
    }
}

/// The first, the last, and others that are spread over the table: always the same.
fn chosen(rows: u64) -> Vec<u64> {
    let mut chosen: BTreeSet<u64> = (0..rows.min(ENDS)).chain(rows.saturating_sub(ENDS)..rows).collect();
    let step = rows / BETWEEN;
    if step > 0 {
        chosen.extend((0..BETWEEN).map(|place| place * step + mix(place) % step));
    } else {
        chosen.extend(0..rows);
    }
    chosen.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_rows_are_all_tried_and_many_are_spread() {
        assert_eq!(chosen(0), Vec::<u64>::new());
        assert_eq!(chosen(100), (0..100).collect::<Vec<_>>());
        let many = chosen(1_000_000_000);
        assert!((250..=320).contains(&many.len()), "{}", many.len());
        assert_eq!((many[0], many[63], *many.last().unwrap()), (0, 63, 999_999_999));
        assert!(many.windows(2).all(|pair| pair[0] < pair[1] && pair[1] - pair[0] < 12_000_000));
        assert_eq!(many, chosen(1_000_000_000));
    }
}
