//! Keeps what is read out of input files: rows beside, then in their places, then the account.

use std::collections::BTreeMap;
use std::fs;
use std::mem;
use std::path::{Path, PathBuf};

use super::catalogue::{Account, BlockAccount, Contradicting, PartAccount, Run, SCHEMA, Torn};
use super::recorded::{OTHER, Recorded, Shelf, day};
use super::{StoreError, layout};
use crate::model::{Digest, Export, Exports, FileId, Place, secret};
use crate::source::{Ended, Tally};
use crate::table::engine::Part;
use crate::table::row::{Batch, damaged, record, stated};

/// Rows after which a run ends; the last block is taken whole.
const RUN: usize = 65_536;
/// Stands for the file that all places of an account are in.
const NO_FILE: FileId = FileId(0);
/// Days of one run that have a folder of their own; what a log invents beyond shares `other`.
const DAYS: usize = 1_000;

/// Keeps one input file.
pub(super) struct Keeper<'k> {
    /// The store.
    directory: &'k Path,
    /// Where files are made that are not in their place yet.
    incoming: &'k Path,
    name: &'k str,
    blocks: Vec<BlockAccount>,
    runs: Vec<Run>,
    /// Of the current run: its first block, and its rows.
    first: u64,
    records: BTreeMap<Shelf, Part>,
    stated: Batch,
    damaged: Batch,
    rows: usize,
    /// Files made so far: where they are, and where their run and shelf will be.
    made: Vec<Made>,
    by_reference: bool,
}

struct Made {
    run: usize,
    table: &'static str,
    folder: Option<String>,
    from: PathBuf,
    rows: u64,
}

impl<'k> Keeper<'k> {
    pub(super) fn new(directory: &'k Path, incoming: &'k Path, name: &'k str) -> Keeper<'k> {
        Keeper {
            directory,
            incoming,
            name,
            blocks: Vec::new(),
            runs: Vec::new(),
            first: 0,
            records: BTreeMap::new(),
            stated: Batch::new(&stated::SCHEMA),
            damaged: Batch::new(&damaged::SCHEMA),
            rows: 0,
            made: Vec::new(),
            by_reference: false,
        }
    }

    /// Takes what one block said.
    pub(super) fn block(&mut self, tally: Tally, kept: Recorded) -> Result<(), StoreError> {
        let number = self.blocks.len() as i64;
        for (shelf, mut rows) in kept.rows {
            rows.fill_int(record::BLOCK, number);
            rows.fill_text(record::SOURCE_FILE, self.name);
            let own = self.records.len() < DAYS || self.records.contains_key(&shelf);
            let shelf = if own { shelf } else { (shelf.0, i64::MAX) };
            self.rows += rows.len();
            self.records.entry(shelf).or_default().append(&rows)?;
        }
        self.state(number, kept.exports)?;
        self.blocks.push(BlockAccount {
            parsed: tally.parsed,
            skipped: texts(tally.skipped),
            rejected: tally.rejected.len() as u64,
            rejected_more: tally.rejected_more,
            sources: texts(tally.sources),
        });
        for (nth, damage) in (0i64..).zip(tally.rejected) {
            let place = damage.place;
            self.rows += 1;
            self.damaged
                .row()
                .int(damaged::BLOCK, number)
                .int(damaged::NTH, nth)
                .text(damaged::REASON, &damage.reason)
                .text(damaged::SOURCE_FILE, self.name)
                .int(damaged::SOURCE_LINE, i64::try_from(place.line).ok())
                .int(damaged::SOURCE_BYTE, i64::try_from(place.byte).ok())
                .unique(damaged::SOURCE_SHA256, &place.sha256.to_string());
        }
        if self.rows >= RUN {
            self.end_run()?;
        }
        Ok(())
    }

    /// Takes what is no operation. Text that may hold a secret makes the whole file one that is read
    /// again each time.
    fn state(&mut self, block: i64, exports: Exports) -> Result<(), StoreError> {
        for (nth, mut export) in (0i64..).zip(exports.into_each()) {
            self.by_reference |= match &export {
                Export::Text(_) => true,
                Export::Policy(policy) => secret::redact(&policy.text) != policy.text,
                _ => false,
            };
            if self.by_reference {
                continue;
            }
            // Which number a file has in a run says nothing of what is in it.
            export.place_mut().file = NO_FILE;
            let (kind, place) = (kind(&export), *export.place());
            let fact = serde_json::to_string(&export)
                .map_err(|error| StoreError::damaged(self.directory, error))?;
            self.rows += 1;
            self.stated
                .row()
                .int(stated::BLOCK, block)
                .int(stated::NTH, nth)
                .text(stated::KIND, kind)
                .unique(stated::FACT, &fact)
                .text(stated::SOURCE_FILE, self.name)
                .int(stated::SOURCE_LINE, i64::try_from(place.line).ok())
                .int(stated::SOURCE_BYTE, i64::try_from(place.byte).ok())
                .text(stated::SOURCE_SHA256, &place.sha256.to_string());
        }
        Ok(())
    }

    /// Writes the rows of the current run to files of their own.
    fn end_run(&mut self) -> Result<(), StoreError> {
        let run = self.runs.len();
        for ((source, number), part) in mem::take(&mut self.records) {
            let day = if number == i64::MAX {
                OTHER.to_owned()
            } else {
                day(number)
            };
            let folder = format!("source={source}/day={day}");
            self.write(run, record::SCHEMA.name, Some(folder), part)?;
        }
        for (table, rows) in [
            (stated::SCHEMA.name, &mut self.stated),
            (damaged::SCHEMA.name, &mut self.damaged),
        ] {
            let rows = rows.take();
            let mut part = Part::default();
            if !rows.is_empty() {
                part.append(&rows)?;
                let made = Keeper::made(self.incoming, self.made.len(), run, table, None, part)?;
                self.made.push(made);
            }
        }
        let blocks = self.blocks.len() as u64;
        self.runs.push(Run {
            first: self.first,
            blocks: blocks - self.first,
            parts: Vec::new(),
        });
        (self.first, self.rows) = (blocks, 0);
        Ok(())
    }

    fn write(
        &mut self,
        run: usize,
        table: &'static str,
        folder: Option<String>,
        part: Part,
    ) -> Result<(), StoreError> {
        let made = Keeper::made(self.incoming, self.made.len(), run, table, folder, part)?;
        self.made.push(made);
        Ok(())
    }

    fn made(
        incoming: &Path,
        number: usize,
        run: usize,
        table: &'static str,
        folder: Option<String>,
        part: Part,
    ) -> Result<Made, StoreError> {
        let from = incoming.join(format!("{number:06}.parquet"));
        let rows = part.rows() as u64;
        part.write(&from)?;
        layout::sync(&from)?;
        Ok(Made {
            run,
            table,
            folder,
            from,
            rows,
        })
    }

    /// Ends the file: its rows go to their places. Answers how its account is called and its digest.
    pub(super) fn end(mut self, ended: Ended) -> Result<Kept, StoreError> {
        if (self.blocks.len() as u64) > self.first {
            self.end_run()?;
        }
        let id = layout::id(ended.sha256, self.name);
        if self.by_reference {
            self.forget()?;
        }
        let source = ended.source.unwrap_or("unrecognised");
        for (number, made) in mem::take(&mut self.made).into_iter().enumerate() {
            let folder = made.folder.unwrap_or_else(|| format!("source={source}"));
            let path = format!("{}/{folder}/{id}-{number:05}.parquet", made.table);
            let part = self.place(&made.from, path, made.table, made.rows)?;
            if let Some(run) = self.runs.get_mut(made.run) {
                run.parts.push(part);
            }
        }
        let records = self.blocks.iter().map(|block| block.parsed).sum();
        let account = Account {
            schema: SCHEMA.to_owned(),
            name: self.name.to_owned(),
            bytes: ended.bytes,
            sha256: ended.sha256,
            source: ended.source.map(str::to_owned),
            torn: ended
                .torn
                .map(|(reason, line, byte)| Torn { reason, line, byte }),
            unreadable: ended.unreadable,
            contradiction: ended.contradiction.map(|found| Contradicting {
                path: found.path.to_owned(),
                content: found.content.to_owned(),
                place: Place {
                    file: NO_FILE,
                    ..found.place
                },
            }),
            by_reference: self.by_reference,
            blocks: self.blocks,
            runs: self.runs,
        };
        let torn = account.torn.as_ref().map(Torn::to_string);
        let text = serde_json::to_vec(&account)
            .map_err(|error| StoreError::damaged(self.directory, error))?;
        let to = self.directory.join(layout::ACCOUNTS);
        layout::make_directory(&to)?;
        let from = self.incoming.join("account");
        layout::replace(&from, &to.join(format!("{id}.json")), &text)?;
        Ok(Kept {
            account: format!("{id}.json"),
            account_sha256: Digest::of(&text),
            by_reference: account.by_reference,
            records,
            torn,
        })
    }

    /// Drops the rows of a file that is kept by reference.
    fn forget(&mut self) -> Result<(), StoreError> {
        for made in mem::take(&mut self.made) {
            fs::remove_file(&made.from).map_err(StoreError::io(&made.from))?;
        }
        self.blocks.clear();
        self.runs.clear();
        Ok(())
    }

    /// Moves a file of rows to its place.
    fn place(
        &self,
        from: &Path,
        path: String,
        table: &str,
        rows: u64,
    ) -> Result<PartAccount, StoreError> {
        let bytes = fs::read(from).map_err(StoreError::io(from))?;
        let to = self.directory.join(&path);
        if let Some(folder) = to.parent() {
            layout::make_directory(folder)?;
        }
        layout::rename(from, &to)?;
        Ok(PartAccount {
            table: table.to_owned(),
            path,
            rows,
            bytes: bytes.len() as u64,
            sha256: Digest::of(&bytes),
        })
    }
}

/// What was kept of a file.
pub(super) struct Kept {
    pub(super) account: String,
    pub(super) account_sha256: Digest,
    pub(super) by_reference: bool,
    /// Units that were read.
    pub(super) records: u64,
    /// Where and why it could not be read on.
    pub(super) torn: Option<String>,
}

fn kind(export: &Export) -> &'static str {
    match export {
        Export::Job(_) => "job",
        Export::Pipeline(_) => "pipeline",
        Export::Service(_) => "service",
        Export::Attribute(_) => "attribute",
        Export::Policy(_) => "policy",
        Export::Grant(_) => "grant",
        Export::Exposure(_) => "exposure",
        Export::Text(_) => "text",
    }
}

fn texts<K: ToString>(counts: BTreeMap<K, u64>) -> BTreeMap<String, u64> {
    let counts = counts.into_iter();
    counts
        .map(|(text, count)| (text.to_string(), count))
        .collect()
}
