//! First pass: reads every input once.

use super::accounts::Accounts;
use super::devices::{Before, Devices, folder};
use super::extent::{Log, Minutes, sink_folder, stem};
use super::formats::Formats;
use super::operation_log::OperationLog;
use crate::model::{Attribute, Exports, FileId, Job, Period, Timestamp, Watch};
use crate::snapshot::terraform;
use crate::source::{InputFile, Output, ingest, threads};
use crate::store::{InputStore, StoreError};
use crate::table::engine::PageFile;
use crate::table::row::Harvest;
use crate::table::row::half::Half;
use crate::table::row::pairing::Pairing;

/// Pages of what is kept of each operation that stay in memory while reading: 18 MiB.
const HELD: usize = 256;

/// What was read.
pub(super) struct Gathered {
    pub(super) events: OperationLog,
    pub(super) accounts: Accounts,
    pub(super) exports: Exports,
    /// Audit devices.
    pub(super) devices: Devices,
    /// When each log spoke.
    pub(super) minutes: Minutes,
}

/// Reads `files`, or what `store` keeps of them. `period` is what was asked for; `None` when it will be derived. `watch` is
/// told of every file that ends and of bytes read.
///
/// # Errors
///
/// What comes from a store is not what was written there.
pub(super) fn gather(
    files: &[InputFile],
    store: Option<&InputStore>,
    period: Option<Period>,
    watch: &mut dyn Watch,
) -> Result<Gathered, StoreError> {
    let mut gathered = Gathered {
        events: OperationLog::default(),
        accounts: Accounts::new(files, period),
        exports: Exports::default(),
        devices: Devices::default(),
        minutes: Minutes::default(),
    };
    let mut pairing = Pairing::shelving(Box::new(PageFile::default()), HELD);
    let known = Formats::of(files);
    let formats = known.all();
    let take = |output| gathered.take(output, &mut pairing, watch);
    match store {
        Some(store) => store.replay(&formats, threads(), take)?,
        None => ingest(files, &formats, threads(), Harvest::default, take),
    }
    gathered.terraform(files);
    gathered.events.next_dictionary();
    pairing.finish(&mut EachAlone(&mut gathered.events));
    gathered.events.finish();
    gathered.devices.logged(pairing.devices());
    if let Some(fault) = pairing.fault() {
        let fault = PageFile::failed(&fault);
        gathered.events.fault.get_or_insert(fault);
    }
    Ok(gathered)
}

impl Gathered {
    /// Takes what comes next of the inputs.
    fn take(&mut self, output: Output<Harvest>, pairing: &mut Pairing, watch: &mut dyn Watch) {
        match output {
            Output::Block { file, tally, kept } => {
                self.accounts.block(file, tally);
                self.block(file, kept, pairing);
            }
            Output::End(end) => {
                self.accounts.contradictions.extend(end.contradiction);
                let name = self.accounts.name(end.file).to_owned();
                if let Some(reason) = end.unreadable {
                    self.accounts.unreadable.push((name.clone(), reason));
                }
                let (file, bytes) = (end.file, end.bytes);
                self.accounts
                    .end(file, bytes, end.sha256, end.torn, end.source);
                watch.file(&name, bytes);
            }
        }
    }

    /// Adds what the Terraform files state together.
    fn terraform(&mut self, files: &[InputFile]) {
        let name = |file: FileId| files.get(file.0 as usize).map_or("", |f| f.name.as_str());
        let mut stated = Harvest::default();
        let exports = &self.exports;
        terraform::resolve(&exports.texts, &exports.policies, name, &mut stated);
        // What it would grant in a cloud is no export of what the cloud grants: it excuses nobody.
        stated.exports.grants.clear();
        let made = |said: &Attribute| said.kind == "aws-role";
        stated.exports.attributes.retain(|said| !made(said));
        self.exports.extend(stated.exports);
    }

    fn block(&mut self, file: FileId, kept: Harvest, pairing: &mut Pairing) {
        let Harvest {
            mut symbols,
            halves,
            exports,
        } = kept;
        for half in &halves {
            self.accounts.time(half.at, half.place);
            self.events.bridges.record(half.system);
        }
        for job in &exports.jobs {
            if let Some(at) = job.started_at.or(job.created_at) {
                self.accounts.time(at, job.place);
            }
        }
        let spans = exports.attributes.iter().filter(|attribute| {
            attribute.kind == "job-trace" && matches!(&*attribute.name, "first_at" | "last_at")
        });
        for at in spans.filter_map(|attribute| Timestamp::parse(&attribute.value)) {
            self.accounts.spanned(file, at);
        }
        self.speak(file, &halves, &exports.jobs);
        self.events.next_dictionary();
        let before = Before {
            pairing,
            ledger: &self.events.ledger,
        };
        let name = self.accounts.name(file);
        let device = self.devices.number(name, &halves, &symbols, before);
        for half in &halves {
            self.events.ledger.devices.record(device, half, &symbols);
        }
        let duplicates = pairing.block(device, halves, &mut symbols, &mut self.events);
        self.accounts.duplicates(file, duplicates.values().sum());
        self.events.bridges.repeated(&duplicates);
        self.exports.extend(exports);
    }
}

impl Gathered {
    /// Keeps when the logs of a block spoke.
    fn speak(&mut self, file: FileId, halves: &[Half], jobs: &[Job]) {
        let mut of: Vec<&'static str> = halves.iter().map(|h| h.system.log(h.kind)).collect();
        of.sort_unstable();
        of.dedup();
        for of in of {
            let name = self.accounts.name(file);
            let (which, node) = match of {
                "vault" => (folder(name).trim_end_matches('/').to_owned(), stem(name)),
                _ => Default::default(),
            };
            let own = halves.iter().filter(|h| h.system.log(h.kind) == of);
            let own = own.map(|half| (half.at, half.place));
            // A sink to a bucket writes on while there is something to write.
            if let Some(sink) = sink_folder(name).filter(|_| of.starts_with("gcp-audit/")) {
                let log = Log {
                    of: of.to_owned(),
                    which: sink.to_owned(),
                    node: String::new(),
                };
                self.minutes.add(log, own.clone());
            }
            let of = of.to_owned();
            let log = Log { of, which, node };
            self.minutes.add(log, own);
        }
        for job in jobs {
            let log = Log {
                of: "gitlab-jobs".to_owned(),
                which: job.project_id.to_string(),
                node: String::new(),
            };
            let times = [job.created_at, job.started_at, job.finished_at];
            let times = times.into_iter().flatten();
            self.minutes.add(log, times.map(|at| (at, job.place)));
        }
    }
}

/// At the end every operation comes with a dictionary of its own.
struct EachAlone<'e>(&'e mut OperationLog);

impl crate::table::row::pairing::Paired for EachAlone<'_> {
    fn operation(
        &mut self,
        operation: crate::table::row::pairing::Operation,
        symbols: &crate::table::row::Symbols,
    ) -> u32 {
        self.0.next_dictionary();
        self.0.operation(operation, symbols)
    }

    fn duplicate(
        &mut self,
        number: u32,
        record: &crate::table::row::half::Half,
        symbols: &crate::table::row::Symbols,
    ) {
        self.0.next_dictionary();
        self.0.duplicate(number, record, symbols);
    }

    fn known(&self) -> &dyn crate::table::row::pairing::Known {
        self.0.known()
    }

    fn conflict(&mut self, conflict: crate::table::row::pairing::Conflict) {
        self.0.conflict(conflict);
    }

    fn lone(&mut self, device: u8, lone: &crate::table::row::pairing::Lone) {
        self.0.lone(device, lone);
    }

    fn same_handle(&mut self, pair: crate::table::row::pairing::SameHandle<'_>) {
        self.0.same_handle(pair);
    }
}
