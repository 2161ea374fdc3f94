//! Things that two records of the exports state, attribute by attribute.

use std::collections::{BTreeMap, BTreeSet};

use super::Pair;
use super::server::Servers;
use crate::identity::Directory;
use crate::model::{Attribute, Doubt, FileId, Grant, Place, is_taken_out};

/// Kinds that are compared, by how their names begin; a server states each once.
const KINDS: [&str; 15] = [
    "audit-config",
    "aws-",
    "gcp-",
    "gitlab-project",
    "gitlab-token",
    "gitlab-user",
    "hoop-",
    "iam-policy",
    "kms-key",
    "mesh-permission",
    "protected-branch",
    "protected-environment",
    "protected-tag",
    "run-service",
    "vault-",
];
/// Kinds of which a record says all: what it leaves out is not there.
const SAY_ALL: [&str; 5] = [
    "vault-auth-config",
    "vault-entity",
    "vault-gcp-account",
    "vault-group",
    "vault-role",
];
/// Kinds of which a list of one project holds all.
const LISTS: [&str; 2] = ["protected-branch", "protected-tag"];
/// How many a page of a list may hold that is full.
const FULL: [usize; 3] = [20, 50, 100];
/// Kind of an IAM policy.
const POLICY: &str = "iam-policy";

/// What one record says of a thing.
type Says<'e> = BTreeMap<&'e str, BTreeSet<&'e str>>;

/// The things that two records state differently.
pub(super) fn pairs<'e>(
    directory: &'e Directory,
    grants: &'e [Grant],
    servers: &Servers<'_>,
) -> Vec<Pair<'e>> {
    let all = &directory.attributes;
    let same = |one: &Attribute, other: &Attribute| {
        (one.kind, one.object.as_str()) == (other.kind, other.object.as_str())
    };
    let objects = all.chunk_by(same);
    let compared = objects.filter(|own| own.first().is_some_and(is_compared));
    let mut found: Vec<Pair<'e>> = compared.filter_map(|own| pair(own, servers)).collect();
    for kind in LISTS {
        found.extend(lists(kind, directory, servers));
    }
    found.extend(claimed(directory, servers));
    found.extend(granted(directory, grants, servers));
    found
}

fn is_compared(said: &Attribute) -> bool {
    KINDS.iter().any(|kind| said.kind.starts_with(kind))
}

/// Two statements of one object that differ.
fn pair<'e>(own: &'e [Attribute], servers: &Servers<'_>) -> Option<Pair<'e>> {
    let first = own.first()?;
    let place = |said: &Attribute| (said.place.file, said.place.byte);
    if own.iter().all(|said| place(said) == place(first)) {
        return None;
    }
    let mut statements: BTreeMap<(FileId, u64), (Place, Says<'e>)> = BTreeMap::new();
    for said in own {
        if servers.is_code(said.place.file) {
            continue;
        }
        let of = statements.entry(place(said));
        let (_, says) = of.or_insert_with(|| (said.place, Says::new()));
        if is_lasting(&said.name) && !is_taken_out(&said.value) {
            says.entry(&said.name).or_default().insert(&said.value);
        }
    }
    let statements: Vec<(Place, Says<'e>)> = statements.into_values().collect();
    let kind = first.kind;
    let differ = |one: &Says<'_>, other: &Says<'_>| !names(kind, one, other).is_empty();
    let places = servers.unlike(kind, &statements, differ)?;
    let says = |place: &Place| statements.iter().find(|(own, _)| own == place);
    let [one, other] = [says(&places[0])?, says(&places[1])?];
    let (one, other) = (&one.1, &other.1);
    let lacks = says_no_more(kind, one, other) || says_no_more(kind, other, one);
    Some(Pair {
        kind,
        object: first.object.clone(),
        places,
        names: names(kind, one, other),
        doubt: lacks.then_some(Doubt::Lost),
    })
}

/// Whether an attribute says the same as long as nobody changes the thing.
fn is_lasting(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or(name);
    let passing = ["etag", "generation", "path_history", "version"];
    !last.starts_with("last_") && !last.contains("update") && !passing.contains(&last)
}

/// Whether all that a statement says another says too: it may have lost the rest.
fn says_no_more(kind: &str, one: &Says<'_>, other: &Says<'_>) -> bool {
    one.iter().all(|(name, values)| match other.get(name) {
        Some(beside) => values.is_subset(beside),
        None => !SAY_ALL.contains(&kind),
    })
}

/// The attributes in which two statements differ.
fn names(kind: &str, one: &Says<'_>, other: &Says<'_>) -> Vec<String> {
    let both = one.iter().filter(|(name, values)| {
        let beside = other.get(*name);
        beside.is_some_and(|beside| beside != *values)
    });
    let mut names: Vec<String> = both.map(|(name, _)| (*name).to_owned()).collect();
    if SAY_ALL.contains(&kind) {
        let lacks = |own: &Says<'_>, beside: &Says<'_>| {
            let alone = own.keys().filter(|name| !beside.contains_key(*name));
            alone.map(|name| (*name).to_owned()).collect::<Vec<_>>()
        };
        names.extend(lacks(one, other));
        names.extend(lacks(other, one));
    }
    names
}

/// Projects that are given the path of another: of each the record that says so beside the first.
fn claimed<'e>(directory: &'e Directory, servers: &Servers<'_>) -> Vec<Pair<'e>> {
    let (kind, name) = ("gitlab-project", "path_with_namespace");
    let mut paths: BTreeMap<String, Vec<&Attribute>> = BTreeMap::new();
    for said in directory.of_kind(kind).filter(|said| said.name == name) {
        let of = paths.entry(said.value.to_lowercase()).or_default();
        of.push(said);
    }
    let of_two = paths.into_values().filter_map(|claims| {
        let own = claims.iter().map(|said| (said.place, said.object.as_str()));
        let own: Vec<(Place, &str)> = own.collect();
        let places = servers.unlike(kind, &own, |one, other| one != other)?;
        let second = claims.iter().find(|said| said.place == places[1])?;
        Some(Pair {
            kind,
            object: second.object.clone(),
            places,
            names: vec![name.to_owned()],
            doubt: None,
        })
    });
    of_two.collect()
}

/// Lists of one project that hold different things and are no pages of one.
fn lists<'e>(kind: &'static str, directory: &'e Directory, servers: &Servers<'_>) -> Vec<Pair<'e>> {
    let mut projects: BTreeMap<&str, BTreeMap<FileId, (Place, BTreeSet<&str>)>> = BTreeMap::new();
    for said in directory.of_kind(kind) {
        if said.name != "project" || servers.is_code(said.place.file) {
            continue;
        }
        let files = projects.entry(&said.value).or_default();
        let of = files.entry(said.place.file);
        let (place, own) = of.or_insert_with(|| (said.place, BTreeSet::new()));
        *place = (*place).min(said.place);
        own.insert(&said.object);
    }
    let mut found = Vec::new();
    for (project, files) in projects {
        let lists: Vec<(Place, BTreeSet<&str>)> = files.into_values().collect();
        let full = |own: &BTreeSet<&str>| FULL.contains(&own.len());
        if lists.iter().filter(|(_, own)| !full(own)).count() < 2 {
            continue;
        }
        let differ = |one: &BTreeSet<&str>, other: &BTreeSet<&str>| one != other;
        let places = servers.unlike(kind, &lists, differ);
        found.extend(places.map(|places| Pair {
            kind,
            object: project.to_owned(),
            places,
            names: vec!["list".to_owned()],
            doubt: lacks(&lists, places, BTreeSet::is_subset),
        }));
    }
    found
}

/// That one of two statements may have lost something, where it holds nothing that the other does not.
pub(super) fn lacks<T>(
    statements: &[(Place, T)],
    places: [Place; 2],
    within: impl Fn(&T, &T) -> bool,
) -> Option<Doubt> {
    let of = |place: Place| statements.iter().find(|(own, _)| *own == place);
    let ((_, one), (_, other)) = (of(places[0])?, of(places[1])?);
    (within(one, other) || within(other, one)).then_some(Doubt::Lost)
}

/// What one answer says of an IAM policy: its version, and who holds what under which condition.
#[derive(Default, PartialEq)]
struct Access<'e> {
    etag: &'e str,
    held: BTreeSet<(&'e str, &'e str, &'e str)>,
}

/// IAM policies of one resource that grant different things. Another version may be of another date.
fn granted<'e>(
    directory: &'e Directory,
    grants: &'e [Grant],
    servers: &Servers<'_>,
) -> Vec<Pair<'e>> {
    let mut resources: BTreeMap<&str, BTreeMap<FileId, (Place, Access<'_>)>> = BTreeMap::new();
    for said in directory.of_kind(POLICY) {
        let files = resources.entry(&said.object).or_default();
        let of = files.entry(said.place.file);
        let (_, access) = of.or_insert_with(|| (said.place, Access::default()));
        if said.name == "etag" {
            access.etag = &said.value;
        }
    }
    for grant in grants.iter().filter(|grant| grant.language == "gcp") {
        let files = resources.get_mut(grant.resource.as_str());
        if let Some((_, access)) = files.and_then(|files| files.get_mut(&grant.place.file)) {
            let held = (
                grant.holder.as_str(),
                grant.capability.as_str(),
                grant.condition.as_str(),
            );
            access.held.insert(held);
        }
    }
    let unlike = resources.into_iter().filter_map(|(resource, mut files)| {
        files.retain(|file, _| !servers.is_code(*file));
        let policies: Vec<(Place, Access<'_>)> = files.into_values().collect();
        let differ = |one: &Access<'_>, other: &Access<'_>| one.held != other.held;
        let places = servers.unlike(POLICY, &policies, differ)?;
        let etags = policies.iter().filter(|(place, _)| places.contains(place));
        let etags: BTreeSet<&str> = etags.map(|(_, access)| access.etag).collect();
        let within = |one: &Access<'_>, other: &Access<'_>| one.held.is_subset(&other.held);
        Some(Pair {
            kind: POLICY,
            object: resource.to_owned(),
            places,
            names: vec!["bindings".to_owned()],
            doubt: match etags.len() {
                0 | 1 => lacks(&policies, places, within),
                _ => Some(Doubt::Elsewhere),
            },
        })
    });
    unlike.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says<'e>(all: &[(&'e str, &'e str)]) -> Says<'e> {
        let mut says = Says::new();
        for (name, value) in all {
            says.entry(name).or_default().insert(value);
        }
        says
    }

    #[test]
    fn what_a_record_leaves_out_counts_where_it_says_all() {
        let whole = says(&[("name", "emil"), ("alias.0.name", "emil")]);
        let bare = says(&[("name", "emil")]);
        assert_eq!(names("vault-entity", &whole, &bare), ["alias.0.name"]);
        assert!(names("gitlab-user", &whole, &bare).is_empty());
        let other = says(&[("name", "ada")]);
        assert_eq!(names("gitlab-user", &whole, &other), ["name"]);
    }

    #[test]
    fn a_statement_that_holds_less_may_have_lost_the_rest_and_another_may_not() {
        let whole = says(&[("name", "emil"), ("policies", "a"), ("policies", "b")]);
        let less = says(&[("name", "emil"), ("policies", "a")]);
        let other = says(&[("name", "emil"), ("policies", "c")]);
        for kind in ["vault-role", "gitlab-user"] {
            assert!(says_no_more(kind, &less, &whole), "{kind}");
            assert!(!says_no_more(kind, &whole, &less), "{kind}");
            assert!(
                !says_no_more(kind, &other, &whole) && !says_no_more(kind, &whole, &other),
                "{kind}"
            );
        }
        let more = says(&[("name", "emil"), ("policies", "a"), ("ttl", "3600")]);
        assert!(!says_no_more("vault-role", &more, &whole));
        let lists = [(Place::of_line(1), [1, 2]), (Place::of_line(2), [1, 3])];
        let places = [lists[0].0, lists[1].0];
        assert_eq!(
            lacks(&lists, places, |one, other| one < other),
            Some(Doubt::Lost)
        );
        assert_eq!(lacks(&lists, places, |_, _| false), None);
    }

    #[test]
    fn what_changes_by_itself_is_no_difference() {
        for name in [
            "last_activity_on",
            "etag",
            "alias.0.last_update_time",
            "path_history",
        ] {
            assert!(!is_lasting(name), "{name}");
        }
        assert!(is_lasting("visibility") && is_lasting("token_policies"));
    }
}
