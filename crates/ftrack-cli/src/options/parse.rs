//! Values of options that are more than text.

use std::time::Duration;

/// A time in seconds, such as `0.5`.
pub(crate) fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text
        .parse()
        .map_err(|_| "this is not a number".to_owned())?;
    Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())
}

/// A JSON object.
pub(crate) fn object(text: &str) -> Result<serde_json::Value, String> {
    json(text).and_then(|value| match value {
        serde_json::Value::Object(_) => Ok(value),
        _ => Err("this is not a JSON object".to_owned()),
    })
}

/// Any JSON.
pub(crate) fn json(text: &str) -> Result<serde_json::Value, String> {
    serde_json::from_str(text).map_err(|error| format!("this is not JSON: {error}"))
}

/// Bytes a second, such as `20M`. Units are powers of 1000, and of 1024 with an `i`.
pub(super) fn rate(text: &str) -> Result<u64, String> {
    const UNITS: [(&str, u64); 7] = [
        ("Ki", 1 << 10),
        ("Mi", 1 << 20),
        ("Gi", 1 << 30),
        ("K", 1_000),
        ("M", 1_000_000),
        ("G", 1_000_000_000),
        ("", 1),
    ];
    let plain = text.trim().trim_end_matches(['B', 'b']);
    let unit = UNITS.iter().find_map(|(unit, bytes)| {
        let number = plain.strip_suffix(unit)?;
        Some((number.trim(), *bytes))
    });
    let (number, bytes) = unit.unwrap_or((plain, 1));
    let rate = multiplied(number, bytes)
        .ok_or_else(|| "write a number of bytes a second, such as 500K, 20M or 1.5Mi".to_owned())?;
    if rate < ftrack::RateLimit::LOWEST {
        return Err("connections do not stand less than 16Ki".to_owned());
    }
    Ok(rate)
}

/// A time, such as `90`, `30m` or `12h`.
pub(super) fn time(text: &str) -> Result<Duration, String> {
    const UNITS: [(&str, u64); 5] = [("s", 1), ("m", 60), ("h", 3600), ("d", 86_400), ("", 1)];
    let plain = text.trim();
    let unit = UNITS.iter().find_map(|(unit, seconds)| {
        let number = plain.strip_suffix(unit)?;
        Some((number.trim(), *seconds))
    });
    let (number, seconds) = unit.unwrap_or((plain, 1));
    multiplied(number, seconds)
        .map(Duration::from_secs)
        .ok_or_else(|| "write a time, such as 90s, 30m or 12h".to_owned())
}

/// A decimal number times a unit, rounded down.
fn multiplied(number: &str, unit: u64) -> Option<u64> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !is_digits(whole) || !is_digits(fraction) || number.ends_with('.') {
        return None;
    }
    let whole = whole.parse::<u64>().ok()?.checked_mul(unit)?;
    // More digits than nine say nothing of bytes.
    let digits = fraction.get(..fraction.len().min(9))?;
    let scale = 10_u128.pow(u32::try_from(digits.len()).ok()?);
    let part = format!("0{digits}").parse::<u128>().ok()? * u128::from(unit) / scale;
    whole.checked_add(u64::try_from(part).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_numbers_with_units() {
        for (text, expected) in [
            ("20M", Some(20_000_000)),
            ("20MB", Some(20_000_000)),
            ("1.5Mi", Some(1_572_864)),
            ("500 K", Some(500_000)),
            ("0.02G", Some(20_000_000)),
            ("16Ki", Some(16_384)),
            ("123456", Some(123_456)),
            ("16K", None),
            ("0", None),
            ("-5M", None),
            ("fast", None),
            ("M", None),
            ("1.M", None),
            ("99999999999999999999G", None),
            ("", None),
        ] {
            assert_eq!(rate(text).ok(), expected, "{text}");
        }
    }

    #[test]
    fn times_are_numbers_with_units() {
        for (text, expected) in [
            ("90", Some(90)),
            ("90s", Some(90)),
            ("1.5h", Some(5400)),
            ("2d", Some(172_800)),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(time(text).ok(), expected.map(Duration::from_secs), "{text}");
        }
    }
}
