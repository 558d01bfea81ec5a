//! Lines that nodes and workers have alike: sorts, batches, heap blocks.

use super::list;
use super::number::{Mistake, count, fields, kilobytes, labelled, number};
use crate::plan::{Sampling, SortGroups, SortSpace, SortUse};

/// `quicksort  Memory: 25kB`
pub(super) fn sort(text: &str, value: &str) -> Result<SortUse, Mistake> {
    for space_type in ["Memory", "Disk"] {
        if let (method, [Some(space)]) = labelled(value, [space_type]) {
            return Ok(SortUse {
                method: method.to_owned(),
                space_kb: kilobytes(text, space)?,
                space_type: space_type.to_owned(),
            });
        }
    }
    Err(Mistake::at(text, &value[value.len()..], "`Memory:` or `Disk:`"))
}

/// `2  Sort Methods: quicksort, top-N heapsort  Average Memory: 27kB  Peak Memory: 27kB`
pub(super) fn sort_groups(text: &str, value: &str) -> Result<SortGroups, Mistake> {
    let end = value.find(char::is_whitespace).unwrap_or(value.len());
    let labels = ["Sort Methods", "Sort Method", "Average Memory", "Peak Memory", "Average Disk", "Peak Disk"];
    let (_, [several, one, average_memory, peak_memory, average_disk, peak_disk]) = labelled(&value[end..], labels);
    let Some(methods) = several.or(one) else { return Err(Mistake::at(text, &value[end..], "`Sort Method:`")) };
    let space = |average: Option<&str>, peak: Option<&str>| match (average, peak) {
        (Some(average), Some(peak)) => {
            Ok(Some(SortSpace { average_kb: kilobytes(text, average)?, peak_kb: kilobytes(text, peak)? }))
        }
        (None, None) => Ok(None),
        _ => Err(Mistake::at(text, value, "`Average …:` and `Peak …:`")),
    };
    Ok(SortGroups {
        count: number(text, &value[..end])?,
        methods: methods.split(", ").map(str::to_owned).collect(),
        memory: space(average_memory, peak_memory)?,
        disk: space(average_disk, peak_disk)?,
    })
}

type Batches = (Option<f64>, Option<f64>, Option<f64>);

/// `5  Memory Usage: 24kB  Disk Usage: 112kB`
pub(super) fn batches(text: &str, value: &str) -> Result<Batches, Mistake> {
    let end = value.find(char::is_whitespace).unwrap_or(value.len());
    let (_, [memory, disk]) = labelled(&value[end..], ["Memory Usage", "Disk Usage"]);
    let kb = |value: Option<&str>| value.map(|value| kilobytes(text, value)).transpose();
    Ok((Some(number(text, &value[..end])?), kb(memory)?, kb(disk)?))
}

type HeapBlocks = (Option<f64>, Option<f64>);

pub(super) fn heap_blocks(text: &str, value: &str) -> Result<HeapBlocks, Mistake> {
    let (mut exact, mut lossy) = (None, None);
    fields(text, value, |key, value| {
        match key {
            "exact" => exact = Some(count(text, value)? as f64),
            "lossy" => lossy = Some(count(text, value)? as f64),
            _ => return Err(Mistake::at(text, key, "exact= or lossy=")),
        }
        Ok(())
    })?;
    Ok((exact, lossy))
}

/// `system ('1'::real) REPEATABLE ('7'::double precision)`
pub(super) fn sampling(text: &str, value: &str) -> Result<Sampling, Mistake> {
    let wrong = || Mistake::at(text, value, "a sampling method with its parameters in brackets");
    let (method, rest) = value.split_once(" (").ok_or_else(wrong)?;
    let (parameters, seed) = match rest.rsplit_once(" REPEATABLE (") {
        Some((parameters, seed)) => (parameters, Some(seed.strip_suffix(')').ok_or_else(wrong)?.to_owned())),
        None => (rest, None),
    };
    let parameters = list::expressions(parameters.strip_suffix(')').ok_or_else(wrong)?);
    Ok(Sampling { method: method.trim().to_owned(), parameters, repeatable_seed: seed })
}
