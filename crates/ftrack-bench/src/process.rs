//! What the operating system says of this process.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// The time that this process has computed for, in itself and in the system.
pub(crate) fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    Duration::from_secs(seconds)
        + Duration::from_nanos(u64::try_from(time.tv_nsec).unwrap_or_default())
}

/// Has [`peak_memory`] count anew from what is resident now.
///
/// # Errors
///
/// The system has no such thing (only Linux has), or does not allow it.
pub(crate) fn reset_peak_memory() -> std::io::Result<()> {
    std::fs::write("/proc/self/clear_refs", "5")
}

/// The highest amount of resident memory so far, in KiB.
///
/// # Errors
///
/// The system does not tell.
pub(crate) fn peak_memory() -> std::io::Result<u64> {
    status("self", "VmHWM")
}

/// The amount of resident memory now, in KiB.
///
/// # Errors
///
/// The system does not tell.
pub(crate) fn resident_memory() -> std::io::Result<u64> {
    status("self", "VmRSS")
}

/// The amount of resident memory of another process now, in KiB.
///
/// # Errors
///
/// The system does not tell.
pub(crate) fn resident_memory_of(process: u32) -> std::io::Result<u64> {
    status(&process.to_string(), "VmRSS")
}

/// How long the first thread of another process has computed.
///
/// # Errors
///
/// The system does not tell.
pub(crate) fn cpu_time_of(process: u32) -> std::io::Result<Duration> {
    let times = std::fs::read_to_string(format!("/proc/{process}/schedstat"))?;
    let nanoseconds = times
        .split_whitespace()
        .next()
        .and_then(|time| time.parse().ok());
    let nanoseconds = nanoseconds.ok_or_else(|| std::io::Error::other("there is no time in it"))?;
    Ok(Duration::from_nanos(nanoseconds))
}

fn status(process: &str, field: &str) -> std::io::Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    find(&status, field)
        .ok_or_else(|| std::io::Error::other(format!("the system does not tell {field}")))
}

fn find(status: &str, field: &str) -> Option<u64> {
    let rest = status
        .lines()
        .find_map(|line| line.strip_prefix(field)?.strip_prefix(':'))?;
    rest.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_by_their_whole_name() {
        let status = "Name:\tx\nVmHWMX:\t1 kB\nVmHWM:\t   4812 kB\nVmRSS:\tmuch\n";
        assert_eq!(find(status, "VmHWM"), Some(4812));
        assert_eq!(find(status, "VmRSS"), None);
        assert_eq!(find(status, "VmPeak"), None);
    }

    #[test]
    fn computing_takes_time() {
        let before = cpu_time();
        while cpu_time().saturating_sub(before) < Duration::from_millis(2) {}
        assert!(cpu_time() > before);
    }
}
