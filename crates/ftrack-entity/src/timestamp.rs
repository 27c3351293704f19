//! Points in time as ftrack exchanges them.

use std::fmt;

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveDateTime, TimeDelta, Timelike, Utc};

/// A point in time: microseconds of UTC, and the offset it was written with, where there was one.
///
/// Text without an offset is read as UTC, as every ftrack client does. Two values are equal if they are the same
/// point in time, whatever their offsets.
///
/// ```
/// use ftrack_entity::Timestamp;
///
/// let naive: Timestamp = "2022-10-10T10:12:09".parse().unwrap();
/// let local: Timestamp = "2022-10-10T12:12:09+02:00".parse().unwrap();
/// assert_eq!(naive, local);
/// assert_eq!(local.to_string(), "2022-10-10T12:12:09+02:00");
/// assert_eq!(naive.to_string(), "2022-10-10T10:12:09+00:00");
/// ```
#[derive(Clone, Copy)]
pub struct Timestamp {
    utc: NaiveDateTime,
    offset: Option<FixedOffset>,
}

/// Text that is not a point in time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a date and time such as 2022-10-10T10:12:09")]
pub struct TimestampError {
    text: String,
}

impl Timestamp {
    /// The point in time, in UTC.
    pub fn to_utc(self) -> DateTime<Utc> {
        self.utc.and_utc()
    }

    /// The point in time, with the offset it was written with; UTC where none was given.
    pub fn to_offset(self) -> DateTime<FixedOffset> {
        let offset = self.offset.unwrap_or_else(|| chrono::Offset::fix(&Utc));
        self.utc.and_utc().with_timezone(&offset)
    }
}

/// Microseconds are what the wire carries; finer parts are cut off.
fn to_microseconds(time: NaiveDateTime) -> NaiveDateTime {
    let surplus = time.and_utc().timestamp_subsec_nanos() % 1_000;
    time - TimeDelta::nanoseconds(i64::from(surplus))
}

/// `YYYY-MM-DDTHH:MM:SS`, which is what servers send: read without a format description, a tenth of the time.
fn plain(text: &[u8]) -> Option<NaiveDateTime> {
    let text: &[u8; 19] = text.try_into().ok()?;
    let number = |from: usize, to: usize| number(&text[from..to]);
    let separators = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    if separators
        .iter()
        .any(|&(position, expected)| text[position] != expected)
    {
        return None;
    }
    NaiveDate::from_ymd_opt(
        i32::try_from(number(0, 4)?).ok()?,
        number(5, 7)?,
        number(8, 10)?,
    )?
    .and_hms_opt(number(11, 13)?, number(14, 16)?, number(17, 19)?)
}

/// `+HH:MM` or `-HH:MM`, which is how offsets are written.
fn plain_offset([sign, digits @ ..]: [u8; 6]) -> Option<FixedOffset> {
    let [hour @ .., b':', _, _] = &digits[..] else {
        return None;
    };
    let (hours, minutes) = (number(hour)?, number(&digits[3..])?);
    let seconds = i32::try_from(hours * 3_600 + minutes * 60).ok()?;
    match sign {
        _ if minutes > 59 => None,
        b'+' => FixedOffset::east_opt(seconds),
        b'-' => FixedOffset::west_opt(seconds),
        _ => None,
    }
}

fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0_u32, |number, character| {
        character
            .is_ascii_digit()
            .then(|| number * 10 + u32::from(character - b'0'))
    })
}

impl std::str::FromStr for Timestamp {
    type Err = TimestampError;

    fn from_str(text: &str) -> Result<Self, TimestampError> {
        if let Some(utc) = plain(text.as_bytes()) {
            return Ok(Self { utc, offset: None });
        }
        if let Some((time, offset)) = text.as_bytes().split_last_chunk()
            && let (Some(local), Some(offset)) = (plain(time), plain_offset(*offset))
            && let Some(utc) = local.checked_sub_offset(offset)
        {
            let offset = Some(offset);
            return Ok(Self { utc, offset });
        }
        if let Ok(utc) = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f") {
            return Ok(utc.into());
        }
        if let Ok(zoned) = DateTime::parse_from_rfc3339(text) {
            return Ok(zoned.into());
        }
        for format in ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M"] {
            if let Ok(utc) = NaiveDateTime::parse_from_str(text, format) {
                return Ok(utc.into());
            }
        }
        NaiveDate::parse_from_str(text, "%Y-%m-%d")
            .map(Self::from)
            .map_err(|_| TimestampError {
                text: text.chars().take(80).collect(),
            })
    }
}

impl From<DateTime<Utc>> for Timestamp {
    fn from(time: DateTime<Utc>) -> Self {
        Self {
            utc: to_microseconds(time.naive_utc()),
            offset: None,
        }
    }
}

impl From<DateTime<FixedOffset>> for Timestamp {
    fn from(time: DateTime<FixedOffset>) -> Self {
        Self {
            utc: to_microseconds(time.naive_utc()),
            offset: Some(*time.offset()),
        }
    }
}

/// Naive time is UTC.
impl From<NaiveDateTime> for Timestamp {
    fn from(utc: NaiveDateTime) -> Self {
        Self {
            utc: to_microseconds(utc),
            offset: None,
        }
    }
}

/// Midnight of the day, in UTC.
impl From<NaiveDate> for Timestamp {
    fn from(date: NaiveDate) -> Self {
        Self {
            utc: date.and_time(chrono::NaiveTime::MIN),
            offset: None,
        }
    }
}

impl PartialEq for Timestamp {
    fn eq(&self, other: &Self) -> bool {
        self.utc == other.utc
    }
}

impl Eq for Timestamp {}

impl PartialOrd for Timestamp {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Timestamp {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.utc.cmp(&other.utc)
    }
}

impl std::hash::Hash for Timestamp {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.utc.hash(state);
    }
}

/// The text of a point in time, on the stack: `YYYY-MM-DDTHH:MM:SS.ffffff+HH:MM`, without a fraction that is zero.
pub(crate) struct PlainText {
    bytes: [u8; 32],
    length: usize,
}

impl PlainText {
    fn new() -> Self {
        Self {
            bytes: [0; 32],
            length: 0,
        }
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    /// Writes `mark` and then the last digits of `number`.
    fn number<const DIGITS: usize>(&mut self, mark: u8, number: u32) {
        let end = self.length + 1 + DIGITS;
        let [first, digits @ ..] = &mut self.bytes[self.length..end] else {
            return;
        };
        *first = mark;
        let mut rest = number;
        for digit in digits.iter_mut().rev() {
            *digit = b"0123456789"[(rest % 10) as usize];
            rest /= 10;
        }
        self.length = end;
    }
}

impl Timestamp {
    /// The text that chrono would make of it, in a fraction of the time: it would read its pattern each time. `None`
    /// for what takes more care: years of other than four digits, offsets of odd seconds, leap seconds.
    pub(crate) fn plain_text(self) -> Option<PlainText> {
        let offset = self.offset.map_or(0, |offset| offset.local_minus_utc());
        let local = match self.offset {
            Some(offset) => self.utc.checked_add_offset(offset)?,
            None => self.utc,
        };
        let year = u32::try_from(local.year()).ok()?;
        let microseconds = local.nanosecond() / 1_000;
        if year > 9_999 || offset % 60 != 0 || microseconds >= 1_000_000 {
            return None;
        }
        let mut text = PlainText::new();
        // The mark that the first number begins with is taken for its first digit's place.
        text.number::<3>(b'0' + u8::try_from(year / 1_000).ok()?, year);
        text.number::<2>(b'-', local.month());
        text.number::<2>(b'-', local.day());
        text.number::<2>(b'T', local.hour());
        text.number::<2>(b':', local.minute());
        text.number::<2>(b':', local.second());
        if microseconds != 0 {
            text.number::<6>(b'.', microseconds);
        }
        let sign = if offset < 0 { b'-' } else { b'+' };
        let minutes = offset.unsigned_abs() / 60;
        text.number::<2>(sign, minutes / 60);
        text.number::<2>(b':', minutes % 60);
        Some(text)
    }
}

/// ISO 8601 with the offset; fractions of a second only where there are any.
impl fmt::Display for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(text) = self.plain_text() {
            return formatter.write_str(&String::from_utf8_lossy(text.as_bytes()));
        }
        let time = self.to_offset();
        let format = if time.timestamp_subsec_micros() == 0 {
            "%Y-%m-%dT%H:%M:%S%:z"
        } else {
            "%Y-%m-%dT%H:%M:%S%.6f%:z"
        };
        write!(formatter, "{}", time.format(format))
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_that_clients_and_servers_write_are_read() {
        for (text, written) in [
            ("2022-10-10T10:12:09", "2022-10-10T10:12:09+00:00"),
            (
                "2022-10-10T10:12:09.250000",
                "2022-10-10T10:12:09.250000+00:00",
            ),
            (
                "2022-10-10T10:12:09.250Z",
                "2022-10-10T10:12:09.250000+00:00",
            ),
            ("2022-10-10T10:12:09-07:30", "2022-10-10T10:12:09-07:30"),
            ("2022-10-10T10:12:09+14:00", "2022-10-10T10:12:09+14:00"),
            ("2022-10-10 10:12:09", "2022-10-10T10:12:09+00:00"),
            ("2022-10-10", "2022-10-10T00:00:00+00:00"),
        ] {
            let time: Timestamp = text.parse().unwrap();
            assert_eq!(time.to_string(), written, "{text}");
        }
    }

    #[test]
    fn other_text_is_refused_by_name() {
        for text in [
            "yesterday",
            "2022-10-10T10:12:09+07:60",
            "2022-10-10T10:12:09+24:00",
            "2022-10-10T10:12:09 07:00",
            "2022-10-10T10:12:09+0x:00",
        ] {
            let error = text.parse::<Timestamp>().unwrap_err();
            assert!(error.to_string().contains(&format!("{text:?}")), "{error}");
        }
    }

    #[test]
    fn times_are_written_as_chrono_writes_them() {
        for (year, microsecond, offset) in [
            (1, 0, 0),
            (9999, 1, -1_800),
            (2024, 250_000, 50_400),
            (-44, 999_999, 2_940),
            (12_345, 0, -25_200),
            (2024, 0, 19_017),
            (2024, 1_500_000, 0),
        ] {
            let day = NaiveDate::from_ymd_opt(year, 2, 28).unwrap();
            let time = day.and_hms_micro_opt(23, 5, 59, microsecond).unwrap();
            let offset = FixedOffset::east_opt(offset).unwrap();
            let time = Timestamp {
                utc: time,
                offset: Some(offset),
            };
            let format = if microsecond == 0 {
                "%Y-%m-%dT%H:%M:%S%:z"
            } else {
                "%Y-%m-%dT%H:%M:%S%.6f%:z"
            };
            let expected = time.to_offset().format(format).to_string();
            assert_eq!(time.to_string(), expected);
        }
    }

    #[test]
    fn nanoseconds_are_cut_to_microseconds() {
        let time: Timestamp = "2022-10-10T10:12:09.123456789".parse().unwrap();
        assert_eq!(time.to_string(), "2022-10-10T10:12:09.123456+00:00");
    }
}
