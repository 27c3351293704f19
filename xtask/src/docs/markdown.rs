//! As much of Markdown as links and headings take.

/// A link, and the line it is on, counted from one.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) line: usize,
    pub(super) target: String,
}

/// The lines of a page that are not code, numbered from one, without the code that stands within them.
pub(super) fn prose(text: &str) -> Vec<(usize, String)> {
    outside_blocks(text)
        .into_iter()
        .map(|(number, line)| (number, without_code(line)))
        .collect()
}

/// The lines of a page that are in no block of code, numbered from one.
fn outside_blocks(text: &str) -> Vec<(usize, &str)> {
    let mut lines = Vec::new();
    let mut fence: Option<String> = None;
    for (number, line) in (1..).zip(text.lines()) {
        let marks = line.trim_start();
        let ticks: String = marks.chars().take_while(|mark| *mark == '`').collect();
        match &fence {
            Some(open) => {
                if ticks.len() >= open.len() && marks.trim_end() == ticks {
                    fence = None;
                }
            }
            None if ticks.len() >= 3 => fence = Some(ticks),
            None => lines.push((number, line)),
        }
    }
    lines
}

/// The targets of all links of a page, and of its pictures.
pub(super) fn links(text: &str) -> Vec<Link> {
    let mut links = Vec::new();
    for (line, text) in prose(text) {
        for part in text.split("](").skip(1) {
            if let Some((target, _)) = part.split_once(')') {
                let target = target.split(" \"").next().unwrap_or(target);
                links.push(Link {
                    line,
                    target: target.to_owned(),
                });
            }
        }
        if let Some((name, target)) = text
            .strip_prefix('[')
            .and_then(|rest| rest.split_once("]: "))
            && !name.contains('[')
        {
            links.push(Link {
                line,
                target: target.trim().to_owned(),
            });
        }
    }
    links
}

/// The anchors of a page's headings, as mdBook and GitHub make them.
pub(super) fn anchors(text: &str) -> Vec<String> {
    let mut anchors: Vec<String> = Vec::new();
    for (_, line) in outside_blocks(text) {
        let title = line.trim_start_matches('#');
        let depth = line.len() - title.len();
        if !(1..=6).contains(&depth) || !title.starts_with(' ') {
            continue;
        }
        let anchor = anchor(title.trim());
        let earlier = anchors
            .iter()
            .filter(|known| {
                **known == anchor
                    || known
                        .strip_prefix(&format!("{anchor}-"))
                        .is_some_and(|rest| rest.parse::<usize>().is_ok())
            })
            .count();
        anchors.push(match earlier {
            0 => anchor,
            more => format!("{anchor}-{more}"),
        });
    }
    anchors
}

fn anchor(title: &str) -> String {
    let mut anchor = String::new();
    for character in shown(title).chars() {
        match character {
            '-' | '_' => anchor.push(character),
            blank if blank.is_whitespace() => anchor.push('-'),
            letter if letter.is_alphanumeric() => anchor.extend(letter.to_lowercase()),
            _ => {}
        }
    }
    anchor
}

/// A title as it is shown: of a link, its text.
fn shown(title: &str) -> String {
    let mut shown = String::new();
    let mut rest = title;
    while let Some((before, after)) = rest.split_once("](") {
        shown.push_str(before);
        rest = after.split_once(')').map_or("", |(_, rest)| rest);
    }
    shown.push_str(rest);
    shown
}

/// The line without what stands between backticks.
fn without_code(line: &str) -> String {
    let mut prose = String::new();
    let mut rest = line;
    while let Some(start) = rest.find('`') {
        let ticks = rest[start..]
            .chars()
            .take_while(|mark| *mark == '`')
            .count();
        let fence = &rest[start..start + ticks];
        prose.push_str(&rest[..start]);
        let Some(end) = rest[start + ticks..].find(fence) else {
            rest = &rest[start + ticks..];
            break;
        };
        rest = &rest[start + ticks + end + ticks..];
    }
    prose.push_str(rest);
    prose
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_found_in_prose_and_not_in_code() {
        let text = "[a](a.md) and [b](b.md#c \"title\")\n```text\n[no](no.md)\n```\n`[no](no.md)` ![d](d.png)\n\n[e]: e.md\n";
        let found: Vec<_> = links(text)
            .into_iter()
            .map(|link| (link.line, link.target))
            .collect();
        let expected = [(1, "a.md"), (1, "b.md#c"), (5, "d.png"), (7, "e.md")];
        assert_eq!(
            found,
            expected.map(|(line, target)| (line, target.to_owned()))
        );
    }

    #[test]
    fn a_fence_ends_with_as_many_ticks_as_it_began_with() {
        let text = "````md\n```rust\n[no](no.md)\n```\n````\n[a](a.md)\n";
        assert_eq!(links(text).len(), 1);
    }

    #[test]
    fn headings_have_anchors() {
        let text = "# The `ftrack` command\n## What's new, and why\n## A-b c_d\n```sh\n# no heading\n```\n## A-b c_d\n";
        assert_eq!(
            anchors(text),
            [
                "the-ftrack-command",
                "whats-new-and-why",
                "a-b-c_d",
                "a-b-c_d-1"
            ]
        );
        // A block may stand in another.
        let nested = "````md\n```sh\n```\n# no heading\n````\n# Heading\n";
        assert_eq!(anchors(nested), ["heading"]);
        assert_eq!(
            anchors("## [Events](events.md) of ours\n"),
            ["events-of-ours"]
        );
    }
}
