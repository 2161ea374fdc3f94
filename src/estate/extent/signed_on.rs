//! People whom the identity provider let into Vault and whose sign-on its log does not hold: Okta lets
//! nobody in without a word, so where most of them lack one, the log was thinned or cut.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use super::provider::{ASKING, is_of_another};
use crate::identity::{Identity, Scope};
use crate::model::{Hole, Outcome, System, Timestamp};

/// How long a session of the provider lasts at most before it signs somebody on anew, and how far its
/// clock may be off, in microseconds.
const SESSION: i64 = 12 * 3_600 * 1_000_000;
const SKEW: i64 = 5 * 60 * 1_000_000;
/// Logins without a sign-on from which the log may have lost some, and of how many one must be:
/// somebody who came another way is a finding.
const SEVERAL: usize = 2;
const SHARE: usize = 2;
/// What accounts of the identity provider begin with.
const USER: &str = "okta:user/";

/// From when on the log of a sign-on that explains something would be there.
pub(super) fn since(began: Timestamp) -> Timestamp {
    began.plus_micros(SESSION)
}

/// When a sign-on may have been that explains what came at a time.
pub(super) fn before(at: Timestamp) -> RangeInclusive<Timestamp> {
    at.plus_micros(-SESSION)..=at.plus_micros(SKEW)
}

/// Whether so many of some lack their sign-on that the log has lost it.
pub(super) fn are_lost(lacking: usize, judged: usize) -> bool {
    lacking >= SEVERAL && lacking * SHARE >= judged
}

/// A hole of Okta's log, where half of the logins that it would explain have no sign-on before them.
pub(in crate::estate) fn hole(identity: &Identity, declared: &Scope<'_>) -> Option<Hole> {
    let spoken = spoken(identity, declared);
    let began = spoken.values().filter_map(|times| times.first()).min()?;
    let since = since(*began);
    let (mut judged, mut lacking) = (0, 0);
    let (mut others, mut nameable) = (BTreeMap::new(), BTreeMap::new());
    for (login, origin) in identity.ledger.logins.iter().zip(&identity.origins) {
        let text = |sym| identity.ledger.text(sym);
        let asked = !login.child && login.at >= since && ASKING.contains(&text(login.mount_type));
        let person = origin.person.as_ref().filter(|_| asked);
        let Some(person) = person.map(|known| known.person.as_str()) else {
            continue;
        };
        let mount = (text(login.namespace), text(login.mount));
        let ask = || is_of_another(identity, mount.0, mount.1);
        if *others.entry(mount).or_insert_with(ask) {
            continue;
        }
        let own = spoken.get(person);
        let ask = || own.is_some() || identity.idp.would_name(person);
        if !*nameable.entry(person).or_insert_with(ask) {
            continue;
        }
        judged += 1;
        let explains = |times: &BTreeSet<Timestamp>| times.range(before(login.at)).next().is_some();
        lacking += usize::from(!own.is_some_and(explains));
    }
    are_lost(lacking, judged).then(|| {
        let words = format!(
            "{lacking} of {judged} login(s) to Vault through Okta have no sign-on in its log before them"
        );
        Hole::somewhere("okta", words)
    })
}

/// When each person did something by Okta's log.
fn spoken(identity: &Identity, declared: &Scope<'_>) -> BTreeMap<String, BTreeSet<Timestamp>> {
    let mut users: BTreeMap<&str, BTreeSet<Timestamp>> = BTreeMap::new();
    for op in identity.ledger.ops.iter() {
        if op.system == System::Okta && op.outcome == Outcome::Allowed {
            let user = identity.ledger.text(op.principal);
            users.entry(user).or_default().insert(op.at);
        }
    }
    let mut people: BTreeMap<String, BTreeSet<Timestamp>> = BTreeMap::new();
    for (user, times) in users {
        let login = user.strip_prefix(USER);
        let known = login.and_then(|login| identity.idp.person(login, declared));
        let person = known.map_or_else(|| user.to_owned(), |known| known.person);
        people.entry(person).or_default().extend(times);
    }
    people
}
