//! Lists of results, printed as they come.

pub(crate) mod column;

use std::io::{BufWriter, Write};

use serde_json::{Map, Value as Json};

use crate::failure::Failure;
use crate::options::{Format, Layout};
use crate::terminal::escape;
use crate::terminal::output::{self, Screen};
use crate::terminal::table::{Columns, Table};

/// How many rows a table looks at to know how wide its columns are; also how many may wait before they are seen.
const HELD: usize = 500;

/// A list that is being printed. Nothing of it is kept but the first rows of a table.
pub(crate) struct Rows<W: Write> {
    output: Option<Output<W>>,
    count: usize,
}

/// The way to print, and where it is.
enum Output<W: Write> {
    /// A table that waits to know its columns.
    Waiting(Table, BufWriter<Screen<W>>),
    /// A table whose columns are known.
    Begun(Columns, BufWriter<Screen<W>>),
    /// A JSON array.
    Json(BufWriter<Screen<W>>),
    /// JSON objects.
    Jsonl(BufWriter<Screen<W>>),
    /// Values separated by commas.
    Csv(Box<csv::Writer<Screen<W>>>),
    /// Values separated by tabs.
    Tsv(BufWriter<Screen<W>>),
}

/// Begins a list with these columns on standard output.
pub(crate) fn begin(format: &Format, titles: Vec<String>) -> Result<Rows<impl Write>, Failure> {
    Rows::new(output::standard(), output::width(), format.layout(), titles)
}

impl<W: Write> Rows<W> {
    fn new(
        screen: Screen<W>,
        width: Option<usize>,
        layout: Layout,
        titles: Vec<String>,
    ) -> Result<Self, Failure> {
        let output = match layout {
            Layout::Table => {
                let table = Table::new(titles).fitting(width);
                Output::Waiting(table, BufWriter::new(screen))
            }
            Layout::Json => Output::Json(BufWriter::new(screen)),
            Layout::Jsonl => Output::Jsonl(BufWriter::new(screen)),
            Layout::Csv => {
                let mut writer = csv::Writer::from_writer(screen);
                writer.write_record(&titles)?;
                Output::Csv(Box::new(writer))
            }
            Layout::Tsv => {
                let mut writer = BufWriter::new(screen);
                write_tabs(&mut writer, &titles)?;
                Output::Tsv(writer)
            }
        };
        Ok(Self {
            output: Some(output),
            count: 0,
        })
    }

    /// Prints a result: its cells where people read, or the object where programs do.
    pub(crate) fn push(
        &mut self,
        cells: impl FnOnce() -> Vec<String>,
        object: impl FnOnce() -> Map<String, Json>,
    ) -> Result<(), Failure> {
        let is_first = self.count == 0;
        self.count += 1;
        let Some(output) = self.output.take() else {
            return Ok(());
        };
        let mut output = output.push(is_first, cells, object)?;
        if self.count.is_multiple_of(HELD) {
            output.flush()?;
        }
        self.output = Some(output);
        Ok(())
    }

    /// Prints what is still waiting, and gives how many results there were.
    pub(crate) fn finish(mut self) -> Result<usize, Failure> {
        match self.output.take() {
            Some(Output::Waiting(table, writer)) => {
                let mut screen = unbuffered(writer)?;
                table.write(&mut screen)?;
                screen.flush()?;
            }
            Some(Output::Json(mut writer)) => {
                let end = if self.count == 0 { "[]" } else { "\n]" };
                writeln!(writer, "{end}")?;
                writer.flush()?;
            }
            Some(mut output) => output.flush()?,
            None => {}
        }
        Ok(self.count)
    }
}

impl<W: Write> Output<W> {
    fn push(
        self,
        is_first: bool,
        cells: impl FnOnce() -> Vec<String>,
        object: impl FnOnce() -> Map<String, Json>,
    ) -> Result<Self, Failure> {
        Ok(match self {
            Self::Waiting(mut table, writer) => {
                table.push(&cells());
                if table.len() < HELD {
                    return Ok(Self::Waiting(table, writer));
                }
                let mut screen = unbuffered(writer)?;
                let columns = table.begin(&mut screen)?;
                Self::Begun(columns, BufWriter::new(screen))
            }
            Self::Begun(columns, mut writer) => {
                columns.write(&mut writer, &cells())?;
                Self::Begun(columns, writer)
            }
            Self::Json(mut writer) => {
                let before = if is_first { "[\n" } else { ",\n" };
                write!(writer, "{before}{}", Json::Object(object()))?;
                Self::Json(writer)
            }
            Self::Jsonl(mut writer) => {
                writeln!(writer, "{}", Json::Object(object()))?;
                Self::Jsonl(writer)
            }
            Self::Csv(mut writer) => {
                writer.write_record(cells())?;
                Self::Csv(writer)
            }
            Self::Tsv(mut writer) => {
                write_tabs(&mut writer, &cells())?;
                Self::Tsv(writer)
            }
        })
    }

    fn flush(&mut self) -> std::io::Result<()> {
        match self {
            Self::Waiting(_, writer)
            | Self::Begun(_, writer)
            | Self::Json(writer)
            | Self::Jsonl(writer)
            | Self::Tsv(writer) => writer.flush(),
            Self::Csv(writer) => writer.flush(),
        }
    }
}

fn unbuffered<W: Write>(writer: BufWriter<Screen<W>>) -> Result<Screen<W>, Failure> {
    writer
        .into_inner()
        .map_err(|error| Failure::from(error.into_error()))
}

/// A line of values between tabs. What would look like another value or line is escaped.
fn write_tabs(writer: &mut impl Write, cells: &[String]) -> std::io::Result<()> {
    for (index, cell) in cells.iter().enumerate() {
        let tab = if index == 0 { "" } else { "\t" };
        write!(writer, "{tab}{}", escape::one_line(cell))?;
    }
    writeln!(writer)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn printed(layout: Layout, rows: &[[&str; 2]]) -> String {
        let mut bytes = Vec::new();
        let screen = Screen::new(anstream::StripStream::new(&mut bytes), false);
        let titles = vec!["name".to_owned(), "note".to_owned()];
        let mut list = Rows::new(screen, None, layout, titles).unwrap();
        for [name, note] in rows {
            let object = json!({ "name": name, "note": note });
            let Json::Object(object) = object else {
                panic!("{object}");
            };
            let cells = || vec![(*name).to_owned(), (*note).to_owned()];
            list.push(cells, || object).unwrap();
        }
        assert_eq!(list.finish().unwrap(), rows.len());
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn every_layout_keeps_values_apart() {
        let rows = [["010", "a, \"b\""], ["020", "x\ty\nz"]];
        for (layout, expected) in [
            (
                Layout::Table,
                "name  note\n010   a, \"b\"\n020   x\\ty\\nz\n",
            ),
            (
                Layout::Json,
                "[\n{\"name\":\"010\",\"note\":\"a, \\\"b\\\"\"},\n{\"name\":\"020\",\"note\":\"x\\ty\\nz\"}\n]\n",
            ),
            (
                Layout::Jsonl,
                "{\"name\":\"010\",\"note\":\"a, \\\"b\\\"\"}\n{\"name\":\"020\",\"note\":\"x\\ty\\nz\"}\n",
            ),
            (
                Layout::Csv,
                "name,note\n010,\"a, \"\"b\"\"\"\n020,\"x\ty\nz\"\n",
            ),
            (Layout::Tsv, "name\tnote\n010\ta, \"b\"\n020\tx\\ty\\nz\n"),
        ] {
            assert_eq!(printed(layout, &rows), expected, "{layout:?}");
        }
    }

    #[test]
    fn nothing_is_an_empty_list() {
        for (layout, expected) in [
            (Layout::Table, "name  note\n"),
            (Layout::Json, "[]\n"),
            (Layout::Jsonl, ""),
            (Layout::Csv, "name,note\n"),
            (Layout::Tsv, "name\tnote\n"),
        ] {
            assert_eq!(printed(layout, &[]), expected, "{layout:?}");
        }
    }

    #[test]
    fn a_long_table_keeps_the_columns_of_its_begin() {
        let mut rows = vec![["a", "b"]; HELD + 1];
        rows.push(["wider than all", "c"]);
        let text = printed(Layout::Table, &rows);
        assert_eq!(text.lines().count(), rows.len() + 1);
        assert!(text.ends_with("wider than all  c\n"), "{text}");
    }
}
