//! Reads all inputs: one thread cuts, several parse, and the caller gets the results in file order.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;

use super::block::{Block, FileEnd};
use super::buffers::Buffers;
use super::cut::cut_file;
use super::input::InputFile;
use super::parse::{Tally, parse_block};
use super::searched::Searched;
use crate::model::{Digest, FileId, Format, Place, Sink};

/// What the caller gets, in the order of files and of records within a file.
#[derive(Debug)]
pub enum Output<S> {
    /// The records of one block, as the sink kept them.
    Block {
        /// The file.
        file: FileId,
        /// What became of every record.
        tally: Tally,
        /// What they said.
        kept: S,
    },
    /// The end of a file.
    End(Ended),
}

/// What is known of a file when it ends.
#[derive(Debug)]
pub struct Ended {
    /// The file.
    pub file: FileId,
    /// Size as stored.
    pub bytes: u64,
    /// Digest as stored.
    pub sha256: Digest,
    /// Why reading stopped early: reason, line and byte reached.
    pub torn: Option<(String, u64, u64)>,
    /// Why the file could not be opened.
    pub unreadable: Option<String>,
    /// Source cell of the format that the file's first record is of.
    pub source: Option<&'static str>,
    /// What its path and its content say that it is, and where the content says so, where they
    /// contradict each other.
    pub contradiction: Option<Contradiction>,
}

/// A file whose path says that it is of one kind, and whose content of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contradiction {
    /// Title of the format that its path says.
    pub path: &'static str,
    /// Title of the format that its content says.
    pub content: &'static str,
    /// The first line of the content.
    pub place: Place,
}

enum Work<'f> {
    Block(Block, Landing<'f>),
    End(FileEnd),
}

/// Bytes that may be cut and not yet parsed; one block alone may be larger.
const IN_FLIGHT: usize = 32 * 1024 * 1024;

/// Keeps the bytes between cutting and parsing bounded, however long a record is.
#[derive(Default)]
struct Flight {
    bytes: Mutex<usize>,
    landed: Condvar,
}

impl Flight {
    /// Waits until `bytes` more may be in flight.
    fn start(&self, bytes: usize) -> Landing<'_> {
        let flying = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        let mut flying = self
            .landed
            .wait_while(flying, |flying| *flying > 0 && *flying + bytes > IN_FLIGHT)
            .unwrap_or_else(PoisonError::into_inner);
        *flying += bytes;
        Landing {
            flight: self,
            bytes,
        }
    }
}

/// Bytes in flight, which land when their block is parsed, and when a panic drops it.
struct Landing<'f> {
    flight: &'f Flight,
    bytes: usize,
}

impl Drop for Landing<'_> {
    fn drop(&mut self) {
        let flying = self.flight.bytes.lock();
        let mut flying = flying.unwrap_or_else(PoisonError::into_inner);
        *flying = flying.saturating_sub(self.bytes);
        self.flight.landed.notify_one();
    }
}

/// Reads `files` with `formats`, a sink per block made by `make`, and calls `take` with each
/// result in order.
///
/// The files are in the order of their numbers, which need not begin at 0. One thread reads, hashes and cuts, `threads` threads parse, the calling thread takes. Queues are
/// bounded, so memory does not grow with the input.
pub fn ingest<S, M, T>(
    files: &[InputFile],
    formats: &[&dyn Format],
    threads: NonZeroUsize,
    make: M,
    mut take: T,
) where
    S: Sink + Send,
    M: Fn() -> S + Sync,
    T: FnMut(Output<S>),
{
    let depth = threads.get() * 2;
    let (work_out, work_in) = sync_channel::<(u64, Work<'_>)>(depth);
    let (done_out, done_in) = sync_channel::<(u64, Output<S>)>(depth);
    // Each end of a queue belongs to the threads that use it: where they are gone, by a panic too,
    // nobody waits for them.
    let work_in = Arc::new(Mutex::new(work_in));
    let flight = Flight::default();
    let flight = &flight;
    let buffers = &Buffers::default();
    thread::scope(|scope| {
        spawn(scope, move || {
            let mut number = 0;
            let mut heard = true;
            let mut send = |work| {
                heard = heard && work_out.send((number, work)).is_ok();
                number += 1;
                heard
            };
            for file in files {
                let end = cut_file(file, formats, buffers, &mut |block| {
                    let landing = flight.start(block.bytes.len());
                    send(Work::Block(block, landing));
                });
                if !send(Work::End(end)) {
                    return;
                }
            }
        });
        for _ in 0..threads.get() {
            let (work_in, make) = (Arc::clone(&work_in), &make);
            let done_out = done_out.clone();
            spawn(scope, move || {
                let mut searched = Searched::default();
                while let Some((number, work)) = next(&work_in) {
                    let output = read(work, files, formats, make, &mut searched, buffers);
                    if done_out.send((number, output)).is_err() {
                        return;
                    }
                }
            });
        }
        drop((done_out, work_in));
        in_order(done_in, &mut take);
    });
}

/// Stack of a thread that reads: JSON is read by recursion, as deep as `depth` allows, and the two
/// MiB that a thread has by itself end before that in a build without optimisation.
const STACK: usize = 32 << 20;

/// Starts a thread with room for the deepest record; without one, nothing can be read, and it ends
/// as the standard library's own `spawn` does.
#[allow(clippy::panic)]
fn spawn<'s>(scope: &'s thread::Scope<'s, '_>, work: impl FnOnce() + Send + 's) {
    let thread = thread::Builder::new().stack_size(STACK);
    if let Err(error) = thread.spawn_scoped(scope, work) {
        std::panic::panic_any(error);
    }
}

fn next<'f>(work: &Mutex<Receiver<(u64, Work<'f>)>>) -> Option<(u64, Work<'f>)> {
    work.lock()
        .unwrap_or_else(PoisonError::into_inner)
        .recv()
        .ok()
}

fn read<S: Sink>(
    work: Work<'_>,
    files: &[InputFile],
    formats: &[&dyn Format],
    make: &impl Fn() -> S,
    searched: &mut Searched,
    buffers: &Buffers,
) -> Output<S> {
    match work {
        Work::Block(block, _landing) => {
            let file = files.binary_search_by_key(&block.file, |file| file.id);
            let file = file.ok().and_then(|at| files.get(at));
            let hint = file.map(InputFile::hint).unwrap_or_default();
            let mut kept = make();
            let tally = parse_block(&block, &hint, formats, &mut kept, searched);
            let file = block.file;
            buffers.give(block.bytes);
            Output::Block { file, tally, kept }
        }
        Work::End(end) => Output::End(Ended {
            file: end.file,
            bytes: end.bytes,
            sha256: end.sha256,
            torn: end.torn,
            unreadable: end.unreadable,
            source: end
                .format
                .and_then(|index| formats.get(index))
                .map(|format| format.about().source.name),
            contradiction: end.contradicts.and_then(|(content, place)| {
                let title = |index: usize| formats.get(index).map(|format| format.about().title);
                Some(Contradiction {
                    // A name alone, which no format owns, says the language.
                    path: end.format.and_then(title).unwrap_or("policy or Terraform"),
                    content: title(content)?,
                    place,
                })
            }),
        }),
    }
}

/// Hands results on by number; those that overtook others wait.
fn in_order<S>(done: Receiver<(u64, Output<S>)>, take: &mut impl FnMut(Output<S>)) {
    let mut waiting = BTreeMap::new();
    let mut expected = 0;
    for (number, output) in done {
        waiting.insert(number, output);
        while let Some(output) = waiting.remove(&expected) {
            take(output);
            expected += 1;
        }
    }
}
