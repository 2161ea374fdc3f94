//! What was read out of an input file, read back: the same blocks, as if the file had been read.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::StoreError;
use super::catalogue::{Account, BlockAccount, PartAccount, Run};
use crate::model::{Digest, Export, FileId, Format, Place};
use crate::source::{Contradiction, Damage, Ended, Output, Tally};
use crate::table::engine::Part;
use crate::table::row::{Batch, Harvest, Schema, damaged, record, stated};

/// Reads one file back.
pub(super) struct Reader<'r> {
    pub(super) directory: &'r Path,
    pub(super) account: &'r Account,
    pub(super) file: FileId,
    pub(super) formats: &'r [&'r dyn Format],
}

/// Rows of one file of the store, and where it lies.
struct Rows {
    path: PathBuf,
    batch: Batch,
}

/// Which row is which of its block: block, position, file, row.
type Order = Vec<(i64, i64, usize, usize)>;

impl Reader<'_> {
    /// The blocks of one run.
    pub(super) fn run(&self, run: &Run) -> Result<Vec<Output<Harvest>>, StoreError> {
        let records = self.rows(run, &record::SCHEMA)?;
        let stated = self.rows(run, &stated::SCHEMA)?;
        let damaged = self.rows(run, &damaged::SCHEMA)?;
        let mut recorded = order(&records, record::BLOCK, record::NTH)?
            .into_iter()
            .peekable();
        let mut said = order(&stated, stated::BLOCK, stated::NTH)?
            .into_iter()
            .peekable();
        let mut broken = order(&damaged, damaged::BLOCK, damaged::NTH)?
            .into_iter()
            .peekable();
        let mut blocks = Vec::new();
        for number in run.first..run.first + run.blocks {
            let account = self.block(number)?;
            let number = i64::try_from(number).unwrap_or(i64::MAX);
            let mut kept = Harvest::default();
            while let Some((_, _, part, row)) = recorded.next_if(|next| next.0 == number) {
                let Some(rows) = records.get(part) else {
                    continue;
                };
                record::read(&rows.batch, row, self.file, &mut kept)
                    .map_err(|error| StoreError::damaged(&rows.path, error))?;
            }
            while let Some((_, _, part, row)) = said.next_if(|next| next.0 == number) {
                let Some(rows) = stated.get(part) else {
                    continue;
                };
                kept.exports.add(self.stated(rows, row)?);
            }
            let mut rejected = Vec::new();
            while let Some((_, _, part, row)) = broken.next_if(|next| next.0 == number) {
                let Some(rows) = damaged.get(part) else {
                    continue;
                };
                rejected.push(self.damage(rows, row)?);
            }
            let tally = self.tally(account, rejected)?;
            let file = self.file;
            blocks.push(Output::Block { file, tally, kept });
        }
        Ok(blocks)
    }

    /// How the file ended.
    pub(super) fn end(&self) -> Result<Output<Harvest>, StoreError> {
        let account = self.account;
        let torn = account.torn.as_ref();
        let contradiction = account.contradiction.as_ref().map(|found| {
            Ok::<_, StoreError>(Contradiction {
                path: self.title(&found.path)?,
                content: self.title(&found.content)?,
                place: Place {
                    file: self.file,
                    ..found.place
                },
            })
        });
        let source = account.source.as_ref();
        Ok(Output::End(Ended {
            file: self.file,
            bytes: account.bytes,
            sha256: account.sha256,
            torn: torn.map(|torn| (torn.reason.clone(), torn.line, torn.byte)),
            unreadable: account.unreadable.clone(),
            source: source.map(|name| self.source(name)).transpose()?,
            contradiction: contradiction.transpose()?,
        }))
    }

    fn block(&self, number: u64) -> Result<&BlockAccount, StoreError> {
        let block = usize::try_from(number).ok();
        let block = block.and_then(|at| self.account.blocks.get(at));
        block.ok_or_else(|| self.odd(format!("it names block {number}, which there is not")))
    }

    fn odd(&self, reason: impl std::fmt::Display) -> StoreError {
        StoreError::damaged(&self.directory.join(super::layout::ACCOUNTS), reason)
    }

    fn tally(&self, block: &BlockAccount, rejected: Vec<Damage>) -> Result<Tally, StoreError> {
        if rejected.len() as u64 != block.rejected {
            return Err(self.odd("rows of rejected records are missing"));
        }
        let mut sources = BTreeMap::new();
        for (name, count) in &block.sources {
            sources.insert(self.source(name)?, *count);
        }
        let skipped = block.skipped.iter();
        Ok(Tally {
            parsed: block.parsed,
            skipped: skipped
                .map(|(reason, count)| (Cow::Owned(reason.clone()), *count))
                .collect(),
            rejected,
            rejected_more: block.rejected_more,
            sources,
        })
    }

    fn source(&self, name: &str) -> Result<&'static str, StoreError> {
        let mut sources = self.formats.iter().map(|format| format.about().source.name);
        let found = sources.find(|source| *source == name);
        found.ok_or_else(|| self.odd(format!("`{name}` is no source")))
    }

    fn title(&self, title: &str) -> Result<&'static str, StoreError> {
        let mut titles = self.formats.iter().map(|format| format.about().title);
        let found = titles.find(|known| *known == title);
        found.ok_or_else(|| self.odd(format!("`{title}` is no format")))
    }

    fn stated(&self, rows: &Rows, row: usize) -> Result<Export, StoreError> {
        let fact = rows.batch.text(row, stated::FACT);
        let mut export: Export = serde_json::from_str(fact)
            .map_err(|_| StoreError::damaged(&rows.path, "a fact is none that was written"))?;
        export.place_mut().file = self.file;
        Ok(export)
    }

    fn damage(&self, rows: &Rows, row: usize) -> Result<Damage, StoreError> {
        let batch = &rows.batch;
        let number = |column| {
            let known = batch.known(row, column);
            let known = known.map_err(|error| StoreError::damaged(&rows.path, error))?;
            u64::try_from(known).map_err(|error| StoreError::damaged(&rows.path, error))
        };
        let sha256 = Digest::parse(batch.text(row, damaged::SOURCE_SHA256));
        Ok(Damage {
            place: Place {
                file: self.file,
                line: number(damaged::SOURCE_LINE)?,
                byte: number(damaged::SOURCE_BYTE)?,
                sha256: sha256
                    .ok_or_else(|| StoreError::damaged(&rows.path, "a row has no digest"))?,
            },
            reason: Cow::Owned(batch.text(row, damaged::REASON).to_owned()),
        })
    }

    /// The rows of one table that belong to a run.
    fn rows(&self, run: &Run, table: &'static Schema) -> Result<Vec<Rows>, StoreError> {
        let parts = run.parts.iter().filter(|part| part.table == table.name);
        parts.map(|part| self.part(part, table)).collect()
    }

    /// The rows of one file, if it is what was written.
    fn part(&self, part: &PartAccount, table: &'static Schema) -> Result<Rows, StoreError> {
        let path = self.directory.join(&part.path);
        let bytes = whole(&path, part.sha256)?;
        let batch = Part::read(table, &path, &bytes)?;
        if batch.len() as u64 != part.rows {
            return Err(StoreError::damaged(
                &path,
                "it has other rows than were written",
            ));
        }
        Ok(Rows { path, batch })
    }

    /// Looks for what the bytes at a place are.
    pub(super) fn extents(
        &self,
        run: &Run,
        found: &mut dyn FnMut(Place, crate::model::Extent),
    ) -> Result<(), StoreError> {
        for rows in self.rows(run, &record::SCHEMA)? {
            for row in 0..rows.batch.len() {
                let place = record::place(&rows.batch, row, self.file)
                    .map_err(|error| StoreError::damaged(&rows.path, error))?;
                if let Some(extent) = record::extent(&rows.batch, row) {
                    found(place, extent);
                }
            }
        }
        Ok(())
    }
}

/// The rows of some files by block and position.
fn order(files: &[Rows], block: usize, nth: usize) -> Result<Order, StoreError> {
    let mut order = Order::new();
    for (number, rows) in files.iter().enumerate() {
        for row in 0..rows.batch.len() {
            let known = |column| {
                let known = rows.batch.known(row, column);
                known.map_err(|error| StoreError::damaged(&rows.path, error))
            };
            order.push((known(block)?, known(nth)?, number, row));
        }
    }
    order.sort_unstable();
    Ok(order)
}

/// The bytes of a file of the store, if they are those that were written.
pub(super) fn whole(path: &Path, sha256: Digest) -> Result<Vec<u8>, StoreError> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(StoreError::damaged(path, "it is missing"));
        }
        Err(error) => return Err(StoreError::io(path)(error)),
    };
    if Digest::of(&bytes) != sha256 {
        return Err(StoreError::damaged(
            path,
            "its digest is not the one that was noted when it was written",
        ));
    }
    Ok(bytes)
}
