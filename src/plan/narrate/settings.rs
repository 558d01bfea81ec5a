//! What the plan tells of the server's settings: EXPLAIN (SETTINGS) names those that differ from PostgreSQL's own defaults, so
//! that what it leaves out has its default.

use super::Remedy;
use crate::plan::Plan;

/// PostgreSQL's own default of `work_mem`, kB.
const WORK_MEM_KB: f64 = 4096.0;
/// The default of `hash_mem_multiplier` from PostgreSQL 15 on; 1 before, where a limit is then thought too high and no more.
const HASH_MEM_MULTIPLIER: f64 = 2.0;

/// The setting's value, when the plan names it.
pub(super) fn named<'a>(plan: &'a Plan, name: &str) -> Option<&'a str> {
    let settings = plan.settings.as_deref()?;
    settings.iter().find(|(setting, _)| setting == name).map(|(_, value)| value.as_str())
}

/// Memory that a sort or a tuple store may take, kB; `None` when nobody asked for the settings.
pub(super) fn work_mem_kb(plan: &Plan) -> Option<f64> {
    plan.settings.as_ref()?;
    named(plan, "work_mem").map_or(Some(WORK_MEM_KB), kilobytes)
}

/// Memory that a hash may take, kB.
pub(super) fn hash_memory_kb(plan: &Plan) -> Option<f64> {
    Some(work_mem_kb(plan)? * hash_mem_multiplier(plan)?)
}

/// How often `work_mem` a hash may take.
pub(super) fn hash_mem_multiplier(plan: &Plan) -> Option<f64> {
    named(plan, "hash_mem_multiplier").map_or(Some(HASH_MEM_MULTIPLIER), |value| value.parse().ok()).filter(|n| *n > 0.0)
}

/// Reads `64MB`; a bare number is in kB, as `work_mem` takes it.
fn kilobytes(value: &str) -> Option<f64> {
    let digits = value.find(|c: char| !c.is_ascii_digit()).unwrap_or(value.len());
    let number: f64 = value[..digits].parse().ok()?;
    let unit = match &value[digits..] {
        "" | "kB" => 1.0,
        "MB" => 1024.0,
        "GB" => 1024.0 * 1024.0,
        "TB" => 1024.0 * 1024.0 * 1024.0,
        _ => return None,
    };
    Some(number * unit)
}

/// As much `work_mem`.
pub(super) fn set_work_mem(kb: f64) -> Remedy {
    Remedy::Setting { name: "work_mem", value: format!("{kb:.0}kB") }
}

/// A setting with that value.
pub(super) fn set(name: &'static str, value: &str) -> Remedy {
    Remedy::Setting { name, value: value.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(settings: &[(&str, &str)]) -> Plan {
        let settings = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Plan { settings: Some(settings), ..Plan::default() }
    }

    #[test]
    fn what_is_not_named_has_its_default() {
        assert_eq!(work_mem_kb(&Plan::default()), None, "nobody asked");
        assert_eq!((work_mem_kb(&plan(&[])), hash_memory_kb(&plan(&[]))), (Some(4096.0), Some(8192.0)));
        let set = plan(&[("work_mem", "64MB"), ("hash_mem_multiplier", "1.5")]);
        assert_eq!((work_mem_kb(&set), hash_memory_kb(&set)), (Some(65_536.0), Some(98_304.0)));
    }

    #[test]
    fn sizes_have_units() {
        let sizes = ["64", "64kB", "1GB", "x", "3 parsecs"].map(kilobytes);
        assert_eq!(sizes, [Some(64.0), Some(64.0), Some(1_048_576.0), None, None]);
    }
}
