//! How a file is divided for sending.

const MIB: u64 = 1024 * 1024;
const GIB: u64 = 1024 * MIB;

/// The most parts that storage services take.
const MOST_PARTS: u64 = 10_000;

/// Files of no more parts than these are sent in one piece.
const FEW: u64 = 2;

/// How many bytes are sent in one piece where nobody asks for parts of another size.
pub(super) const IN_ONE_PIECE: u64 = FEW * 8 * MIB;

/// The parts of a file; all have the same size but for the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Parts {
    size: u64,
    part: u64,
}

impl Parts {
    /// The parts of a file of `size` bytes: the larger the file, the larger they are.
    pub(super) fn new(size: u64) -> Self {
        let part = match size {
            _ if size <= 128 * MIB => 8 * MIB,
            _ if size <= GIB => 16 * MIB,
            _ if size <= 8 * GIB => 32 * MIB,
            _ if size <= 64 * GIB => 64 * MIB,
            _ => (128 * MIB).max(size.div_ceil(MOST_PARTS)),
        };
        Self { size, part }
    }

    /// The parts of a file of `size` bytes where each has so many; more, if there would be more parts than services
    /// take.
    pub(super) fn with_size(size: u64, part: u64) -> Self {
        let part = part.max(1).max(size.div_ceil(MOST_PARTS));
        Self { size, part }
    }

    /// How many bytes each part has but the last.
    pub(super) fn part_size(self) -> u64 {
        self.part
    }

    /// How many there are; nothing if the file is sent in one piece.
    pub(super) fn count(self) -> Option<u64> {
        let count = self.size.div_ceil(self.part);
        (count > FEW).then_some(count)
    }

    /// Where the part of this number, counted from one, starts, and how long it is.
    pub(super) fn range(self, number: u64) -> (u64, u64) {
        let start = number.saturating_sub(1).saturating_mul(self.part);
        (start, self.size.saturating_sub(start).min(self.part))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_grow_with_the_file() {
        for (size, count) in [
            (0, None),
            (16 * MIB, None),
            (16 * MIB + 1, Some(3)),
            (128 * MIB, Some(16)),
            (128 * MIB + 1, Some(9)),
            (GIB, Some(64)),
            (GIB + 1, Some(33)),
            (8 * GIB, Some(256)),
            (8 * GIB + 1, Some(129)),
            (64 * GIB, Some(1024)),
            (65 * GIB, Some(520)),
            (2048 * GIB, Some(MOST_PARTS)),
        ] {
            assert_eq!(Parts::new(size).count(), count, "{size}");
        }
    }

    #[test]
    fn a_size_that_is_asked_for_makes_no_more_parts_than_services_take() {
        assert_eq!(Parts::with_size(MIB, 64 * 1024).count(), Some(16));
        assert_eq!(Parts::with_size(MIB, MIB).count(), None);
        assert_eq!(Parts::with_size(MIB, 0).count(), Some(9_987));
        assert_eq!(Parts::with_size(GIB, 1).part_size(), 107_375);
    }

    #[test]
    fn parts_cover_the_file_without_overlap() {
        for size in [16 * MIB + 1, 100 * MIB, GIB + 7] {
            let parts = Parts::new(size);
            let mut end = 0;
            for number in 1..=parts.count().unwrap() {
                let (start, length) = parts.range(number);
                assert_eq!(start, end);
                assert!(length > 0);
                end = start + length;
            }
            assert_eq!(end, size);
        }
    }
}
