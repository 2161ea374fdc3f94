//! The walk over stored chains that a report makes.

use std::io;

use super::stored_row::StoredRow;
use crate::report::{ChainRow, Chains};
use crate::table::engine::Store;
use crate::table::row::chain;

/// The chains of a store.
pub(super) struct StoredChains<'s>(pub(super) &'s Store);

/// What the rows of a report are made of.
const COLUMNS: [usize; 16] = [
    chain::AT,
    chain::ORIGIN_KIND,
    chain::ORIGIN_ID,
    chain::PERSON_ID,
    chain::LOGIN_ID,
    chain::CREDENTIAL_ID,
    chain::ROLE_ID,
    chain::POLICIES,
    chain::OPERATION,
    chain::OBJECT,
    chain::OWNER,
    chain::OUTCOME,
    chain::CONFIDENCE,
    chain::SOURCE_FILE,
    chain::SOURCE_LINE,
    chain::SOURCE_BYTE,
];

impl Chains for StoredChains<'_> {
    fn count(&self) -> u64 {
        self.0.rows("chain")
    }

    fn each(&self, visit: &mut dyn FnMut(&ChainRow<'_>) -> io::Result<()>) -> io::Result<()> {
        for batch in self.0.scan_columns(&chain::SCHEMA, &COLUMNS) {
            let batch = batch.map_err(io::Error::other)?;
            for row in 0..batch.len() {
                let stored = StoredRow {
                    table: &chain::SCHEMA,
                    batch: &batch,
                    row,
                };
                let text = |column| stored.text(column);
                visit(&ChainRow {
                    time: stored.time(chain::AT)?,
                    origin_kind: text(chain::ORIGIN_KIND),
                    origin_id: text(chain::ORIGIN_ID),
                    person_id: text(chain::PERSON_ID),
                    login_id: text(chain::LOGIN_ID),
                    credential_id: text(chain::CREDENTIAL_ID),
                    role: text(chain::ROLE_ID),
                    policies: &stored.texts(chain::POLICIES),
                    operation: text(chain::OPERATION),
                    object: text(chain::OBJECT),
                    owner: text(chain::OWNER),
                    outcome: text(chain::OUTCOME),
                    confidence: stored.confidence(chain::CONFIDENCE)?,
                    evidence_file: text(chain::SOURCE_FILE),
                    evidence_line: stored.whole(chain::SOURCE_LINE)?,
                    evidence_byte: stored.whole(chain::SOURCE_BYTE)?,
                })?;
            }
        }
        Ok(())
    }
}
