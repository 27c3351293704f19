//! Columns for people.

use std::io::{self, Write};

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::terminal::escape;
use crate::terminal::output::{STRONG, Screen};

/// What stands between two columns.
const GAP: &str = "  ";

/// What stands for the rest of a cell that does not fit.
const CUT: char = '…';

/// No column is made narrower than this to fit a terminal.
const NARROWEST: usize = 8;

/// Rows under a head, each column as wide as its widest cell on the screen. A cell is one line, whatever is in it.
pub(crate) struct Table {
    head: Vec<String>,
    rows: Vec<Vec<String>>,
    /// How wide the whole may be.
    room: Option<usize>,
}

impl Table {
    /// A table with these columns, as wide as it gets.
    pub(crate) fn new(head: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            head: head.into_iter().map(|name| cell(&name.into())).collect(),
            rows: Vec::new(),
            room: None,
        }
    }

    /// The same table, which is made to fit: cells that are too long are cut. Ids stay whole as long as anything else
    /// can be cut, since they are there to be used.
    pub(crate) fn fitting(mut self, room: Option<usize>) -> Self {
        self.room = room;
        self
    }

    /// Adds a row.
    pub(crate) fn push(&mut self, row: &[String]) {
        self.rows.push(row.iter().map(|text| cell(text)).collect());
    }

    /// How many rows are waiting to be written.
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Writes the table.
    pub(crate) fn write(self, output: &mut Screen<impl Write>) -> io::Result<()> {
        self.begin(output).map(drop)
    }

    /// Writes head and rows, and gives what further rows are written with: in columns of the same widths.
    pub(crate) fn begin(self, output: &mut Screen<impl Write>) -> io::Result<Columns> {
        let columns = Columns {
            widths: self.widths(),
            is_cut: self.room.is_some(),
        };
        output.styled_line(STRONG, columns.line(&self.head))?;
        for row in &self.rows {
            writeln!(output, "{}", columns.line(row))?;
        }
        Ok(columns)
    }

    fn widths(&self) -> Vec<usize> {
        let width = |column: usize| {
            let cells = self
                .rows
                .iter()
                .chain([&self.head])
                .filter_map(|row| row.get(column));
            cells.map(|cell| cell.width()).max().unwrap_or(0)
        };
        let mut widths: Vec<usize> = (0..self.head.len()).map(width).collect();
        if let Some(room) = self.room {
            let room = room.saturating_sub(GAP.len() * widths.len().saturating_sub(1));
            let is_id: Vec<bool> = self.head.iter().map(|name| is_id(name)).collect();
            narrow(&mut widths, room, |column| !is_id[column]);
            narrow(&mut widths, room, |_| true);
        }
        widths
    }
}

/// The columns of a table that has begun.
pub(crate) struct Columns {
    widths: Vec<usize>,
    is_cut: bool,
}

impl Columns {
    /// Writes one more row.
    pub(crate) fn write(&self, output: &mut impl Write, row: &[String]) -> io::Result<()> {
        let row: Vec<String> = row.iter().map(|text| cell(text)).collect();
        writeln!(output, "{}", self.line(&row))
    }

    fn line(&self, row: &[String]) -> String {
        let mut line = String::new();
        for (index, (cell, width)) in row.iter().zip(&self.widths).enumerate() {
            if index > 0 {
                line.push_str(GAP);
            }
            let shown = if self.is_cut {
                cut(cell, *width)
            } else {
                cell.clone()
            };
            let missing = width.saturating_sub(shown.width());
            line.push_str(&shown);
            line.extend(std::iter::repeat_n(' ', missing));
        }
        line.truncate(line.trim_end().len());
        line
    }
}

fn is_id(title: &str) -> bool {
    let last = title.rsplit('.').next().unwrap_or(title);
    last == "id" || last.ends_with("_id")
}

/// Makes the widest columns narrower, all of them alike, until all fit into the room or none can be made narrower.
fn narrow(widths: &mut [usize], room: usize, may: impl Fn(usize) -> bool) {
    loop {
        let excess = widths.iter().sum::<usize>().saturating_sub(room);
        let wide: Vec<usize> = (0..widths.len())
            .filter(|column| may(*column) && widths[*column] > NARROWEST)
            .collect();
        let Some(widest) = wide.iter().map(|column| widths[*column]).max() else {
            return;
        };
        if excess == 0 {
            return;
        }
        let (all, others): (Vec<usize>, Vec<usize>) = wide
            .into_iter()
            .partition(|column| widths[*column] == widest);
        let next = others.iter().map(|column| widths[*column]).max();
        let wanted = widest.saturating_sub(excess.div_ceil(all.len()));
        for column in all {
            widths[column] = wanted.max(next.unwrap_or(NARROWEST));
        }
    }
}

/// The text in so many columns of a screen.
fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut shown = String::new();
    let mut used = 1;
    for character in text.chars() {
        used += character.width().unwrap_or(0);
        if used > width {
            break;
        }
        shown.push(character);
    }
    shown.push(CUT);
    shown
}

fn cell(text: &str) -> String {
    escape::one_line(text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(table: Table) -> String {
        let mut bytes = Vec::new();
        let mut screen = Screen::new(anstream::StripStream::new(&mut bytes), false);
        table.write(&mut screen).unwrap();
        drop(screen);
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn columns_are_as_wide_as_what_is_seen() {
        let mut table = Table::new(["name", "status"]);
        table.push(&["日本".to_owned(), "ip".to_owned()]);
        table.push(&["e\u{301}clair".to_owned(), "a\nb".to_owned()]);
        assert_eq!(
            written(table),
            "name    status\n日本    ip\ne\u{301}clair  a\\nb\n"
        );
    }

    #[test]
    fn a_table_fits_its_terminal_and_ids_stay_whole() {
        let id = "c410eb8a-6f3c-4f54-9b5f-0f5b0a7f1a2b";
        let mut table = Table::new(["id", "name", "description"]).fitting(Some(70));
        table.push(&[id.to_owned(), "日本".repeat(10), "long ".repeat(20)]);
        let text = written(table);
        for line in text.lines() {
            assert!(line.width() <= 70, "{line}");
        }
        assert!(text.contains(id), "{text}");
        assert_eq!(text.matches('…').count(), 2, "{text}");
        // Where there is no room at all, columns stay legible.
        let mut table = Table::new(["name", "text"]).fitting(Some(3));
        table.push(&["0123456789".to_owned(), "short".to_owned()]);
        assert_eq!(written(table), "name      text\n0123456…  short\n");
    }

    #[test]
    fn widths_are_shared_out_evenly() {
        for (widths, room, expected) in [
            (vec![10, 10], 100, vec![10, 10]),
            (vec![50, 10], 40, vec![30, 10]),
            (vec![50, 40, 5], 45, vec![20, 20, 5]),
            (vec![9, 9], 3, vec![8, 8]),
        ] {
            let mut narrowed = widths.clone();
            narrow(&mut narrowed, room, |_| true);
            let total: usize = narrowed.iter().sum();
            assert!(total <= room.max(16), "{widths:?}: {narrowed:?}");
            for (found, wanted) in narrowed.iter().zip(&expected) {
                assert!(found.abs_diff(*wanted) <= 1, "{widths:?}: {narrowed:?}");
            }
        }
    }
}
