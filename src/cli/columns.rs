//! Rows in columns, for people.
//!
//! Whoever writes a log chooses how long a cell is: a column is padded up to a bound and no further, so
//! that one long cell costs its own row, not every other one.

use std::io::{self, Write};

use unicode_width::UnicodeWidthStr as _;

use crate::report::visible;

/// The widest that a column is padded to.
const WIDEST: usize = 120;

/// Writes a header and rows; `rows` is gone through twice, for the widths and for the text.
pub(super) fn write<R, C>(
    header: &[&str],
    rows: impl Fn() -> R,
    out: &mut dyn Write,
) -> io::Result<()>
where
    R: Iterator<Item = C>,
    C: Iterator<Item = String>,
{
    let mut widths: Vec<usize> = header.iter().map(|name| visible(name).width()).collect();
    for row in rows() {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(visible(&cell).width());
        }
    }
    for width in &mut widths {
        *width = (*width).min(WIDEST);
    }
    let names = header.iter().map(|name| (*name).to_owned());
    line(names, &widths, out)?;
    for row in rows() {
        line(row, &widths, out)?;
    }
    Ok(())
}

/// One row; a value is one line, so that none forges another.
fn line(
    cells: impl Iterator<Item = String>,
    widths: &[usize],
    out: &mut dyn Write,
) -> io::Result<()> {
    for (cell, width) in cells.zip(widths) {
        let shown = visible(&cell);
        let padding = width.saturating_sub(shown.width());
        write!(out, " {shown}{:padding$} ", "")?;
    }
    writeln!(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(rows: &[[&str; 2]]) -> String {
        let mut out = Vec::new();
        let cells = || {
            rows.iter()
                .map(|row| row.iter().map(|cell| (*cell).to_owned()))
        };
        write(&["path", "n"], cells, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn columns_are_as_wide_as_what_stands_in_them() {
        assert_eq!(
            written(&[["a/b/c", "1"], ["\u{6771}", "20"]]),
            " path   n  \n a/b/c  1  \n \u{6771}     20 \n"
        );
        assert_eq!(written(&[]), " path  n \n");
        assert_eq!(written(&[["a\nb", "1"]]).lines().count(), 2);
    }

    #[test]
    fn one_long_cell_costs_its_own_row() {
        let long = "x".repeat(1 << 20);
        let mut rows = vec![["a", "1"]; 1000];
        rows.push([&long, "2"]);
        assert!(written(&rows).len() < 2 << 20);
    }
}
