//! The machine that a run is measured on, as far as it tells.

use std::time::Duration;
use std::{fs, thread};

use sha2::{Digest, Sha256};

/// RFC 3339 in UTC, to the second.
pub fn now() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// `Debian GNU/Linux 12 (bookworm), linux x86_64`
pub fn operating_system() -> String {
    let kernel = format!("{} {}", std::env::consts::OS, std::env::consts::ARCH);
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let pretty = release.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="));
    match pretty {
        Some(name) => format!("{}, {kernel}", name.trim_matches('"')),
        None => kernel,
    }
}

/// The processor's own name, or its architecture where it has none to read.
pub fn processor() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let named = info.lines().find(|line| line.starts_with("model name")).and_then(|line| line.split_once(':'));
    named.map_or_else(|| std::env::consts::ARCH.to_owned(), |(_, name)| name.trim().to_owned())
}

/// Logical processors that this process may use.
pub fn cores() -> u32 {
    std::thread::available_parallelism().map_or(1, |cores| u32::try_from(cores.get()).unwrap_or(u32::MAX))
}

/// 0 where it cannot be read.
pub fn memory_bytes() -> u64 {
    let info = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let kilobytes =
        info.lines().find_map(|line| line.strip_prefix("MemTotal:")?.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok());
    kilobytes.unwrap_or(0) * 1024
}

/// Processes that wanted a processor over the last minute, on average; `None` where it cannot be read.
pub fn load() -> Option<f64> {
    fs::read_to_string("/proc/loadavg").ok()?.split_whitespace().next()?.parse().ok()
}

/// How long the processors are looked at by [`busy_share`].
const A_MOMENT: Duration = Duration::from_millis(250);

/// Share of all processors' time that was used over the next quarter of a second, by whomever; `None` where it cannot be read. The load
/// of [`load`] still counts what ended a minute ago.
pub fn busy_share() -> Option<f64> {
    let before = ticks(&fs::read_to_string("/proc/stat").ok()?)?;
    thread::sleep(A_MOMENT);
    let after = ticks(&fs::read_to_string("/proc/stat").ok()?)?;
    let [idle, all] = [after[0].checked_sub(before[0])?, after[1].checked_sub(before[1])?];
    (all > 0).then(|| 1.0 - idle as f64 / all as f64)
}

/// Ticks of all processors since the machine started, idle (waiting for a disk included) and in all, of a /proc/stat.
fn ticks(stat: &str) -> Option<[u64; 2]> {
    let line = stat.lines().find_map(|line| line.strip_prefix("cpu "))?;
    // user nice system idle iowait irq softirq steal; what follows is in user already (man 5 proc_stat).
    let ticks: Vec<u64> = line.split_whitespace().take(8).filter_map(|ticks| ticks.parse().ok()).collect();
    Some([ticks.get(3)? + ticks.get(4)?, ticks.iter().sum()])
}

/// Tells one machine from another of the same kind, and names neither: the times of a file are compared where they were measured alone.
pub fn identity() -> String {
    let of = |file: &str| fs::read_to_string(file).unwrap_or_default();
    let digest = Sha256::new().chain_update(of("/etc/machine-id")).chain_update(of("/proc/sys/kernel/hostname")).finalize();
    digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_idle_ones_and_all() {
        let stat = "cpu  100 5 20 800 60 0 3 12 7 7\ncpu0 1 1 1 1 1 1 1 1 0 0\n";
        assert_eq!(ticks(stat), Some([860, 1000]));
        assert_eq!(ticks("intr 1 2 3"), None);
    }
}
