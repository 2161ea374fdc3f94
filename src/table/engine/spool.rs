//! Operations on their way from the first pass to the second: a run of up to one full batch stays
//! in memory, of a longer one every block lies in a file until it is taken.

use std::fs::{self, File};
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::thread::{self, JoinHandle};

use super::EngineError;
use super::spill::{Spilling, join};
use super::store::spill;
use crate::scratch::{self, Scratch};
use crate::table::row::operation::Operations;

/// How many bytes are compressed at once.
const BUFFER: usize = 64 * 1024;

/// Blocks of operations, in the order of their arrival.
#[derive(Default)]
pub struct Spool {
    first: Option<Operations>,
    parts: Vec<PathBuf>,
    folder: Option<Scratch>,
    spilling: Spilling,
}

impl Spool {
    /// Adds a block. One that goes to a file is written on a thread of its own: what fails there
    /// is the error of a later call.
    pub fn append(&mut self, block: Operations) -> Result<(), EngineError> {
        if block.records.is_empty() {
            return Ok(());
        }
        if self.first.is_none() && self.parts.is_empty() {
            self.first = Some(block);
            return Ok(());
        }
        for block in self.first.take().into_iter().chain([block]) {
            let folder = spill(&mut self.folder)?;
            let path = folder.join(format!("operations-{:05}", self.parts.len()));
            self.parts.push(path.clone());
            self.spilling.start(move || write(&path, &block))?;
        }
        Ok(())
    }

    /// Hands the blocks out, the next one read while the caller works on the one before.
    pub fn into_blocks(self) -> Result<Blocks, EngineError> {
        self.spilling.settle()?;
        let mut blocks = Blocks {
            first: self.first,
            parts: self.parts.into_iter(),
            ahead: None,
            _folder: self.folder,
        };
        blocks.read_ahead();
        Ok(blocks)
    }
}

/// The blocks of a spool; each is gone once it is taken.
pub struct Blocks {
    first: Option<Operations>,
    parts: std::vec::IntoIter<PathBuf>,
    ahead: Option<JoinHandle<Result<Operations, EngineError>>>,
    _folder: Option<Scratch>,
}

impl Blocks {
    fn read_ahead(&mut self) {
        let next = self.parts.next();
        self.ahead = next.map(|path| thread::spawn(move || take(&path)));
    }
}

impl Iterator for Blocks {
    type Item = Result<Operations, EngineError>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(first) = self.first.take() {
            return Some(Ok(first));
        }
        let ahead = self.ahead.take()?;
        let block = join(ahead);
        self.read_ahead();
        Some(block)
    }
}

fn write(path: &Path, block: &Operations) -> Result<(), EngineError> {
    let failed = |error: std::io::Error| EngineError::file(path, &error);
    let file = scratch::create(path).map_err(failed)?;
    let packed = zstd::Encoder::new(file, 1).map_err(failed)?;
    // Numbers come one by one; the compression wants them by the block.
    let packed = BufWriter::with_capacity(BUFFER, packed);
    let packed = postcard::to_io(block, packed).map_err(|error| EngineError::file(path, &error))?;
    let packed = packed
        .into_inner()
        .map_err(|error| failed(error.into_error()))?;
    packed.finish().map_err(failed)?;
    Ok(())
}

fn take(path: &Path) -> Result<Operations, EngineError> {
    let failed = |error: std::io::Error| EngineError::file(path, &error);
    let bytes = zstd::decode_all(File::open(path).map_err(failed)?).map_err(failed)?;
    let block = postcard::from_bytes(&bytes).map_err(|error| EngineError::file(path, &error))?;
    fs::remove_file(path).map_err(failed)?;
    Ok(block)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Digest, Event, EventKind, FileId, Place, System, Timestamp};
    use crate::table::row::half::{Field, Half, Listed};
    use crate::table::row::operation::{OperationRecord, Told};
    use crate::table::row::parts::Parts;
    use crate::table::row::{Symbols, Translated, Translation};

    fn block(number: u32) -> Operations {
        let place = Place {
            file: FileId(3),
            line: 7,
            byte: u64::MAX,
            sha256: Digest([0xa5; 32]),
        };
        let id = format!("r{number}").into();
        let mut event = Event::new(System::Vault, EventKind::Login, id, place, Timestamp(-5));
        event.granting_policies = vec!["a".into(), "b\u{1e}".into()];
        let mut from = Symbols::new();
        let half = Half::new(&event, &mut from);
        let mut block = Operations::default();
        let mut known = Translation::default();
        let said = Translated::new(&half, &from, &mut known);
        let record = OperationRecord::new(number, &half, Parts::Pair, said, &mut block.symbols);
        block.records.push(record);
        block
    }

    #[test]
    fn what_was_spooled_comes_back_in_order_and_leaves_no_file() {
        for count in [0, 1, 3] {
            let mut spool = Spool::default();
            for number in 0..count {
                spool.append(block(number)).unwrap();
            }
            spool.append(Operations::default()).unwrap();
            let parts = spool.parts.clone();
            let blocks: Vec<Operations> = spool
                .into_blocks()
                .unwrap()
                .collect::<Result<_, _>>()
                .unwrap();
            assert_eq!(blocks.len(), count as usize);
            for (found, number) in blocks.iter().zip(0..) {
                assert_eq!(found.records, block(number).records);
                let told = Told {
                    record: &found.records[0],
                    symbols: &found.symbols,
                };
                assert_eq!(told.text(Field::Id), format!("r{number}"));
                assert_eq!(told.list(Listed::GrantingPolicies), ["a", "b\u{1e}"]);
            }
            assert!(parts.iter().all(|part| !part.exists()));
        }
    }

    #[test]
    fn a_block_that_is_damaged_is_an_error() {
        let mut spool = Spool::default();
        spool.append(block(0)).unwrap();
        spool.append(block(1)).unwrap();
        spool.spilling.settle().unwrap();
        let bytes = fs::read(&spool.parts[1]).unwrap();
        fs::write(&spool.parts[1], &bytes[..bytes.len() / 2]).unwrap();
        let results: Vec<_> = spool.into_blocks().unwrap().collect();
        assert!(results[0].is_ok() && results[1].is_err());
    }
}
