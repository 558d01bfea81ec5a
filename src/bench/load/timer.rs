//! Waiting for a moment, more exactly than an event loop's own timers do.
//!
//! tokio's timers have a resolution of a millisecond; at 20,000 calls a second that would send them in clumps of twenty. Linux's timerfd
//! wakes the same loop within some ten microseconds.

use tokio::time::Instant;

/// Waits until a moment; at once when it is over.
#[allow(async_fn_in_trait, reason = "workers run on the thread they were made on, so no future of theirs has to be Send")]
pub trait Timer {
    async fn until(&mut self, at: Instant);
}

/// tokio's own timer, which a test's paused clock moves.
#[derive(Debug, Default)]
pub struct CoarseTimer;

impl Timer for CoarseTimer {
    async fn until(&mut self, at: Instant) {
        if at > Instant::now() {
            tokio::time::sleep_until(at).await;
        }
    }
}

/// The best the machine has.
#[cfg(target_os = "linux")]
pub type PreciseTimer = linux::FdTimer;
/// The best the machine has.
#[cfg(not(target_os = "linux"))]
pub type PreciseTimer = CoarseTimer;

#[cfg(target_os = "linux")]
mod linux {
    use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};

    use nix::sys::time::TimeSpec;
    use nix::sys::timerfd::{ClockId, Expiration, TimerFd, TimerFlags, TimerSetTimeFlags};
    use tokio::io::unix::AsyncFd;
    use tokio::time::Instant;

    use super::{CoarseTimer, Timer};

    /// tokio asks for the number as well as for the descriptor.
    struct Fd(TimerFd);

    impl AsFd for Fd {
        fn as_fd(&self) -> BorrowedFd<'_> {
            self.0.as_fd()
        }
    }

    impl AsRawFd for Fd {
        fn as_raw_fd(&self) -> RawFd {
            self.0.as_fd().as_raw_fd()
        }
    }

    /// A timerfd registered with the event loop of its thread; without one (no file descriptor left) the coarse timer.
    #[derive(Default)]
    pub struct FdTimer {
        fd: Option<AsyncFd<Fd>>,
    }

    impl FdTimer {
        async fn wait(&mut self, at: Instant) -> Option<()> {
            if self.fd.is_none() {
                let timer = TimerFd::new(ClockId::CLOCK_MONOTONIC, TimerFlags::TFD_NONBLOCK | TimerFlags::TFD_CLOEXEC).ok()?;
                // SAFETY: the wrapper owns the timer, which stays open and keeps its number until both are dropped.
                self.fd = unsafe { AsyncFd::register(Fd(timer)) }.ok();
            }
            let fd = self.fd.as_ref()?;
            let left = at.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Some(());
            }
            fd.get_ref().0.set(Expiration::OneShot(TimeSpec::from(left)), TimerSetTimeFlags::empty()).ok()?;
            while at > Instant::now() {
                let mut ready = fd.readable().await.ok()?;
                ready.clear_ready();
            }
            Some(())
        }
    }

    impl Timer for FdTimer {
        async fn until(&mut self, at: Instant) {
            if self.wait(at).await.is_none() {
                CoarseTimer.until(at).await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn nobody_is_woken_early() {
        let mut timer = PreciseTimer::default();
        for micros in [0, 150, 1500] {
            let at = Instant::now() + Duration::from_micros(micros);
            timer.until(at).await;
            assert!(Instant::now() >= at);
        }
    }
}
