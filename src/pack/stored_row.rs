//! What a stored row must say. Where it does not, the tables are broken, and no zero stands for it.

use std::io;

use crate::model::{Confidence, Timestamp};
use crate::table::row::{Batch, Schema};

/// One row of a table as it is read back.
#[derive(Clone, Copy)]
pub(super) struct StoredRow<'b> {
    pub(super) table: &'static Schema,
    pub(super) batch: &'b Batch,
    pub(super) row: usize,
}

impl<'b> StoredRow<'b> {
    /// A text; empty for NULL.
    pub(super) fn text(self, column: usize) -> &'b str {
        self.batch.text(self.row, column)
    }

    /// A list of texts; empty for NULL.
    pub(super) fn texts(self, column: usize) -> Vec<&'b str> {
        self.batch.texts(self.row, column)
    }

    /// A moment.
    pub(super) fn time(self, column: usize) -> io::Result<Timestamp> {
        self.int(column).map(Timestamp)
    }

    /// A line, a byte, or a count.
    pub(super) fn whole(self, column: usize) -> io::Result<u64> {
        u64::try_from(self.int(column)?).map_err(|_| self.lacks(column))
    }

    /// A confidence; `None` for NULL.
    pub(super) fn confidence(self, column: usize) -> io::Result<Option<Confidence>> {
        let Some(hundredths) = self.batch.int(self.row, column) else {
            return Ok(None);
        };
        let hundredths = u8::try_from(hundredths).map_err(|_| self.lacks(column))?;
        Ok(Some(Confidence(hundredths)))
    }

    /// That a column does not say what it must.
    pub(super) fn lacks(self, column: usize) -> io::Error {
        let name = self
            .table
            .columns
            .get(column)
            .map_or("", |found| found.name);
        io::Error::other(format!("a row of `{}` has no `{name}`", self.table.name))
    }

    fn int(self, column: usize) -> io::Result<i64> {
        let value = self.batch.int(self.row, column);
        value.ok_or_else(|| self.lacks(column))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::row::chain;

    #[test]
    fn what_a_row_does_not_say_is_an_error_and_never_a_zero() {
        let mut batch = Batch::new(&chain::SCHEMA);
        batch
            .row()
            .text(chain::SOURCE_FILE, "vault/audit.log")
            .int(chain::SOURCE_LINE, 7)
            .int(chain::SOURCE_BYTE, -1);
        let row = StoredRow {
            table: &chain::SCHEMA,
            batch: &batch,
            row: 0,
        };
        assert_eq!(row.whole(chain::SOURCE_LINE).unwrap(), 7);
        let told = row.time(chain::AT).unwrap_err().to_string();
        assert_eq!(told, "a row of `chain` has no `at`");
        assert!(row.whole(chain::SOURCE_BYTE).is_err());
        assert_eq!(row.confidence(chain::CONFIDENCE).unwrap(), None);
    }
}
