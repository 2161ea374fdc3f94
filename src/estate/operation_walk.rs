//! Second pass: every operation once more, now that all is joined. Its event row is written, and its
//! chain, edges and mismatches follow.

use std::collections::BTreeMap;
use std::rc::Rc;

use hashbrown::HashMap;

use super::Error;
use super::chain_rows::ChainRows;
use super::context::Context;
use super::edge_rows::edge_row;
use super::event_rows::EventRows;
use super::fact_rows::mismatch_row;
use super::ownership::{Location, Ownership};
use super::suspect::suspect;
use crate::identity::{
    AwsCall, AwsUse, Caller, CloudUse, Edge, Facts, Identity, Mismatch, MismatchKind, MountClass,
    REVOKE_SELF, Readers, Scope, Seen, Session, Suspect, person_on_workload_path,
    unexpected_reader,
};
use crate::model::{EventKind, Key, Outcome, Period, System, id};
use crate::table::row::half::{Field, Listed};
use crate::table::row::operation::{OperationRecord, Operations, Told};
use crate::table::row::{Batch, Sym, edge, mismatch};
use crate::usage::Call;

/// What is joined, and where and when: the same for every operation.
#[derive(Clone, Copy)]
pub(super) struct Joined<'w> {
    pub(super) identity: &'w Identity,
    /// The names of credentials.
    pub(super) names: &'w HashMap<Sym, String>,
    pub(super) scope: Scope<'w>,
    pub(super) period: Period,
    pub(super) files: &'w [String],
    pub(super) readers: &'w Readers,
    pub(super) ownership: &'w Ownership,
}

/// What follows from a block of operations, in their order.
pub(super) struct BlockRows {
    /// The operations, whose texts are in the dictionary of the events.
    pub(super) records: Vec<OperationRecord>,
    pub(super) events: Batch,
    pub(super) chains: Batch,
    pub(super) edges: Batch,
    pub(super) mismatches: Batch,
    /// Events of which many make a burst.
    pub(super) suspects: Vec<Suspect>,
    /// Refused logins of the period that say no reason in clear, by mount.
    pub(super) unexplained: BTreeMap<String, u64>,
}

/// One thread's walk over blocks of operations.
pub(super) struct OperationWalk<'w> {
    identity: &'w Identity,
    names: &'w HashMap<Sym, String>,
    scope: Scope<'w>,
    period: Period,
    files: &'w [String],
    readers: &'w Readers,
    ownership: &'w Ownership,
    /// What is known of an operation without origin.
    nothing: Rc<Facts>,
    /// What is known of the logins of the current block.
    facts: HashMap<(u32, Key), Rc<Facts>>,
    /// What is known of its sessions and keys of AWS.
    aws_facts: HashMap<(u32, Key), Rc<Facts>>,
    /// What the paths of the current block are about: by namespace, mount, path and engine.
    locations: HashMap<(System, [Sym; 4]), Rc<Location>>,
    suspects: Vec<Suspect>,
    unexplained: BTreeMap<String, u64>,
    chains: ChainRows<'w>,
    edges: Batch,
    mismatches: Batch,
}

impl<'w> OperationWalk<'w> {
    pub(super) fn new(joined: Joined<'w>) -> OperationWalk<'w> {
        OperationWalk {
            identity: joined.identity,
            names: joined.names,
            scope: joined.scope,
            period: joined.period,
            files: joined.files,
            readers: joined.readers,
            ownership: joined.ownership,
            nothing: Rc::default(),
            facts: HashMap::new(),
            aws_facts: HashMap::new(),
            locations: HashMap::new(),
            suspects: Vec::new(),
            unexplained: BTreeMap::new(),
            chains: ChainRows::new(joined.files),
            edges: Batch::new(&edge::SCHEMA),
            mismatches: Batch::new(&mismatch::SCHEMA),
        }
    }

    /// Walks through a block of operations.
    ///
    /// # Errors
    ///
    /// An operation is not in the ledger, or was read at a place that is in no input.
    pub(super) fn block(&mut self, block: Operations) -> Result<BlockRows, Error> {
        let Operations { symbols, records } = block;
        self.locations.clear();
        // A token is used for a while: what is known of those of all time would be there once for
        // every thread.
        self.facts.clear();
        self.aws_facts.clear();
        let mut events = EventRows::new(symbols, self.files);
        for record in &records {
            let told = Told {
                record,
                symbols: events.batch.symbols(),
            };
            let context = self.context(told)?;
            self.follow(told, &context)?;
            let issued = self.issued(record.number);
            events.add(record, &context, &issued)?;
        }
        Ok(BlockRows {
            records,
            events: events.batch,
            chains: self.chains.take(),
            edges: self.edges.take(),
            mismatches: self.mismatches.take(),
            suspects: std::mem::take(&mut self.suspects),
            unexplained: std::mem::take(&mut self.unexplained),
        })
    }

    /// The position of the login that an operation is.
    fn login(&self, number: u32) -> Option<u32> {
        let logins = &self.identity.ledger.logins;
        let found = logins.binary_search_by_key(&number, |login| login.op);
        found.ok().and_then(|position| u32::try_from(position).ok())
    }

    /// The credential that an operation handed out.
    fn issued(&mut self, number: u32) -> String {
        self.login(number).map_or_else(String::new, |login| {
            self.identity.issued_id(login, self.names)
        })
    }

    fn context(&mut self, told: Told<'_>) -> Result<Context, Error> {
        let record = told.record;
        let number = record.number;
        let op = self.identity.ledger.ops.get(number as usize);
        let op = op.copied().ok_or(Error::Operation { number })?;
        let session = self.identity.session(number);
        // A login's own row belongs to the login it is; a child's creation to the token that asked.
        let own = self.login(number).filter(|&login| {
            let login = self.identity.login(login);
            login.is_some_and(|login| !login.child)
        });
        let own = own.map(|login| Session {
            login,
            key: Key::K1,
        });
        let known_by = own.or(session);
        let (cloud, aws) = (self.cloud_use(told), self.aws_use(told));
        let facts = match (known_by, &cloud, aws) {
            (Some(session), ..) => self.facts_of(session),
            (None, Some(cloud), _) => Rc::new(self.identity.cloud_facts(cloud, &self.scope)),
            (None, None, Some(aws)) => self.aws_facts_of(aws),
            (None, None, None) => Rc::clone(&self.nothing),
        };
        let of_aws = aws.and_then(|aws| self.identity.aws.get(aws.session));
        let credential_id = match session {
            None if of_aws.is_some() => {
                of_aws.map_or_else(String::new, |session| id::aws_key(&session.key))
            }
            Some(session) if op.accessor == 0 => self.identity.issued_id(session.login, self.names),
            _ => {
                let caller = self.identity.ledger.caller(number);
                self.identity.credential_id(caller, self.names)
            }
        };
        let (mount, role) = (told.text(Field::Mount), told.text(Field::Role));
        let role_id = if record.kind == EventKind::Login && !role.is_empty() {
            id::vault_role(Some(told.text(Field::Namespace)), mount, role)
        } else {
            facts.role_id.clone()
        };
        Ok(Context {
            inside: self.period.contains(record.at),
            event_id: record.system.event_id(told.text(Field::Id)),
            session,
            known_by,
            facts,
            location: self.location(told),
            credential_id,
            role_id,
            from_runner: record.system == System::Aws
                && self.scope.is_runner(told.text(Field::RemoteAddress)),
            cloud,
            aws,
        })
    }

    /// The session or key that made a call of AWS; of a call without one, that which it began.
    fn aws_use(&self, told: Told<'_>) -> Option<AwsUse> {
        let record = told.record;
        if record.system != System::Aws {
            return None;
        }
        let (key, issued) = (told.text(Field::KeyName), told.text(Field::TargetAccount));
        let key = if key.is_empty() { issued } else { key };
        let (principal, arn) = (told.text(Field::Principal), told.text(Field::EntityId));
        self.identity
            .aws
            .used(key, principal, arn, record.token_issued_at)
    }

    fn aws_facts_of(&mut self, used: AwsUse) -> Rc<Facts> {
        let (identity, scope) = (&self.identity, &self.scope);
        let known = self.aws_facts.entry((used.session, used.key));
        Rc::clone(known.or_insert_with(|| Rc::new(identity.aws_facts(used, scope))))
    }

    fn cloud_use(&self, told: Told<'_>) -> Option<CloudUse> {
        let record = told.record;
        let principal = told.text(Field::Principal);
        (record.system == System::Gcp).then(|| {
            let delegation = told.list(Listed::Delegation);
            self.identity
                .cloud_use(principal, &delegation, record.at, &self.scope)
        })
    }

    fn facts_of(&mut self, session: Session) -> Rc<Facts> {
        let (identity, scope) = (&self.identity, &self.scope);
        let known = self.facts.entry((session.login, session.key));
        Rc::clone(known.or_insert_with(|| Rc::new(identity.facts(session, scope))))
    }

    fn location(&mut self, told: Told<'_>) -> Rc<Location> {
        let by = [Field::Namespace, Field::Mount, Field::Path, Field::Service];
        let key = (told.record.system, by.map(|field| told.record.sym(field)));
        let (ownership, directory) = (&self.ownership, &self.identity.directory);
        let scope = &self.scope;
        let known = self.locations.entry(key);
        Rc::clone(known.or_insert_with(|| Rc::new(ownership.location(directory, scope, told))))
    }

    /// What follows from an operation: its edges, its chain, its mismatches.
    fn follow(&mut self, told: Told<'_>, context: &Context) -> Result<(), Error> {
        for edge in self.edges_of(told, context) {
            if self.period.contains(edge.left_at) || self.period.contains(edge.right_at) {
                edge_row(&mut self.edges, &edge, self.files, self.period)?;
            }
        }
        self.suspects.extend(suspect(told, context));
        if !context.inside {
            return Ok(());
        }
        self.chains.add(told, context)?;
        for found in self.mismatches_of(told, context) {
            mismatch_row(&mut self.mismatches, &found, self.files, self.period)?;
        }
        self.explained(told);
        Ok(())
    }

    /// Counts a refused login of a job or service that says no reason in clear: what was wrong with
    /// its token, nobody can tell.
    fn explained(&mut self, told: Told<'_>) {
        let record = told.record;
        let refused = matches!(record.outcome, Outcome::Failed | Outcome::Denied);
        let login = record.system == System::Vault && record.kind == EventKind::Login;
        if !(refused && login && told.text(Field::Error).is_empty()) {
            return;
        }
        let (namespace, mount) = (told.text(Field::Namespace), told.text(Field::Mount));
        let class = self.scope.mount_class(namespace, mount);
        let of_program = matches!(class, Some(MountClass::Ci | MountClass::Workload));
        if of_program && self.period.contains(record.at) {
            let mount = id::vault_mount(Some(namespace), mount);
            *self.unexplained.entry(mount).or_default() += 1;
        }
    }

    /// From the login to the request, from jobs and leases to the event of Google's.
    fn edges_of(&self, told: Told<'_>, context: &Context) -> Vec<Edge> {
        let record = told.record;
        let natural = told.text(Field::Id);
        let mut found = Vec::new();
        if let Some(session) = context.session.filter(|_| record.system == System::Vault) {
            let (place, at) = (record.place, record.at);
            found.extend(self.identity.request_edge(session, natural, place, at));
        }
        if record.system == System::Hoop {
            let (user, number) = (told.text(Field::Principal), told.text(Field::EntityId));
            let (session, place, at) = (&context.event_id, record.place, record.at);
            let edge = self
                .identity
                .proxy_edge((user, number), session, place, at, &self.scope);
            found.extend(edge);
        }
        if let Some(aws) = context
            .aws
            .filter(|_| !told.text(Field::KeyName).is_empty())
        {
            let (place, at) = (record.place, record.at);
            found.extend(self.identity.aws_edge(aws, &context.event_id, place, at));
        }
        if let Some(cloud) = &context.cloud {
            let (place, at) = (record.place, record.at);
            found.extend(self.identity.cloud_edges(cloud, natural, place, at));
        }
        found
    }

    fn mismatches_of(&self, told: Told<'_>, context: &Context) -> Vec<Mismatch> {
        let (record, identity, scope) = (told.record, &self.identity, &self.scope);
        let allowed = record.outcome == Outcome::Allowed;
        let login = record.kind == EventKind::Login;
        let namespace = Some(told.text(Field::Namespace));
        let mount_id = id::vault_mount(namespace, told.text(Field::Mount));
        let login_id = match record.system {
            System::Vault => id::vault_login(told.text(Field::Id)),
            _ => context.event_id.clone(),
        };
        let role = context.role_id.as_str();
        let seen = Seen {
            object: told.text(Field::Object),
            address: told.text(Field::RemoteAddress),
            error: told.text(Field::Error),
            role: if role.is_empty() { &mount_id } else { role },
            login_id: &login_id,
            at: record.at,
            place: record.place,
        };
        let facts = &context.facts;
        let mut found: Vec<Mismatch> = Vec::new();
        if let Some(session) = context.session.filter(|_| !login) {
            found.extend(identity.request_mismatches(facts, session, seen, scope));
            if told.text(Field::Path) == REVOKE_SELF {
                // Whoever gives a token back uses it no further.
                found.retain(|fact| fact.kind != MismatchKind::UseAfterJobEnd);
            }
        }
        if login && !allowed {
            found.extend(identity.refused_login(seen, scope));
        }
        if allowed && context.session.is_some() {
            let (owner, credential) = (&context.location.owner, &context.credential_id);
            found.extend(person_on_workload_path(
                facts, owner, credential, seen, scope,
            ));
        }
        if record.system == System::Gcp && allowed {
            found.extend(self.of_google(told, seen));
        }
        if let Some(used) = context
            .aws
            .filter(|_| !told.text(Field::KeyName).is_empty())
        {
            let said = |name| told.symbols.value(record.metadata, name);
            let call = AwsCall {
                used,
                outcome: record.outcome,
                on_behalf: !said("invoked_by").is_empty(),
                inside_network: !said("vpc_endpoint").is_empty(),
            };
            found.extend(identity.aws_mismatches(call, facts, seen, scope));
        }
        found
    }

    /// Mismatches of a successful Google event.
    fn of_google(&self, told: Told<'_>, seen: Seen<'_>) -> Vec<Mismatch> {
        let (principal, scope) = (told.text(Field::Principal), &self.scope);
        let delegation = told.list(Listed::Delegation);
        let caller = Caller {
            principal,
            delegation: &delegation,
            user_agent: told.text(Field::UserAgent),
        };
        let mut found = self.identity.cloud_mismatches(caller, seen, scope);
        let operation = told.text(Field::Operation);
        found.extend(unexpected_reader(
            self.readers,
            operation,
            principal,
            seen,
            scope,
        ));
        found
    }
}

/// What a line of a mesh's access log says of a call.
pub(super) fn mesh_call(told: Told<'_>) -> Call<'_> {
    let record = told.record;
    let said = |name| told.symbols.value(record.metadata, name);
    Call {
        from: told.text(Field::Principal),
        to: told.text(Field::Object),
        outcome: record.outcome,
        at: record.at,
        place: record.place,
        is_request: told.text(Field::Operation) != "connection",
        is_traced: !said("request_id").is_empty() || !said("trace").is_empty(),
        is_flagged: !said("flags").is_empty(),
        peer: said("peer"),
    }
}
