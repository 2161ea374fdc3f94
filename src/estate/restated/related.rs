//! What rests on a thing that is stated twice: whoever is given it, and what it is called elsewhere.

use std::collections::BTreeSet;

use crate::identity::Directory;
use crate::model::id;

/// Ids of what rests on a thing.
pub(super) fn related(kind: &str, object: &str, directory: &Directory) -> BTreeSet<String> {
    match kind {
        "vault-policy" => {
            let mut all = BTreeSet::new();
            for given in directory.of_kind("vault-role") {
                let named = || policies(&given.object, &given.value).any(|it| it == object);
                if given.name == "token_policies" && named() && all.insert(given.object.clone()) {
                    all.extend(bound(&given.object, directory));
                }
            }
            all
        }
        "vault-role" => bound(object, directory).collect(),
        "gitlab-project" => {
            let paths = directory.values(kind, object, "path_with_namespace");
            let mut all: BTreeSet<String> =
                paths.map(|path| format!("gitlab:project/{path}")).collect();
            for said in directory.of_kind("vault-role") {
                let lets_in =
                    bound(&said.object, directory).any(|it| it == object || all.contains(&it));
                if said.name == "token_policies" && lets_in {
                    all.extend(policies(&said.object, &said.value));
                    all.insert(said.object.clone());
                }
            }
            all
        }
        "gitlab-user" => {
            let emails = directory.values(kind, object, "email");
            emails.map(|email| format!("okta:user/{email}")).collect()
        }
        "vault-entity" => {
            let named = directory.of_kind(kind).filter(|said| said.object == object);
            let aliases = named.filter(|said| said.name == "name" || said.name.ends_with(".name"));
            let people = aliases.map(|said| said.value.to_lowercase());
            let ids = people.flat_map(|who| {
                [
                    format!("gitlab:user/{who}"),
                    format!("okta:user/{who}"),
                    who,
                ]
            });
            ids.collect()
        }
        _ => BTreeSet::new(),
    }
}

/// The policies that a name given by a role may mean: of its own namespace, or of one above.
fn policies<'r>(role: &'r str, name: &'r str) -> impl Iterator<Item = String> + 'r {
    let own = role.strip_prefix("vault:role/").unwrap_or(role);
    let ends = own.match_indices('/').map(|(at, _)| at + 1);
    let namespaces = std::iter::once(0)
        .chain(ends)
        .filter_map(|end| own.get(..end));
    namespaces.map(|namespace| id::vault_policy(Some(namespace), name))
}

/// Whoever a role lets in by name.
fn bound<'d>(role: &'d str, directory: &'d Directory) -> impl Iterator<Item = String> + 'd {
    let values = |name: &'static str| directory.values("vault-role", role, name);
    let projects = values("bound_claims.project_id").map(|it| format!("gitlab:project/{it}"));
    let paths = values("bound_claims.project_path").map(|it| format!("gitlab:project/{it}"));
    let accounts = values("bound_service_accounts").map(id::gcp_service_account);
    let emails = values("bound_claims.email").map(id::gcp_service_account);
    projects.chain(paths).chain(accounts).chain(emails)
}
