//! The same for many things, by several threads.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use parking_lot::Mutex;

/// What `work` gives for each of the things, in their order. It is done by so many threads at the most, this one among
/// them. After the first failure nothing new is begun.
pub(super) fn side_by_side<T: Sync, R: Send, E: Send>(
    threads: usize,
    things: &[T],
    work: impl Fn(&T) -> Result<R, E> + Sync,
) -> Result<Vec<R>, E> {
    let next = AtomicUsize::new(0);
    let failed = AtomicBool::new(false);
    let done: Mutex<Vec<(usize, Result<R, E>)>> = Mutex::new(Vec::with_capacity(things.len()));
    let run = || {
        while !failed.load(Ordering::Relaxed) {
            let position = next.fetch_add(1, Ordering::Relaxed);
            let Some(thing) = things.get(position) else {
                return;
            };
            let result = work(thing);
            if result.is_err() {
                failed.store(true, Ordering::Relaxed);
            }
            done.lock().push((position, result));
        }
    };
    thread::scope(|scope| {
        for _ in 1..threads.min(things.len()) {
            let helper = thread::Builder::new().name("ftrack-compare".to_owned());
            // This thread works as well, so it goes on, if slower, where no more threads can be had.
            if let Err(error) = helper.spawn_scoped(scope, run) {
                tracing::warn!(%error, "looking at files with fewer threads");
                break;
            }
        }
        run();
    });
    let mut done = done.into_inner();
    done.sort_unstable_by_key(|(position, _)| *position);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::sync::Barrier;

    use super::*;

    #[test]
    fn results_come_in_order_and_no_more_threads_work_than_may() {
        let things: Vec<u32> = (0..200).collect();
        let seen = Mutex::new(HashSet::new());
        let doubled = side_by_side(3, &things, |thing| {
            seen.lock().insert(thread::current().id());
            Ok::<_, ()>(thing * 2)
        });
        let expected: Vec<u32> = (0..200).map(|thing| thing * 2).collect();
        assert_eq!(doubled, Ok(expected));
        assert!((1..=3).contains(&seen.lock().len()));
        assert_eq!(
            side_by_side(0, &[1], |thing| Ok::<_, ()>(*thing)),
            Ok(vec![1])
        );
        assert_eq!(
            side_by_side(4, &[] as &[u32], |thing| Ok::<_, ()>(*thing)),
            Ok(Vec::new())
        );
    }

    #[test]
    fn several_are_worked_at_at_once() {
        // Nobody passes before all four are there.
        let barrier = Barrier::new(4);
        let passed = side_by_side(4, &[(); 4], |()| {
            barrier.wait();
            Ok::<_, ()>(())
        });
        assert_eq!(passed.unwrap().len(), 4);
    }

    #[test]
    fn the_first_failure_is_given_and_ends_it() {
        let begun = AtomicUsize::new(0);
        let things: Vec<usize> = (0..1_000).collect();
        let result = side_by_side(1, &things, |thing| {
            begun.fetch_add(1, Ordering::Relaxed);
            if *thing >= 5 { Err(*thing) } else { Ok(()) }
        });
        assert_eq!(result, Err(5));
        assert_eq!(begun.load(Ordering::Relaxed), 6);
    }
}
