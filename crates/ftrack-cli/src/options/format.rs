//! How results are printed.

use clap::{Args, ValueEnum};

/// How a list of results is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Layout {
    /// Columns for people.
    Table,
    /// One JSON array.
    Json,
    /// A JSON object on each line.
    Jsonl,
    /// Comma-separated values, with a head.
    Csv,
    /// Values separated by tabs, with a head; line breaks and tabs in values are escaped.
    Tsv,
}

/// How a list of results is printed.
#[derive(Debug, Args)]
pub(crate) struct Format {
    /// How to print the results.
    #[arg(
        long = "format",
        value_name = "FORMAT",
        value_enum,
        default_value = "table",
        help_heading = "Output"
    )]
    layout: Layout,
    /// Short for `--format jsonl`.
    #[arg(long, conflicts_with = "layout", help_heading = "Output")]
    json: bool,
}

impl Format {
    /// How to print the results.
    pub(crate) fn layout(&self) -> Layout {
        if self.json {
            Layout::Jsonl
        } else {
            self.layout
        }
    }

    /// Whether a program reads the results, which wants nothing else.
    pub(crate) fn is_for_programs(&self) -> bool {
        self.layout() != Layout::Table
    }
}

/// How one result is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ReportLayout {
    /// Sentences for people.
    Text,
    /// One JSON object.
    Json,
}

/// How one result is printed.
#[derive(Debug, Args)]
pub(crate) struct Report {
    /// How to print the result.
    #[arg(
        long = "format",
        value_name = "FORMAT",
        value_enum,
        default_value = "text",
        help_heading = "Output"
    )]
    report_layout: ReportLayout,
    /// Short for `--format json`.
    #[arg(long, conflicts_with = "report_layout", help_heading = "Output")]
    json: bool,
}

impl Report {
    /// Whether a program reads the result, which wants nothing else.
    pub(crate) fn is_for_programs(&self) -> bool {
        self.json || self.report_layout == ReportLayout::Json
    }
}
