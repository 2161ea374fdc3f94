//! Connections of the proxy, roles of AWS and meshes that logs are about, and that an export of them
//! should hold. Only what was let through proves a name.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Attribute, Hole, Outcome, System, listed};
use crate::table::row::Symbols;
use crate::table::row::half::{Field, Half};

/// A kind of thing that a log is about.
#[derive(Debug)]
struct Used {
    system: System,
    /// How the ids of such things begin.
    scheme: &'static str,
    kind: &'static str,
    /// What is missing where one is not exported, and what it is called.
    of: &'static str,
    words: &'static str,
}

const ALL: [Used; 3] = [
    Used {
        system: System::Hoop,
        scheme: "hoop:connection/",
        kind: "hoop-connection",
        of: "hoop-config",
        words: "sessions of the proxy are on connections that were not exported",
    },
    Used {
        system: System::Aws,
        scheme: "aws:role/",
        kind: "aws-role",
        of: "aws-role",
        words: "roles of AWS were assumed that were not exported",
    },
    Used {
        system: System::Mesh,
        scheme: "mesh:service/",
        kind: "mesh",
        of: "mesh-config",
        words: "calls were made in meshes that were not exported",
    },
];

/// Calls of AWS by which a role is taken.
const ASSUMED: &str = "AssumeRole";

/// What logs are about.
#[derive(Debug, Default)]
pub(in crate::estate) struct InUse {
    names: BTreeMap<&'static str, BTreeSet<String>>,
}

impl InUse {
    /// Keeps what a record is about.
    pub(in crate::estate) fn record(&mut self, half: &Half, symbols: &Symbols) {
        let Some(used) = ALL.iter().find(|used| used.system == half.system) else {
            return;
        };
        let text = |field| symbols.get(half.sym(field));
        let object = text(Field::Object);
        let assumes = half.system != System::Aws || text(Field::Operation).starts_with(ASSUMED);
        if half.outcome != Outcome::Allowed || !assumes || !object.starts_with(used.scheme) {
            return;
        }
        let thing = thing(object);
        let names = self.names.entry(used.kind).or_default();
        if !names.contains(&thing) {
            names.insert(thing);
        }
    }

    /// A hole for each kind of which some are in use and not exported; nothing where none of the
    /// kind, or none of the account, was exported at all.
    pub(in crate::estate) fn holes(&self, attributes: &[Attribute]) -> Vec<Hole> {
        let holes = ALL.iter().filter_map(|used| {
            let of_kind = attributes.iter().filter(|it| it.kind == used.kind);
            let exported: BTreeSet<&str> = of_kind.map(|it| it.object.as_str()).collect();
            let known: BTreeSet<&str> = exported.iter().map(|id| whose(used, id)).collect();
            let missing =
                self.names.get(used.kind)?.iter().filter(|id| {
                    known.contains(whose(used, id)) && !exported.contains(id.as_str())
                });
            let missing: BTreeSet<&String> = missing.collect();
            let words = || format!("{}: {}", used.words, listed(&missing));
            (!missing.is_empty()).then(|| Hole::somewhere(used.of, words()))
        });
        holes.collect()
    }
}

/// The thing that is exported: a mesh, of one of its services.
fn thing(object: &str) -> String {
    let Some(service) = object.strip_prefix("mesh:service/") else {
        return object.to_owned();
    };
    let mesh = service.split('/').next().unwrap_or(service);
    format!("mesh:mesh/{mesh}")
}

/// Whose export holds a thing: that of its account for roles, the only one for the rest.
fn whose<'i>(used: &Used, id: &'i str) -> &'i str {
    let account = id
        .strip_prefix("aws:role/")
        .filter(|_| used.system == System::Aws);
    account.map_or("", |role| role.split('/').next().unwrap_or(role))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Event, EventKind, Part, Place, Text, Timestamp};

    fn said(
        calls: &[(System, &'static str, &'static str)],
        exported: &[(&'static str, &str)],
    ) -> Vec<(String, String)> {
        let mut symbols = Symbols::new();
        let mut used = InUse::default();
        let place = Place::of_line(1);
        for (system, operation, object) in calls {
            let (id, at) = (Text::Borrowed("id"), Timestamp(1));
            let mut event = Event::new(*system, EventKind::CloudTrail, id, place, at);
            event.part = Part::Whole;
            event.outcome = Outcome::Allowed;
            event.operation = Text::Borrowed(operation);
            event.object = Text::Borrowed(object);
            used.record(&Half::new(&event, &mut symbols), &symbols);
        }
        let attributes = exported.iter().map(|(kind, object)| Attribute {
            kind,
            object: (*object).to_owned(),
            name: "name".to_owned(),
            value: "x".to_owned(),
            valid_from: None,
            place,
        });
        let holes = used.holes(&attributes.collect::<Vec<_>>()).into_iter();
        holes.map(|hole| (hole.of, hole.words)).collect()
    }

    #[test]
    fn what_a_log_is_about_and_no_export_holds_is_missing() {
        let session = [(System::Hoop, "exec", "hoop:connection/ledger")];
        let notes = ("hoop-connection", "hoop:connection/notes");
        let [(of, words)] = &said(&session, &[notes])[..] else {
            panic!("no hole");
        };
        assert_eq!(of, "hoop-config");
        assert!(words.ends_with(": hoop:connection/ledger"), "{words}");
        let ledger = ("hoop-connection", "hoop:connection/ledger");
        assert_eq!(said(&session, &[notes, ledger]), []);
        assert_eq!(said(&session, &[]), [], "none was exported at all");
        let call = [(System::Mesh, "GET", "mesh:service/dev/orders")];
        assert_eq!(said(&call, &[("mesh", "mesh:mesh/prod")]).len(), 1);
        assert_eq!(said(&call, &[("mesh", "mesh:mesh/dev")]), []);
    }

    #[test]
    fn a_role_of_another_account_and_one_that_is_only_read_are_not_asked_for() {
        let own = [("aws-role", "aws:role/1/ci")];
        let assumed = |object| [(System::Aws, "AssumeRole", object)];
        assert_eq!(said(&assumed("aws:role/1/deploy"), &own).len(), 1);
        assert_eq!(said(&assumed("aws:role/1/ci"), &own), []);
        assert_eq!(said(&assumed("aws:role/2/deploy"), &own), []);
        let read = [(System::Aws, "GetRole", "aws:role/1/gone")];
        assert_eq!(said(&read, &own), []);
    }
}
