//! What stays in memory of CloudTrail: the calls that hand out a key, each key's first use, and
//! when calls of STS were logged at all.

use std::collections::{BTreeMap, BTreeSet};

use hashbrown::HashMap;

use crate::model::{Outcome, Place, Timestamp};
use crate::table::row::half::{Field, Half, Mapped};
use crate::table::row::{Map, NONE, Sym, Symbols, Translated};

/// A successful call that handed out an access key, of a session or of a user.
#[derive(Clone, Copy, Debug)]
pub struct AwsIssue {
    /// When.
    pub at: Timestamp,
    /// Where it was read.
    pub place: Place,
    /// Name of the call.
    pub operation: Sym,
    /// The key handed out.
    pub key: Sym,
    /// The key that asked for it.
    pub caller_key: Sym,
    /// The role assumed, or the user.
    pub object: Sym,
    /// Name of the session.
    pub name: Sym,
    /// Where it came from.
    pub address: Sym,
    /// Subject, provider, end, source identity and tags.
    pub metadata: Map,
}

/// A key in use.
#[derive(Clone, Copy, Debug)]
pub struct AwsUser {
    /// When it was used first.
    pub at: Timestamp,
    /// Where that was read.
    pub place: Place,
    /// Who used it.
    pub principal: Sym,
    /// ARN of who used it: a session's ends with its name.
    pub arn: Sym,
    /// When the session began.
    pub begun_at: Option<Timestamp>,
    /// Source identity, region, account.
    pub metadata: Map,
}

/// What CloudTrail says of keys.
#[derive(Debug, Default)]
pub struct AwsLedger {
    /// Calls that handed out a key.
    pub issues: Vec<AwsIssue>,
    /// First use of each key.
    pub users: HashMap<Sym, AwsUser>,
    /// Uses of a key by others than its first user, by key and user: a key has one user, and of two
    /// records that name several each may be the forged one.
    pub other_users: BTreeMap<(Sym, Sym), AwsUser>,
    /// Hours in which a region of an account logged a call of STS: account, region, hour.
    pub sts_hours: BTreeSet<(Sym, Sym, Timestamp)>,
}

impl AwsLedger {
    /// Takes one call.
    pub(super) fn record(&mut self, half: &Half, said: &mut Translated<'_>, symbols: &mut Symbols) {
        let mut get = |field| said.text(field, symbols);
        let (key, issued) = (get(Field::KeyName), get(Field::TargetAccount));
        let [
            operation,
            object,
            name,
            address,
            principal,
            arn,
            service,
            account,
        ] = [
            Field::Operation,
            Field::Object,
            Field::DisplayName,
            Field::RemoteAddress,
            Field::Principal,
            Field::EntityId,
            Field::Service,
            Field::Project,
        ]
        .map(get);
        let metadata = said.map(Mapped::Metadata, symbols);
        if symbols.get(service) == "sts.amazonaws.com" {
            let region = symbols.value(metadata, "region").to_owned();
            let region = symbols.add(&region);
            self.sts_hours.insert((account, region, half.at.hour()));
        }
        if issued != NONE && half.outcome == Outcome::Allowed {
            self.issues.push(AwsIssue {
                at: half.at,
                place: half.place,
                operation,
                key: issued,
                caller_key: key,
                object,
                name,
                address,
                metadata,
            });
        }
        if key != NONE {
            let user = AwsUser {
                at: half.at,
                place: half.place,
                principal,
                arn,
                begun_at: half.token_issued_at,
                metadata,
            };
            self.used(key, user);
        }
    }

    /// Keeps who used a key first, and who else did.
    fn used(&mut self, key: Sym, user: AwsUser) {
        let first = self.users.entry(key).or_insert(user);
        let other = if (user.at, user.place) < (first.at, first.place) {
            std::mem::replace(first, user)
        } else {
            user
        };
        if other.principal != first.principal {
            let known = (key, other.principal);
            self.other_users.entry(known).or_insert(other);
        }
    }
}
