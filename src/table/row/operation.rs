//! One operation between the two passes: all that its row needs, its texts as numbers.

use serde::{Deserialize, Serialize};

use super::half::{Field, Half, Listed, Mapped};
use super::parts::Parts;
use super::{List, Map, Sym, Symbols, Translated};
use crate::model::{EventKind, Outcome, Place, System, Timestamp};

/// The texts that the row of an operation is made of, beside its id; the others serve joins only.
const KEPT: [Field; 21] = [
    Field::Operation,
    Field::Method,
    Field::Service,
    Field::Namespace,
    Field::Mount,
    Field::Path,
    Field::Object,
    Field::Error,
    Field::Principal,
    Field::DisplayName,
    Field::EntityId,
    Field::Lease,
    Field::Role,
    Field::RemoteAddress,
    Field::UserAgent,
    Field::Network,
    Field::Device,
    Field::KeyName,
    Field::TargetAccount,
    Field::Project,
    Field::IssuedType,
];

/// The lists of which the same is true.
const KEPT_LISTS: [Listed; 5] = [
    Listed::GrantingPolicies,
    Listed::RequestKeys,
    Listed::Permissions,
    Listed::DeniedPermissions,
    Listed::Delegation,
];

/// What the records of one operation said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperationRecord {
    /// Its number in the ledger.
    pub number: u32,
    /// System.
    pub system: System,
    /// Kind.
    pub kind: EventKind,
    /// Which parts were logged.
    pub parts: Parts,
    /// Where it was read.
    pub place: Place,
    /// When it began.
    pub at: Timestamp,
    /// How it ended.
    pub outcome: Outcome,
    /// Status code.
    pub status: Option<i64>,
    /// When the token in use was issued, where the record says so.
    pub token_issued_at: Option<Timestamp>,
    /// When what it began was over.
    pub ends_at: Option<Timestamp>,
    /// Lifetime of what is issued, in seconds.
    pub issued_ttl: Option<i64>,
    /// Version of a KV secret.
    pub secret_version: Option<i64>,
    /// Policies of the token in use; on a login, of the issued one.
    pub policies: List,
    /// Metadata of the token in use; on a login, of the issued one.
    pub metadata: Map,
    texts: [Sym; Field::COUNT],
    lists: [List; Listed::COUNT],
}

impl OperationRecord {
    /// Takes operation `number` over, its texts into `to`.
    pub fn new(
        number: u32,
        half: &Half,
        parts: Parts,
        mut said: Translated<'_>,
        to: &mut Symbols,
    ) -> OperationRecord {
        let (policies, metadata) = match half.kind {
            EventKind::Login => (Listed::IssuedPolicies, Mapped::IssuedMetadata),
            _ => (Listed::Policies, Mapped::Metadata),
        };
        let mut record = OperationRecord {
            number,
            system: half.system,
            kind: half.kind,
            parts,
            place: half.place,
            at: half.at,
            outcome: half.outcome,
            status: half.status,
            token_issued_at: half.token_issued_at,
            ends_at: half.ends_at,
            issued_ttl: half.issued_ttl,
            secret_version: half.secret_version,
            policies: said.list(policies, to),
            metadata: said.map(metadata, to),
            texts: [super::NONE; Field::COUNT],
            lists: [List::default(); Listed::COUNT],
        };
        record.texts[Field::Id as usize] = said.own(Field::Id, to);
        for field in KEPT {
            record.texts[field as usize] = said.text(field, to);
        }
        for field in KEPT_LISTS {
            record.lists[field as usize] = said.list(field, to);
        }
        record
    }

    /// The number of a text; none for one that serves joins only.
    #[must_use]
    pub fn sym(&self, field: Field) -> Sym {
        self.texts[field as usize]
    }

    /// The number of a list; the empty one for one that serves joins only.
    #[must_use]
    pub fn list(&self, field: Listed) -> List {
        self.lists[field as usize]
    }
}

/// Operations in the order of their numbers, with the dictionary of their texts.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Operations {
    /// Their texts.
    pub symbols: Symbols,
    /// They.
    pub records: Vec<OperationRecord>,
}

/// One operation and the dictionary that its texts are numbers of.
#[derive(Clone, Copy, Debug)]
pub struct Told<'o> {
    /// The operation.
    pub record: &'o OperationRecord,
    /// The dictionary.
    pub symbols: &'o Symbols,
}

impl<'o> Told<'o> {
    /// A text; empty where the records have none.
    #[must_use]
    pub fn text(self, field: Field) -> &'o str {
        self.symbols.get(self.record.sym(field))
    }

    /// A list.
    #[must_use]
    pub fn list(self, field: Listed) -> Vec<&'o str> {
        self.symbols.items(self.record.list(field)).collect()
    }

    /// The policies of the token in use; on a login, of the issued one.
    #[must_use]
    pub fn policies(self) -> Vec<&'o str> {
        self.symbols.items(self.record.policies).collect()
    }
}
