//! First pass: operations become event rows and entries of the ledger.
//!
//! Names of credentials, owners and the period are known only when all is read; the second pass
//! fills them in.

use std::collections::BTreeMap;

use super::bridge::Bridges;
use super::extent::Named;
use crate::identity::Ledger;
use crate::model::{EventKind, FileId, Period, System, Timestamp, id, list};
use crate::table::engine::{EngineError, Store};
use crate::table::row::half::{Field, Half, Listed, Mapped};
use crate::table::row::pairing::{Conflict, Lone, Operation, Paired, SameHandle};
use crate::table::row::repeat::First;
use crate::table::row::{Batch, NONE, Symbols, event, policy_delta};
use crate::table::row::{Translated, Translation};

/// One text column filled from one field.
const TEXTS: [(usize, Field); 21] = [
    (event::OPERATION, Field::Operation),
    (event::METHOD, Field::Method),
    (event::SERVICE, Field::Service),
    (event::NAMESPACE, Field::Namespace),
    (event::MOUNT, Field::Mount),
    (event::PATH, Field::Path),
    (event::OBJECT, Field::Object),
    (event::ERROR, Field::Error),
    (event::PRINCIPAL, Field::Principal),
    (event::DISPLAY_NAME, Field::DisplayName),
    (event::ENTITY_ID, Field::EntityId),
    (event::LEASE_ID, Field::Lease),
    (event::ROLE, Field::Role),
    (event::REMOTE_ADDRESS, Field::RemoteAddress),
    (event::USER_AGENT, Field::UserAgent),
    (event::NETWORK, Field::Network),
    (event::DEVICE, Field::Device),
    (event::KEY_NAME, Field::KeyName),
    (event::TARGET_ACCOUNT, Field::TargetAccount),
    (event::PROJECT, Field::Project),
    (event::TOKEN_TYPE, Field::IssuedType),
];

/// One list column filled from one field.
const LISTS: [(usize, Listed); 5] = [
    (event::GRANTING_POLICIES, Listed::GrantingPolicies),
    (event::REQUEST_KEYS, Listed::RequestKeys),
    (event::PERMISSIONS, Listed::Permissions),
    (event::DENIED_PERMISSIONS, Listed::DeniedPermissions),
    (event::DELEGATION, Listed::Delegation),
];

/// Writes event rows and feeds the ledger.
pub(super) struct EventRows {
    /// Rows of the first pass.
    pub(super) raw: Store,
    /// What stays in memory of each.
    pub(super) ledger: Ledger,
    /// Changes of Google policies.
    pub(super) deltas: Batch,
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
    /// What could not be stored; the run ends with it.
    pub(super) fault: Option<EngineError>,
    names: Vec<String>,
    period: Option<Period>,
    batch: Batch,
    to_batch: Translation,
    to_ledger: Translation,
}

impl EventRows {
    pub(super) fn new(names: Vec<String>, period: Option<Period>) -> EventRows {
        EventRows {
            raw: Store::new(),
            ledger: Ledger::default(),
            deltas: Batch::new(&policy_delta::SCHEMA),
            lone: Vec::new(),
            conflicts: Vec::new(),
            project_numbers: BTreeMap::new(),
            bridges: Bridges::default(),
            named: Named::default(),
            fault: None,
            names,
            period,
            batch: Batch::new(&event::SCHEMA),
            to_batch: Translation::default(),
            to_ledger: Translation::default(),
        }
    }

    /// Says that the next operations come with another dictionary.
    pub(super) fn next_dictionary(&mut self) {
        self.to_batch.clear();
        self.to_ledger.clear();
    }

    /// Hands on the last rows.
    pub(super) fn finish(&mut self) {
        self.flush();
    }

    fn flush(&mut self) {
        let full = std::mem::replace(&mut self.batch, Batch::new(&event::SCHEMA));
        self.to_batch.clear();
        if let Err(error) = self.raw.append(full) {
            self.fault.get_or_insert(error);
        }
    }

    fn name(&self, file: FileId) -> &str {
        self.names.get(file.0 as usize).map_or("", String::as_str)
    }

    fn row(&mut self, operation: &Operation, symbols: &Symbols) {
        let half = &operation.half;
        let text = |field| symbols.get(half.sym(field));
        let event_id = half.system.event_id(text(Field::Id));
        let file = self.name(half.place.file).to_owned();
        let texts = TEXTS.map(|(column, field)| {
            (
                column,
                self.to_batch
                    .of(half.sym(field), symbols, self.batch.symbols_mut()),
            )
        });
        let mut row = self.batch.row();
        for (column, sym) in texts.into_iter().filter(|(_, sym)| *sym != NONE) {
            row.sym(column, sym);
        }
        let login = matches!(half.kind, EventKind::Login);
        let (policies, metadata) = if login {
            (Listed::IssuedPolicies, Mapped::IssuedMetadata)
        } else {
            (Listed::Policies, Mapped::Metadata)
        };
        for (column, field) in LISTS.into_iter().chain([(event::POLICIES, policies)]) {
            for item in symbols.items(half.list(field)) {
                row.item(column, item);
            }
        }
        for (key, value) in symbols.entries(half.map(metadata)) {
            row.item(event::METADATA, &list::entry(key, value));
        }
        let role = text(Field::Role);
        if login && !role.is_empty() {
            let role_id = id::vault_role(Some(text(Field::Namespace)), text(Field::Mount), role);
            row.text(event::ROLE_ID, &role_id);
        }
        row.text(event::EVENT_ID, &event_id)
            .text(event::SYSTEM, half.system.as_str())
            .text(event::KIND, half.kind.as_str())
            .text(event::PARTS, operation.parts.as_str())
            .int(event::AT, half.at.0)
            .int(event::HOUR, half.at.hour().0)
            .text(event::OUTCOME, half.outcome.as_str())
            .int(event::STATUS, half.status)
            .int(
                event::TOKEN_ISSUED_AT,
                half.token_issued_at.map(|issued| issued.0),
            )
            .int(event::TOKEN_TTL_S, half.issued_ttl)
            .int(event::SECRET_VERSION, half.secret_version)
            .text(event::SOURCE_FILE, &file)
            .int(event::SOURCE_LINE, i64::try_from(half.place.line).ok())
            .int(event::SOURCE_BYTE, i64::try_from(half.place.byte).ok())
            .text(event::SOURCE_SHA256, &half.place.sha256.to_string());
        self.delta_rows(half, symbols, &event_id, &file);
        self.named.record(half, symbols);
        if half.system == System::Gcp {
            let number = symbols.value(half.map(Mapped::Metadata), "project_number");
            let project = text(Field::Project);
            let named = project.bytes().any(|byte| !byte.is_ascii_digit());
            if !number.is_empty() && named && !self.project_numbers.contains_key(number) {
                self.project_numbers
                    .insert(number.to_owned(), project.to_owned());
            }
        }
        if self.batch.is_full() {
            self.flush();
        }
    }

    fn delta_rows(&mut self, half: &Half, symbols: &Symbols, event_id: &str, file: &str) {
        let text = |field| symbols.get(half.sym(field));
        for delta in &half.deltas {
            let binding = delta.audit_service.is_empty();
            self.deltas
                .row()
                .text(policy_delta::EVENT_ID, event_id)
                .int(policy_delta::AT, half.at.0)
                .text(policy_delta::PRINCIPAL, text(Field::Principal))
                .text(policy_delta::OBJECT, text(Field::Object))
                .text(policy_delta::SERVICE, text(Field::Service))
                .text(policy_delta::METHOD, text(Field::Method))
                .text(policy_delta::OUTCOME, half.outcome.as_str())
                .text(policy_delta::ACTION, &delta.action)
                .text(
                    policy_delta::KIND,
                    if binding { "binding" } else { "audit-config" },
                )
                .text(policy_delta::ROLE, &delta.role)
                .text(policy_delta::MEMBER, &delta.member)
                .text(policy_delta::CONDITION, &delta.condition)
                .text(policy_delta::AUDIT_SERVICE, &delta.audit_service)
                .int(
                    policy_delta::IN_PERIOD,
                    i64::from(inside(self.period, half.at)),
                )
                .text(policy_delta::SOURCE_FILE, file)
                .int(
                    policy_delta::SOURCE_LINE,
                    i64::try_from(half.place.line).ok(),
                )
                .int(
                    policy_delta::SOURCE_BYTE,
                    i64::try_from(half.place.byte).ok(),
                )
                .text(policy_delta::SOURCE_SHA256, &half.place.sha256.to_string());
        }
    }
}

fn inside(period: Option<Period>, at: Timestamp) -> bool {
    period.is_none_or(|period| period.contains(at))
}

impl Paired for EventRows {
    fn operation(&mut self, operation: Operation, symbols: &Symbols) -> u32 {
        self.row(&operation, symbols);
        let half = &operation.half;
        self.bridges
            .operation(half.system, operation.parts, operation.records);
        self.ledger
            .record(half, Translated::new(half, symbols, &mut self.to_ledger))
    }

    fn duplicate(&mut self, number: u32, record: &Half, symbols: &Symbols) {
        let said = Translated::new(record, symbols, &mut self.to_ledger);
        self.ledger.duplicate(number, said);
    }

    fn lone(&mut self, device: u8, lone: &Lone) {
        self.lone.push((device, lone.clone()));
    }

    fn first(&self, number: u32) -> Option<First> {
        self.ledger.first(number)
    }

    fn is_another(&self, number: u32, accessor: &str) -> bool {
        self.ledger.is_another(number, accessor)
    }

    fn tells_apart(&self, one: &str, other: &str) -> bool {
        self.ledger.devices.tells_apart(one, other)
    }

    fn conflict(&mut self, conflict: Conflict) {
        self.conflicts.push(conflict);
    }

    fn same_handle(&mut self, pair: SameHandle<'_>) {
        self.ledger.same_handle(pair);
    }
}
