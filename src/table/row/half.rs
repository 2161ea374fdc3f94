//! One record of an operation, with its texts as numbers, on its way to becoming an event row.
//! A list is a list of numbers and a map one of pairs: no text of a log can make an item of them.

use sha2::{Digest as _, Sha256};

use super::content::Content;
use super::{List, Map, NONE, Sym, Symbols};
use crate::model::{
    Event, EventKind, Outcome, Part, Place, PolicyDelta, Shared, System, Timestamp, is_taken_out,
};

/// What stands between an id that two records bear and the number of the one set aside.
const ASIDE: char = '~';

/// Declares the positions of an array, and how many there are.
macro_rules! positions {
    ($(#[$about:meta])* $name:ident { $($variant:ident,)* }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(usize)]
        #[allow(
            missing_docs,
            reason = "each is the field of `model::Event` of the same name"
        )]
        pub enum $name {
            $($variant,)*
        }

        impl $name {
            /// How many there are.
            pub const COUNT: usize = [$($name::$variant),*].len();
        }
    };
}

positions! {
    /// The texts of an event, by position in [`Half::texts`].
    Field {
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
        RemoteAddress,
        UserAgent,
        Network,
        Device,
        RequestLease,
        IssuedAccessor,
        IssuedToken,
        WrappingAccessor,
        WrappingToken,
        WrappingPath,
        IssuedEntity,
        IssuedDisplayName,
        IssuedType,
        Lease,
        KeyName,
        TargetAccount,
        Project,
    }
}

positions! {
    /// The lists of an event, by position in [`Half::lists`].
    Listed {
        Policies,
        GrantingPolicies,
        RequestKeys,
        IssuedPolicies,
        Permissions,
        DeniedPermissions,
        Delegation,
    }
}

positions! {
    /// The maps of an event, by position in [`Half::maps`].
    Mapped {
        Metadata,
        IssuedMetadata,
    }
}

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
    /// When what it began was over.
    pub ends_at: Option<Timestamp>,
    /// Lifetime of what is issued, in seconds.
    pub issued_ttl: Option<i64>,
    /// Version of a KV secret.
    pub secret_version: Option<i64>,
    /// Whether a credential is handed out.
    pub issues: bool,
    /// What it says as a whole.
    pub content: Content,
    /// Texts by [`Field`].
    pub texts: [Sym; Field::COUNT],
    /// Lists by [`Listed`].
    pub lists: [List; Listed::COUNT],
    /// Maps by [`Mapped`].
    pub maps: [Map; Mapped::COUNT],
    /// Google policy changes.
    pub deltas: Vec<Delta>,
}

impl Half {
    /// Takes an event over, its texts into `symbols`.
    #[must_use]
    pub fn new(event: &Event<'_>, symbols: &mut Symbols) -> Half {
        Half::after(None, event, symbols)
    }

    /// Takes over an event that was read after another whose texts are in `symbols`.
    #[must_use]
    pub fn after(before: Option<&Half>, event: &Event<'_>, symbols: &mut Symbols) -> Half {
        let mut half = Half {
            key: key(event),
            transient: matches!(event.shared, Shared::Nameless { .. }),
            system: event.system,
            kind: event.kind,
            part: event.part,
            place: event.place,
            at: event.at,
            outcome: event.outcome,
            status: event.status,
            token_issued_at: event.token_issued_at,
            ends_at: event.ends_at,
            issued_ttl: event.issued.as_ref().and_then(|issued| issued.ttl_seconds),
            secret_version: event.secret_version,
            issues: event.issued.is_some(),
            content: Content::of(event),
            texts: [NONE; Field::COUNT],
            lists: [List::default(); Listed::COUNT],
            maps: [Map::default(); Mapped::COUNT],
            deltas: event.deltas.iter().map(Delta::new).collect(),
        };
        half.add_texts(before, event, symbols);
        half.texts[Field::Id as usize] = own_id(before, &event.id, symbols);
        half.add_lists(before, event, symbols);
        half
    }

    #[inline]
    fn add_texts(&mut self, before: Option<&Half>, event: &Event<'_>, symbols: &mut Symbols) {
        let mut set = |field: Field, text: &str| {
            let like = before.map_or(NONE, |before| before.sym(field));
            self.texts[field as usize] = symbols.add_like(text, like);
        };
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
            (Field::Network, &event.network),
            (Field::Device, &event.device),
            (Field::RequestLease, &event.request_lease_id),
            (Field::KeyName, &event.key_name),
            (Field::TargetAccount, &event.target_account),
            (Field::Project, &event.project),
        ] {
            set(field, text.as_deref().unwrap_or(""));
        }
        if let Some(issued) = &event.issued {
            for (field, text) in [
                (Field::IssuedAccessor, &issued.handles.accessor),
                (Field::IssuedToken, &issued.handles.token),
                (Field::WrappingAccessor, &issued.wrapping_accessor),
                (Field::WrappingToken, &issued.wrapping_token),
                (Field::WrappingPath, &issued.wrapping_path),
                (Field::IssuedEntity, &issued.entity_id),
                (Field::IssuedDisplayName, &issued.display_name),
                (Field::IssuedType, &issued.token_type),
                (Field::Lease, &issued.lease_id),
            ] {
                set(field, text.as_deref().unwrap_or(""));
            }
        }
    }

    fn add_lists(&mut self, before: Option<&Half>, event: &Event<'_>, symbols: &mut Symbols) {
        let issued = event.issued.as_ref();
        for (field, list) in [
            (Listed::Policies, &event.policies[..]),
            (Listed::GrantingPolicies, &event.granting_policies),
            (Listed::RequestKeys, &event.request_keys),
            (Listed::Permissions, &event.permissions),
            (Listed::DeniedPermissions, &event.denied_permissions),
            (Listed::Delegation, &event.delegation),
            (
                Listed::IssuedPolicies,
                issued.map_or(&[][..], |issued| &issued.policies),
            ),
        ] {
            let like = before.map_or(List::default(), |before| before.list(field));
            let items = list.iter().map(|item| &**item);
            self.lists[field as usize] = symbols.add_list_like(items, like);
        }
        for (field, map) in [
            (Mapped::Metadata, &event.metadata[..]),
            (
                Mapped::IssuedMetadata,
                issued.map_or(&[][..], |issued| &issued.metadata),
            ),
        ] {
            let entries = map.iter().map(|(key, value)| (&**key, &**value));
            let like = before.map_or(Map::default(), |before| before.map(field));
            self.maps[field as usize] = symbols.add_map_like(entries, like);
        }
    }

    /// The number of a list.
    #[must_use]
    pub fn list(&self, field: Listed) -> List {
        self.lists[field as usize]
    }

    /// The number of a map.
    #[must_use]
    pub fn map(&self, field: Mapped) -> Map {
        self.maps[field as usize]
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
        for list in &mut self.lists {
            *list = to.add_list(from.items(*list));
        }
        for map in &mut self.maps {
            *map = to.add_map(from.entries(*map));
        }
    }

    /// Whether an id is one of a record that was set aside: another has what stands before it.
    #[must_use]
    pub fn is_set_aside(id: &str) -> bool {
        id.contains(ASIDE)
    }

    /// The id that a record bears, whether it was set aside or not.
    #[must_use]
    pub fn borne(id: &str) -> &str {
        id.split_once(ASIDE).map_or(id, |(borne, _)| borne)
    }

    /// Gives a record whose id is another's a key and an id of its own: those that do the same to
    /// the same share it, or, `alone`, nobody but its equals.
    pub(super) fn set_aside(&mut self, alone: bool, symbols: &mut Symbols) {
        let text = |field| symbols.get(self.sym(field));
        let matter = [
            text(Field::Method),
            text(Field::Operation),
            text(Field::Namespace),
            text(Field::Path),
        ];
        let mut members = vec![self.key.to_string()];
        members.extend(matter.map(str::to_owned));
        if alone {
            let outcome = self.outcome.as_str().to_owned();
            let part = format!("{:?}", self.part);
            members.extend([self.at.0.to_string(), outcome, part]);
            let who = [
                Field::Principal,
                Field::EntityId,
                Field::Accessor,
                Field::Token,
            ];
            members.extend(who.map(|field| text(field).to_owned()));
        }
        let members: Vec<&str> = members.iter().map(String::as_str).collect();
        let key = digested("set aside", &members);
        let id = format!("{}{ASIDE}{:012x}", text(Field::Id), key >> 80);
        self.key = key;
        self.texts[Field::Id as usize] = symbols.add(&id);
    }

    /// Fills what this record does not say from another part of the same operation.
    pub fn complete_from(&mut self, other: &Half) {
        for (mine, theirs) in self.texts.iter_mut().zip(other.texts) {
            if *mine == NONE {
                *mine = theirs;
            }
        }
        for (mine, theirs) in self.lists.iter_mut().zip(other.lists) {
            if mine.is_empty() {
                *mine = theirs;
            }
        }
        for (mine, theirs) in self.maps.iter_mut().zip(other.maps) {
            if mine.is_empty() {
                *mine = theirs;
            }
        }
        self.at = self.at.min(other.at);
        self.status = self.status.or(other.status);
        self.token_issued_at = self.token_issued_at.or(other.token_issued_at);
        self.ends_at = self.ends_at.or(other.ends_at);
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

/// The number of an id: only the other half of the operation has it too, and stands beside it.
fn own_id(before: Option<&Half>, id: &str, symbols: &mut Symbols) -> Sym {
    let like = before.map_or(NONE, |before| before.sym(Field::Id));
    if symbols.get(like) == id {
        return like;
    }
    symbols.push(id)
}

/// What the records of one operation share, in one size: Vault's UUIDs as they are, anything else
/// digested, each member with its length, so that no member reads as another.
fn key(event: &Event<'_>) -> u128 {
    let members: [&str; 5] = match &event.shared {
        Shared::Id => {
            if event.system == System::Vault
                && let Some(uuid) = uuid(event.id.as_bytes())
            {
                return uuid;
            }
            let name = event.id.rsplit('/').next().unwrap_or_default();
            if is_taken_out(name) {
                // Every record bears it: where it stands is all that is its own.
                let (at, line) = (event.at.to_string(), event.place.line.to_string());
                return digested(event.system.as_str(), &["place", &at, &line]);
            }
            ["id", &event.id, "", "", ""]
        }
        Shared::Deferred => ["deferred", &event.id, "", "", ""],
        Shared::Operation { producer, id } => ["operation", producer, id, "", ""],
        Shared::Split(uid) => ["split", uid, "", "", ""],
        Shared::Nameless {
            operation,
            path,
            token,
            address,
        } => [operation, path, token, address, "nameless"],
    };
    digested(event.system.as_str(), &members)
}

/// The digest of some texts.
pub(super) fn digested(about: &str, members: &[&str]) -> u128 {
    let mut digest = Sha256::new();
    digest.update(about.as_bytes());
    for member in members {
        digest.update((member.len() as u64).to_le_bytes());
        digest.update(member.as_bytes());
    }
    let digest = digest.finalize();
    let first = digest.iter().take(16);
    first.fold(0, |key, &byte| key << 8 | u128::from(byte))
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

    fn key_of(system: System, id: &str, shared: Shared<'static>) -> u128 {
        let place = Place::of_line(1);
        let kind = EventKind::Request;
        let id = id.to_owned().into();
        let mut event = Event::new(system, kind, id, place, Timestamp(0));
        event.shared = shared;
        key(&event)
    }

    #[test]
    fn a_uuid_of_vault_is_its_own_key_and_other_ids_are_digested() {
        let vault = |id| key_of(System::Vault, id, Shared::Id);
        let uuid = "00000000-0000-0000-0000-0000000000ff";
        assert_eq!(vault(uuid), 255);
        assert_ne!(vault("00000000-0000-0000-0000-0000000000FF"), 255);
        assert_ne!(vault("r1"), vault("r2"));
        assert_eq!(vault("r1"), vault("r1"));
        // The id of an entry of another system is no id of Vault's.
        assert_ne!(key_of(System::Gcp, uuid, Shared::Id), 255);
    }

    #[test]
    fn members_of_a_key_do_not_run_into_each_other() {
        let operation = |producer: &'static str, id: &'static str| {
            let (producer, id) = (producer.into(), id.into());
            key_of(System::Gcp, "x", Shared::Operation { producer, id })
        };
        assert_ne!(operation("a", "b\u{1f}c"), operation("a\u{1f}b", "c"));
        assert_eq!(operation("a", "b"), operation("a", "b"));
    }
}
