//! What an export of one Vault server holds and that of another lacks.
//!
//! Exports are of one server where they lie below one folder that holds a list of its mounts or
//! audit devices. Things of two servers may have the same names, so that what is missing of one
//! hides behind the other: what was exported of one is asked of each.

use std::collections::{BTreeMap, BTreeSet};

use super::Minutes;
use crate::estate::server_folder::server_folder;
use crate::identity::{Directory, Identity, Ledger};
use crate::model::listed;
use crate::model::{FileId, Hole, id};
use crate::posture::StatedPolicy;
use crate::rule::in_words;

/// The lists that every server answers with: what holds one is the export of a server.
const LISTS: [&str; 3] = [
    "vault-audit-device",
    "vault-auth-mount",
    "vault-secret-mount",
];
/// What else is asked of each server where it was exported of one.
const KINDS: [&str; 3] = ["vault-auth-config", "vault-policy", "vault-role"];
/// The folders of an export below that of its server.
const BELOW: [&str; 6] = ["auth", "identity", "policies", "policy", "sys", "v1"];

/// What was exported of one server: kinds of things, and the auth mounts that roles lie in.
#[derive(Debug, Default)]
struct Server<'d> {
    kinds: BTreeSet<&'d str>,
    mounts: BTreeSet<&'d str>,
    roles: BTreeSet<&'d str>,
    policies: BTreeSet<&'d str>,
    /// Policies that its roles give.
    given: BTreeSet<&'d str>,
}

/// The folder of the server that a file below it is of, with its final slash.
fn root(file: &str) -> &str {
    server_folder(file, &BELOW)
}

/// The nearest server at or above a folder.
fn nearest<'s>(folder: &str, servers: &BTreeSet<&'s str>) -> Option<&'s str> {
    let above = servers.iter().filter(|server| folder.starts_with(**server));
    above.max_by_key(|server| server.len()).copied()
}

/// The holes that the exports and the logs of several servers show in each other.
pub(in crate::estate) fn holes(
    identity: &Identity,
    policies: &[StatedPolicy],
    minutes: &Minutes,
    files: &[String],
) -> Vec<Hole> {
    let (directory, ledger) = (&identity.directory, &identity.ledger);
    let name = |file: FileId| files.get(file.0 as usize).map_or("", String::as_str);
    let of = |kind: &'static str| directory.of_kind(kind);
    let lists = LISTS.into_iter().flat_map(of);
    let roots: BTreeSet<&str> = lists.map(|it| root(name(it.place.file))).collect();
    let mut servers: BTreeMap<&str, Server<'_>> = BTreeMap::new();
    let stated = LISTS.into_iter().chain(KINDS);
    let stated = stated.flat_map(|kind| of(kind).map(move |it| (kind, it.place.file)));
    let policies = policies.iter().map(|policy| &policy.text);
    let texts = policies.clone().map(|it| ("vault-policy", it.place.file));
    for (kind, file) in stated.chain(texts) {
        if let Some(server) = nearest(root(name(file)), &roots) {
            servers.entry(server).or_default().kinds.insert(kind);
        }
    }
    for role in of("vault-role") {
        let mount = role.object.rsplit_once('/').map(|(mount, _)| mount);
        let server = nearest(root(name(role.place.file)), &roots);
        if let Some((server, mount)) = server.zip(mount) {
            let server = servers.entry(server).or_default();
            server.mounts.insert(mount);
            server.roles.insert(&role.object);
            if role.name == "token_policies" {
                server.given.insert(&role.value);
            }
        }
    }
    for policy in policies {
        if let Some(server) = nearest(root(name(policy.place.file)), &roots) {
            let server = servers.entry(server).or_default();
            server.policies.insert(&policy.name);
        }
    }
    let mut holes = unlike(&servers);
    holes.extend(mounts(directory, &servers, &roots, name));
    holes.extend(logs(minutes, &roots));
    holes.extend(silent(minutes, &roots));
    if servers.len() > 1 {
        holes.extend(used(ledger, &servers, name));
    }
    holes
}

/// The first folder of a path.
fn top(path: &str) -> &str {
    path.split('/').next().unwrap_or_default()
}

/// The folders of servers that no hole of `lacking` ones concerns: the first of their paths, unless
/// one of these lies in it too.
fn apart<'r>(
    roots: impl IntoIterator<Item = &'r str>,
    lacking: &BTreeSet<&str>,
) -> impl Iterator<Item = String> {
    let tops: BTreeSet<&str> = lacking.iter().map(|root| top(root)).collect();
    let folders: BTreeSet<String> = roots
        .into_iter()
        .filter(|root| !root.is_empty() && !lacking.contains(root))
        .map(|root| match tops.contains(top(root)) {
            true => root.to_owned(),
            false => format!("{}/", top(root)),
        })
        .collect();
    folders.into_iter()
}

/// Roles and policies that a server gives and that another of the same name hides: what logins in
/// its log take, and what its roles give, is asked of its own export.
fn used<'d>(
    ledger: &Ledger,
    servers: &BTreeMap<&'d str, Server<'d>>,
    name: impl Fn(FileId) -> &'d str,
) -> Vec<Hole> {
    let mut roles: BTreeSet<String> = BTreeSet::new();
    let mut policies: BTreeSet<String> = BTreeSet::new();
    let mut lacking = [BTreeSet::new(), BTreeSet::new()];
    let [lack_roles, lack_policies] = &mut lacking;
    let mut ask = |root: &'d str, server: &Server<'_>, policy: &str| {
        let known = ["", "default", "root"].contains(&policy) || server.policies.contains(policy);
        if !known && !server.policies.is_empty() {
            policies.insert(format!("{policy} of {root}"));
            lack_policies.insert(root);
        }
    };
    for (&root, server) in servers {
        for policy in &server.given {
            ask(root, server, policy);
        }
    }
    for login in ledger.logins.iter().filter(|login| !login.child) {
        let text = |sym| ledger.text(sym);
        let mut beside = servers
            .iter()
            .filter(|(root, _)| top(root) == top(name(login.place.file)));
        let (Some((&root, server)), None) = (beside.next(), beside.next()) else {
            continue;
        };
        for policy in ledger.symbols.items(login.policies) {
            ask(root, server, policy);
        }
        let (mount, role) = (text(login.mount).trim_matches('/'), text(login.role));
        let namespace = Some(text(login.namespace)).filter(|name| !name.is_empty());
        let own = id::vault_role(namespace, mount, role);
        let method = own.strip_prefix("vault:role/").unwrap_or(&own);
        let method = method.rsplit_once('/').map_or("", |(method, _)| method);
        let asked = |known: &Server<'_>| known.mounts.iter().any(|it| it.ends_with(method));
        // A method of which some server exported roles has roles to export.
        let has_roles = servers.values().any(asked);
        if !role.is_empty() && has_roles && !server.roles.contains(own.as_str()) {
            roles.insert(format!("{own} of {root}"));
            lack_roles.insert(root);
        }
    }
    let said = [
        ("vault-role", roles, "logins take roles"),
        ("vault-policy", policies, "tokens carry policies"),
    ];
    let missing = said.into_iter().zip(&lacking);
    let missing = missing.filter(|((_, names, _), _)| !names.is_empty());
    let holes = missing.map(|((kind, names, what), lacking)| {
        let words = format!(
            "{what} that were not exported of their own server: {}",
            listed(&names)
        );
        Hole::somewhere(kind, words).apart_from(apart(servers.keys().copied(), lacking))
    });
    holes.collect()
}

/// Servers whose export lies beside no log of theirs, where those of others do.
fn silent(minutes: &Minutes, roots: &BTreeSet<&str>) -> Option<Hole> {
    let folders = minutes.logs().filter(|(log, _)| log.of == "vault");
    let logged: BTreeSet<&str> = folders.map(|(log, _)| top(&log.which)).collect();
    let (beside, alone): (BTreeSet<&str>, BTreeSet<&str>) =
        roots.iter().partition(|root| logged.contains(top(root)));
    (!beside.is_empty() && !alone.is_empty()).then(|| {
        let words = format!(
            "no log of the server lies beside its export in {}, where others lie beside theirs",
            listed(&alone)
        );
        Hole::somewhere("vault", words).apart_from(apart(beside, &alone))
    })
}

/// What was exported of one server and not of another.
fn unlike(servers: &BTreeMap<&str, Server<'_>>) -> Vec<Hole> {
    let mut holes = Vec::new();
    for kind in LISTS.into_iter().chain(KINDS) {
        let (with, without): (Vec<_>, Vec<_>) = servers
            .iter()
            .partition(|(_, server)| server.kinds.contains(kind));
        if let Some((first, _)) = with.first() {
            holes.extend(without.iter().map(|(without, _)| {
                let what = in_words(kind);
                let words = format!("{what} were exported to {first} and not to {without}");
                let own = with.iter().map(|(root, _)| **root);
                Hole::somewhere(kind, words).apart_from(apart(own, &BTreeSet::from([**without])))
            }));
        }
    }
    holes
}

/// Auth mounts that a server lists and of which no role was exported, though another server's of
/// that name were.
fn mounts<'d>(
    directory: &'d Directory,
    servers: &BTreeMap<&str, Server<'d>>,
    roots: &BTreeSet<&str>,
    name: impl Fn(FileId) -> &'d str,
) -> Option<Hole> {
    let listed_mounts = directory
        .of_kind("vault-auth-mount")
        .filter(|it| it.name == "path");
    let mut lacking = BTreeSet::new();
    let missing = listed_mounts.filter_map(|it| {
        let server = nearest(root(name(it.place.file)), roots)?;
        let mount = it.value.trim_matches('/');
        let mount = mount.strip_prefix("auth/").unwrap_or(mount);
        let own = |server: &Server<'_>| {
            let mut mounts = server.mounts.iter();
            mounts.any(|known| known.rsplit(['/', ':']).next() == Some(mount))
        };
        let elsewhere = servers.values().any(own);
        let here = servers.get(server).is_some_and(own);
        (elsewhere && !here).then(|| {
            lacking.insert(server);
            format!("{server}auth/{mount}/")
        })
    });
    let missing: BTreeSet<String> = missing.collect();
    (!missing.is_empty()).then(|| {
        let words = format!(
            "no role was exported of auth methods whose namesake has some: {}",
            listed(&missing)
        );
        let own = servers.keys().copied();
        Hole::somewhere("vault-role", words).apart_from(apart(own, &lacking))
    })
}

/// Logs that lie beside no configuration, where others lie beside theirs.
fn logs(minutes: &Minutes, roots: &BTreeSet<&str>) -> Option<Hole> {
    let folders: BTreeSet<&str> = minutes
        .logs()
        .filter(|(log, _)| log.of == "vault" && !log.which.is_empty())
        .map(|(log, _)| log.which.as_str())
        .collect();
    let shared: BTreeSet<&str> = roots.iter().map(|root| top(root)).collect();
    let (beside, alone): (BTreeSet<&str>, BTreeSet<&str>) = folders
        .iter()
        .map(|folder| top(folder))
        .partition(|top| shared.contains(top));
    (!beside.is_empty() && !alone.is_empty()).then(|| {
        let words = format!(
            "logs of Vault lie in {} without a configuration export of their server",
            listed(&alone)
        );
        Hole::somewhere("vault-config", words).apart_from(apart(beside, &alone))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_of_a_server_is_above_the_parts_of_an_api_path() {
        for (file, folder) in [
            ("eu/config/auth/jwt/role/a.json", "eu/config/"),
            ("eu/config/audit-list.json", "eu/config/"),
            ("policies/a.hcl", ""),
            ("a.json", ""),
            ("v1/sys/mounts.json", ""),
        ] {
            assert_eq!(root(file), folder, "{file}");
        }
        let servers = BTreeSet::from(["eu/", "eu/dr/", "us/"]);
        assert_eq!(nearest("eu/dr/config/", &servers), Some("eu/dr/"));
        assert_eq!(nearest("de/", &servers), None);
    }

    fn server(kinds: &[&'static str]) -> Server<'static> {
        Server {
            kinds: kinds.iter().copied().collect(),
            ..Server::default()
        }
    }

    #[test]
    fn what_was_exported_of_one_server_is_asked_of_each() {
        let all = ["vault-audit-device", "vault-auth-mount"];
        let servers = BTreeMap::from([("eu/", server(&all)), ("us/", server(&all[1..]))]);
        let said: Vec<String> = unlike(&servers).into_iter().map(|hole| hole.of).collect();
        assert_eq!(said, ["vault-audit-device"]);
        assert!(unlike(&BTreeMap::from([("eu/", server(&all[1..]))])).is_empty());
    }

    #[test]
    fn a_log_beside_no_export_misses_one_where_others_lie_beside_theirs() {
        let mut minutes = Minutes::default();
        let place = crate::model::Place::of_line(1);
        for which in ["eu/file", "eu/socket", "us/file"] {
            let log = super::super::Log {
                of: "vault".to_owned(),
                which: which.to_owned(),
                node: String::new(),
            };
            let at = crate::model::Timestamp(0);
            minutes.add(log, std::iter::once((at, place)));
        }
        let hole = |roots: &[&'static str]| logs(&minutes, &roots.iter().copied().collect());
        assert_eq!(
            hole(&["eu/config/"]).map(|hole| hole.of),
            Some("vault-config".to_owned())
        );
        assert_eq!(hole(&["eu/config/", "us/config/"]), None);
        // One folder of exports beside one of logs says nothing of servers.
        assert_eq!(hole(&["config/"]), None);
        let alone = |roots: &[&'static str]| silent(&minutes, &roots.iter().copied().collect());
        assert_eq!(alone(&["eu/config/", "us/config/"]), None);
        assert_eq!(alone(&["config/"]), None);
        let hole = alone(&["eu/config/", "de/config/"]).unwrap();
        assert_eq!(hole.of, "vault");
        assert!(hole.words.contains("de/config/"), "{}", hole.words);
    }
}
