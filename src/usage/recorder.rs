//! Feeds paired records to the ledger, for joins, and to the observer.

use std::collections::BTreeMap;

use super::observer::Observer;
use super::operation::Operation;
use super::{Asked, Usage};
use crate::identity::{Directory, Identity, Ledger, Scope};
use crate::model::{Attribute, EventKind, Evidence, Exports, FileId, Period, Service, System};
use crate::posture::Posture;
use crate::table::row::half::{Field, Half, Listed};
use crate::table::row::pairing::{self, Conflict, Known, Lone, Paired, Pairing, SameHandle};
use crate::table::row::{Harvest, Symbols};
use crate::table::row::{Translated, Translation};

/// Reads the Vault records of a log, and keeps what origins are joined from.
#[derive(Debug)]
pub struct Recorder<'a, 'c> {
    pairing: Pairing,
    halves: Halves<'a, 'c>,
    /// Of what is exported, what the directory is made of.
    exports: Exports,
}

#[derive(Debug)]
struct Halves<'a, 'c> {
    observer: Observer<'a, 'c>,
    ledger: Ledger,
    to_ledger: Translation,
    files: &'a [String],
    records: u64,
    /// Whether every operation comes with a dictionary of its own.
    alone: bool,
}

impl<'a, 'c> Recorder<'a, 'c> {
    /// Reads for `window`; `files` are the names of the log files.
    #[must_use]
    pub fn new(
        input: &'a Posture<'c>,
        files: &'a [String],
        window: Option<Period>,
    ) -> Recorder<'a, 'c> {
        Recorder {
            pairing: Pairing::default(),
            halves: Halves {
                observer: Observer::new(input, window),
                ledger: Ledger::default(),
                to_ledger: Translation::default(),
                files,
                records: 0,
                alone: false,
            },
            exports: Exports::default(),
        }
    }

    /// Keeps every distinct request as well, to size policies by.
    #[must_use]
    pub fn keeping_requests(mut self) -> Recorder<'a, 'c> {
        self.halves.observer.keep_requests();
        self
    }

    /// What was read so far.
    #[must_use]
    pub fn read(&self) -> (&Pairing, &Ledger) {
        (&self.pairing, &self.halves.ledger)
    }

    /// Takes what one block of records said; `device` numbers the audit device it is from.
    pub fn block(&mut self, device: u8, kept: Harvest) {
        let mut symbols = kept.symbols;
        let mut halves = kept.halves;
        halves.retain(|half| half.system == System::Vault);
        self.halves.to_ledger.clear();
        self.halves.records += halves.len() as u64;
        for half in &halves {
            self.halves.ledger.devices.record(device, half, &symbols);
        }
        self.pairing
            .block(device, halves, &mut symbols, &mut self.halves);
        let Exports {
            jobs,
            pipelines,
            services,
            attributes,
            ..
        } = kept.exports;
        self.exports.jobs.extend(jobs);
        self.exports.pipelines.extend(pipelines);
        self.exports(services, attributes);
    }

    /// Adds exports that are not among the logs.
    pub fn exports(&mut self, services: Vec<Service>, attributes: Vec<Attribute>) {
        self.exports.services.extend(services);
        self.exports.attributes.extend(attributes);
    }

    /// Joins, and says what was seen; `None` when no Vault record was among it.
    #[must_use]
    pub fn finish(mut self, declared: &Scope<'_>) -> Option<Usage> {
        self.halves.alone = true;
        self.pairing.finish(&mut self.halves);
        if self.halves.records == 0 {
            return None;
        }
        let directory = Directory::new(&mut self.exports, &BTreeMap::new());
        // A report tells of what was not believed.
        let _ = self.halves.ledger.tie();
        let identity = Identity::resolve(self.halves.ledger, directory, declared);
        Some(self.halves.observer.finish(&identity, declared))
    }
}

impl Halves<'_, '_> {
    fn observe(&mut self, half: &Half, op: u32, symbols: &Symbols) {
        let text = |field| symbols.get(half.sym(field));
        let login = half.kind == EventKind::Login;
        let policies = if login {
            Listed::IssuedPolicies
        } else {
            Listed::Policies
        };
        let list = |field| symbols.items(half.list(field)).collect::<Vec<&str>>();
        let (policies, granting) = (list(policies), list(Listed::GrantingPolicies));
        let credential = [text(Field::Accessor), text(Field::Token)];
        let seen = Operation {
            op,
            kind: half.kind,
            at: half.at,
            mount: text(Field::Mount),
            role: text(Field::Role),
            display_name: text(Field::DisplayName),
            credential: credential
                .into_iter()
                .find(|handle| !handle.is_empty())
                .unwrap_or_default(),
            asked: Asked {
                namespace: text(Field::Namespace),
                policies: &policies,
                granting: &granting,
                entity: text(Field::EntityId),
                operation: text(Field::Operation),
                path: text(Field::Path),
                outcome: half.outcome,
            },
        };
        let file = name(self.files, half.place.file);
        self.observer.operation(&seen, || Evidence {
            file: file.to_owned(),
            line: half.place.line,
            byte: half.place.byte,
            sha256: half.place.sha256.to_string(),
        });
    }
}

fn name(files: &[String], file: FileId) -> &str {
    files.get(file.0 as usize).map_or("", String::as_str)
}

impl Paired for Halves<'_, '_> {
    fn operation(&mut self, operation: pairing::Operation, symbols: &Symbols) -> u32 {
        if self.alone {
            self.to_ledger.clear();
        }
        let half = &operation.half;
        let op = self
            .ledger
            .record(half, Translated::new(half, symbols, &mut self.to_ledger));
        self.observe(half, op, symbols);
        op
    }

    fn duplicate(&mut self, number: u32, record: &Half, symbols: &Symbols) {
        let said = Translated::new(record, symbols, &mut self.to_ledger);
        self.ledger.duplicate(number, said);
    }

    fn same_handle(&mut self, pair: SameHandle<'_>) {
        self.ledger.same_handle(pair);
    }

    fn lone(&mut self, _: u8, _: &Lone) {}

    fn known(&self) -> &dyn Known {
        &self.ledger
    }

    /// Both records are watched; a report tells of the conflict.
    fn conflict(&mut self, _: Conflict) {}
}
