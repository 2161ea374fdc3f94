//! What every trace looks things up in.

use std::collections::{BTreeMap, BTreeSet};

use crate::estate::JoinedEstate;
use crate::identity::Scope;
use crate::identity::{CloudUse, Facts, Login, Session};
use crate::model::trace::Node;
use crate::model::{Key, Period, Place, Timestamp, id};
use crate::table::engine::EngineError;
use crate::table::row::{Batch, event};

/// A finished answer: id, trees, and whether anything of it lies in the period.
pub(super) type Answer = Result<(String, Vec<Node>, bool), EngineError>;

/// The estate, what is declared of it, and how much is shown.
pub(super) struct Inquiry<'e> {
    pub(super) estate: &'e JoinedEstate,
    pub(super) scope: Scope<'e>,
    pub(super) limit: usize,
    /// Children by the login whose token asked for them.
    children: BTreeMap<u32, Vec<u32>>,
}

/// Operations made with one login's token.
#[derive(Clone, Debug, Default)]
pub(super) struct Uses {
    /// Those in the period, by time.
    pub(super) inside: Vec<u32>,
    /// How many lie outside of it.
    pub(super) outside: u64,
}

impl<'e> Inquiry<'e> {
    pub(super) fn new(estate: &'e JoinedEstate, scope: Scope<'e>, limit: usize) -> Inquiry<'e> {
        let mut children: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for (origin, position) in estate.identity.origins.iter().zip(0u32..) {
            if let Some(parent) = origin.parent.filter(|&parent| parent != position) {
                children.entry(parent).or_default().push(position);
            }
        }
        Inquiry {
            estate,
            scope,
            limit,
            children,
        }
    }

    pub(super) fn period(&self) -> Period {
        self.estate.tabled.period
    }

    pub(super) fn login(&self, position: u32) -> Option<&'e Login> {
        self.estate.identity.login(position)
    }

    /// All logins that are no children, with their positions.
    pub(super) fn logins(&self) -> impl Iterator<Item = (u32, &'e Login)> {
        let logins = self.estate.identity.ledger.logins.iter();
        (0u32..).zip(logins).filter(|(_, login)| !login.child)
    }

    /// Logins by time; files are read by name, which may be another order.
    pub(super) fn by_time(&self, logins: &[u32]) -> Vec<u32> {
        let mut logins = logins.to_vec();
        logins.sort_by_key(|&login| (self.login(login).map(|login| login.at), login));
        logins
    }

    pub(super) fn login_id(&self, login: &Login) -> String {
        id::vault_login(self.estate.identity.ledger.text(login.id))
    }

    pub(super) fn facts(&self, login: u32) -> Facts {
        let key = Key::K1;
        self.estate
            .identity
            .facts(Session { login, key }, &self.scope)
    }

    /// Where a Google event came from; `None` for the events of other systems.
    pub(super) fn cloud_use(&self, batch: &Batch, row: usize) -> Option<CloudUse> {
        if batch.text(row, event::SYSTEM) != "gcp" {
            return None;
        }
        let at = Timestamp(batch.int(row, event::AT)?);
        let delegation = batch.texts(row, event::DELEGATION);
        let principal = batch.text(row, event::PRINCIPAL);
        let identity = &self.estate.identity;
        Some(identity.cloud_use(principal, &delegation, at, &self.scope))
    }

    pub(super) fn cloud_facts(&self, found: &CloudUse) -> Facts {
        self.estate.identity.cloud_facts(found, &self.scope)
    }

    /// The services that run as an account, by id.
    pub(super) fn run_as(&self, account: &str) -> Vec<&'e str> {
        let services = self.estate.identity.directory.services.iter();
        let services = services.filter(|service| {
            !account.is_empty() && service.service_account.eq_ignore_ascii_case(account)
        });
        let mut ids: Vec<&str> = services.map(|service| service.id.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    pub(super) fn op_at(&self, op: u32) -> Timestamp {
        let op = self.estate.identity.ledger.ops.get(op as usize);
        op.map_or(Timestamp::MIN, |op| op.at)
    }

    /// `file:line` of a place.
    pub(super) fn pointer(&self, place: Place) -> String {
        let file = self.estate.tabled.files.get(place.file.0 as usize);
        let name = file.map_or("", |file| file.name.as_str());
        format!("{name}:{}", place.line)
    }

    /// The person a GitLab user is.
    pub(super) fn person_of(&self, username: &str) -> String {
        let user = id::gitlab_user(username);
        self.scope.person(&user).map_or(user.clone(), str::to_owned)
    }

    /// The tokens asked for with the token of `login`.
    pub(super) fn children(&self, login: u32) -> &[u32] {
        self.children.get(&login).map_or(&[], Vec::as_slice)
    }

    /// `logins` and everything that descends from them.
    pub(super) fn family(&self, logins: &[u32]) -> BTreeSet<u32> {
        let mut family = BTreeSet::new();
        let mut open = logins.to_vec();
        while let Some(login) = open.pop() {
            if family.insert(login) {
                open.extend(self.children(login));
            }
        }
        family
    }

    /// What was done with the tokens of `logins`: one walk over the operations in memory.
    pub(super) fn uses(&self, logins: &BTreeSet<u32>) -> BTreeMap<u32, Uses> {
        let mut uses: BTreeMap<u32, Uses> = BTreeMap::new();
        let identity = &self.estate.identity;
        for (op, number) in identity.ledger.ops.iter().zip(0u32..) {
            let Some(session) = identity.session(number) else {
                continue;
            };
            if logins.contains(&session.login) {
                let found = uses.entry(session.login).or_default();
                if self.period().contains(op.at) {
                    found.inside.push(number);
                } else {
                    found.outside += 1;
                }
            }
        }
        for found in uses.values_mut() {
            found.inside.sort_by_key(|&op| (self.op_at(op), op));
        }
        uses
    }
}
