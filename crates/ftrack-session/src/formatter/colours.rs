//! Whether text for people is coloured.

use std::io::IsTerminal;

/// Whether text for people is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Colours {
    /// If the standard output is a terminal. The environment decides first: `NO_COLOR` and `ANSI_COLORS_DISABLED`
    /// switch colours off and `FORCE_COLOR` switches them on, whatever their values; a `TERM` of `dumb` has none.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Colours {
    /// Whether to colour now.
    pub fn are_on(self) -> bool {
        match self {
            Self::Auto => {
                let variable =
                    |name| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned());
                automatic(variable, std::io::stdout().is_terminal())
            }
            Self::Always => true,
            Self::Never => false,
        }
    }
}

fn automatic(variable: impl Fn(&'static str) -> Option<String>, is_terminal: bool) -> bool {
    let is_set = |name| variable(name).is_some();
    if is_set("ANSI_COLORS_DISABLED") || is_set("NO_COLOR") {
        return false;
    }
    is_set("FORCE_COLOR") || is_terminal && variable("TERM").as_deref() != Some("dumb")
}

#[cfg(test)]
mod tests {
    use super::automatic;

    #[test]
    fn the_environment_decides_before_the_terminal() {
        type Variables = &'static [(&'static str, &'static str)];
        let cases: [(Variables, bool, bool); 9] = [
            (&[], true, true),
            (&[], false, false),
            (&[("TERM", "xterm")], true, true),
            (&[("TERM", "dumb")], true, false),
            (&[("NO_COLOR", "")], true, false),
            (&[("ANSI_COLORS_DISABLED", "1")], true, false),
            (&[("FORCE_COLOR", "1")], false, true),
            (&[("FORCE_COLOR", "1"), ("TERM", "dumb")], false, true),
            (&[("FORCE_COLOR", "1"), ("NO_COLOR", "1")], true, false),
        ];
        for (variables, is_terminal, expected) in cases {
            let variable = |name: &str| {
                let found = variables.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).to_owned())
            };
            assert_eq!(
                automatic(variable, is_terminal),
                expected,
                "{variables:?}, {is_terminal}"
            );
        }
    }
}
