//! Second pass: event rows get their names, owners and origins; chains and request edges follow.

use std::rc::Rc;

use hashbrown::HashMap;

use super::cloud_use::cloud_use;
use super::context::Context;
use super::edge_rows::edge_row;
use super::fact_rows::mismatch_row;
use super::ownership::{Ownership, owner_match};
use super::suspect::suspect;
use crate::identity::Scope;
use crate::identity::{
    Caller, Facts, Identity, Mismatch, MountClass, Readers, Seen, Session, Suspect,
    person_on_workload_path, unexpected_reader,
};
use crate::model::{Digest, FileId, Key, Period, Place, Timestamp, id};
use crate::table::engine::{EngineError, Store};
use crate::table::row::{Batch, Sym, chain, edge, event, mismatch};

/// What the second pass needs to know of owners: the exported names behind them.
pub(super) struct ChainRows<'c> {
    pub(super) identity: &'c mut Identity,
    pub(super) names: &'c HashMap<Sym, String>,
    pub(super) scope: Scope<'c>,
    pub(super) period: Period,
    pub(super) files: &'c [String],
    readers: Readers,
    ownership: Ownership,
    /// What is known of a row without origin.
    nothing: Rc<Facts>,
    facts: HashMap<(u32, Key), Rc<Facts>>,
    /// Events of which many make a burst.
    pub(super) suspects: Vec<Suspect>,
    chains: Batch,
    edges: Batch,
    mismatches: Batch,
}

impl<'c> ChainRows<'c> {
    pub(super) fn new(
        identity: &'c mut Identity,
        names: &'c HashMap<Sym, String>,
        scope: Scope<'c>,
        period: Period,
        files: &'c [String],
        readers: Readers,
    ) -> ChainRows<'c> {
        let ownership = Ownership::new(&identity.directory);
        ChainRows {
            identity,
            names,
            scope,
            period,
            files,
            readers,
            ownership,
            nothing: Rc::default(),
            facts: HashMap::new(),
            suspects: Vec::new(),
            chains: Batch::new(&chain::SCHEMA),
            edges: Batch::new(&edge::SCHEMA),
            mismatches: Batch::new(&mismatch::SCHEMA),
        }
    }

    /// Completes the rows of the first pass and moves them to `store`. `watch` sees each row before,
    /// with its number and the id of the caller's credential.
    pub(super) fn write(
        &mut self,
        raw: &Store,
        store: &mut Store,
        watch: &mut dyn FnMut(&Batch, usize, u32, &str),
    ) -> Result<(), EngineError> {
        let files: HashMap<&str, u32> = self
            .files
            .iter()
            .zip(0u32..)
            .map(|(name, number)| (name.as_str(), number))
            .collect();
        let mut number = 0;
        for batch in raw.scan(&event::SCHEMA) {
            let mut batch = batch?;
            for row in 0..batch.len() {
                let file = files
                    .get(batch.text(row, event::SOURCE_FILE))
                    .copied()
                    .unwrap_or(0);
                let context = self.context(&batch, row, number, FileId(file));
                watch(&batch, row, number, &context.credential_id);
                self.complete(&mut batch, row, number, &context);
                self.follow(&batch, row, &context);
                number += 1;
            }
            store.append(batch)?;
            self.flush(store, false)?;
        }
        self.flush(store, true)
    }

    fn flush(&mut self, store: &mut Store, all: bool) -> Result<(), EngineError> {
        for batch in [&mut self.chains, &mut self.edges, &mut self.mismatches] {
            if all || batch.is_full() {
                let schema = batch.schema();
                store.append(std::mem::replace(batch, Batch::new(schema)))?;
            }
        }
        Ok(())
    }

    fn context(&mut self, batch: &Batch, row: usize, number: u32, file: FileId) -> Context {
        let at = Timestamp(batch.int(row, event::AT).unwrap_or(0));
        let whole = |column| u64::try_from(batch.int(row, column).unwrap_or(0)).unwrap_or(0);
        let place = Place {
            file,
            line: whole(event::SOURCE_LINE),
            byte: whole(event::SOURCE_BYTE),
            sha256: digest(batch.text(row, event::SOURCE_SHA256)),
        };
        let login = self
            .identity
            .ledger
            .logins
            .binary_search_by_key(&number, |login| login.op)
            .ok();
        let session = self.identity.session(number);
        // A login's own row belongs to the login it is; a child's creation to the token that asked.
        let own = login
            .filter(|&position| {
                self.identity
                    .ledger
                    .logins
                    .get(position)
                    .is_some_and(|login| !login.child)
            })
            .and_then(|position| u32::try_from(position).ok())
            .map(|login| Session {
                login,
                key: Key::K1,
            });
        let cloud = cloud_use(self.identity, batch, row, &self.scope);
        let facts = match (own.or(session), &cloud) {
            (Some(session), _) => self.facts_of(session),
            (None, Some(cloud)) => Rc::new(self.identity.cloud_facts(cloud, &self.scope)),
            (None, None) => Rc::clone(&self.nothing),
        };
        let caller = self.identity.ledger.caller(number);
        let mut credential_id = self.identity.credential_id(caller, self.names);
        if let Some(session) = session
            && self
                .identity
                .ledger
                .ops
                .get(number as usize)
                .is_some_and(|op| op.accessor == 0)
        {
            credential_id = self.identity.issued_id(session.login, self.names);
        }
        let (owner, owner_environment) =
            self.ownership
                .owner(&self.identity.directory, &self.scope, batch, row);
        let inside = self.period.contains(at);
        Context {
            place,
            at,
            inside,
            session,
            facts,
            owner,
            owner_environment,
            credential_id,
            cloud,
        }
    }

    fn facts_of(&mut self, session: Session) -> Rc<Facts> {
        let (identity, scope) = (&self.identity, &self.scope);
        let known = self.facts.entry((session.login, session.key));
        Rc::clone(known.or_insert_with(|| Rc::new(identity.facts(session, scope))))
    }

    /// Fills the columns that the first pass could not.
    fn complete(&mut self, batch: &mut Batch, row: usize, number: u32, context: &Context) {
        let logical = self.ownership.logical(batch, row);
        let mount = batch.text(row, event::MOUNT).to_owned();
        let namespace = batch.text(row, event::NAMESPACE).to_owned();
        let class = self
            .scope
            .mount_class(&namespace, &mount)
            .map_or("", MountClass::as_str);
        let login = self
            .identity
            .ledger
            .logins
            .binary_search_by_key(&number, |login| login.op)
            .ok();
        let issued = login.and_then(|position| u32::try_from(position).ok());
        let issued = issued.map_or_else(String::new, |login| {
            self.identity.issued_id(login, self.names)
        });
        batch.set_text(row, event::MOUNT_CLASS, class);
        batch.set_text(row, event::LOGICAL_PATH, &logical);
        if matches!(batch.text(row, event::SERVICE), "kv" | "generic" | "") {
            batch.set_text(row, event::SECRET_NAME, &secret_name(&logical));
        }
        batch.set_text(row, event::OWNER, &context.owner);
        batch.set_text(row, event::OWNER_ENVIRONMENT, &context.owner_environment);
        batch.set_text(row, event::CREDENTIAL_ID, &context.credential_id);
        batch.set_text(row, event::ISSUED_CREDENTIAL_ID, &issued);
        batch.set_int(row, event::IN_PERIOD, i64::from(context.inside));
        if batch.text(row, event::PRINCIPAL).is_empty() {
            batch.set_text(row, event::PRINCIPAL, &context.credential_id);
        }
        if batch.text(row, event::ROLE_ID).is_empty() {
            batch.set_text(row, event::ROLE_ID, &context.facts.role_id);
        }
    }

    /// What follows from a row: its chain, its edge, its mismatches.
    fn follow(&mut self, batch: &Batch, row: usize, context: &Context) {
        let kind = batch.text(row, event::KIND);
        let natural = batch.text(row, event::EVENT_ID);
        if let Some(session) = context.session
            && let Some(request) = natural.strip_prefix("vault:request/")
            && let Some(edge) =
                self.identity
                    .request_edge(session, request, context.place, context.at)
            && (self.period.contains(edge.left_at) || self.period.contains(edge.right_at))
        {
            edge_row(&mut self.edges, &edge, self.files, self.period);
        }
        if let Some(cloud) = &context.cloud
            && let Some(insert_id) = natural.strip_prefix("gcp:event/")
        {
            for edge in self
                .identity
                .cloud_edges(cloud, insert_id, context.place, context.at)
            {
                if self.period.contains(edge.left_at) || self.period.contains(edge.right_at) {
                    edge_row(&mut self.edges, &edge, self.files, self.period);
                }
            }
        }
        self.suspects.extend(suspect(batch, row, context));
        if !context.inside {
            return;
        }
        self.chain_row(batch, row, context);
        let allowed = batch.text(row, event::OUTCOME) == "allowed";
        let login_id = natural.replacen("vault:request/", "vault:login/", 1);
        let role = batch.text(row, event::ROLE_ID);
        let mount_id = id::vault_mount(
            Some(batch.text(row, event::NAMESPACE)),
            batch.text(row, event::MOUNT),
        );
        let seen = Seen {
            object: batch.text(row, event::OBJECT),
            address: batch.text(row, event::REMOTE_ADDRESS),
            error: batch.text(row, event::ERROR),
            role: if role.is_empty() { &mount_id } else { role },
            login_id: &login_id,
            at: context.at,
            place: context.place,
        };
        let mut found: Vec<Mismatch> = Vec::new();
        if let Some(session) = context.session.filter(|_| kind != "login") {
            found.extend(self.identity.request_mismatches(
                &context.facts,
                session,
                seen,
                &self.scope,
            ));
        }
        if kind == "login" && !allowed {
            found.extend(self.identity.refused_login(seen, &self.scope));
        }
        if allowed && context.session.is_some() {
            let (owner, credential) = (&context.owner, &context.credential_id);
            found.extend(person_on_workload_path(
                &context.facts,
                owner,
                credential,
                seen,
                &self.scope,
            ));
        }
        if batch.text(row, event::SYSTEM) == "gcp" && allowed {
            found.extend(self.of_google(batch, row, seen));
        }
        for mismatch in &found {
            mismatch_row(&mut self.mismatches, mismatch, self.files, self.period);
        }
    }

    /// Mismatches of a successful Google event.
    fn of_google(&self, batch: &Batch, row: usize, seen: Seen<'_>) -> Vec<Mismatch> {
        let principal = batch.text(row, event::PRINCIPAL);
        let delegation = batch.texts(row, event::DELEGATION);
        let caller = Caller {
            principal,
            delegation: &delegation,
            user_agent: batch.text(row, event::USER_AGENT),
        };
        let mut found = self.identity.cloud_mismatches(caller, seen, &self.scope);
        let operation = batch.text(row, event::OPERATION);
        found.extend(unexpected_reader(
            &self.readers,
            operation,
            principal,
            seen,
            &self.scope,
        ));
        found
    }

    fn chain_row(&mut self, batch: &Batch, row: usize, context: &Context) {
        let owner_match = owner_match(&context.facts, &context.owner);
        let facts = &context.facts;
        let text = |column| batch.text(row, column);
        let band = facts.confidence.and_then(crate::model::Confidence::band);
        let mut new = self.chains.row();
        new.text(chain::EVENT_ID, text(event::EVENT_ID))
            .int(chain::AT, context.at.0)
            .text(chain::SYSTEM, text(event::SYSTEM))
            .text(chain::KIND, text(event::KIND))
            .text(chain::ORIGIN_KIND, facts.origin_kind)
            .text(chain::ORIGIN_ID, &facts.origin_id)
            .text(chain::JOB_ID, &facts.job_id)
            .text(chain::PROJECT_ID, &facts.project_id)
            .text(chain::PROJECT_PATH, &facts.project_path)
            .text(chain::GIT_REF, &facts.git_ref)
            .int(chain::REF_PROTECTED, facts.ref_protected.map(i64::from))
            .text(chain::ENVIRONMENT, &facts.environment)
            .text(chain::TIER, &facts.tier)
            .int(chain::JOB_STARTED_AT, facts.job_started_at.map(|at| at.0))
            .int(chain::JOB_FINISHED_AT, facts.job_finished_at.map(|at| at.0))
            .text(chain::SERVICE_ID, &facts.service_id)
            .text(chain::PERSON_ID, &facts.person_id)
            .int(chain::CANDIDATES, i64::try_from(facts.candidates).ok())
            .text(chain::LOGIN_ID, &facts.login_id)
            .text(chain::CREDENTIAL_ID, &context.credential_id)
            .text(chain::LOGIN_ADDRESS, &facts.address)
            .text(chain::MOUNT, &facts.mount)
            .text(chain::MOUNT_ID, &facts.mount_id)
            .text(
                chain::MOUNT_CLASS,
                facts.mount_class.map_or("", MountClass::as_str),
            )
            .text(chain::ROLE_ID, text(event::ROLE_ID))
            .text(chain::PRINCIPAL, text(event::PRINCIPAL))
            .text(chain::OPERATION, text(event::OPERATION))
            .text(chain::PATH, text(event::PATH))
            .text(chain::OBJECT, text(event::OBJECT))
            .text(chain::OWNER, &context.owner)
            .text(chain::OWNER_ENVIRONMENT, &context.owner_environment)
            .text(chain::OWNER_MATCH, owner_match)
            .text(chain::OUTCOME, text(event::OUTCOME))
            .text(chain::REMOTE_ADDRESS, text(event::REMOTE_ADDRESS))
            .int(
                chain::CONFIDENCE,
                facts.confidence.map(|confidence| i64::from(confidence.0)),
            )
            .text(chain::BAND, band.map_or("", crate::model::Band::as_str))
            .text(chain::SOURCE_FILE, text(event::SOURCE_FILE))
            .int(chain::SOURCE_LINE, batch.int(row, event::SOURCE_LINE))
            .int(chain::SOURCE_BYTE, batch.int(row, event::SOURCE_BYTE))
            .text(chain::SOURCE_SHA256, text(event::SOURCE_SHA256));
        for policy in batch.texts(row, event::POLICIES) {
            new.item(chain::POLICIES, policy);
        }
    }
}

/// What a secret is called wherever it is kept: its last path segment, spelled one way.
fn secret_name(logical: &str) -> String {
    let last = logical.rsplit('/').next().unwrap_or("");
    last.chars()
        .filter(|letter| !matches!(letter, '-' | '_' | '.'))
        .flat_map(char::to_lowercase)
        .collect()
}

fn digest(hex: &str) -> Digest {
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(hex.as_bytes().chunks(2)) {
        let text = std::str::from_utf8(pair).unwrap_or("0");
        *byte = u8::from_str_radix(text, 16).unwrap_or(0);
    }
    Digest(bytes)
}
