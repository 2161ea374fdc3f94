//! Joins everything: requests to logins, logins to jobs, services and people.

use std::collections::BTreeMap;

use hashbrown::HashMap;

use super::aws_session::AwsSessions;
use super::cloud_lease::CloudLeases;
use super::declared::MountClass;
use super::directory::Directory;
use super::edge::Candidates;
use super::idp_user::{IdpUsers, Known};
use super::ledger::{Ledger, Login};
use super::origin::{self, NoJob};
use super::proxy::hidden_addresses;
use super::scope::Scope;
use super::second_factor;
use super::skew::{SEVERAL, least_shift, lived, smallest_shift};
use crate::model::{EventKind, Key};
use crate::table::row::{NONE, Sym};

/// Where a login came from.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// The login whose token asked for this one (children).
    pub parent: Option<u32>,
    /// Jobs it may have come from.
    pub jobs: Option<Candidates>,
    /// Why there is no job.
    pub no_job: Option<NoJob>,
    /// Services it may have come from.
    pub services: Option<Candidates>,
    /// The person.
    pub person: Option<Known>,
}

/// The login behind a request, and how it was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session {
    /// Position in [`Ledger::logins`].
    pub login: u32,
    /// Key.
    pub key: Key,
}

/// All joins of a run.
#[derive(Debug)]
pub struct Identity {
    /// The operations.
    pub ledger: Ledger,
    /// The exports.
    pub directory: Directory,
    /// Users of the identity provider.
    pub idp: IdpUsers,
    /// Origin of every login, by position.
    pub origins: Vec<Origin>,
    /// Shift, in microseconds, that puts Vault's clock on GitLab's.
    pub shift: i64,
    /// The least that serves as many logins: uses come no later than it says.
    pub(super) least_shift: i64,
    /// Whether enough jobs were held against their logins to know of the clocks.
    pub(super) compared: bool,
    pub(super) cloud_leases: CloudLeases,
    /// Sessions and keys of AWS.
    pub aws: AwsSessions,
    /// Why the addresses in Vault's log do not tell callers apart, in words.
    pub hidden_addresses: Option<String>,
    /// Position of the login plus one, by operation; the sign bit marks K3.
    sessions: Vec<u32>,
}

const BY_K3: u32 = 1 << 31;

impl Identity {
    /// Joins.
    #[must_use]
    pub fn resolve(mut ledger: Ledger, mut directory: Directory, declared: &Scope<'_>) -> Identity {
        directory.protection_changed(std::mem::take(&mut ledger.protection_changes));
        let idp = IdpUsers::new(ledger.idp_users(), &directory);
        second_factor::settle(&mut ledger.logins, &ledger.pending, &ledger.symbols);
        let by_credential = by_credential(&mut ledger);
        let parents = parents(&ledger, &by_credential);
        let logins = std::mem::take(&mut ledger.logins);
        let find = |login: &Login, shift| origin::jobs(login, &ledger, &directory, declared, shift);
        // Whoever makes a child token writes its metadata: only logins at CI mounts carry claims
        // that GitLab signed.
        let signed = logins.iter().filter(|login| {
            let (namespace, mount) = (ledger.text(login.namespace), ledger.text(login.mount));
            !login.child && declared.mount_class(namespace, mount) == Some(MountClass::Ci)
        });
        let named = signed.filter_map(|login| Some((login, find(login, 0).ok()?)));
        let clocks = clocks(named, &directory);
        let shift = clocks.map_or(0, |(shift, _)| shift);
        let origins = logins
            .iter()
            .zip(parents)
            .map(|(login, parent)| {
                if login.child {
                    return Origin {
                        parent,
                        ..Origin::default()
                    };
                }
                let (jobs, no_job) = match find(login, shift) {
                    Ok(found) => (Some(found), None),
                    Err(why) => (None, Some(why)),
                };
                Origin {
                    parent: None,
                    jobs,
                    no_job,
                    services: origin::services(login, &ledger, &directory, declared),
                    person: origin::person(login, &ledger, &directory, &idp, declared),
                }
            })
            .collect();
        ledger.logins = logins;
        let sessions = sessions(&ledger, &by_credential);
        let hidden_addresses = hidden_addresses(&ledger, declared);
        let mut identity = Identity {
            ledger,
            directory,
            idp,
            origins,
            shift,
            least_shift: clocks.map_or(0, |(_, least)| least),
            compared: clocks.is_some(),
            cloud_leases: CloudLeases::default(),
            aws: AwsSessions::default(),
            hidden_addresses,
            sessions,
        };
        identity.cloud(declared);
        identity
    }

    /// Joins what Vault leased in the clouds, up to the moment at which its token was revoked.
    fn cloud(&mut self, declared: &Scope<'_>) {
        let ends = self.revocations(declared.as_of);
        let revoked = |op| {
            let session = self.session(op)?;
            ends.get(session.login as usize).copied().flatten()
        };
        let (ledger, directory) = (&self.ledger, &self.directory);
        let cloud_leases = CloudLeases::new(ledger, directory, &revoked);
        self.aws = AwsSessions::new(ledger, directory, &self.idp, declared, &revoked);
        self.cloud_leases = cloud_leases;
    }

    /// The login whose token made a request; `None` when its token is from elsewhere.
    #[must_use]
    pub fn session(&self, op: u32) -> Option<Session> {
        let packed = self.sessions.get(op as usize).copied().unwrap_or(0);
        let login = (packed & !BY_K3).checked_sub(1)?;
        Some(Session {
            login,
            key: if packed & BY_K3 == 0 {
                Key::K2
            } else {
                Key::K3
            },
        })
    }

    /// The login at the root of a chain of children, and the weakest key on the way.
    #[must_use]
    pub fn root(&self, session: Session) -> Session {
        let mut at = session;
        // A token cannot descend from itself; the bound guards against logs that say so.
        for _ in 0..64 {
            match self
                .origins
                .get(at.login as usize)
                .and_then(|origin| origin.parent)
            {
                Some(parent) => {
                    at = Session {
                        login: parent,
                        key: at.key.max(Key::K2),
                    }
                }
                None => break,
            }
        }
        at
    }

    /// A login.
    #[must_use]
    pub fn login(&self, position: u32) -> Option<&Login> {
        self.ledger.logins.get(position as usize)
    }

    /// The origin of a login.
    #[must_use]
    pub fn origin(&self, position: u32) -> Option<&Origin> {
        self.origins.get(position as usize)
    }
}

/// The shift that puts Vault's clock on GitLab's, as learned from the first login of each job that a
/// signed claim names for certain, and the least that would; none where too few do.
fn clocks<'l>(
    named: impl Iterator<Item = (&'l Login, Candidates)>,
    directory: &Directory,
) -> Option<(i64, i64)> {
    let mut first: BTreeMap<u32, (i64, i64, i64)> = BTreeMap::new();
    for (login, found) in named.filter(|(_, found)| found.key == Key::K1) {
        let Some((number, (started, finished))) = found
            .only()
            .and_then(|number| Some((number, lived(number, directory)?)))
        else {
            continue;
        };
        let times = (login.at.0, started, finished);
        // A token that is used again later says nothing of clocks.
        let known = first.entry(number).or_insert(times);
        *known = times.min(*known);
    }
    let certain: Vec<(i64, i64, i64)> = first.into_values().collect();
    (certain.len() >= SEVERAL).then(|| {
        let shift = smallest_shift(&certain);
        (shift, least_shift(&certain, shift))
    })
}

/// The logins that handed each credential out. A second one of the same holder tells nothing new, and
/// whoever repeats a login under another id hides no request by it: the first one stands.
fn by_credential(ledger: &mut Ledger) -> HashMap<Sym, Vec<u32>> {
    // All that names one credential was linked by now.
    ledger.handles.shorten();
    let mut by_credential: HashMap<Sym, Vec<u32>> = HashMap::new();
    let mut order: Vec<usize> = (0..ledger.logins.len()).collect();
    order.sort_by_key(|&position| ledger.logins.get(position).map(|login| login.at));
    for position in order {
        let handle = ledger.issued(position);
        if handle == NONE {
            continue;
        }
        let known = by_credential.entry(handle).or_default();
        let repeats = known
            .iter()
            .any(|&first| ledger.of_one_holder(first as usize, position));
        if !repeats {
            known.push(u32::try_from(position).unwrap_or(u32::MAX));
        }
    }
    by_credential
}

fn parents(ledger: &Ledger, by_credential: &HashMap<Sym, Vec<u32>>) -> Vec<Option<u32>> {
    let callers: Vec<(bool, u32, Sym, Sym)> = ledger
        .logins
        .iter()
        .map(|login| {
            (
                login.child,
                login.op,
                login.caller_accessor,
                login.caller_token,
            )
        })
        .collect();
    callers
        .into_iter()
        .map(|(child, op, accessor, token)| {
            if !child {
                return None;
            }
            let handle = ledger.handle(op, accessor, token);
            by_credential.get(&handle).and_then(|logins| only(logins))
        })
        .collect()
}

fn only(logins: &[u32]) -> Option<u32> {
    match logins {
        [one] => Some(*one),
        _ => None,
    }
}

fn sessions(ledger: &Ledger, by_credential: &HashMap<Sym, Vec<u32>>) -> Vec<u32> {
    let by_bearer = by_bearer(ledger);
    let count = u32::try_from(ledger.ops.len()).unwrap_or(u32::MAX);
    (0..count)
        .map(|op| {
            // The answer to a login names the new token as its caller; no token made a login.
            let kind = ledger.ops.get(op as usize).map(|op| op.kind);
            if kind == Some(EventKind::Login) {
                return 0;
            }
            let handle = ledger.caller(op);
            if let Some(login) = by_credential.get(&handle).and_then(|logins| only(logins)) {
                return login + 1;
            }
            bearer(ledger, op, &by_bearer).map_or(0, |login| (login + 1) | BY_K3)
        })
        .collect()
}

/// Logins of tokens without accessor, by entity and display name, in order of their time.
type ByBearer = HashMap<(Sym, Sym), Vec<(i64, u32)>>;

fn by_bearer(ledger: &Ledger) -> ByBearer {
    let mut logins: Vec<(i64, u32)> = ledger
        .logins
        .iter()
        .zip(0u32..)
        .filter(|(login, _)| login.accessor == NONE && login.display_name != NONE)
        .map(|(login, position)| (login.at.0, position))
        .collect();
    logins.sort_unstable();
    let mut by_bearer = ByBearer::new();
    for (at, position) in logins {
        if let Some(login) = ledger.logins.get(position as usize) {
            by_bearer
                .entry((login.entity, login.display_name))
                .or_default()
                .push((at, position));
        }
    }
    by_bearer
}

/// K3: entity, display name and issue time name exactly one login. Issue times are logged in whole
/// seconds, the login a moment later.
fn bearer(ledger: &Ledger, op: u32, by_bearer: &ByBearer) -> Option<u32> {
    let bearer = ledger.bearers.get(&op)?;
    let entity = ledger.ops.get(op as usize)?.principal;
    let issued_at = bearer.issued_at.0;
    let logins = by_bearer.get(&(entity, bearer.display_name))?;
    // One entity may hold most logins of a run: look at the second in question only.
    let from = logins.partition_point(|(at, _)| *at < issued_at);
    let mut near = logins
        .iter()
        .skip(from)
        .take_while(|(at, _)| *at < issued_at + 1_500_000);
    let (_, login) = near.next()?;
    near.next().is_none().then_some(*login)
}
