//! What perflab itself costs.

use std::time::Duration;

use nix::sys::resource::{UsageWho, getrusage};

/// User and system time of this process so far.
pub fn cpu_time() -> Duration {
    let Ok(usage) = getrusage(UsageWho::RUSAGE_SELF) else { return Duration::ZERO };
    let part = |time: nix::sys::time::TimeVal| {
        Duration::from_micros(u64::try_from(time.tv_sec() * 1_000_000 + time.tv_usec()).unwrap_or(0))
    };
    part(usage.user_time()) + part(usage.system_time())
}
