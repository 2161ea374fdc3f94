//! What Google's Data Access log shows of secrets and keys, and what exported policies say of it.
//!
//! Auditing of data access is switched on service by service, so a log that holds records of one
//! service says nothing of another. And a read that was allowed was allowed by some policy: where
//! no exported one lets the reader, one was not exported.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::listed;
use crate::model::{Attribute, EventKind, Grant, Hole, Outcome, Period, System, Timestamp};
use crate::table::row::Symbols;
use crate::table::row::half::{Field, Half};

/// The services whose log rules look at, and how the roles begin that let their data be read.
const SERVICES: [(&str, &str); 4] = [
    ("cloudkms", "roles/cloudkms."),
    ("iamcredentials", "roles/iam.serviceAccountTokenCreator"),
    ("secretmanager", "roles/secretmanager."),
    ("storage", "roles/storage."),
];
/// The services whose things have grants of their own, and few enough readers to remember.
const READ: [&str; 2] = ["cloudkms", "secretmanager"];
/// Microseconds of an hour.
const HOUR: i64 = 3_600_000_000;
/// Hours that the log of a service that is used now and then may be silent: a week of holidays is
/// shorter by its weekend.
const QUIET: i64 = 5 * 24;
/// Records of a service from which its usual can be told, and how many times that is unusual.
const ENOUGH: u64 = 10;
const TIMES: i64 = 10;
/// Roles that reach every service.
const BASIC: [&str; 2] = ["roles/owner", "roles/editor"];

/// What the Data Access log shows.
#[derive(Debug, Default)]
pub(in crate::estate) struct Access {
    /// The services that it holds records of, with the hours in which it does and how many.
    services: BTreeMap<String, BTreeMap<i64, u64>>,
    /// Who read what of which service.
    reads: BTreeSet<(String, String, String)>,
}

impl Access {
    /// Keeps what a record shows.
    pub(in crate::estate) fn record(&mut self, half: &Half, symbols: &Symbols) {
        if half.system != System::Gcp || half.kind != EventKind::DataAccess {
            return;
        }
        let text = |field| symbols.get(half.sym(field));
        let Some(service) = text(Field::Service).strip_suffix(".googleapis.com") else {
            return;
        };
        let hours = match self.services.get_mut(service) {
            Some(hours) => hours,
            None => self.services.entry(service.to_owned()).or_default(),
        };
        *hours.entry(half.at.0.div_euclid(HOUR)).or_default() += 1;
        let (reader, object) = (text(Field::Principal), text(Field::Object));
        let object = object.split("/versions/").next().unwrap_or(object);
        let object = object.split("/cryptoKeyVersions/").next().unwrap_or(object);
        if half.outcome != Outcome::Allowed || !READ.contains(&service) || !is_plain(reader) {
            return;
        }
        let read = (service.to_owned(), reader.to_owned(), object.to_owned());
        if !self.reads.contains(&read) {
            self.reads.insert(read);
        }
    }

    /// The logs by service that were supplied, as rules name them: those with a record, and, beside
    /// them, where the exported policies are `whole`, those that they switch on and whose data they let
    /// nobody read. Where no service has a record, nothing says that any log was supplied.
    pub(in crate::estate) fn logs(
        &self,
        attributes: &[Attribute],
        grants: &[Grant],
        whole: bool,
    ) -> BTreeSet<String> {
        let is_on = |service: &str| {
            let mut configs = attributes.iter().filter(|it| it.kind == "audit-config");
            configs.any(|it| {
                let of = it.name.strip_suffix(".DATA_READ");
                let own = of.and_then(|of| of.strip_suffix(".googleapis.com"));
                it.value == "enabled" && (own == Some(service) || of == Some("allServices"))
            })
        };
        let whole = whole && !self.services.is_empty();
        let is_granted = |role: &str| grants.iter().any(|it| it.capability.starts_with(role));
        let there = SERVICES.iter().filter(|(service, role)| {
            self.services.contains_key(*service) || (whole && is_on(service) && !is_granted(role))
        });
        there
            .map(|(service, _)| format!("gcp-audit/data-access/{service}"))
            .collect()
    }

    /// The stretches of a period in which the log of a service says nothing, much longer than it is
    /// used to: what is logged service by service ends, and is exported, service by service.
    pub(in crate::estate) fn pauses(&self, period: Period) -> Vec<Hole> {
        let (from, to) = (period.from.0.div_euclid(HOUR), period.to.0.div_euclid(HOUR));
        let mut holes = Vec::new();
        for (service, _) in SERVICES {
            let Some(hours) = self.services.get(service) else {
                continue;
            };
            let records: u64 = hours.values().sum();
            let ends = hours.first_key_value().zip(hours.last_key_value());
            let Some(((first, _), (last, _))) = ends.filter(|_| records >= ENOUGH) else {
                continue;
            };
            let mean = (last - first) / i64::try_from(records).unwrap_or(i64::MAX);
            let most = QUIET.max(TIMES * mean);
            let starts = std::iter::once(from).chain(hours.keys().copied());
            let ends = hours.keys().copied().chain([to]);
            let long = starts.zip(ends).map(|(a, b)| (a.max(from), b.min(to)));
            holes.extend(long.filter(|(a, b)| b - a >= most).map(|(a, b)| {
                let (from, to) = (Timestamp(a * HOUR), Timestamp(b * HOUR));
                let words = format!(
                    "Google's Data Access log says nothing of {service} from {from} to {to}"
                );
                let of = format!("gcp-audit/data-access/{service}");
                Hole::spanning(of, Period { from, to }, words)
            }));
        }
        holes
    }

    /// The hole of reads that no exported policy allows, of things that none is about; none where no
    /// policy was exported at all. What a policy is about is judged by it.
    /// `moved` are those whose grants were changed while the log was written.
    pub(in crate::estate) fn hole(
        &self,
        grants: &[Grant],
        numbers: &BTreeMap<String, String>,
        moved: &BTreeSet<String>,
    ) -> Option<Hole> {
        let grants: Vec<(&Grant, String)> = grants
            .iter()
            .filter(|grant| grant.language == "gcp")
            .map(|grant| (grant, by_id(&grant.resource, numbers)))
            .collect();
        if grants.is_empty() {
            return None;
        }
        let unexplained = self.reads.iter().filter(|(service, reader, object)| {
            let object = by_id(object, numbers);
            !moved.contains(reader)
                && !grants.iter().any(|(_, on)| *on == object)
                && !grants
                    .iter()
                    .any(|(grant, on)| lets(grant, on, service, reader, &object))
        });
        let things: BTreeSet<String> = unexplained.map(|(_, _, object)| object.clone()).collect();
        (!things.is_empty()).then(|| {
            let words = format!(
                "Google's Data Access log shows reads that no exported IAM policy allows, of {}",
                listed(&things)
            );
            Hole::somewhere("iam-policy", words)
        })
    }
}

/// Whether a principal is one that policies name, and no agent of Google's own.
fn is_plain(reader: &str) -> bool {
    let single = reader.starts_with("gcp:sa/") || reader.starts_with("gcp:principal/user:");
    let agents = ["@gcp-sa-", "-robot", "@cloudservices."];
    single && !agents.iter().any(|agent| reader.contains(agent))
}

/// A resource with its project by id.
fn by_id(resource: &str, numbers: &BTreeMap<String, String>) -> String {
    let parts = resource.split('/');
    let parts: Vec<&str> = parts
        .map(|part| numbers.get(part).map_or(part, String::as_str))
        .collect();
    parts.join("/")
}

/// Whether a grant on a resource may let a reader read an object. What no export shows, the members
/// of groups and the permissions of custom roles, may.
fn lets(grant: &Grant, on: &str, service: &str, reader: &str, object: &str) -> bool {
    let role = grant.capability.as_str();
    let known = role.starts_with("roles/") && !role.to_lowercase().contains("serviceagent");
    let own = format!("roles/{service}.");
    if known && !BASIC.contains(&role) && !role.starts_with(&own) {
        return false;
    }
    let single = ["gcp:sa/", "gcp:principal/user:", "gcp:principal/principal:"];
    if single.iter().any(|kind| grant.holder.starts_with(kind)) && grant.holder != reader {
        return false;
    }
    let Some((_, above)) = on.split_once("cloudresourcemanager.googleapis.com/") else {
        return object == on
            || object
                .strip_prefix(on)
                .is_some_and(|at| at.starts_with('/'));
    };
    // What a folder or an organization holds, no log says.
    !above.starts_with("projects/") || object.contains(&format!("/{above}/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Place;

    const SECRET: &str = "gcp:resource/secretmanager.googleapis.com/projects/p/secrets/db";
    const PROJECT: &str = "gcp:resource/cloudresourcemanager.googleapis.com/projects/p";

    fn grant(holder: &str, role: &str, resource: &str) -> Grant {
        Grant {
            holder: holder.to_owned(),
            resource: resource.to_owned(),
            capability: role.to_owned(),
            condition: String::new(),
            language: "gcp",
            place: Place::of_line(1),
        }
    }

    fn read() -> Access {
        let numbered = SECRET.replace("projects/p", "projects/12");
        let read = ("secretmanager".into(), "gcp:sa/a@p".into(), numbered);
        Access {
            services: BTreeMap::from([("secretmanager".to_owned(), BTreeMap::new())]),
            reads: BTreeSet::from([read]),
        }
    }

    fn is_missing(grants: &[Grant]) -> bool {
        let numbers = BTreeMap::from([("12".to_owned(), "p".to_owned())]);
        read().hole(grants, &numbers, &BTreeSet::new()).is_some()
    }

    #[test]
    fn a_read_that_no_exported_policy_allows_shows_that_one_is_missing() {
        let accessor = "roles/secretmanager.secretAccessor";
        let other = PROJECT.replace("projects/p", "projects/q");
        for grants in [
            grant("gcp:sa/a@p", "roles/browser", PROJECT),
            grant("gcp:principal/group:g@p", "roles/viewer", PROJECT),
            grant("gcp:sa/a@p", accessor, &other),
        ] {
            assert!(is_missing(std::slice::from_ref(&grants)), "{grants:?}");
        }
    }

    #[test]
    fn a_grant_on_the_thing_or_above_it_explains_a_read() {
        let accessor = "roles/secretmanager.secretAccessor";
        let folder = PROJECT.replace("projects/p", "folders/7");
        for grants in [
            grant("gcp:sa/a@p", accessor, SECRET),
            grant("gcp:sa/b@p", accessor, SECRET),
            grant("gcp:sa/a@p", accessor, PROJECT),
            grant("gcp:principal/group:g@p", accessor, PROJECT),
            grant("gcp:sa/a@p", "roles/editor", PROJECT),
            grant("gcp:sa/a@p", "organizations/1/roles/reader", PROJECT),
            grant("gcp:sa/a@p", accessor, &folder),
        ] {
            assert!(!is_missing(std::slice::from_ref(&grants)), "{grants:?}");
        }
        assert!(!is_missing(&[]));
        let moved = BTreeSet::from(["gcp:sa/a@p".to_owned()]);
        let other = [grant("gcp:sa/b@p", accessor, PROJECT)];
        assert_eq!(read().hole(&other, &BTreeMap::new(), &moved), None);
    }

    #[test]
    fn a_service_whose_log_ends_early_or_pauses_long_is_a_hole_of_its_log() {
        let said = |hours: &mut dyn Iterator<Item = i64>| {
            let mut access = read();
            let hours = hours.map(|hour| (hour, 2));
            access
                .services
                .insert("cloudkms".to_owned(), hours.collect());
            let period = Period {
                from: Timestamp(0),
                to: Timestamp(720 * HOUR),
            };
            let spans = access.pauses(period).into_iter().map(|hole| hole.span);
            let spans = spans.map(|span| span.map(|(a, b)| (a.0 / HOUR, b.0 / HOUR)));
            spans.flatten().collect::<Vec<_>>()
        };
        assert_eq!(said(&mut (0..720).step_by(6)), []);
        assert_eq!(said(&mut (0..84).step_by(6)), [(78, 720)]);
        let paused = (0..240).step_by(6).chain((432..720).step_by(6));
        assert_eq!(said(&mut paused.into_iter()), [(234, 432)]);
        // Used at deployments alone, now and then: too seldom to be missed.
        assert_eq!(said(&mut (0..720).step_by(240)), []);
    }

    #[test]
    fn a_service_without_a_record_is_there_only_where_nobody_may_read_and_it_is_logged() {
        let on = |name: &str| Attribute {
            kind: "audit-config",
            object: PROJECT.to_owned(),
            name: name.to_owned(),
            value: "enabled".to_owned(),
            valid_from: None,
            place: Place::of_line(1),
        };
        let kms = grant("gcp:sa/a@p", "roles/cloudkms.cryptoKeyDecrypter", PROJECT);
        let log = "gcp-audit/data-access/cloudkms";
        let has = |attributes: &[Attribute], grants: &[Grant]| {
            let logs = read().logs(attributes, grants, true);
            assert!(logs.contains("gcp-audit/data-access/secretmanager"));
            logs.contains(log)
        };
        assert!(!has(&[], &[]));
        assert!(has(&[on("cloudkms.googleapis.com.DATA_READ")], &[]));
        assert!(has(&[on("allServices.DATA_READ")], &[]));
        assert!(!has(&[on("allServices.DATA_READ")], &[kms]));
        let some = read().logs(&[on("allServices.DATA_READ")], &[], false);
        assert!(!some.contains(log));
        let none = Access::default().logs(&[on("allServices.DATA_READ")], &[], true);
        assert!(none.is_empty(), "{none:?}");
    }
}
