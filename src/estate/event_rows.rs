//! Rows of the table `event`: each is written once, when all that it says is known.

use hashbrown::HashMap;

use super::Error;
use super::context::Context;
use super::fact_rows::EvidenceColumns;
use crate::identity::MountClass;
use crate::model::list;
use crate::table::row::half::{Field, Listed};
use crate::table::row::operation::OperationRecord;
use crate::table::row::{Batch, Map, NONE, Sym, Symbols, event};

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

/// The rows of one block of operations, over its dictionary.
pub(super) struct EventRows<'f> {
    pub(super) batch: Batch,
    files: &'f [String],
    /// The entries of a map, as the column shows them.
    metadata: HashMap<Map, Vec<Sym>>,
}

impl<'f> EventRows<'f> {
    pub(super) fn new(symbols: Symbols, files: &'f [String]) -> EventRows<'f> {
        EventRows {
            batch: Batch::over(&event::SCHEMA, symbols),
            files,
            metadata: HashMap::new(),
        }
    }

    /// Writes the row of an operation of the block.
    pub(super) fn add(
        &mut self,
        record: &OperationRecord,
        context: &Context,
        issued: &str,
    ) -> Result<(), Error> {
        let metadata = self.metadata(record.metadata);
        let location = &context.location;
        let mut row = self.batch.row();
        for (column, field) in TEXTS {
            row.sym(column, record.sym(field));
        }
        if record.sym(Field::Principal) == NONE {
            row.clean(event::PRINCIPAL, &context.credential_id);
        }
        if context.from_runner {
            row.clean(event::NETWORK, "runner");
        }
        for (column, list) in LISTS {
            row.list(column, record.list(list));
        }
        row.list(event::POLICIES, record.policies)
            .syms(event::METADATA, &metadata)
            .unique(event::EVENT_ID, &context.event_id)
            .clean(event::SYSTEM, record.system.as_str())
            .clean(event::KIND, record.kind.as_str())
            .clean(event::PARTS, record.parts.as_str())
            .int(event::AT, record.at.0)
            .int(event::HOUR, record.at.hour().0)
            .clean(event::OUTCOME, record.outcome.as_str())
            .int(event::STATUS, record.status)
            .int(
                event::TOKEN_ISSUED_AT,
                record.token_issued_at.map(|issued| issued.0),
            )
            .int(event::ENDS_AT, record.ends_at.map(|ends| ends.0))
            .int(event::TOKEN_TTL_S, record.issued_ttl)
            .int(event::SECRET_VERSION, record.secret_version)
            .clean(
                event::MOUNT_CLASS,
                location.mount_class.map_or("", MountClass::as_str),
            )
            .clean(event::LOGICAL_PATH, &location.logical)
            .clean(event::SECRET_NAME, &location.secret_name)
            .clean(event::OWNER, &location.owner)
            .clean(event::OWNER_ENVIRONMENT, &location.owner_environment)
            .clean(event::CREDENTIAL_ID, &context.credential_id)
            .clean(event::ISSUED_CREDENTIAL_ID, issued)
            .clean(event::ROLE_ID, &context.role_id)
            .int(event::IN_PERIOD, i64::from(context.inside));
        EvidenceColumns(event::SOURCE_FILE).fill_place(&mut row, record.place, self.files)
    }

    fn metadata(&mut self, map: Map) -> Vec<Sym> {
        if map.is_empty() {
            return Vec::new();
        }
        if let Some(known) = self.metadata.get(&map) {
            return known.clone();
        }
        let symbols = self.batch.symbols();
        let entries = symbols.entries(map);
        let entries: Vec<String> = entries
            .map(|(key, value)| list::entry(key, value))
            .collect();
        let symbols = self.batch.symbols_mut();
        let syms: Vec<Sym> = entries.iter().map(|entry| symbols.add(entry)).collect();
        self.metadata.insert(map, syms.clone());
        syms
    }
}
