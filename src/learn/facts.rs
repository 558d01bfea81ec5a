//! What the statistics say of one column, partitions joined.

use crate::db::statistics::{ColumnStatistics, TableStatistics};

/// One column's statistics, in absolute figures.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ColumnFacts {
    /// Of the table, by `reltuples`.
    pub rows: f64,
    /// Share of the rows, 0 to 1.
    pub null_share: f64,
    /// Bytes of a value that is there.
    pub width: f64,
    /// Different values; `None` when ANALYZE could not tell.
    pub distinct: Option<f64>,
    /// The most common values and their shares of all rows, the most common first.
    pub common: Vec<(String, f64)>,
    /// Histograms of the other values, each with the share of all rows that it stands for.
    pub histograms: Vec<(f64, Vec<String>)>,
    /// Between the values' order and the order on disk, -1 to 1; 0 when unknown.
    pub correlation: f64,
}

impl ColumnFacts {
    /// The facts of a column; `None` when there are no statistics of it.
    ///
    /// Statistics over all partitions are taken where they exist. Else those of the partitions are joined, weighted by their rows: shares are
    /// averaged, histograms stand side by side. Distinct values add up where they grow with the rows; where they do not, the
    /// partitions are taken to share theirs.
    pub fn of(table: &TableStatistics, column: &str) -> Option<ColumnFacts> {
        let all: Vec<&ColumnStatistics> = table.columns.iter().filter(|found| found.column == column).collect();
        if let Some(whole) = all.iter().find(|found| found.inherited || !table.partitioned) {
            return Some(joined(&[whole], table.rows));
        }
        // A partition without rows has nothing to say about the others.
        let parts: Vec<&ColumnStatistics> = all.into_iter().filter(|part| part.rows > 0.0).collect();
        (!parts.is_empty()).then(|| joined(&parts, table.rows))
    }

    /// Rows that have a value.
    pub fn filled(&self) -> f64 {
        self.rows * (1.0 - self.null_share)
    }

    /// No row has a value.
    pub fn all_null(&self) -> bool {
        self.null_share >= 1.0
    }

    /// Every value is among the common ones.
    pub fn complete(&self) -> bool {
        let seen: f64 = self.common.iter().map(|(_, share)| share).sum();
        !self.common.is_empty() && self.histograms.is_empty() && seen >= (1.0 - self.null_share) * 0.995
    }

    /// As good as every row with a value has one of its own.
    pub fn all_different(&self) -> bool {
        self.common.is_empty() && self.distinct.is_some_and(|distinct| distinct >= self.filled() * 0.98)
    }

    /// A fair sample of the values: the bounds of a histogram lie equally far apart, counted in rows.
    pub fn sample(&self) -> impl Iterator<Item = &str> {
        let bounds = self.histograms.iter().flat_map(|(_, bounds)| bounds);
        bounds.chain(self.common.iter().map(|(value, _)| value)).map(String::as_str)
    }
}

fn joined(parts: &[&ColumnStatistics], table_rows: f64) -> ColumnFacts {
    // A single one speaks for the whole table, whatever its own count.
    let total = if parts.len() == 1 { 1.0 } else { parts.iter().map(|part| part.rows).sum::<f64>() };
    let weight = |part: &ColumnStatistics| if parts.len() == 1 { 1.0 } else { part.rows / total };
    let mean = |of: fn(&ColumnStatistics) -> f64| parts.iter().map(|part| of(part) * weight(part)).sum::<f64>();
    let null_share = mean(|part| part.null_frac).clamp(0.0, 1.0);
    let filled: f64 = parts.iter().map(|part| (1.0 - part.null_frac) * weight(part)).sum();
    let width = parts.iter().map(|part| f64::from(part.avg_width) * (1.0 - part.null_frac) * weight(part)).sum::<f64>();

    let mut common: Vec<(String, f64)> = Vec::new();
    let mut places = std::collections::HashMap::new();
    let mut histograms = Vec::new();
    for part in parts {
        for (value, share) in part.most_common_vals.iter().zip(&part.most_common_freqs) {
            let place = *places.entry(value.as_str()).or_insert_with(|| {
                common.push((value.clone(), 0.0));
                common.len() - 1
            });
            common[place].1 += share * weight(part);
        }
        let named: f64 = part.most_common_freqs.iter().sum();
        let rest = (1.0 - part.null_frac - named).max(0.0) * weight(part);
        if part.histogram_bounds.len() >= 2 {
            histograms.push((rest, part.histogram_bounds.clone()));
        }
    }
    common.sort_by(|a, b| b.1.total_cmp(&a.1));
    ColumnFacts {
        rows: table_rows,
        null_share,
        width: if filled > 0.0 { width / filled } else { 0.0 },
        distinct: distinct(parts, table_rows).map(|distinct| distinct.max(common.len() as f64)),
        common,
        histograms,
        correlation: mean(|part| part.correlation.unwrap_or(0.0)),
    }
}

fn distinct(parts: &[&ColumnStatistics], table_rows: f64) -> Option<f64> {
    let of = |part: &ColumnStatistics, rows: f64| match part.n_distinct {
        share if share < 0.0 => Some(-share * rows),
        count if count > 0.0 => Some(count),
        _ => None,
    };
    if let [only] = parts {
        return of(only, table_rows);
    }
    let counts: Vec<f64> = parts.iter().filter_map(|part| of(part, part.rows)).collect();
    let growing = parts.iter().all(|part| part.n_distinct < 0.0);
    let together = if growing { counts.iter().sum() } else { counts.iter().copied().fold(0.0, f64::max) };
    (!counts.is_empty()).then_some(together)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::catalog::TableName;

    fn table(partitioned: bool, rows: f64, columns: Vec<ColumnStatistics>) -> TableStatistics {
        let name = TableName::new("public", "t");
        TableStatistics { name, partitioned, rows, leaves: 1, uncounted: 0, pages: (0, 0), columns, hidden: vec![] }
    }

    fn column(rows: f64, n_distinct: f64) -> ColumnStatistics {
        ColumnStatistics { column: "c".into(), rows, n_distinct, avg_width: 8, ..ColumnStatistics::default() }
    }

    #[test]
    fn a_negative_n_distinct_is_a_share_of_the_rows() {
        let facts = |n| ColumnFacts::of(&table(false, 200.0, vec![column(200.0, n)]), "c").unwrap();
        assert_eq!(facts(-0.25).distinct, Some(50.0));
        assert_eq!(facts(7.0).distinct, Some(7.0));
        assert_eq!(facts(0.0).distinct, None);
        assert!(facts(-1.0).all_different() && !facts(-0.5).all_different());
        assert_eq!(ColumnFacts::of(&table(false, 200.0, vec![]), "c"), None);
    }

    #[test]
    fn partitions_are_joined_by_their_rows() {
        let mut small = column(100.0, 2.0);
        small.null_frac = 0.5;
        small.most_common_vals = vec!["a".into(), "b".into()];
        small.most_common_freqs = vec![0.3, 0.2];
        let mut large = column(300.0, 2.0);
        large.most_common_vals = vec!["b".into(), "a".into()];
        large.most_common_freqs = vec![0.6, 0.4];
        let facts = ColumnFacts::of(&table(true, 400.0, vec![small, large, column(0.0, 0.0)]), "c").unwrap();
        assert!((facts.null_share - 0.125).abs() < 1e-9);
        assert_eq!(facts.common.iter().map(|(value, _)| value.as_str()).collect::<Vec<_>>(), ["b", "a"]);
        assert!((facts.common[0].1 - 0.5).abs() < 1e-9 && (facts.common[1].1 - 0.375).abs() < 1e-9);
        assert_eq!(facts.distinct, Some(2.0));
        assert!(facts.complete());
        assert_eq!(facts.width, 8.0);
        let parts = vec![column(100.0, -1.0), column(300.0, -1.0)];
        assert_eq!(ColumnFacts::of(&table(true, 400.0, parts), "c").unwrap().distinct, Some(400.0));
    }

    #[test]
    fn statistics_of_the_whole_go_before_those_of_its_partitions() {
        let whole = ColumnStatistics { inherited: true, ..column(0.0, 9.0) };
        let facts = ColumnFacts::of(&table(true, 400.0, vec![column(100.0, 2.0), whole]), "c").unwrap();
        assert_eq!(facts.distinct, Some(9.0));
    }
}
