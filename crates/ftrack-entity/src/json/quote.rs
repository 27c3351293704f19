//! Texts in quotes.

use std::io::Write;

/// Writes `text`, which is UTF-8, in quotes. Most texts need no more than that.
pub(crate) fn write_text(out: &mut Vec<u8>, text: &[u8]) {
    out.reserve(text.len() + 2);
    out.push(b'"');
    if is_plain(text) {
        out.extend_from_slice(text);
    } else {
        write_escaped(out, text);
    }
    out.push(b'"');
}

/// Whether JSON takes all of the text as it is. Pieces of one size are looked at as a whole, not one character after
/// the other; what is left over is part of the last piece, counted from the end.
fn is_plain(text: &[u8]) -> bool {
    const PIECE: usize = 16;
    const HALF: usize = PIECE / 2;
    if let Some(last) = text.last_chunk::<PIECE>() {
        let (pieces, _) = text.as_chunks::<PIECE>();
        return pieces.iter().all(is_plain_piece) && is_plain_piece(last);
    }
    match (text.first_chunk::<HALF>(), text.last_chunk::<HALF>()) {
        (Some(first), Some(last)) => is_plain_piece(first) && is_plain_piece(last),
        _ => !text.iter().any(|byte| is_special(*byte)),
    }
}

/// Without a branch for each byte, so that it takes a few instructions for all of them.
fn is_plain_piece<const LENGTH: usize>(piece: &[u8; LENGTH]) -> bool {
    !piece
        .iter()
        .fold(false, |found, byte| found | is_special(*byte))
}

fn write_escaped(out: &mut Vec<u8>, text: &[u8]) {
    for &byte in text {
        let short = match byte {
            b'"' | b'\\' => byte,
            b'\n' => b'n',
            b'\r' => b'r',
            b'\t' => b't',
            0x08 => b'b',
            0x0c => b'f',
            0x00..0x20 => {
                // Writing to a vector does not fail.
                drop(write!(out, "\\u{byte:04x}"));
                continue;
            }
            _ => {
                out.push(byte);
                continue;
            }
        };
        out.extend_from_slice(&[b'\\', short]);
    }
}

/// Whether JSON does not take the byte as it is within a text.
fn is_special(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}
