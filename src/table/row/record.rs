//! One record of a log as it was read, as a row: what `ingest` keeps, and `report --store` reads
//! instead of the log.
//!
//! A row says all that [`Event`] says but what is absent and what is empty, which are the same.

use serde::de::IntoDeserializer as _;
use serde::de::value::{Error as WordError, StrDeserializer};
use serde::{Deserialize, Serialize};

use super::schema::table;
use super::{Batch, Lacking, RowMut};
use crate::model::{
    Digest, Event, EvidenceKind, Extent, FileId, Handles, Issued, Part, Place, PolicyDelta, Shared,
    Sink, Text, Timestamp, list,
};

table!("record", "one row per record of a log, as it was read.", {
    BLOCK "block" Int "Run of records that were read together, from 0 within the file.",
    NTH "nth" Int "Position within the block, from 0.",
    SYSTEM "system" Text "`vault`, `gitlab`, `gcp` or `okta`.",
    KIND "kind" Text "Kind of operation, as in `event`.",
    PART "part" Text "`whole`, `request`, `response`, `first`, `last`, or `split/<index>/<total>`.",
    ID "id" Text "Natural id: Vault `request.id`, Google `insertId`, ...",
    SHARED "shared" Text "What the records of one operation share, where it is not the id: `deferred`, `operation`, `split` or `nameless`.",
    SHARED_WITH "shared_with" Texts "Its members, `name=value`.",
    AT "at" Time "When.",
    OPERATION "operation" Text "As in `event`.",
    METHOD "method" Text "As in `event`.",
    SERVICE "service" Text "As in `event`.",
    NAMESPACE "namespace" Text "As in `event`.",
    MOUNT "mount" Text "As in `event`.",
    PATH "path" Text "As in `event`.",
    OBJECT "object" Text "As in `event`.",
    OUTCOME "outcome" Text "As in `event`.",
    ERROR "error" Text "As in `event`.",
    STATUS "status" Int "As in `event`.",
    PRINCIPAL "principal" Text "As in `event`.",
    DISPLAY_NAME "display_name" Text "As in `event`.",
    ENTITY_ID "entity_id" Text "As in `event`.",
    ACCESSOR "accessor" Text "Accessor of the caller's token, as the device hashed it.",
    TOKEN "token" Text "The caller's token, as the device hashed it.",
    TOKEN_ISSUED_AT "token_issued_at" Time "When the caller's token was issued.",
    ENDS_AT "ends_at" Time "When what it began was over.",
    TOKEN_TTL_S "token_ttl_s" Int "Lifetime of the caller's token, in seconds.",
    ROLE "role" Text "Vault role in use.",
    POLICIES "policies" Texts "Policies of the caller's token.",
    GRANTING_POLICIES "granting_policies" Texts "Policies that let it through.",
    METADATA "metadata" Texts "Metadata of the caller's token, `key=value` (in a key `%3D` for `=`, `%25` for `%`).",
    REMOTE_ADDRESS "remote_address" Text "The direct peer.",
    USER_AGENT "user_agent" Text "User agent; forgeable.",
    NETWORK "network" Text "Number of the network (AS).",
    DEVICE "device" Text "Hash of the caller's device.",
    REQUEST_KEYS "request_keys" Texts "Names of the request's data keys.",
    REQUEST_LEASE_ID "request_lease_id" Text "Lease that the request names.",
    SECRET_VERSION "secret_version" Int "As in `event`.",
    ISSUES "issues" Int "1 where a credential is handed out.",
    ISSUED_ACCESSOR "issued_accessor" Text "Accessor of the new token.",
    ISSUED_TOKEN "issued_token" Text "The new token, as the device hashed it.",
    WRAPPING_ACCESSOR "wrapping_accessor" Text "Accessor of the wrapping token.",
    WRAPPING_TOKEN "wrapping_token" Text "The wrapping token, as the device hashed it.",
    WRAPPING_PATH "wrapping_path" Text "Where the wrapping token was made.",
    ISSUED_ENTITY_ID "issued_entity_id" Text "Entity of the new token.",
    ISSUED_DISPLAY_NAME "issued_display_name" Text "Display name of the new token.",
    ISSUED_TYPE "issued_type" Text "Type of the new token.",
    ISSUED_POLICIES "issued_policies" Texts "Policies of the new token.",
    ISSUED_METADATA "issued_metadata" Texts "Metadata of the new token, `key=value`.",
    ISSUED_TTL_S "issued_ttl_s" Int "Lifetime of what is handed out, in seconds.",
    LEASE_ID "lease_id" Text "The lease handed out.",
    PERMISSIONS "permissions" Texts "Google permissions granted.",
    DENIED_PERMISSIONS "denied_permissions" Texts "Google permissions checked and refused.",
    DELEGATION "delegation" Texts "Google delegation chain, origin first.",
    KEY_NAME "key_name" Text "As in `event`.",
    TARGET_ACCOUNT "target_account" Text "As in `event`.",
    DELTAS "deltas" Texts "Changes of a Google policy: action, role, member, condition and audited service, joined by `;`.",
    PROJECT "project" Text "As in `event`.",
    SOURCE_FILE "source_file" Text "Evidence: file, as it was named when it was read.",
    SOURCE_LINE "source_line" Int "Evidence: line, from 1.",
    SOURCE_BYTE "source_byte" Int "Evidence: byte offset, from 0.",
    SOURCE_END "source_end" Int "Evidence: the byte after the last.",
    SOURCE_KIND "source_kind" Text "Evidence: `line` or `record`.",
    SOURCE_SHA256 "source_sha256" Text "Evidence: SHA-256 of the record.",
});

/// A row that no record was written as.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// A fact that every record has is missing.
    #[error(transparent)]
    Lacking(#[from] Lacking),
    /// A word stands in a column that is none of its words.
    #[error("`{column}` says `{word}`, which is none of its words")]
    Word {
        /// The column.
        column: &'static str,
        /// What stands there.
        word: String,
    },
}

/// Writes a record as a row of `block`, which stands there at `nth`.
pub fn write(mut row: RowMut<'_>, nth: usize, event: &Event<'_>, extent: Option<Extent>) {
    let (part, place) = (part(event.part), event.place);
    row.int(NTH, int(nth as u64))
        .text(SYSTEM, &word(&event.system))
        .text(KIND, &word(&event.kind))
        .text(PART, &part)
        .unique(ID, &event.id)
        .int(AT, event.at.0)
        .clean(OPERATION, &event.operation)
        .clean(PATH, &event.path)
        .clean(OBJECT, &event.object)
        .text(OUTCOME, &word(&event.outcome))
        .int(STATUS, event.status)
        .int(TOKEN_ISSUED_AT, event.token_issued_at.map(|at| at.0))
        .int(ENDS_AT, event.ends_at.map(|at| at.0))
        .int(TOKEN_TTL_S, event.token_ttl_seconds)
        .int(SECRET_VERSION, event.secret_version)
        .int(SOURCE_LINE, int(place.line))
        .int(SOURCE_BYTE, int(place.byte))
        .unique(SOURCE_SHA256, &place.sha256.to_string());
    if let Some(extent) = extent {
        row.int(SOURCE_END, int(extent.end))
            .text(SOURCE_KIND, extent.kind.as_str());
    }
    texts(&mut row, event);
    lists(&mut row, event);
    pairs(&mut row, METADATA, &event.metadata);
    shared(&mut row, &event.shared);
    for delta in &event.deltas {
        row.item(DELTAS, &delta_text(delta));
    }
    if let Some(issued) = &event.issued {
        handed_out(&mut row, issued);
    }
}

/// Texts that a record need not have.
fn texts(row: &mut RowMut<'_>, event: &Event<'_>) {
    for (column, text) in [
        (METHOD, &event.method),
        (SERVICE, &event.service),
        (NAMESPACE, &event.namespace),
        (MOUNT, &event.mount),
        (ERROR, &event.error),
        (PRINCIPAL, &event.principal),
        (DISPLAY_NAME, &event.display_name),
        (ENTITY_ID, &event.entity_id),
        (ACCESSOR, &event.caller.accessor),
        (TOKEN, &event.caller.token),
        (ROLE, &event.role),
        (REMOTE_ADDRESS, &event.remote_address),
        (USER_AGENT, &event.user_agent),
        (NETWORK, &event.network),
        (DEVICE, &event.device),
        (REQUEST_LEASE_ID, &event.request_lease_id),
        (KEY_NAME, &event.key_name),
        (TARGET_ACCOUNT, &event.target_account),
        (PROJECT, &event.project),
    ] {
        row.clean(column, text.as_deref().unwrap_or(""));
    }
}

fn lists(row: &mut RowMut<'_>, event: &Event<'_>) {
    for (column, items) in [
        (POLICIES, &event.policies),
        (GRANTING_POLICIES, &event.granting_policies),
        (REQUEST_KEYS, &event.request_keys),
        (PERMISSIONS, &event.permissions),
        (DENIED_PERMISSIONS, &event.denied_permissions),
        (DELEGATION, &event.delegation),
    ] {
        for item in items {
            row.item(column, item);
        }
    }
}

fn handed_out(row: &mut RowMut<'_>, issued: &Issued<'_>) {
    row.int(ISSUES, 1).int(ISSUED_TTL_S, issued.ttl_seconds);
    for (column, text) in [
        (ISSUED_ACCESSOR, &issued.handles.accessor),
        (ISSUED_TOKEN, &issued.handles.token),
        (WRAPPING_ACCESSOR, &issued.wrapping_accessor),
        (WRAPPING_TOKEN, &issued.wrapping_token),
        (WRAPPING_PATH, &issued.wrapping_path),
        (ISSUED_ENTITY_ID, &issued.entity_id),
        (ISSUED_DISPLAY_NAME, &issued.display_name),
        (ISSUED_TYPE, &issued.token_type),
        (LEASE_ID, &issued.lease_id),
    ] {
        row.clean(column, text.as_deref().unwrap_or(""));
    }
    for policy in &issued.policies {
        row.item(ISSUED_POLICIES, policy);
    }
    pairs(row, ISSUED_METADATA, &issued.metadata);
}

fn pairs(row: &mut RowMut<'_>, column: usize, pairs: &[(Text<'_>, Text<'_>)]) {
    for (key, value) in pairs {
        row.item(column, &list::entry(key, value));
    }
}

fn shared(row: &mut RowMut<'_>, shared: &Shared<'_>) {
    let (word, members): (&str, Vec<(&str, &str)>) = match shared {
        Shared::Id => return,
        Shared::Deferred => ("deferred", Vec::new()),
        Shared::Operation { producer, id } => {
            ("operation", vec![("producer", producer), ("id", id)])
        }
        Shared::Split(uid) => ("split", vec![("id", uid)]),
        Shared::Nameless {
            operation,
            path,
            token,
            address,
        } => (
            "nameless",
            vec![
                ("operation", operation),
                ("path", path),
                ("token", token),
                ("address", address),
            ],
        ),
    };
    row.text(SHARED, word);
    for (name, value) in members {
        row.item(SHARED_WITH, &list::entry(name, value));
    }
}

/// A word of a closed list as it is read back, which need not be the word that outputs use.
fn word(word: &impl Serialize) -> String {
    let text = serde_json::to_string(word).unwrap_or_default();
    text.trim_matches('"').to_owned()
}

fn part(part: Part) -> String {
    match part {
        Part::Whole => "whole".to_owned(),
        Part::Request => "request".to_owned(),
        Part::Response => "response".to_owned(),
        Part::First => "first".to_owned(),
        Part::Last => "last".to_owned(),
        Part::Split { index, total } => format!("split/{index}/{total}"),
    }
}

fn delta_text(delta: &PolicyDelta<'_>) -> String {
    let service = delta.audit_service.as_deref().unwrap_or("");
    list::joined([
        &*delta.action,
        &*delta.role,
        &*delta.member,
        &*delta.condition,
        service,
    ])
}

/// Pushes the record of a row, which stands in `file`, into `sink`.
///
/// # Errors
///
/// The row is none that [`write`] wrote.
pub fn read(
    batch: &Batch,
    row: usize,
    file: FileId,
    sink: &mut impl Sink,
) -> Result<(), RecordError> {
    let row = Row { batch, row };
    let place = row.place(file)?;
    let at = Timestamp(batch.known(row.row, AT)?);
    let mut event = Event::new(row.word(SYSTEM)?, row.word(KIND)?, row.text(ID), place, at);
    event.part = row.part()?;
    event.shared = row.shared()?;
    event.operation = row.text(OPERATION);
    event.path = row.text(PATH);
    event.object = row.text(OBJECT);
    event.outcome = row.word(OUTCOME)?;
    event.status = row.int(STATUS);
    event.caller = Handles {
        accessor: row.said(ACCESSOR),
        token: row.said(TOKEN),
    };
    event.token_issued_at = row.int(TOKEN_ISSUED_AT).map(Timestamp);
    event.ends_at = row.int(ENDS_AT).map(Timestamp);
    event.token_ttl_seconds = row.int(TOKEN_TTL_S);
    event.secret_version = row.int(SECRET_VERSION);
    row.fill(&mut event);
    event.metadata = row.pairs(METADATA);
    event.deltas = row.deltas();
    event.issued = row.int(ISSUES).map(|_| row.issued());
    sink.event(&event);
    Ok(())
}

/// Where the record of a row stands in `file`.
///
/// # Errors
///
/// The row is none that [`write`] wrote.
pub fn place(batch: &Batch, row: usize, file: FileId) -> Result<Place, RecordError> {
    Row { batch, row }.place(file)
}

/// What the bytes are that a row was read out of, where that is known.
#[must_use]
pub fn extent(batch: &Batch, row: usize) -> Option<Extent> {
    let end = u64::try_from(batch.int(row, SOURCE_END)?).ok()?;
    let kind = Row { batch, row }.word::<EvidenceKind>(SOURCE_KIND).ok()?;
    Some(Extent { end, kind })
}

/// One row being read.
#[derive(Clone, Copy)]
struct Row<'b> {
    batch: &'b Batch,
    row: usize,
}

impl<'b> Row<'b> {
    /// Fills in texts and lists that a record need not have.
    fn fill(self, event: &mut Event<'b>) {
        for (field, column) in [
            (&mut event.method, METHOD),
            (&mut event.service, SERVICE),
            (&mut event.namespace, NAMESPACE),
            (&mut event.mount, MOUNT),
            (&mut event.error, ERROR),
            (&mut event.principal, PRINCIPAL),
            (&mut event.display_name, DISPLAY_NAME),
            (&mut event.entity_id, ENTITY_ID),
            (&mut event.role, ROLE),
            (&mut event.remote_address, REMOTE_ADDRESS),
            (&mut event.user_agent, USER_AGENT),
            (&mut event.network, NETWORK),
            (&mut event.device, DEVICE),
            (&mut event.request_lease_id, REQUEST_LEASE_ID),
            (&mut event.key_name, KEY_NAME),
            (&mut event.target_account, TARGET_ACCOUNT),
            (&mut event.project, PROJECT),
        ] {
            *field = self.said(column);
        }
        for (field, column) in [
            (&mut event.policies, POLICIES),
            (&mut event.granting_policies, GRANTING_POLICIES),
            (&mut event.request_keys, REQUEST_KEYS),
            (&mut event.permissions, PERMISSIONS),
            (&mut event.denied_permissions, DENIED_PERMISSIONS),
            (&mut event.delegation, DELEGATION),
        ] {
            *field = self.texts(column);
        }
    }

    fn text(self, column: usize) -> Text<'b> {
        Text::Borrowed(self.batch.text(self.row, column))
    }

    fn said(self, column: usize) -> Option<Text<'b>> {
        Some(self.text(column)).filter(|text| !text.is_empty())
    }

    fn int(self, column: usize) -> Option<i64> {
        self.batch.int(self.row, column)
    }

    fn items(self, column: usize) -> impl Iterator<Item = &'b str> {
        let symbols = self.batch.symbols();
        let syms = self.batch.syms(self.row, column).iter();
        syms.map(|&sym| symbols.get(sym))
    }

    fn texts(self, column: usize) -> Vec<Text<'b>> {
        self.items(column).map(Text::Borrowed).collect()
    }

    fn pairs(self, column: usize) -> Vec<(Text<'b>, Text<'b>)> {
        self.items(column)
            .map(list::pair)
            .map(|(key, value)| (key, Text::Borrowed(value)))
            .collect()
    }

    fn place(self, file: FileId) -> Result<Place, RecordError> {
        let number = |column| {
            let known = self.batch.known(self.row, column)?;
            u64::try_from(known).map_err(|_| self.none_of(column, &known.to_string()))
        };
        let sha256 = self.batch.text(self.row, SOURCE_SHA256);
        Ok(Place {
            file,
            line: number(SOURCE_LINE)?,
            byte: number(SOURCE_BYTE)?,
            sha256: Digest::parse(sha256).ok_or_else(|| self.none_of(SOURCE_SHA256, sha256))?,
        })
    }

    /// A word of a closed list.
    fn word<T: Deserialize<'b>>(self, column: usize) -> Result<T, RecordError> {
        let word = self.batch.text(self.row, column);
        let deserializer: StrDeserializer<'_, WordError> = word.into_deserializer();
        T::deserialize(deserializer).map_err(|_| self.none_of(column, word))
    }

    fn none_of(self, column: usize, word: &str) -> RecordError {
        RecordError::Word {
            column: SCHEMA.columns.get(column).map_or("", |it| it.name),
            word: word.to_owned(),
        }
    }

    fn part(self) -> Result<Part, RecordError> {
        let word = self.batch.text(self.row, PART);
        let split = || {
            let (index, total) = word.strip_prefix("split/")?.split_once('/')?;
            Some(Part::Split {
                index: index.parse().ok()?,
                total: total.parse().ok()?,
            })
        };
        match word {
            "whole" => Ok(Part::Whole),
            "request" => Ok(Part::Request),
            "response" => Ok(Part::Response),
            "first" => Ok(Part::First),
            "last" => Ok(Part::Last),
            _ => split().ok_or_else(|| self.none_of(PART, word)),
        }
    }

    fn shared(self) -> Result<Shared<'b>, RecordError> {
        let members = self.pairs(SHARED_WITH);
        let member = |name: &str| {
            let found = members.iter().find(|(key, _)| key == name);
            let found = found.map(|(_, value)| value.clone());
            found.ok_or_else(|| self.none_of(SHARED_WITH, name))
        };
        Ok(match self.batch.text(self.row, SHARED) {
            "" => Shared::Id,
            "deferred" => Shared::Deferred,
            "operation" => Shared::Operation {
                producer: member("producer")?,
                id: member("id")?,
            },
            "split" => Shared::Split(member("id")?),
            "nameless" => Shared::Nameless {
                operation: member("operation")?,
                path: member("path")?,
                token: member("token")?,
                address: member("address")?,
            },
            word => return Err(self.none_of(SHARED, word)),
        })
    }

    fn deltas(self) -> Vec<PolicyDelta<'b>> {
        let delta = |text| {
            let mut items = list::items(text);
            let mut next = || items.next().unwrap_or_default();
            PolicyDelta {
                action: next(),
                role: next(),
                member: next(),
                condition: next(),
                audit_service: Some(next()).filter(|service| !service.is_empty()),
            }
        };
        self.items(DELTAS).map(delta).collect()
    }

    fn issued(self) -> Issued<'b> {
        Issued {
            handles: Handles {
                accessor: self.said(ISSUED_ACCESSOR),
                token: self.said(ISSUED_TOKEN),
            },
            wrapping_accessor: self.said(WRAPPING_ACCESSOR),
            wrapping_token: self.said(WRAPPING_TOKEN),
            wrapping_path: self.said(WRAPPING_PATH),
            entity_id: self.said(ISSUED_ENTITY_ID),
            display_name: self.said(ISSUED_DISPLAY_NAME),
            policies: self.texts(ISSUED_POLICIES),
            metadata: self.pairs(ISSUED_METADATA),
            token_type: self.said(ISSUED_TYPE),
            ttl_seconds: self.int(ISSUED_TTL_S),
            lease_id: self.said(LEASE_ID),
        }
    }
}

fn int(number: u64) -> Option<i64> {
    i64::try_from(number).ok()
}
