//! First pass: operations are kept for their rows and entered in the ledger.
//!
//! Names of credentials, owners and the period are known only when all is read; the second pass
//! writes the rows.

use std::collections::BTreeMap;

use super::bridge::Bridges;
use super::delta_rows::PolicyChange;
use super::extent::{Access, Beats, Factors, InUse, Makings, Named, Shortened, Sides, Unsaid};
use crate::identity::Ledger;
use crate::model::System;
use crate::table::engine::{EngineError, Spool};
use crate::table::row::half::{Field, Half, Mapped};
use crate::table::row::operation::{OperationRecord, Operations};
use crate::table::row::pairing::{Conflict, Known, Lone, Operation, Paired, SameHandle};
use crate::table::row::{Batch, Symbols, Translated, Translation};

/// Keeps operations and feeds the ledger.
#[derive(Default)]
pub(super) struct OperationLog {
    /// The operations, for the second pass.
    pub(super) spool: Spool,
    /// What stays in memory of each.
    pub(super) ledger: Ledger,
    /// Changes of Google policies: there are few.
    pub(super) changes: Vec<PolicyChange>,
    /// Records whose partner their device never logged: device and record.
    pub(super) lone: Vec<(u8, Lone)>,
    /// Records that bear the id of another.
    pub(super) conflicts: Vec<Conflict>,
    /// Google project ids by number, as log entries name both.
    pub(super) project_numbers: BTreeMap<String, String>,
    /// How records became events.
    pub(super) bridges: Bridges,
    /// Services and projects that Google's log entries name.
    pub(super) named: Named,
    /// What Google's Data Access log shows.
    pub(super) access: Access,
    /// What comes by the clock in Google's logs.
    pub(super) beats: Beats,
    /// Factors and sign-ons of the identity provider.
    pub(super) factors: Factors,
    /// What records leave out that every record of theirs says.
    pub(super) unsaid: Unsaid,
    /// Logs whose texts were cut short.
    pub(super) shortened: Shortened,
    /// How much of each side of what happened there is.
    pub(super) sides: Sides,
    /// What logs of the proxy, of AWS and of the mesh are about.
    pub(super) in_use: InUse,
    /// What logs tell of what was made.
    pub(super) makings: Makings,
    /// What could not be stored; the run ends with it.
    pub(super) fault: Option<EngineError>,
    block: Operations,
    to_block: Translation,
    to_ledger: Translation,
}

impl OperationLog {
    /// Says that the next operations come with another dictionary.
    pub(super) fn next_dictionary(&mut self) {
        self.to_block.clear();
        self.to_ledger.clear();
    }

    /// Hands on the last operations.
    pub(super) fn finish(&mut self) {
        self.flush();
    }

    fn flush(&mut self) {
        let full = std::mem::take(&mut self.block);
        self.block.records.reserve(full.records.len());
        self.to_block.clear();
        if let Err(error) = self.spool.append(full) {
            self.fault.get_or_insert(error);
        }
    }

    fn keep(&mut self, number: u32, operation: &Operation, symbols: &Symbols) {
        let half = &operation.half;
        let said = Translated::new(half, symbols, &mut self.to_block);
        let to = &mut self.block.symbols;
        let record = OperationRecord::new(number, half, operation.parts, said, to);
        self.block.records.push(record);
        self.changes.extend(PolicyChange::of(half, symbols));
        self.named.record(half, symbols);
        self.access.record(half, symbols);
        self.beats.record(half, symbols);
        self.factors.record(half, symbols);
        self.unsaid.record(half, symbols);
        self.sides.record(half, operation.parts, symbols);
        self.shortened.record(half, symbols);
        self.in_use.record(half, symbols);
        self.makings.record(half, symbols);
        if half.system == System::Gcp {
            self.name_project(half, symbols);
        }
        if self.block.records.len() >= Batch::FULL {
            self.flush();
        }
    }

    fn name_project(&mut self, half: &Half, symbols: &Symbols) {
        let number = symbols.value(half.map(Mapped::Metadata), "project_number");
        let project = symbols.get(half.sym(Field::Project));
        let named = project.bytes().any(|byte| !byte.is_ascii_digit());
        if !number.is_empty() && named && !self.project_numbers.contains_key(number) {
            self.project_numbers
                .insert(number.to_owned(), project.to_owned());
        }
    }
}

impl Paired for OperationLog {
    fn operation(&mut self, operation: Operation, symbols: &Symbols) -> u32 {
        let half = &operation.half;
        let said = Translated::new(half, symbols, &mut self.to_ledger);
        let number = self.ledger.record(half, said);
        self.bridges
            .operation(half.system, operation.parts, operation.records);
        self.keep(number, &operation, symbols);
        number
    }

    fn duplicate(&mut self, number: u32, record: &Half, symbols: &Symbols) {
        let said = Translated::new(record, symbols, &mut self.to_ledger);
        self.ledger.duplicate(number, said);
    }

    fn lone(&mut self, device: u8, lone: &Lone) {
        self.lone.push((device, lone.clone()));
    }

    fn known(&self) -> &dyn Known {
        &self.ledger
    }

    fn conflict(&mut self, conflict: Conflict) {
        self.conflicts.push(conflict);
    }

    fn same_handle(&mut self, pair: SameHandle<'_>) {
        self.ledger.same_handle(pair);
    }
}
