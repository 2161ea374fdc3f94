//! What stays in memory of every operation: enough to join it, 32 bytes each, and all of a login.

use std::collections::{BTreeMap, BTreeSet};

use hashbrown::{HashMap, HashSet};

use super::accessor::Accessors;
use super::account::{AccountEvent, is_of_account};
use super::aws_ledger::AwsLedger;
use super::handles::{Handles, Ties};
use super::op::{Op, Ops};
use super::pending::Pending;
use super::protection::{ProtectionChange, is_protection};
use crate::model::{EventKind, FileId, Outcome, Place, System, Timestamp};
use crate::table::row::half::{Field, Half};
use crate::table::row::{List, Map, NONE, Sym, Symbols, Translated};

/// One credential handed out by a login, or by another token.
#[derive(Clone, Debug)]
pub struct Login {
    /// Number of the operation.
    pub op: u32,
    /// Whether another token asked for it (`auth/token/create`).
    pub child: bool,
    /// Whether it surely ends with the token that asked for it: children do, orphans do not, and a
    /// token role may make either.
    pub tied: bool,
    /// When.
    pub at: Timestamp,
    /// Request id.
    pub id: Sym,
    /// Vault namespace.
    pub namespace: Sym,
    /// Auth mount.
    pub mount: Sym,
    /// Auth mount type.
    pub mount_type: Sym,
    /// Whether a second factor handed it out (`sys/mfa/validate`): the mount is a guess until the
    /// login that began it is found.
    pub validated: bool,
    /// Role.
    pub role: Sym,
    /// Accessor of the new token.
    pub accessor: Sym,
    /// Hash of the new token.
    pub token: Sym,
    /// Entity of the new token.
    pub entity: Sym,
    /// Display name of the new token.
    pub display_name: Sym,
    /// Policies of the new token.
    pub policies: List,
    /// Metadata of the new token.
    pub metadata: Map,
    /// `service`, `batch`, ...
    pub token_type: Sym,
    /// Lifetime in seconds.
    pub ttl_s: Option<i64>,
    /// Where it came from.
    pub address: Sym,
    /// Accessor of the token that asked (children).
    pub caller_accessor: Sym,
    /// Hash of the token that asked (children).
    pub caller_token: Sym,
    /// Where it was read.
    pub place: Place,
}

/// A renewal, revocation or use that changes when a credential ends.
#[derive(Clone, Copy, Debug)]
pub struct Change {
    /// Number of the operation.
    pub op: u32,
    /// New lifetime in seconds from the operation on, for a renewal; `None` for a revocation.
    pub ttl_s: Option<i64>,
}

/// A lease handed out.
#[derive(Clone, Debug)]
pub struct Lease {
    /// Number of the operation.
    pub op: u32,
    /// Lease id.
    pub id: Sym,
    /// Id of the request that got it.
    pub request_id: Sym,
    /// Namespace of the request.
    pub namespace: Sym,
    /// Secret mount.
    pub mount: Sym,
    /// Path of the request.
    pub path: Sym,
    /// Type of the secret engine.
    pub engine: Sym,
    /// Display name of the token that asked.
    pub display_name: Sym,
    /// AWS access key handed out, where the mount logs it in clear.
    pub access_key: Sym,
    /// Where it was read.
    pub place: Place,
}

/// A token that wraps an answer.
#[derive(Clone, Copy, Debug)]
pub struct Wrapping {
    /// Number of the operation whose answer it wraps.
    pub op: u32,
    /// Its accessor.
    pub accessor: Sym,
    /// Its hash.
    pub token: Sym,
}

/// A Google credential handed out: tokens have no lease, keys have one.
#[derive(Clone, Copy, Debug)]
pub struct Mint {
    /// Number of the operation.
    pub op: u32,
    /// Namespace of the request.
    pub namespace: Sym,
    /// Path of the request.
    pub path: Sym,
    /// Lease, if any.
    pub lease: Sym,
    /// Lifetime in seconds, where the answer states it.
    pub ttl_s: Option<i64>,
}

/// What a token without accessor can be told by: display name and issue time.
#[derive(Clone, Copy, Debug)]
pub struct Bearer {
    /// Display name.
    pub display_name: Sym,
    /// Issue time of the token.
    pub issued_at: Timestamp,
}

/// All operations of a run, compactly.
#[derive(Debug, Default)]
pub struct Ledger {
    /// Texts of everything here.
    pub symbols: Symbols,
    /// Operations by number.
    pub ops: Ops,
    /// Logins and children, by operation number.
    pub logins: Vec<Login>,
    /// Renewals and revocations of the caller's own token, by operation number.
    pub changes: Vec<Change>,
    /// Leases, by operation number.
    pub leases: Vec<Lease>,
    /// Tokens that wrap answers, by operation number.
    pub wrappings: Vec<Wrapping>,
    /// Google credentials handed out, by operation number.
    pub mints: Vec<Mint>,
    /// Changes of protected branches that GitLab audited.
    pub protection_changes: Vec<ProtectionChange>,
    /// What Google's audit log says of service accounts.
    pub account_events: Vec<AccountEvent>,
    /// What CloudTrail says of keys.
    pub aws: AwsLedger,
    /// Users that the identity provider's log names: id and number, with the first place.
    named_users: BTreeMap<(Sym, Sym), Place>,
    /// Hours in which Vault logged anything.
    pub hours: BTreeSet<Timestamp>,
    /// Revocations of leases by id: lease and time.
    pub lease_ends: Vec<(Sym, Timestamp)>,
    /// Callers without accessor, by operation number.
    pub bearers: HashMap<u32, Bearer>,
    /// Which handles name the same credential.
    pub handles: Handles,
    /// What ties them, until all is read.
    pub(super) ties: Ties,
    /// The accessors of every device.
    pub devices: Accessors,
    /// Logins whose second factor was due.
    pub pending: Vec<Pending>,
    /// Token hash by accessor, as logins showed it.
    issued: HashMap<Sym, Sym>,
    /// The reverse; a hash of two accessors names neither.
    accessors: HashMap<Sym, Sym>,
    /// Files in which a token hash equalled the one its login showed.
    proved: HashSet<FileId>,
    /// Files in which one did not: their token hashes join nothing.
    refuted: HashSet<FileId>,
    /// Operations whose token hash cannot be trusted, by file.
    unproved_files: HashMap<u32, FileId>,
}

impl Ledger {
    /// Takes one operation; `said` translates its texts into [`Ledger::symbols`]. Returns its
    /// number.
    pub fn record(&mut self, half: &Half, mut said: Translated<'_>) -> u32 {
        let number = u32::try_from(self.ops.len()).unwrap_or(u32::MAX - 1);
        let path = said.path();
        let mut get = |field| said.text(field, &mut self.symbols);
        let vault = half.system == System::Vault;
        let op = Op {
            at: half.at,
            accessor: get(Field::Accessor),
            token: get(Field::Token),
            address: get(Field::RemoteAddress),
            principal: get(if vault {
                Field::EntityId
            } else {
                Field::Principal
            }),
            kind: half.kind,
            outcome: half.outcome,
            system: half.system,
            path,
        };
        if vault {
            self.record_vault(number, op, half, said);
        } else {
            self.others(half, said);
        }
        self.ops.push(op);
        number
    }

    /// Notes a caller that has no accessor, and what else tells its token; its hash is not trusted before its file is proved.
    pub(super) fn bears(&mut self, number: u32, bearer: Option<Bearer>, file: FileId) {
        self.bearers.extend(bearer.map(|bearer| (number, bearer)));
        self.unproved_files.insert(number, file);
    }

    /// Notes that a credential has both handles.
    pub(super) fn hands_out(&mut self, accessor: Sym, token: Sym) {
        if accessor == NONE || token == NONE {
            return;
        }
        self.issued.entry(accessor).or_insert(token);
        self.accessors
            .entry(token)
            .and_modify(|known| {
                if *known != accessor {
                    *known = NONE;
                }
            })
            .or_insert(accessor);
    }

    /// Keeps what joins need of GitLab's and Google's own audit logs.
    fn others(&mut self, half: &Half, mut said: Translated<'_>) {
        if half.system == System::Okta {
            for (id, number) in [
                (Field::Principal, Field::EntityId),
                (Field::Object, Field::TargetAccount),
            ] {
                let id = said.text(id, &mut self.symbols);
                let number = said.text(number, &mut self.symbols);
                let first = self.named_users.entry((id, number)).or_insert(half.place);
                *first = half.place.min(*first);
            }
            return;
        }
        if half.system == System::Aws {
            self.aws.record(half, &mut said, &mut self.symbols);
            return;
        }
        let operation = said.text(Field::Operation, &mut self.symbols);
        let operation = self.symbols.get(operation).to_owned();
        // Only then: paths are many, and stay in memory.
        let of_branch = half.kind == EventKind::GitlabAudit && is_protection(&operation);
        let of_account = half.system == System::Gcp
            && half.outcome == Outcome::Allowed
            && is_of_account(&operation);
        if !of_branch && !of_account {
            return;
        }
        let texts = [
            Field::Path,
            Field::Project,
            Field::TargetAccount,
            Field::Principal,
        ]
        .map(|field| said.text(field, &mut self.symbols));
        let [path, project, account, by] = texts.map(|sym| self.symbols.get(sym));
        if of_branch {
            let change = ProtectionChange::read(half.at, &operation, project, path);
            self.protection_changes.extend(change);
        } else {
            let event = AccountEvent::read(half.at, &operation, path, account, by);
            self.account_events.extend(event);
        }
    }

    /// Ids and numbers that the identity provider's log names, users and others.
    pub(super) fn idp_users(&self) -> impl Iterator<Item = (&str, &str, Place)> {
        let users = self.named_users.iter();
        users.map(|((id, number), place)| (self.text(*id), self.text(*number), *place))
    }

    /// The one handle of the caller of an operation: the accessor; the token's hash only where the
    /// device proved to hash a token alike in answers and requests.
    #[must_use]
    pub fn caller(&self, number: u32) -> Sym {
        let Some(op) = self.ops.get(number as usize).copied() else {
            return NONE;
        };
        self.handle(number, op.accessor, op.token)
    }

    /// As [`Ledger::caller`], for the handles of operation `number`.
    #[must_use]
    pub fn handle(&self, number: u32, accessor: Sym, token: Sym) -> Sym {
        if accessor != NONE {
            return self.handles.found(accessor);
        }
        let file = self.unproved_files.get(&number);
        // The very hash that a login showed: no proof of the device is needed beyond it.
        if let Some(&accessor) = self.accessors.get(&token)
            && token != NONE
            && accessor != NONE
        {
            return self.handles.found(accessor);
        }
        let refuted = file.is_some_and(|file| self.refuted.contains(file));
        if token == NONE || refuted || self.proved.is_empty() {
            return NONE;
        }
        self.handles.found(token)
    }

    /// The one handle of the credential a login hands out.
    pub fn issued(&mut self, login: usize) -> Sym {
        let Some((accessor, token)) = self
            .logins
            .get(login)
            .map(|login| (login.accessor, login.token))
        else {
            return NONE;
        };
        match (accessor, token) {
            (NONE, NONE) => NONE,
            (NONE, token) => self.handles.root(token),
            (accessor, _) => self.handles.root(accessor),
        }
    }

    /// The text of a number.
    #[must_use]
    pub fn text(&self, sym: Sym) -> &str {
        self.symbols.get(sym)
    }

    /// What a map says of a key; empty when nothing.
    #[must_use]
    pub fn claim(&self, map: Map, key: &str) -> &str {
        self.symbols.value(map, key)
    }

    pub(super) fn check_token(&mut self, accessor: Sym, token: Sym, file: FileId) {
        if token == NONE {
            return;
        }
        if let Some(&issued) = self.issued.get(&accessor) {
            if issued == token {
                self.proved.insert(file);
            } else {
                self.refuted.insert(file);
            }
        }
    }
}
