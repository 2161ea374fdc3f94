//! Whether the permissions of a mesh, as they are stated, let one service call another.
//!
//! The rule of Kuma in both schemas, decided for certain or not at all: what rests on an identity
//! that no export tells (a service account), or on the order in which an allow and a deny of the
//! older schema are merged, is left undecided.

use super::{WHOLE, includes, is_tried_only, within};
use crate::posture::{Posture, Thing};

/// What the permissions say of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Permitted {
    /// They let it through.
    Yes,
    /// They do not; says why, in words.
    No(&'static str),
    /// They cannot be asked; says why.
    Unknown(String),
}

/// Why a call that goes through is none that is allowed.
const DENIED: &str = "a permission denies it";
const SHADOWED: &str = "a permission lets it through on trial (shadow deny)";
/// Rests on every permission being there: one lost file would explain it.
pub(super) const NOTHING: &str = "suspected: none of the permissions supplied allows it";

/// Decides for services of `mesh` by their names.
pub(super) fn permitted(input: &Posture<'_>, mesh: &str, from: &str, to: &str) -> Permitted {
    let policies = within(input, "mesh-permission", mesh);
    let policies: Vec<Thing<'_>> = policies.into_iter().filter(|p| !is_tried_only(p)).collect();
    if policies.is_empty() {
        return Permitted::Unknown(format!(
            "no traffic permissions of mesh {mesh} were supplied"
        ));
    }
    let dataplanes = within(input, "mesh-dataplane", mesh);
    let of = |service: &str| {
        let has = |dataplane: &&Thing<'_>| dataplane.values("service").any(|it| it == service);
        dataplanes.iter().filter(has).copied().collect::<Vec<_>>()
    };
    let (callers, called) = (of(from), of(to));
    if called.is_empty()
        && policies
            .iter()
            .any(|policy| policy.value("target") != Some(WHOLE))
    {
        return Permitted::Unknown(format!("no dataplane of {to} in mesh {mesh} was supplied"));
    }
    let caller = Caller {
        mesh,
        service: from,
        dataplanes: &callers,
    };
    if called.is_empty() {
        return of_policies(&policies, &caller);
    }
    // Its instances may be of several versions: one that may be called is enough.
    let mut said = called.iter().map(|dataplane| {
        let about = policies.iter().filter(|policy| includes(policy, dataplane));
        of_policies(&about.copied().collect::<Vec<_>>(), &caller)
    });
    let first = said.next().unwrap_or(Permitted::No(NOTHING));
    said.fold(first, |worst, next| match (worst, next) {
        (Permitted::Yes, _) | (_, Permitted::Yes) => Permitted::Yes,
        (Permitted::No(_), unknown @ Permitted::Unknown(_)) => unknown,
        (worst, _) => worst,
    })
}

fn of_policies(policies: &[Thing<'_>], caller: &Caller<'_>) -> Permitted {
    let asked = |action: &str| {
        let whose = policies.iter().flat_map(|policy| policy.values(action));
        whose.map(|who| caller.is(who)).max().unwrap_or(Is::Not)
    };
    let (deny, shadow, allow) = (asked("deny"), asked("shadow-deny"), asked("allow"));
    // In the newer schema a deny beats an allow; in the older one the more specific, or the later.
    let newer = policies.iter().all(|policy| {
        let callers = ["deny", "shadow-deny", "allow"];
        let mut callers = callers.iter().flat_map(|action| policy.values(action));
        callers.all(|who| who.starts_with("Exact ") || who.starts_with("Prefix "))
    });
    match (deny, shadow, allow) {
        (Is::Not, Is::Not, Is::It) => Permitted::Yes,
        (Is::Not, Is::Not, Is::Not) => Permitted::No(NOTHING),
        (Is::It, Is::Not, Is::Not) => Permitted::No(DENIED),
        (Is::Not, Is::It, Is::Not) => Permitted::No(SHADOWED),
        (Is::It, ..) if newer => Permitted::No(DENIED),
        (Is::Not, Is::It, _) if newer => Permitted::No(SHADOWED),
        _ => Permitted::Unknown(format!(
            "which permission decides for {} in mesh {} is not told by the exports",
            caller.service, caller.mesh
        )),
    }
}

/// Who calls.
struct Caller<'c> {
    mesh: &'c str,
    service: &'c str,
    dataplanes: &'c [Thing<'c>],
}

/// Whether a caller is one that a permission names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Is {
    Not,
    Perhaps,
    It,
}

impl Caller<'_> {
    fn is(&self, who: &str) -> Is {
        if who == WHOLE || who == "any caller by SNI" {
            return Is::It;
        }
        let by_id = who.strip_prefix("Exact ").map(|id| (id, true));
        if let Some((id, exact)) = by_id.or(who.strip_prefix("Prefix ").map(|id| (id, false))) {
            return self.has_id(id, exact);
        }
        let (kind, rest) = who.split_once(' ').unwrap_or((who, ""));
        match kind {
            "MeshService" if !rest.contains('=') => self.is_named(rest),
            "MeshServiceSubset" => match rest.split_once(' ') {
                Some((name, tags)) => self.is_named(name).min(self.has(tags)),
                None => self.is_named(rest),
            },
            "MeshSubset" | "MeshService" | "Dataplane" | "MeshGateway" if rest.contains('=') => {
                self.has(rest.split_once(' ').map_or(rest, |(_, tags)| tags))
            }
            _ if who.contains('=') => self.has(who),
            _ => Is::Perhaps,
        }
    }

    /// By the SPIFFE id: of the older schema the service, of the newer the workload; the namespace
    /// and service account of a pod stand in no export.
    fn has_id(&self, id: &str, exact: bool) -> Is {
        let own = format!("spiffe://{}/{}", self.mesh, self.service);
        let fits = |own: &str| {
            if exact {
                own == id
            } else {
                own.starts_with(id)
            }
        };
        let (domain, path) = id
            .strip_prefix("spiffe://")
            .and_then(|rest| rest.split_once('/'))
            .unwrap_or((id, ""));
        if fits(&own) || (!exact && own.starts_with(id)) {
            return Is::It;
        }
        if domain == self.mesh {
            return Is::Not;
        }
        match path.strip_prefix("workload/") {
            Some(workload) if exact && workload == self.service => Is::It,
            Some(workload) if !exact && self.service.starts_with(workload) => Is::It,
            Some(_) => Is::Not,
            None => Is::Perhaps,
        }
    }

    fn is_named(&self, name: &str) -> Is {
        if name == self.service || name == WHOLE {
            Is::It
        } else if self.service.starts_with(&format!("{name}_")) {
            // `web_shop_svc_80` is the service `web` of the namespace `shop`.
            Is::Perhaps
        } else {
            Is::Not
        }
    }

    /// Whether it has every one of `key=value,key=value`, by any of its dataplanes.
    fn has(&self, tags: &str) -> Is {
        let pairs = tags.split(',').filter_map(|pair| pair.split_once('='));
        let pairs: Vec<(&str, &str)> = pairs.filter(|(_, value)| *value != "*").collect();
        let own = |(key, value): &(&str, &str)| *key != "kuma.io/service" || *value == self.service;
        if !pairs.iter().all(own) {
            return Is::Not;
        }
        let others = pairs.iter().filter(|(key, _)| *key != "kuma.io/service");
        let others: Vec<&(&str, &str)> = others.collect();
        if others.is_empty() {
            return Is::It;
        }
        if self.dataplanes.is_empty() {
            return Is::Perhaps;
        }
        let fits = |dataplane: &Thing<'_>| {
            others.iter().all(|(key, value)| {
                let of = |prefix: &str| {
                    dataplane
                        .values(&format!("{prefix}{key}"))
                        .any(|v| v == *value)
                };
                of("tag.") || of("label.")
            })
        };
        match self.dataplanes.iter().any(fits) {
            true => Is::It,
            false => Is::Not,
        }
    }
}
