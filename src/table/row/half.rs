//! One record of an operation, with its texts as numbers, on its way to becoming an event row.

use sha2::{Digest as _, Sha256};

use super::{NONE, Sym, Symbols};
use crate::model::{Event, EventKind, Outcome, Part, Place, PolicyDelta, System, Text, Timestamp};

/// Separates the items of a list that is stored as one text.
pub const LIST: char = '\u{1e}';

/// The texts of an event, by position in [`Half::texts`]. Lists are joined with [`LIST`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
#[allow(
    missing_docs,
    reason = "each is the field of `model::Event` of the same name"
)]
pub enum Field {
    Id,
    Operation,
    Method,
    Service,
    Namespace,
    Mount,
    Path,
    Object,
    Error,
    Principal,
    DisplayName,
    EntityId,
    Accessor,
    Token,
    Role,
    Policies,
    GrantingPolicies,
    Metadata,
    RemoteAddress,
    UserAgent,
    RequestKeys,
    RequestLease,
    IssuedAccessor,
    IssuedToken,
    WrappingAccessor,
    WrappingToken,
    WrappingPath,
    IssuedEntity,
    IssuedDisplayName,
    IssuedPolicies,
    IssuedMetadata,
    IssuedType,
    Lease,
    Permissions,
    DeniedPermissions,
    Delegation,
    KeyName,
    TargetAccount,
    Project,
}

/// How many fields there are.
pub const FIELDS: usize = Field::Project as usize + 1;

/// One change of a Google policy, owned: there are few.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delta {
    /// `ADD`, `REMOVE` or `UNKNOWN`.
    pub action: String,
    /// Role, or log type.
    pub role: String,
    /// Member, or exempted member.
    pub member: String,
    /// Condition.
    pub condition: String,
    /// Service of an audit configuration; empty for a binding.
    pub audit_service: String,
}

/// One record of an operation.
#[derive(Clone, Debug)]
pub struct Half {
    /// What parts and duplicates of the operation share: a UUID as it is, else a digest.
    pub key: u128,
    /// Whether the key may come again for another operation (Vault logs `help` without id).
    pub transient: bool,
    /// System.
    pub system: System,
    /// Kind.
    pub kind: EventKind,
    /// Part.
    pub part: Part,
    /// Where it was read.
    pub place: Place,
    /// When.
    pub at: Timestamp,
    /// How it ended.
    pub outcome: Outcome,
    /// Status code.
    pub status: Option<i64>,
    /// Issue time of the caller's token.
    pub token_issued_at: Option<Timestamp>,
    /// Lifetime of what is issued, in seconds.
    pub issued_ttl: Option<i64>,
    /// Version of a KV secret.
    pub secret_version: Option<i64>,
    /// Whether a credential is handed out.
    pub issues: bool,
    /// Texts by [`Field`].
    pub texts: [Sym; FIELDS],
    /// Google policy changes.
    pub deltas: Vec<Delta>,
}

impl Half {
    /// Takes an event over, its texts into `symbols`.
    #[must_use]
    pub fn new(event: &Event<'_>, symbols: &mut Symbols) -> Half {
        let mut half = Half {
            key: key(&event.key),
            transient: event.key.starts_with("no-id\u{1f}"),
            system: event.system,
            kind: event.kind,
            part: event.part,
            place: event.place,
            at: event.at,
            outcome: event.outcome,
            status: event.status,
            token_issued_at: event.token_issued_at,
            issued_ttl: event.issued.as_ref().and_then(|issued| issued.ttl_seconds),
            secret_version: event.secret_version,
            issues: event.issued.is_some(),
            texts: [NONE; FIELDS],
            deltas: event.deltas.iter().map(Delta::new).collect(),
        };
        let mut set = |field: Field, text: &str| half.texts[field as usize] = symbols.add(text);
        let optional = |text: &Option<Text<'_>>| text.as_deref().unwrap_or("").to_owned();
        set(Field::Id, &event.id);
        set(Field::Operation, &event.operation);
        set(Field::Path, &event.path);
        set(Field::Object, &event.object);
        for (field, text) in [
            (Field::Method, &event.method),
            (Field::Service, &event.service),
            (Field::Namespace, &event.namespace),
            (Field::Mount, &event.mount),
            (Field::Error, &event.error),
            (Field::Principal, &event.principal),
            (Field::DisplayName, &event.display_name),
            (Field::EntityId, &event.entity_id),
            (Field::Accessor, &event.caller.accessor),
            (Field::Token, &event.caller.token),
            (Field::Role, &event.role),
            (Field::RemoteAddress, &event.remote_address),
            (Field::UserAgent, &event.user_agent),
            (Field::RequestLease, &event.request_lease_id),
            (Field::KeyName, &event.key_name),
            (Field::TargetAccount, &event.target_account),
            (Field::Project, &event.project),
        ] {
            set(field, text.as_deref().unwrap_or(""));
        }
        for (field, list) in [
            (Field::Policies, &event.policies),
            (Field::GrantingPolicies, &event.granting_policies),
            (Field::RequestKeys, &event.request_keys),
            (Field::Permissions, &event.permissions),
            (Field::DeniedPermissions, &event.denied_permissions),
            (Field::Delegation, &event.delegation),
        ] {
            if !list.is_empty() {
                set(field, &joined(list));
            }
        }
        if !event.metadata.is_empty() {
            set(Field::Metadata, &pairs(&event.metadata));
        }
        if let Some(issued) = &event.issued {
            set(Field::IssuedAccessor, &optional(&issued.handles.accessor));
            set(Field::IssuedToken, &optional(&issued.handles.token));
            set(
                Field::WrappingAccessor,
                &optional(&issued.wrapping_accessor),
            );
            set(Field::WrappingToken, &optional(&issued.wrapping_token));
            set(Field::WrappingPath, &optional(&issued.wrapping_path));
            set(Field::IssuedEntity, &optional(&issued.entity_id));
            set(Field::IssuedDisplayName, &optional(&issued.display_name));
            set(Field::IssuedPolicies, &joined(&issued.policies));
            set(Field::IssuedMetadata, &pairs(&issued.metadata));
            set(Field::IssuedType, &optional(&issued.token_type));
            set(Field::Lease, &optional(&issued.lease_id));
        }
        half
    }

    /// The number of a text.
    #[must_use]
    pub fn sym(&self, field: Field) -> Sym {
        self.texts[field as usize]
    }

    /// Moves the texts from one dictionary to another.
    pub fn translate(&mut self, from: &Symbols, to: &mut Symbols) {
        for sym in &mut self.texts {
            *sym = to.add(from.get(*sym));
        }
    }

    /// Fills what this record does not say from another part of the same operation.
    pub fn complete_from(&mut self, other: &Half) {
        for (mine, theirs) in self.texts.iter_mut().zip(other.texts) {
            if *mine == NONE {
                *mine = theirs;
            }
        }
        self.at = self.at.min(other.at);
        self.status = self.status.or(other.status);
        self.token_issued_at = self.token_issued_at.or(other.token_issued_at);
        self.issued_ttl = self.issued_ttl.or(other.issued_ttl);
        self.secret_version = self.secret_version.or(other.secret_version);
        self.issues |= other.issues;
        if self.outcome == Outcome::Unknown {
            self.outcome = other.outcome;
        }
        if self.deltas.is_empty() {
            self.deltas.clone_from(&other.deltas);
        }
    }
}

impl Delta {
    fn new(delta: &PolicyDelta<'_>) -> Delta {
        Delta {
            action: delta.action.clone().into_owned(),
            role: delta.role.clone().into_owned(),
            member: delta.member.clone().into_owned(),
            condition: delta.condition.clone().into_owned(),
            audit_service: delta.audit_service.as_deref().unwrap_or("").to_owned(),
        }
    }
}

fn joined(list: &[Text<'_>]) -> String {
    let mut text = String::new();
    for item in list.iter().filter(|item| !item.is_empty()) {
        if !text.is_empty() {
            text.push(LIST);
        }
        text.push_str(item);
    }
    text
}

fn pairs(list: &[(Text<'_>, Text<'_>)]) -> String {
    let mut text = String::new();
    for (key, value) in list {
        if !text.is_empty() {
            text.push(LIST);
        }
        text.push_str(key);
        text.push('=');
        text.push_str(value);
    }
    text
}

/// The items of a list that is stored as one text.
pub fn items(list: &str) -> impl Iterator<Item = &str> {
    list.split(LIST).filter(|item| !item.is_empty())
}

/// The value of a key in metadata that is stored as one text; empty when absent.
#[must_use]
pub fn metadata_value<'m>(metadata: &'m str, key: &str) -> &'m str {
    items(metadata)
        .find_map(|item| item.split_once('=').filter(|(name, _)| *name == key))
        .map_or("", |(_, value)| value)
}

/// A UUID is its own key; anything else is digested, so that keys have one size.
fn key(text: &str) -> u128 {
    uuid(text.as_bytes()).unwrap_or_else(|| {
        let digest = Sha256::digest(text.as_bytes());
        digest
            .iter()
            .take(16)
            .fold(0, |key, &byte| key << 8 | u128::from(byte))
    })
}

fn uuid(text: &[u8]) -> Option<u128> {
    if text.len() != 36 {
        return None;
    }
    text.iter()
        .enumerate()
        .try_fold(0u128, |key, (at, &byte)| match (at, byte) {
            (8 | 13 | 18 | 23, b'-') => Some(key),
            (8 | 13 | 18 | 23, _) => None,
            (_, b'0'..=b'9') => Some(key << 4 | u128::from(byte - b'0')),
            (_, b'a'..=b'f') => Some(key << 4 | u128::from(byte - b'a' + 10)),
            _ => None,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_is_its_own_key_and_other_ids_are_digested() {
        assert_eq!(key("00000000-0000-0000-0000-0000000000ff"), 255);
        assert_ne!(key("00000000-0000-0000-0000-0000000000FF"), 255);
        assert_ne!(key("r1"), key("r2"));
        assert_eq!(key("r1"), key("r1"));
    }

    #[test]
    fn metadata_is_found_by_key() {
        let metadata = ["job_id=7", "ref=a=b"].join(&LIST.to_string());
        assert_eq!(metadata_value(&metadata, "job_id"), "7");
        assert_eq!(metadata_value(&metadata, "ref"), "a=b");
        assert_eq!(metadata_value(&metadata, "job"), "");
    }
}
