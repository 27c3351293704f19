//! The memoiser, alone and under threads.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, mpsc};
use std::thread;

use ftrack_cache::{
    Cache, Error, KeyMaker, Memoiser, MemoryCache, ObjectKeyMaker, Result, StringKeyMaker, memoise,
};

#[test]
fn calls_with_equal_arguments_compute_once() {
    let memoiser = Memoiser::new(MemoryCache::new(), ObjectKeyMaker);
    let calls = AtomicUsize::new(0);
    let add = |x: i32, y: i32| {
        memoiser.call("add", (x, y), || {
            calls.fetch_add(1, Ordering::SeqCst);
            x + y
        })
    };
    for ((x, y), sum, so_far) in [
        ((1, 2), 3, 1),
        ((1, 2), 3, 1),
        ((1, 3), 4, 2),
        ((2, 1), 3, 3),
        ((1, 2), 3, 3),
    ] {
        assert_eq!(add(x, y), sum);
        assert_eq!(calls.load(Ordering::SeqCst), so_far);
    }
}

#[test]
fn functions_do_not_share_results() {
    let memoiser = Memoiser::default();
    assert_eq!(memoiser.call("sum", (2, 3), || 5), 5);
    assert_eq!(memoiser.call("product", (2, 3), || 6), 6);
    assert_eq!(memoiser.call("sum", ("2", 3), || 0), 0);
    assert_eq!(memoiser.cache().len().unwrap(), 3);
}

#[test]
fn results_are_copies() {
    let memoiser: Memoiser<Vec<u32>> = Memoiser::default();
    let mut first = memoiser.call("frames", (), || vec![1, 2]);
    first.push(3);
    assert_eq!(memoiser.call("frames", (), Vec::new), [1, 2]);
}

#[test]
fn the_key_maker_decides() {
    let memoiser = Memoiser::new(MemoryCache::new(), StringKeyMaker);
    memoiser.call("area", (2, 3), || 6);
    assert_eq!(memoiser.cache().keys().unwrap(), ["area, (2, 3)"]);
    let key = memoiser.key("area", (2, 3));
    assert_eq!(key, StringKeyMaker.key(&["area".into(), (2, 3).into()]));
}

#[test]
fn errors_are_not_remembered() {
    let memoiser = Memoiser::default();
    for round in 0..3 {
        let result = memoiser.try_call("f", (), || Err::<u32, _>(round));
        assert_eq!(result, Err(round));
    }
    assert_eq!(memoiser.try_call("f", (), || Ok::<_, u32>(7)), Ok(7));
    assert_eq!(memoiser.try_call("f", (), || Err(8)), Ok(7));
}

#[test]
fn concurrent_calls_compute_once() {
    let memoiser = Memoiser::default();
    let calls = AtomicUsize::new(0);
    let start = Barrier::new(8);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                start.wait();
                for argument in 0..200 {
                    let value = memoiser.call("square", argument, || {
                        calls.fetch_add(1, Ordering::SeqCst);
                        thread::yield_now();
                        argument * argument
                    });
                    assert_eq!(value, argument * argument);
                }
            });
        }
    });
    assert_eq!(calls.load(Ordering::SeqCst), 200);
}

/// Two computations under way at once: neither waits for the other.
#[test]
fn different_keys_do_not_wait_for_each_other() {
    let memoiser = Memoiser::default();
    let both_compute = Barrier::new(2);
    let compute = |name: &'static str| memoiser.call("f", name, || both_compute.wait().is_leader());
    let leaders = thread::scope(|scope| {
        let a = scope.spawn(|| compute("a"));
        let b = scope.spawn(|| compute("b"));
        [a.join().unwrap(), b.join().unwrap()]
    });
    assert_eq!(leaders.iter().filter(|leader| **leader).count(), 1);
}

/// Starts three callers that wait for a computation which then ends by `end`, and returns how
/// often they computed themselves.
fn computations_after(end: impl FnOnce() -> std::result::Result<u32, &'static str>) -> usize {
    let memoiser = Memoiser::default();
    let calls = AtomicUsize::new(0);
    thread::scope(|scope| {
        let (started, is_started) = mpsc::channel();
        let (go_on, may_go_on) = mpsc::channel();
        let memoiser = &memoiser;
        let calls = &calls;
        // The first one computes on a thread of its own.
        let waiters = scope.spawn(move || {
            is_started.recv().unwrap();
            let waiters: Vec<_> = (0..3)
                .map(|_| {
                    scope.spawn(move || {
                        memoiser.try_call("f", (), || {
                            calls.fetch_add(1, Ordering::SeqCst);
                            Ok::<_, &str>(7)
                        })
                    })
                })
                .collect();
            go_on.send(()).unwrap();
            waiters
                .into_iter()
                .map(|waiter| waiter.join().unwrap())
                .collect::<Vec<_>>()
        });
        let first = catch_unwind(AssertUnwindSafe(|| {
            memoiser.try_call("f", (), move || {
                started.send(()).unwrap();
                may_go_on.recv().unwrap();
                end()
            })
        }));
        let values = waiters.join().unwrap();
        let succeeded = matches!(first, Ok(Ok(_)));
        let expected = if succeeded { Ok(1) } else { Ok(7) };
        assert_eq!(values, [expected; 3]);
    });
    calls.load(Ordering::SeqCst)
}

#[test]
fn waiters_take_what_the_first_computed() {
    assert_eq!(computations_after(|| Ok(1)), 0);
}

#[test]
fn waiters_go_on_after_an_error() {
    assert_eq!(computations_after(|| Err("no")), 1);
}

#[test]
fn waiters_go_on_after_a_panic() {
    assert_eq!(computations_after(|| panic!("in the computation")), 1);
}

#[test]
fn recursion_works() {
    fn fibonacci(memoiser: &Memoiser<u64>, calls: &AtomicUsize, n: u64) -> u64 {
        memoiser.call("fibonacci", n, || {
            calls.fetch_add(1, Ordering::SeqCst);
            if n < 2 {
                return n;
            }
            fibonacci(memoiser, calls, n - 1) + fibonacci(memoiser, calls, n - 2)
        })
    }
    let calls = AtomicUsize::new(0);
    assert_eq!(fibonacci(&Memoiser::default(), &calls, 50), 12_586_269_025);
    assert_eq!(calls.load(Ordering::SeqCst), 51);
}

#[test]
fn a_computation_may_ask_for_itself() {
    let memoiser = Memoiser::default();
    let value = memoiser.call("f", (), || 1 + memoiser.call("f", (), || 10));
    assert_eq!(value, 11);
    assert_eq!(memoiser.call("f", (), || 0), 11);
}

struct Broken;

impl Cache<String, u32> for Broken {
    fn get(&self, _: &String) -> Result<Option<u32>> {
        Err(Error::backend("broken"))
    }
    fn set(&self, _: String, _: u32) -> Result<()> {
        Err(Error::backend("broken"))
    }
    fn remove(&self, _: &String) -> Result<()> {
        Err(Error::backend("broken"))
    }
    fn keys(&self) -> Result<Vec<String>> {
        Err(Error::backend("broken"))
    }
}

#[test]
fn a_broken_cache_does_not_fail_the_call() {
    let memoiser = Memoiser::new(Broken, ObjectKeyMaker);
    assert_eq!(memoiser.call("f", (), || 1), 1);
    assert_eq!(memoiser.call("f", (), || 2), 2);
}

#[test]
fn memoised_functions_compute_once() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counter = calls.clone();
    let area = memoise(move |(width, height): (u32, u32)| {
        counter.fetch_add(1, Ordering::SeqCst);
        width * height
    });
    let length = memoise(|text: String| text.len());
    assert_eq!([area((2, 3)), area((2, 3)), area((3, 2))], [6, 6, 6]);
    assert_eq!(calls.load(Ordering::SeqCst), 2);
    assert_eq!([length("ab".into()), length("abc".into())], [2, 3]);
}
