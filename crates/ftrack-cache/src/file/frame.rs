//! The form in which a value is stored: a checksum, the time of writing, the value.

/// Bytes before the value: the checksum (4) and the time (8), both with the low byte first on
/// every platform.
const HEADER: usize = 12;

/// A stored value whose checksum is right.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Frame<'a> {
    /// When the value was written, in milliseconds since 1970.
    pub(super) written: u64,
    pub(super) value: &'a [u8],
}

pub(super) fn write(key: &[u8], written: u64, value: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HEADER + value.len());
    bytes.extend_from_slice(&checksum(key, written, value).to_le_bytes());
    bytes.extend_from_slice(&written.to_le_bytes());
    bytes.extend_from_slice(value);
    bytes
}

/// Returns nothing if the bytes are not what was written for `key`.
pub(super) fn read<'a>(key: &[u8], bytes: &'a [u8]) -> Option<Frame<'a>> {
    let (expected, rest) = bytes.split_first_chunk::<4>()?;
    let (written, value) = rest.split_first_chunk::<8>()?;
    let written = u64::from_le_bytes(*written);
    let intact = checksum(key, written, value) == u32::from_le_bytes(*expected);
    intact.then_some(Frame { written, value })
}

/// The key belongs to what is checked, so that a value that ended up under another key is found.
fn checksum(key: &[u8], written: u64, value: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(key);
    hasher.update(&written.to_le_bytes());
    hasher.update(value);
    hasher.finalize()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_was_written_is_read(key: Vec<u8>, written: u64, value: Vec<u8>) {
            let bytes = write(&key, written, &value);
            prop_assert_eq!(read(&key, &bytes), Some(Frame { written, value: &value }));
        }

        #[test]
        fn a_changed_byte_is_found(
            key: Vec<u8>,
            written: u64,
            value: Vec<u8>,
            place: prop::sample::Index,
            change in 1..=u8::MAX,
        ) {
            let mut bytes = write(&key, written, &value);
            let place = place.index(bytes.len());
            bytes[place] ^= change;
            prop_assert_eq!(read(&key, &bytes), None);
        }

        #[test]
        fn a_cut_is_found(written: u64, value: Vec<u8>, place: prop::sample::Index) {
            let bytes = write(b"key", written, &value);
            prop_assert_eq!(read(b"key", &bytes[..place.index(bytes.len())]), None);
        }
    }

    #[test]
    fn a_value_under_another_key_is_found() {
        assert_eq!(read(b"shot-020", &write(b"shot-010", 1, b"value")), None);
    }
}
