//! Work for all processors.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{available_parallelism, scope};

/// More threads than this do not help: memory is what they wait for.
const MOST_THREADS: usize = 8;

/// Does each of some jobs, on several threads where there are several processors; gives the outcomes in the order of
/// the jobs.
pub(crate) fn each<J: Sync, R: Send>(jobs: &[J], work: impl Fn(&J) -> R + Sync) -> Vec<R> {
    let processors = available_parallelism().map_or(1, usize::from);
    let threads = processors.min(MOST_THREADS).min(jobs.len());
    let next = AtomicUsize::new(0);
    let take = || {
        let mut done = Vec::new();
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(job) = jobs.get(place) else {
                return done;
            };
            done.push((place, work(job)));
        }
    };
    let mut done = scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(take)).collect();
        let mut done = take();
        for other in others {
            done.extend(other.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        done
    });
    done.sort_unstable_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, outcome)| outcome).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_come_in_the_order_of_the_jobs() {
        let jobs: Vec<usize> = (0..1_000).collect();
        let expected: Vec<usize> = jobs.iter().map(|job| job * 2).collect();
        assert_eq!(each(&jobs, |job| job * 2), expected);
        assert!(each(&jobs[..0], |job| job * 2).is_empty());
    }

    #[test]
    fn a_panic_of_a_job_is_one_of_the_caller() {
        let jobs = [0, 1, 2, 3];
        let outcome = std::panic::catch_unwind(|| each(&jobs, |job| assert_ne!(*job, 2)));
        assert!(outcome.is_err());
    }
}
