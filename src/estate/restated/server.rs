//! Whether two files speak of one server.
//!
//! Said by `instance` of `[[source]]` or of a receipt; without it by the folders. What lies in one
//! folder, the parts of an API path aside, is of one server. A folder that holds the export of a
//! whole server, its lists and what they list, is another's than the next such; one that holds less
//! may be of any.

use std::collections::{BTreeMap, BTreeSet};

use super::Stated;
use crate::estate::server_folder::server_folder;
use crate::model::{FileId, Place, Timestamp};

/// Kinds whose ids are of one server only; all others are given once in the world.
const OF_SERVER: [&str; 4] = ["gitlab-", "mesh", "protected-", "vault-"];
/// The folders of an export below that of its server.
const BELOW: [&str; 8] = [
    "auth", "groups", "identity", "policies", "policy", "projects", "sys", "v1",
];
/// How many kinds of things the export of a whole server holds at least.
const WHOLE: usize = 2;
/// How many statements of one thing are compared.
const COMPARED: usize = 12;

/// Of which server every file is.
pub(super) struct Servers<'e> {
    files: &'e [String],
    instances: BTreeMap<FileId, &'e str>,
    dates: BTreeMap<FileId, Timestamp>,
    /// The folders that hold the export of a whole server, by system.
    whole: BTreeSet<(&'static str, &'e str)>,
}

impl<'e> Servers<'e> {
    pub(super) fn new(stated: Stated<'e>) -> Servers<'e> {
        let files = stated.files;
        let (mut instances, mut dates) = (BTreeMap::new(), BTreeMap::new());
        for one in &stated.provenance.declared {
            for file in &one.files {
                if let Some(instance) = &one.export.instance {
                    instances.insert(*file, instance.as_str());
                }
                if let Some(at) = one.export.collected_at {
                    dates.insert(*file, at);
                }
            }
        }
        let mut kinds: BTreeMap<(&'static str, &str), BTreeSet<&str>> = BTreeMap::new();
        let attributes = stated.directory.attributes.iter();
        let things = attributes.map(|said| (said.kind, said.place.file));
        let policies = stated.policies.iter();
        let policies = policies.map(|policy| ("vault-policy", policy.text.place.file));
        for (kind, file) in things.chain(policies) {
            // Whoever writes one list of devices states the devices with it.
            if kind == "vault-audit-list" {
                continue;
            }
            if let Some(system) = system(kind) {
                let root = root(name(files, file));
                kinds.entry((system, root)).or_default().insert(kind);
            }
        }
        kinds.retain(|_, kinds| kinds.len() >= WHOLE);
        Servers {
            files,
            instances,
            dates,
            whole: kinds.into_keys().collect(),
        }
    }

    /// The name of a file.
    pub(super) fn name(&self, file: FileId) -> &'e str {
        name(self.files, file)
    }

    /// Whether a file says what shall be, not what is.
    pub(super) fn is_code(&self, file: FileId) -> bool {
        let ends = [".tf", ".tf.json", ".tofu", ".tofu.json", ".tfvars"];
        let name = self.name(file);
        ends.iter().any(|end| name.ends_with(end))
    }

    /// Whether two files speak of one server at one time: surely, or as far as anybody can tell;
    /// `None` where they do not.
    pub(super) fn one(&self, kind: &str, first: FileId, second: FileId) -> Option<bool> {
        if first == second {
            return Some(true);
        }
        let dates = self.dates.get(&first).zip(self.dates.get(&second));
        let (one, other) = (self.name(first), self.name(second));
        let named = date(one).zip(date(other));
        if dates.is_some_and(|(one, other)| one != other)
            || named.is_some_and(|(one, other)| one != other)
        {
            return None;
        }
        let Some(system) = system(kind) else {
            return Some(true);
        };
        let told = self.instances.get(&first).zip(self.instances.get(&second));
        if let Some((one, other)) = told {
            return (one == other).then_some(true);
        }
        let (one, other) = (root(one), root(other));
        let whole = |root| self.whole.contains(&(system, root));
        let within = one.starts_with(other) || other.starts_with(one);
        match (whole(one), whole(other)) {
            _ if one == other => Some(true),
            (true, true) => None,
            (false, false) => within.then_some(false),
            _ => Some(within),
        }
    }

    /// The first two of some statements of one thing that differ, those of one server surely before
    /// those that may be of two.
    pub(super) fn unlike<T>(
        &self,
        kind: &str,
        statements: &[(Place, T)],
        differ: impl Fn(&T, &T) -> bool,
    ) -> Option<[Place; 2]> {
        let mut doubtful = None;
        for (at, (first, one)) in statements.iter().take(COMPARED).enumerate() {
            for (second, other) in statements.iter().take(COMPARED).skip(at + 1) {
                if !differ(one, other) {
                    continue;
                }
                match self.one(kind, first.file, second.file) {
                    Some(true) => return Some([*first, *second]),
                    Some(false) => doubtful = doubtful.or(Some([*first, *second])),
                    None => {}
                }
            }
        }
        doubtful
    }
}

/// The system whose servers give the ids of a kind.
fn system(kind: &str) -> Option<&'static str> {
    let mut known = OF_SERVER.into_iter();
    let system = known.find(|start| kind.starts_with(start))?;
    Some(if system == "protected-" {
        "gitlab-"
    } else {
        system
    })
}

fn name(files: &[String], file: FileId) -> &str {
    files.get(file.0 as usize).map_or("", String::as_str)
}

/// The folder of the server that a file below it is of, with its final slash.
fn root(file: &str) -> &str {
    server_folder(file, &BELOW)
}

/// The first date in a path, `2026-09-30` or `20260930`, as its digits.
fn date(path: &str) -> Option<String> {
    let parts = path.split(|letter: char| !letter.is_ascii_digit() && letter != '-');
    let mut digits = parts.map(|part| part.replace('-', ""));
    digits.find(|part| part.len() == 8 && (part.starts_with("20") || part.starts_with("19")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(files: [&str; 2], whole: &[&'static str], kind: &str) -> Option<bool> {
        let files = files.map(str::to_owned);
        let servers = Servers {
            files: &files,
            instances: BTreeMap::new(),
            dates: BTreeMap::new(),
            whole: whole.iter().map(|root| ("vault-", *root)).collect(),
        };
        servers.one(kind, FileId(0), FileId(1))
    }

    #[test]
    fn what_lies_beside_the_export_of_a_server_may_be_of_it() {
        let own = "vault/config/policies/ops.hcl";
        for (other, expected) in [
            ("vault/config/sys/policies/acl/ops.json", Some(true)),
            ("vault/config/a/policies/ops.hcl", Some(true)),
            ("aaa/policies/ops.hcl", Some(false)),
            ("eu/policies/ops.hcl", None),
        ] {
            let whole = ["vault/config/", "eu/"];
            assert_eq!(
                one([own, other], &whole, "vault-policy"),
                expected,
                "{other}"
            );
        }
    }

    #[test]
    fn folders_and_dates_that_each_stand_alone_are_not_compared() {
        let folders = ["dev/policies/ops.hcl", "prod/policies/ops.hcl"];
        assert_eq!(one(folders, &[], "vault-policy"), None);
        let dates = ["2026-09-01/users.json", "2026-09-30/users.json"];
        assert_eq!(one(dates, &[], "gitlab-user"), None);
        // What a folder is called is no date of the one beside it.
        let one_date = ["gitlab/users.json", "gitlab/users-2026-09-30.json"];
        assert_eq!(one(one_date, &[], "gitlab-user"), Some(true));
        // The world has one such id.
        let world = ["a/iam-policy.json", "b/iam-policy.json"];
        assert_eq!(one(world, &[], "iam-policy"), Some(true));
    }

    #[test]
    fn only_eight_digits_of_a_year_are_a_date() {
        assert_eq!(date("a/20260930/x").as_deref(), Some("20260930"));
        assert_eq!(date("a/2026-09-30/x").as_deref(), Some("20260930"));
        assert_eq!(date("projects/12345678/x"), None);
        assert_eq!(date("projects/101/x"), None);
    }
}
