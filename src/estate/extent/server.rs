//! What an export of one Vault server holds and that of another lacks.
//!
//! Exports are of one server where they lie below one folder that holds a list of its mounts or
//! audit devices. Things of two servers may have the same names, so that what is missing of one
//! hides behind the other: what was exported of one is asked of each.

use std::collections::{BTreeMap, BTreeSet};

use super::Minutes;
use super::unexported::listed;
use crate::identity::Directory;
use crate::model::{FileId, Hole, PolicyText};
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
}

/// The folder of the server that a file below it is of, with its final slash.
fn root(file: &str) -> &str {
    let end = file.rfind('/').map_or(0, |slash| slash + 1);
    let folder = file.get(..end).unwrap_or_default();
    let own = folder
        .split_inclusive('/')
        .take_while(|part| !BELOW.contains(&part.trim_end_matches('/')));
    let end = own.map(str::len).sum();
    folder.get(..end).unwrap_or_default()
}

/// The nearest server at or above a folder.
fn nearest<'s>(folder: &str, servers: &BTreeSet<&'s str>) -> Option<&'s str> {
    let above = servers.iter().filter(|server| folder.starts_with(**server));
    above.max_by_key(|server| server.len()).copied()
}

/// The holes that the exports and the logs of several servers show in each other.
pub(in crate::estate) fn holes(
    directory: &Directory,
    policies: &[PolicyText],
    minutes: &Minutes,
    files: &[String],
) -> Vec<Hole> {
    let name = |file: FileId| files.get(file.0 as usize).map_or("", String::as_str);
    let of = |kind: &'static str| directory.of_kind(kind);
    let lists = LISTS.into_iter().flat_map(of);
    let roots: BTreeSet<&str> = lists.map(|it| root(name(it.place.file))).collect();
    let mut servers: BTreeMap<&str, Server<'_>> = BTreeMap::new();
    let stated = LISTS.into_iter().chain(KINDS);
    let stated = stated.flat_map(|kind| of(kind).map(move |it| (kind, it.place.file)));
    let texts = policies.iter().map(|it| ("vault-policy", it.place.file));
    for (kind, file) in stated.chain(texts) {
        if let Some(server) = nearest(root(name(file)), &roots) {
            servers.entry(server).or_default().kinds.insert(kind);
        }
    }
    for role in of("vault-role") {
        let mount = role.object.rsplit_once('/').map(|(mount, _)| mount);
        let server = nearest(root(name(role.place.file)), &roots);
        if let Some((server, mount)) = server.zip(mount) {
            servers.entry(server).or_default().mounts.insert(mount);
        }
    }
    let mut holes = unlike(&servers);
    holes.extend(mounts(directory, &servers, &roots, name));
    holes.extend(logs(minutes, &roots));
    holes
}

/// What was exported of one server and not of another.
fn unlike(servers: &BTreeMap<&str, Server<'_>>) -> Vec<Hole> {
    let mut holes = Vec::new();
    for kind in LISTS.into_iter().chain(KINDS) {
        let (with, without): (Vec<_>, Vec<_>) = servers
            .iter()
            .partition(|(_, server)| server.kinds.contains(kind));
        if let Some((with, _)) = with.first() {
            holes.extend(without.iter().map(|(without, _)| {
                let what = in_words(kind);
                let words = format!("{what} were exported to {with} and not to {without}");
                Hole::somewhere(kind, words)
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
        (elsewhere && !here).then(|| format!("{server}auth/{mount}/"))
    });
    let missing: BTreeSet<String> = missing.collect();
    (!missing.is_empty()).then(|| {
        let words = format!(
            "no role was exported of auth methods whose namesake has some: {}",
            listed(&missing)
        );
        Hole::somewhere("vault-role", words)
    })
}

/// Logs that lie beside no configuration, where others lie beside theirs.
fn logs(minutes: &Minutes, roots: &BTreeSet<&str>) -> Option<Hole> {
    let folders: BTreeSet<&str> = minutes
        .logs()
        .filter(|(log, _)| log.of == "vault" && !log.which.is_empty())
        .map(|(log, _)| log.which.as_str())
        .collect();
    let top = |path: &'_ str| path.split('/').next().unwrap_or_default().to_owned();
    let shared: BTreeSet<String> = roots.iter().map(|root| top(root)).collect();
    let (beside, alone): (BTreeSet<String>, BTreeSet<String>) = folders
        .iter()
        .map(|folder| top(folder))
        .partition(|top| shared.contains(top));
    (!beside.is_empty() && !alone.is_empty()).then(|| {
        let words = format!(
            "logs of Vault lie in {} without a configuration export of their server",
            listed(&alone)
        );
        Hole::somewhere("vault-config", words)
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
            mounts: BTreeSet::new(),
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
    }
}
