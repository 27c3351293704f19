//! A command that replaces a file is killed at any moment.

use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use super::{Studio, files_in};

const SIZE: usize = 4 << 20;
const KILLS: u8 = 6;

/// The number that the whole file is made of.
fn number_of(path: &Path) -> u8 {
    let content = fs::read(path).unwrap();
    assert_eq!(content.len(), SIZE, "a part of a file has the final name");
    let number = content[0];
    assert!(content.iter().all(|byte| *byte == number), "a mixed file");
    number
}

/// Sets the flag when it is dropped, also by a test that fails: else whoever watches would be waited for.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn a_killed_mending_leaves_the_old_or_the_new_file_at_any_time_and_can_be_repeated() {
    let studio = Studio::new();
    let scene = studio.file("scene.ma", &vec![0; SIZE]);
    let disk = studio.disk();
    let published = studio.published(&["--disk", &disk, &scene]);
    let component = published["components"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let target = files_in(Path::new(&studio.path("storage"))).remove(0);
    let fix = studio.path("fix.ma");
    let mend = ["component", "mend", &component, &fix, "--disk", &disk];
    let is_over = AtomicBool::new(false);
    let looks = thread::scope(|scope| {
        let over = Over(&is_over);
        // Somebody opens the file all the time.
        let watching = scope.spawn(|| {
            let mut looks = 0;
            while !is_over.load(Ordering::Relaxed) {
                number_of(&target);
                looks += 1;
            }
            looks
        });
        for kill in 1..=KILLS {
            fs::write(&fix, vec![kill; SIZE]).unwrap();
            let (mut child, _error) = studio.started(&mend);
            let random = RandomState::new().hash_one(kill);
            thread::sleep(Duration::from_millis(random % 40));
            child.kill().unwrap();
            child.wait().unwrap();
            let number = number_of(&target);
            assert!(number <= kill, "{number} after {kill}");
        }
        drop(over);
        watching.join().unwrap()
    });
    assert!(looks > 0);
    fs::write(&fix, vec![KILLS + 1; SIZE]).unwrap();
    studio.json(&mend);
    assert_eq!(number_of(&target), KILLS + 1);
}
