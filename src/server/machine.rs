//! What the machine has to give a server. Only values that stay the same from one command to the next, since a change of the
//! settings made from them restarts the server.

use std::fs;
use std::path::Path;
use std::process::Command;

use nix::sys::statvfs::statvfs;

/// The machine as far as server settings depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Machine {
    /// Bytes this process may use: the machine's, or less inside a container.
    pub memory: u64,
    /// Size of the file system that holds the data, used or not; bytes.
    pub disk: u64,
    /// Size of `/dev/shm`, bytes; `None` where there is none (macOS).
    pub shared_memory: Option<u64>,
    /// Reading the clock costs tens of nanoseconds and not a system call.
    pub cheap_clock: bool,
}

impl Machine {
    /// Looks at this machine; `place` is any folder on the disk in question.
    pub fn inspect(place: &Path) -> Machine {
        let memory = [physical_memory(), cgroup_limit()].into_iter().flatten().min();
        Machine {
            // Unknown: a gigabyte is safe on anything that can build perflab.
            memory: memory.unwrap_or(1 << 30),
            disk: file_system_size(place).unwrap_or(10 << 30),
            shared_memory: file_system_size(Path::new("/dev/shm")),
            cheap_clock: cheap_clock(),
        }
    }
}

fn physical_memory() -> Option<u64> {
    if let Ok(text) = fs::read_to_string("/proc/meminfo") {
        return parse_meminfo(&text);
    }
    let output = Command::new("sysctl").args(["-n", "hw.memsize"]).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}

fn parse_meminfo(text: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}

/// The limit of the container we are in: control groups version 2, then version 1. `max` and absurd numbers mean none.
fn cgroup_limit() -> Option<u64> {
    ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"]
        .iter()
        .find_map(|file| fs::read_to_string(file).ok()?.trim().parse().ok())
}

/// Clock sources that are read without a system call (Linux: `Documentation/timers/timekeeping.rst` and the vDSO); the clock of
/// macOS is one. The same facts that `pg_test_timing` measures, without the noise of a measurement.
fn cheap_clock() -> bool {
    let source = fs::read_to_string("/sys/devices/system/clocksource/clocksource0/current_clocksource");
    match source {
        Ok(source) => ["tsc", "kvm-clock", "arch_sys_counter", "hyperv_clocksource_tsc_page"].contains(&source.trim()),
        Err(_) => cfg!(target_os = "macos"),
    }
}

// The width of statvfs fields differs between systems.
#[allow(clippy::useless_conversion, clippy::unnecessary_cast)]
fn file_system_size(path: &Path) -> Option<u64> {
    let found = statvfs(path).ok()?;
    Some(found.blocks() as u64 * found.fragment_size() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn meminfo_is_in_kilobytes() {
        assert_eq!(parse_meminfo("MemTotal:       24681472 kB\nMemFree: 1 kB\n"), Some(24_681_472 * 1024));
        assert_eq!(parse_meminfo("MemFree: 1 kB\n"), None);
    }

    #[test]
    fn two_looks_see_the_same_machine() {
        let machine = Machine::inspect(Path::new("/"));
        assert_eq!(machine, Machine::inspect(Path::new("/")));
        assert!(machine.memory >= 64 << 20, "{machine:?}");
        assert!(machine.disk >= 64 << 20, "{machine:?}");
    }
}
