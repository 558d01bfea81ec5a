//! `storage-on-disk`: rows that are kept to be read again do not fit into work_mem.
//!
//! **Sees** `Storage: Disk` of a CTE Scan, Materialize, WindowAgg or table function, which PostgreSQL tells from version 18; an
//! older server's plan has [`temporary-files`](super::temporary_files) instead.
//! **Evidence**: `Storage`, `Maximum Storage`. In memory the same rows took 1.8 times what they took on disk (319,039 rows:
//! 10.6 and 19.1 MB, PostgreSQL 18).
//! **Bad**: `Storage: Disk  Maximum Storage: 10594kB`.
//! **Good**: `Storage: Memory  Maximum Storage: 17kB`.
//! **Wrong** as sorts are: the page cache may serve the file as fast.

use super::super::context::{Context, tip};
use super::super::settings::set_work_mem;
use super::super::{Tip, words};
use super::rounded_up;
use crate::plan::text::type_name;

const NAME: &str = "storage-on-disk";

/// Memory needed over disk used.
const MEMORY_PER_DISK: f64 = 2.0;

pub(super) fn check(context: &Context) -> Vec<Tip> {
    let mut tips: Vec<Tip> = Vec::new();
    let mut ctes: Vec<&str> = Vec::new();
    for node in context.executed().map(|visit| visit.node) {
        let Some(storage) = node.storage.as_ref().filter(|storage| storage.kind == "Disk") else { continue };
        // All scans of a CTE read the same store.
        if let Some(cte) = &node.cte {
            if ctes.contains(&cte.as_str()) {
                continue;
            }
            ctes.push(cte);
        }
        let own = context.node(node).exclusive_ms;
        let sentence = format!(
            "The {}{}{} keeps its rows in {} of temporary files.",
            type_name(node),
            node.cte.as_ref().map(|cte| format!(" on {cte}")).unwrap_or_default(),
            context.aside(own),
            words::kb(storage.maximum_kb)
        );
        let needed = rounded_up(storage.maximum_kb * MEMORY_PER_DISK);
        let next = format!("About {} of work_mem keeps them in memory; or keep fewer rows and columns.", words::kb(needed));
        tips.push(tip(NAME, node, sentence, own / 2.0, own).next(next).remedy(set_work_mem(needed)));
    }
    tips
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;

    #[test]
    fn fires_once_for_a_cte() {
        insta::assert_snapshot!(said(super::check, "storage-on-disk"), @"
        The CTE Scan on recent (80.3 of 817.7 ms) keeps its rows in 10.3 MB of temporary files.
        About 21.0 MB of work_mem keeps them in memory; or keep fewer rows and columns.
        ");
    }

    #[test]
    fn quiet_where_the_server_does_not_tell() {
        assert_eq!(said(super::check, "cte-little-used"), "");
    }
}
