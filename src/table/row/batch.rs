//! A run of rows of one table, column by column, independent of any engine.

use super::{Kind, List, NONE, Schema, Sym, Symbols};
use crate::model::secret;

/// One column's values; texts are numbers into the batch's [`Symbols`].
#[derive(Debug)]
pub(crate) enum Values {
    /// [`Kind::Text`].
    Text(Vec<Sym>),
    /// [`Kind::Texts`]: the end of each row's run in `items`.
    Texts { ends: Vec<usize>, items: Vec<Sym> },
    /// [`Kind::Int`], [`Kind::Time`] (microseconds) and [`Kind::Real`] (hundredths).
    Int(Vec<Option<i64>>),
    /// Left out when the rows were read back: whoever asks for it has not said so before.
    #[cfg_attr(not(feature = "tables"), allow(dead_code))]
    Unread,
}

/// A value being pushed or read.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell<'a> {
    /// SQL NULL.
    Null,
    /// Text.
    Text(&'a str),
    /// A list of texts.
    Texts(Vec<&'a str>),
    /// A whole number, a time in microseconds, or hundredths.
    Int(i64),
}

/// Rows of one table in memory, with one dictionary for all text columns.
///
/// Rows are pushed one at a time: a cell per column in schema order, then the row is complete.
#[derive(Debug)]
pub struct Batch {
    schema: &'static Schema,
    pub(crate) symbols: Symbols,
    pub(crate) columns: Vec<Values>,
    rows: usize,
}

impl Batch {
    /// How many rows a batch should hold before it is handed on.
    pub const FULL: usize = 8_192;

    /// An empty batch of a table.
    #[must_use]
    pub fn new(schema: &'static Schema) -> Batch {
        let columns = schema
            .columns
            .iter()
            .map(|column| match column.kind {
                Kind::Text => Values::Text(Vec::new()),
                Kind::Texts => Values::Texts {
                    ends: Vec::new(),
                    items: Vec::new(),
                },
                Kind::Int | Kind::Time | Kind::Real => Values::Int(Vec::new()),
            })
            .collect();
        Batch {
            schema,
            symbols: Symbols::new(),
            columns,
            rows: 0,
        }
    }

    /// An empty batch whose rows will be made of texts that `symbols` has already.
    #[must_use]
    pub fn over(schema: &'static Schema, symbols: Symbols) -> Batch {
        let mut batch = Batch::new(schema);
        batch.symbols = symbols;
        batch
    }

    /// A batch of `rows` rows of which no column is read yet.
    #[cfg(feature = "tables")]
    pub(crate) fn unread(schema: &'static Schema, rows: usize) -> Batch {
        Batch {
            schema,
            symbols: Symbols::new(),
            columns: schema.columns.iter().map(|_| Values::Unread).collect(),
            rows,
        }
    }

    /// What is in the batch, which is empty then.
    #[must_use]
    pub fn take(&mut self) -> Batch {
        std::mem::replace(self, Batch::new(self.schema))
    }

    /// The table's schema.
    #[must_use]
    pub fn schema(&self) -> &'static Schema {
        self.schema
    }

    /// The dictionary of all text columns.
    #[must_use]
    pub fn symbols(&self) -> &Symbols {
        &self.symbols
    }

    /// The dictionary, to add texts that several cells will share.
    pub fn symbols_mut(&mut self) -> &mut Symbols {
        &mut self.symbols
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Whether it is time to hand the batch on.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.rows >= Batch::FULL
    }

    /// Starts a row; every column is NULL until set.
    pub fn row(&mut self) -> RowMut<'_> {
        for column in &mut self.columns {
            match column {
                Values::Text(values) => values.push(NONE),
                Values::Texts { ends, items } => ends.push(items.len()),
                Values::Int(values) => values.push(None),
                Values::Unread => {}
            }
        }
        self.rows += 1;
        RowMut { batch: self }
    }

    /// Sets a number in every row that is there.
    pub fn fill_int(&mut self, column: usize, value: i64) {
        if let Some(Values::Int(values)) = self.columns.get_mut(column) {
            values.fill(Some(value));
        }
    }

    /// Sets a text in every row that is there.
    pub fn fill_text(&mut self, column: usize, text: &str) {
        let sym = self.symbols.add(text);
        if let Some(Values::Text(values)) = self.columns.get_mut(column) {
            values.fill(sym);
        }
    }

    /// The values of a column; none where it was not asked for, which is a fault of the caller.
    fn values(&self, column: usize) -> Option<&Values> {
        let values = self.columns.get(column);
        debug_assert!(
            !matches!(values, Some(Values::Unread)),
            "column {column} of `{}` was not asked for",
            self.schema.name
        );
        values
    }

    /// Reads a cell; NULL when row or column is out of range.
    #[must_use]
    pub fn cell(&self, row: usize, column: usize) -> Cell<'_> {
        match self.values(column) {
            Some(Values::Text(values)) => match values.get(row) {
                None | Some(&NONE) => Cell::Null,
                Some(&sym) => Cell::Text(self.symbols.get(sym)),
            },
            Some(Values::Texts { ends, .. }) if row < ends.len() => {
                let run = self.syms(row, column);
                Cell::Texts(run.iter().map(|&sym| self.symbols.get(sym)).collect())
            }
            Some(Values::Int(values)) => match values.get(row) {
                Some(&Some(value)) => Cell::Int(value),
                _ => Cell::Null,
            },
            Some(Values::Texts { .. } | Values::Unread) | None => Cell::Null,
        }
    }

    /// Reads a text cell; empty for NULL and for other kinds.
    #[must_use]
    pub fn text(&self, row: usize, column: usize) -> &str {
        match self.values(column) {
            Some(Values::Text(values)) => values.get(row).map_or("", |&sym| self.symbols.get(sym)),
            _ => "",
        }
    }

    /// The number of a text cell in the batch's dictionary; none for NULL and for other kinds.
    #[must_use]
    pub fn sym(&self, row: usize, column: usize) -> Sym {
        match self.values(column) {
            Some(Values::Text(values)) => values.get(row).copied().unwrap_or(NONE),
            _ => NONE,
        }
    }

    /// The numbers of the texts of a list; none for other kinds.
    #[must_use]
    pub fn syms(&self, row: usize, column: usize) -> &[Sym] {
        let Some(Values::Texts { ends, items }) = self.values(column) else {
            return &[];
        };
        let before = row.checked_sub(1).and_then(|before| ends.get(before));
        let (start, end) = (before.copied().unwrap_or(0), ends.get(row).copied());
        end.and_then(|end| items.get(start..end)).unwrap_or(&[])
    }

    /// Reads a list of texts; empty for other kinds.
    #[must_use]
    pub fn texts(&self, row: usize, column: usize) -> Vec<&str> {
        match self.cell(row, column) {
            Cell::Texts(texts) => texts,
            _ => Vec::new(),
        }
    }

    /// Reads a number or time; `None` for NULL and for other kinds.
    #[must_use]
    pub fn int(&self, row: usize, column: usize) -> Option<i64> {
        match self.values(column) {
            Some(Values::Int(values)) => values.get(row).copied().flatten(),
            _ => None,
        }
    }

    /// Reads a number or time that every row of the table has.
    ///
    /// # Errors
    ///
    /// The row does not have it: whoever wrote the row left out a fact of evidence.
    pub fn known(&self, row: usize, column: usize) -> Result<i64, Lacking> {
        self.int(row, column)
            .ok_or_else(|| self.lacking(row, column))
    }

    /// Says that a row does not have a fact that every row of the table has.
    #[must_use]
    pub fn lacking(&self, row: usize, column: usize) -> Lacking {
        Lacking {
            table: self.schema.name,
            column: self.schema.columns.get(column).map_or("", |it| it.name),
            row,
        }
    }
}

/// A row without a fact that every row of its table has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("row {row} has no `{column}`")]
pub struct Lacking {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
    /// The row's number within its batch, from 0.
    pub row: usize,
}

/// The row being written: the last one of its batch.
#[derive(Debug)]
pub struct RowMut<'b> {
    batch: &'b mut Batch,
}

impl RowMut<'_> {
    /// Sets a text column, secrets in it redacted; empty text stays NULL.
    pub fn text(&mut self, column: usize, text: &str) -> &mut Self {
        // What the batch holds was searched when it came in.
        let known = self.batch.symbols.find(text);
        if known != NONE {
            return self.sym(column, known);
        }
        self.clean(column, &secret::redacted_typed(text))
    }

    /// Sets a text column to a text that holds no secret: a word of our own, or one that was
    /// redacted as it was read.
    pub fn clean(&mut self, column: usize, text: &str) -> &mut Self {
        // What a row says, the row before it often said too.
        let like = match self.batch.columns.get(column) {
            Some(Values::Text(values)) => values.iter().rev().nth(1).copied(),
            _ => None,
        };
        let sym = self.batch.symbols.add_like(text, like.unwrap_or(NONE));
        self.sym(column, sym)
    }

    /// Sets a text column to a text already in the batch's dictionary.
    pub fn sym(&mut self, column: usize, sym: Sym) -> &mut Self {
        if let Some(Values::Text(values)) = self.batch.columns.get_mut(column)
            && let Some(last) = values.last_mut()
        {
            *last = sym;
        }
        self
    }

    /// Sets a text column to a text that no other row has: it is not looked for.
    pub fn unique(&mut self, column: usize, text: &str) -> &mut Self {
        let sym = self.batch.symbols.push(text);
        self.sym(column, sym)
    }

    /// Fills a list column with a list of the batch's dictionary.
    pub fn list(&mut self, column: usize, list: List) -> &mut Self {
        let members = self.batch.symbols.members(list);
        fill(&mut self.batch.columns, column, members);
        self
    }

    /// Fills a list column with texts already in the batch's dictionary.
    pub fn syms(&mut self, column: usize, members: &[Sym]) -> &mut Self {
        fill(&mut self.batch.columns, column, members);
        self
    }

    /// Appends to a list column; empty text is left out.
    pub fn item(&mut self, column: usize, text: &str) -> &mut Self {
        let sym = self.batch.symbols.add(text);
        if sym != NONE
            && let Some(Values::Texts { ends, items }) = self.batch.columns.get_mut(column)
        {
            items.push(sym);
            if let Some(last) = ends.last_mut() {
                *last = items.len();
            }
        }
        self
    }

    /// Sets a number, time (microseconds) or real (hundredths) column.
    pub fn int(&mut self, column: usize, value: impl Into<Option<i64>>) -> &mut Self {
        if let Some(Values::Int(values)) = self.batch.columns.get_mut(column)
            && let Some(last) = values.last_mut()
        {
            *last = value.into();
        }
        self
    }
}

/// Appends to the last row of a list column.
fn fill(columns: &mut [Values], column: usize, members: &[Sym]) {
    if let Some(Values::Texts { ends, items }) = columns.get_mut(column) {
        items.extend_from_slice(members);
        if let Some(last) = ends.last_mut() {
            *last = items.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::row::event;

    #[test]
    fn a_fact_that_a_row_must_have_is_never_read_as_zero() {
        let mut batch = Batch::new(&event::SCHEMA);
        batch.row().int(event::AT, 5);
        batch.row();
        assert_eq!(batch.known(0, event::AT), Ok(5));
        let lacking = batch.known(1, event::AT).unwrap_err();
        assert_eq!(lacking.to_string(), "row 1 has no `at`");
        assert_eq!(lacking.table, event::SCHEMA.name);
    }
}
