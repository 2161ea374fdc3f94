//! What the logs and exports name and no export holds.

use std::collections::{BTreeMap, BTreeSet};

use super::Minutes;
use crate::identity::{Directory, Ledger};
use crate::model::{Attribute, Hole, Period, id, listed};
use crate::posture::StatedPolicy;

/// Declared audit devices of which no log is there.
///
/// A device is known by the name of its folder; where folders have other names, by their number,
/// of which `told` were told apart by what they say.
pub(super) fn devices(minutes: &Minutes, told: usize, directory: &Directory) -> Option<Hole> {
    let logs: BTreeSet<&str> = minutes
        .logs()
        .filter(|(log, _)| log.of == "vault")
        .map(|(log, _)| log.which.as_str())
        .collect();
    let named = |device: &str| {
        let folders = logs.iter().flat_map(|folder| folder.split('/'));
        folders.into_iter().any(|part| part == device)
    };
    let declared: BTreeSet<String> = directory
        .of_kind("vault-audit-device")
        .filter(|attribute| attribute.name == "path")
        .map(|attribute| attribute.value.trim_end_matches('/').to_owned())
        .collect();
    let missing: BTreeSet<String> = declared
        .iter()
        .filter(|device| !named(device))
        .cloned()
        .collect();
    // Folders may have other names than the devices: as many logs as devices are all of them.
    if missing.is_empty() || (!logs.is_empty() && logs.len().max(told) >= declared.len()) {
        return None;
    }
    let words = format!(
        "{} audit device(s) are declared and logs of {} were supplied; missing: {}",
        declared.len(),
        logs.len().max(told),
        listed(&missing)
    );
    Some(Hole::somewhere("vault/device", words))
}

/// Policies that tokens carry and the export does not hold; nothing where none was exported at all.
pub(super) fn policies(ledger: &Ledger, policies: &[StatedPolicy]) -> Option<Hole> {
    if policies.is_empty() {
        return None;
    }
    let exported: BTreeSet<(&str, &str)> = policies
        .iter()
        .map(|policy| (policy.text.namespace.as_str(), policy.text.name.as_str()))
        .collect();
    let namespaces: BTreeSet<&str> = exported.iter().map(|(namespace, _)| *namespace).collect();
    let mut missing = BTreeSet::new();
    for login in &ledger.logins {
        let namespace = ledger.text(login.namespace).trim_matches('/');
        for name in ledger.symbols.items(login.policies) {
            let built_in = name == "root" || name == "default";
            if namespaces.contains(namespace) && !built_in && !exported.contains(&(namespace, name))
            {
                missing.insert(name.to_owned());
            }
        }
    }
    (!missing.is_empty()).then(|| {
        let words = format!(
            "tokens carry policies that were not exported: {}",
            listed(&missing)
        );
        Hole::somewhere("vault-policy", words)
    })
}

/// Auth methods of machines: each of their logins takes a role that the method holds. A login of a
/// person may name one that nobody thinks of exporting.
const OF_MACHINES: [&str; 7] = ["approle", "aws", "azure", "gcp", "jwt", "kubernetes", "oci"];

/// Roles that logins take and the export does not hold; nothing where none was exported at all.
pub(super) fn roles(ledger: &Ledger, directory: &Directory) -> Option<Hole> {
    let exported: BTreeSet<&str> = directory
        .of_kind("vault-role")
        .map(|attribute| attribute.object.as_str())
        .collect();
    if exported.is_empty() {
        return None;
    }
    let mounts: BTreeSet<&str> = exported
        .iter()
        .filter_map(|role| Some(role.rsplit_once('/')?.0))
        .collect();
    let mut missing = BTreeSet::new();
    for login in ledger.logins.iter().filter(|login| !login.child) {
        let role = ledger.text(login.role);
        let mount = ledger.text(login.mount).trim_matches('/');
        let Some(mount) = mount.strip_prefix("auth/").filter(|_| !role.is_empty()) else {
            continue;
        };
        let namespace = Some(ledger.text(login.namespace)).filter(|name| !name.is_empty());
        let own = id::vault_role(namespace, mount, role);
        // Methods that have no roles to export are not asked for them.
        let method = own.rsplit_once('/').map_or("", |(mount, _)| mount);
        let has_roles =
            mounts.contains(method) || OF_MACHINES.contains(&ledger.text(login.mount_type));
        if has_roles && !exported.contains(own.as_str()) {
            missing.insert(own);
        }
    }
    (!missing.is_empty()).then(|| {
        let words = format!(
            "logins take roles that were not exported: {}",
            listed(&missing)
        );
        Hole::somewhere("vault-role", words)
    })
}

/// Roles that state no policies, though others do: a server answers with an empty list at least.
pub(super) fn role_policies(directory: &Directory) -> Option<Hole> {
    let named = |name: &'static str| {
        let roles = directory.of_kind("vault-role");
        let of = roles.filter(move |attribute| attribute.name == name);
        of.map(|attribute| attribute.object.as_str())
            .collect::<BTreeSet<_>>()
    };
    // What was answered by a server states how long tokens last, beside their policies.
    let (answered, gives) = (named("token_ttl"), named("token_policies"));
    let missing = answered.difference(&gives);
    let missing: BTreeSet<String> = missing.map(|role| (*role).to_owned()).collect();
    (!missing.is_empty() && !gives.is_empty()).then(|| {
        let words = format!(
            "roles were exported without their policies: {}",
            listed(&missing)
        );
        Hole::somewhere("vault-role", words)
    })
}

/// Roles of which a bound was cut from what their server answered.
pub(super) fn role_bounds(directory: &Directory) -> Option<Hole> {
    let cut = directory.of_kind("vault-role");
    let cut = cut.filter(|attribute| attribute.name == "unanswered");
    let roles: BTreeSet<&str> = cut.map(|attribute| attribute.object.as_str()).collect();
    (!roles.is_empty()).then(|| {
        let words = format!(
            "roles were exported without all of their bounds: {}",
            listed(&roles)
        );
        Hole::somewhere("vault-role", words)
    })
}

/// Dataplanes that take calls and do not say for which service, though others do.
pub(super) fn dataplanes(directory: &Directory) -> Option<Hole> {
    let named = |name: &'static str| {
        let of_kind = directory.of_kind("mesh-dataplane");
        let of = of_kind.filter(move |attribute| attribute.name == name);
        of.map(|attribute| attribute.object.as_str())
            .collect::<BTreeSet<_>>()
    };
    let (taking, serving) = (named("inbound"), named("service"));
    let nameless: BTreeSet<&str> = taking.difference(&serving).copied().collect();
    (!nameless.is_empty() && !serving.is_empty()).then(|| {
        let words = format!(
            "dataplanes were exported without their service: {}",
            listed(&nameless)
        );
        Hole::somewhere("mesh-config", words)
    })
}

/// Pages of the proxy's sessions that are not there: each says how many sessions there are. Where
/// none does, nothing says that those here are all.
pub(super) fn sessions(minutes: &Minutes, directory: &Directory) -> Option<Hole> {
    let said = |name: &'static str| {
        let pages = directory.of_kind("hoop-page");
        let of = pages.filter(move |attribute| attribute.name == name);
        of.filter_map(|attribute| attribute.value.parse::<u64>().ok())
    };
    let Some(total) = said("total").max() else {
        let words = "no list of the proxy's sessions says how many there are";
        let is_there = minutes.names().any(|log| log == "hoop");
        return is_there.then(|| Hole::somewhere("hoop", words));
    };
    let read = said("sessions").sum::<u64>();
    (read < total).then(|| {
        let words =
            format!("the list of the proxy's sessions has {total}, of which {read} are there");
        Hole::somewhere("hoop", words)
    })
}

/// Users of GitLab without an e-mail address among them, as whoever is no administrator there gets
/// them: nothing ties their accounts elsewhere to them.
pub(super) fn addresses(directory: &Directory) -> Option<Hole> {
    let mut users = directory.of_kind("gitlab-user").peekable();
    users.peek()?;
    let has_none = users.all(|attribute| attribute.name != "email");
    has_none.then(|| {
        let words = "GitLab's users were exported without their e-mail addresses";
        Hole::somewhere("gitlab-user", words)
    })
}

/// Mounts of the JWT method whose roles were exported and whose settings, which say who issues the
/// tokens, were not; nothing where no settings were exported at all.
pub(super) fn settings(directory: &Directory) -> Option<Hole> {
    let stated: BTreeSet<&str> = directory
        .of_kind("vault-auth-config")
        .map(|attribute| attribute.object.trim_end_matches('/'))
        .collect();
    if stated.is_empty() {
        return None;
    }
    let asking = |attribute: &&Attribute| {
        attribute.name == "method" && ["jwt", "oidc"].contains(&attribute.value.as_str())
    };
    let roles = directory.of_kind("vault-role").filter(asking);
    let mounts = roles.filter_map(|role| {
        let (mount, _) = role.object.strip_prefix("vault:role/")?.rsplit_once('/')?;
        // A namespace stands before the mount, and `auth/` between them.
        let known = |settings: &&str| {
            let own = settings.strip_prefix("vault:mount/").unwrap_or(settings);
            own.replacen("auth/", "", 1) == mount
        };
        (!stated.iter().any(known)).then(|| mount.to_owned())
    });
    let mounts: BTreeSet<String> = mounts.collect();
    (!mounts.is_empty()).then(|| {
        let words = format!(
            "roles were exported without the settings of their auth method: {}",
            listed(&mounts)
        );
        Hole::somewhere("vault-auth-config", words)
    })
}

/// Auth methods of JWT and OIDC whose settings were not exported, though those of others were: the
/// list of methods, the roles and the logins each tell of them.
pub(super) fn methods(ledger: &Ledger, directory: &Directory) -> Option<Hole> {
    // A namespace stands before the mount, and `auth/` between them, but for roles.
    let bare = |mount: &str| {
        let mount = mount.strip_prefix("vault:mount/").unwrap_or(mount);
        mount.replacen("auth/", "", 1).trim_matches('/').to_owned()
    };
    let stated = directory.of_kind("vault-auth-config");
    let stated: BTreeSet<String> = stated.map(|it| bare(&it.object)).collect();
    if stated.is_empty() {
        return None;
    }
    let takes_jwt = |kind: &str| ["jwt", "oidc"].contains(&kind);
    let named = |kind: &'static str, name: &'static str| {
        let of_kind = directory.of_kind(kind);
        of_kind.filter(move |it| it.name == name && takes_jwt(&it.value))
    };
    let listed_mounts = named("vault-auth-mount", "type").map(|it| bare(&it.object));
    let of_roles = named("vault-role", "method").filter_map(|role| {
        let (mount, _) = role.object.strip_prefix("vault:role/")?.rsplit_once('/')?;
        Some(mount.to_owned())
    });
    let of_logins = ledger.logins.iter().filter_map(|login| {
        let namespace = Some(ledger.text(login.namespace));
        let mount = id::in_namespace(namespace, ledger.text(login.mount));
        takes_jwt(ledger.text(login.mount_type)).then(|| bare(&mount))
    });
    let all = listed_mounts.chain(of_roles).chain(of_logins);
    let missing: BTreeSet<String> = all.filter(|mount| !stated.contains(mount)).collect();
    (!missing.is_empty()).then(|| {
        let words = format!(
            "auth methods whose settings were not exported: {}",
            listed(&missing)
        );
        Hole::somewhere("vault-jwt-method", words)
    })
}

/// Jobs that ran in the period and whose trace is not there; nothing where no trace is.
pub(super) fn traces(directory: &Directory, period: Period) -> Option<Hole> {
    let held: BTreeSet<&str> = directory
        .of_kind("job-trace")
        .map(|attribute| attribute.object.as_str())
        .collect();
    let ran = directory.jobs.iter().filter(|job| {
        let at = job.started_at;
        at.is_some_and(|at| period.contains(at))
    });
    let jobs: BTreeSet<String> = ran
        .map(|job| id::gitlab_job(job.project_id, job.id))
        .collect();
    let missing = jobs.iter().filter(|job| !held.contains(job.as_str()));
    let words = match (missing.count(), jobs.len()) {
        (0, 0) => "no list of jobs says which traces there should be".to_owned(),
        (0, _) => return None,
        (missing, all) if missing == all => {
            format!("the traces here are of none of the {all} job(s) that ran")
        }
        (missing, all) => format!("{missing} of {all} job(s) that ran have no trace here"),
    };
    (!held.is_empty()).then(|| Hole::somewhere("gitlab-trace", words))
}

/// Traces that end before the runner's last line though their job succeeded or its script failed, or
/// that GitLab cut at its limit.
pub(super) fn cut_traces(directory: &Directory) -> Option<Hole> {
    let told = |name: &'static str, value: Option<&'static str>| -> BTreeSet<&str> {
        let of_traces = directory.of_kind("job-trace");
        let named = of_traces
            .filter(move |it| it.name == name && value.is_none_or(|value| it.value == value));
        named.map(|it| it.object.as_str()).collect()
    };
    let (endless, limited) = (
        told("end_state", Some("absent")),
        told("truncated_at_bytes", None),
    );
    let ended = directory.jobs.iter().filter(|job| {
        job.status == "success"
            || (job.status == "failed" && job.failure_reason == "script_failure")
    });
    let ended: BTreeSet<String> = ended
        .map(|job| id::gitlab_job(job.project_id, job.id))
        .collect();
    let endless = endless.into_iter().filter(|job| ended.contains(*job));
    let cut: BTreeSet<&str> = endless.chain(limited).collect();
    (!cut.is_empty()).then(|| {
        let words = format!("{} trace(s) end before the runner's last line", cut.len());
        Hole::somewhere("gitlab-trace", words)
    })
}

/// Jobs that exported pipelines must have had, and pipelines that exported jobs ran in.
pub(super) fn jobs(directory: &Directory, period: Period) -> Vec<Hole> {
    let ran: BTreeSet<u64> = directory
        .jobs
        .iter()
        .filter_map(|job| job.pipeline_id)
        .collect();
    let mut empty: BTreeMap<u64, BTreeSet<String>> = BTreeMap::new();
    for (&pipeline, &(project, must)) in directory.pipelines() {
        if must && !ran.contains(&pipeline) {
            let list = empty.entry(project).or_default();
            list.insert(pipeline.to_string());
        }
    }
    let mut holes: Vec<Hole> = empty
        .into_iter()
        .map(|(project, pipelines)| {
            let words = format!(
                "project {project}: {} exported pipeline(s) have no exported job ({})",
                pipelines.len(),
                listed(&pipelines)
            );
            Hole::somewhere("gitlab-jobs", words)
        })
        .collect();
    let inside = directory.jobs.iter().filter(|job| {
        let at = job.started_at.or(job.created_at);
        at.is_some_and(|at| period.contains(at))
    });
    let unlisted: BTreeSet<String> = inside
        .filter_map(|job| job.pipeline_id)
        .filter(|pipeline| !directory.pipelines().contains_key(pipeline))
        .map(|pipeline| pipeline.to_string())
        .collect();
    if !directory.pipelines().is_empty() && !unlisted.is_empty() {
        let words = format!(
            "jobs ran in pipelines that were not exported: {}",
            listed(&unlisted)
        );
        holes.push(Hole::somewhere("gitlab-pipelines", words));
    }
    holes
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::model::{Exports, Place};

    fn stating(kind: &'static str, said: &[(&str, &str, &str)]) -> Directory {
        let of_kind = said
            .iter()
            .map(|(object, name, value)| (kind, *object, *name, *value));
        holding(&of_kind.collect::<Vec<_>>())
    }

    pub(in crate::estate::extent) fn holding(
        said: &[(&'static str, &str, &str, &str)],
    ) -> Directory {
        let attribute =
            |(kind, object, name, value): &(&'static str, &str, &str, &str)| Attribute {
                kind,
                object: (*object).to_owned(),
                name: (*name).to_owned(),
                value: (*value).to_owned(),
                valid_from: None,
                place: Place::of_line(1),
            };
        let said = said.iter().map(attribute).collect();
        let mut exports = Exports {
            attributes: said,
            ..Exports::default()
        };
        Directory::new(&mut exports, &BTreeMap::new())
    }

    #[test]
    fn a_role_that_a_server_answered_with_states_its_policies() {
        let (a, b) = ("vault:role/jwt/a", "vault:role/jwt/b");
        let whole = [
            (a, "token_policies", "a"),
            (a, "token_ttl", "9"),
            (b, "token_policies", "b"),
            (b, "token_ttl", "9"),
        ];
        assert_eq!(role_policies(&stating("vault-role", &whole)), None);
        let cut = [&whole[..2], &whole[3..]].concat();
        let hole = role_policies(&stating("vault-role", &cut)).unwrap();
        assert!(hole.words.ends_with(b), "{}", hole.words);
    }

    #[test]
    fn a_dataplane_that_takes_calls_serves_something() {
        let (a, b) = ("mesh:dataplane/prod/a", "mesh:dataplane/prod/b");
        let said = [
            (a, "inbound", "8080"),
            (a, "service", "a"),
            (b, "inbound", "8080"),
        ];
        let hole = dataplanes(&stating("mesh-dataplane", &said)).unwrap();
        assert!(hole.words.ends_with(b), "{}", hole.words);
        assert_eq!(dataplanes(&stating("mesh-dataplane", &said[..2])), None);
        // Where none says it, services are told in another way.
        assert_eq!(dataplanes(&stating("mesh-dataplane", &said[2..])), None);
    }

    #[test]
    fn a_page_of_the_proxy_says_how_many_sessions_others_hold() {
        let (one, two) = ("hoop:page/1", "hoop:page/2");
        let said = [
            (one, "sessions", "5"),
            (one, "total", "8"),
            (two, "sessions", "3"),
            (two, "total", "8"),
        ];
        let mut minutes = Minutes::default();
        let sessions = |minutes: &Minutes, said: &[(&str, &str, &str)]| {
            sessions(minutes, &stating("hoop-page", said)).is_some()
        };
        assert!(!sessions(&minutes, &said));
        assert!(sessions(&minutes, &said[2..]));
        assert!(!sessions(&minutes, &[]));
        let log = super::super::Log {
            of: "hoop".to_owned(),
            which: String::new(),
            node: String::new(),
        };
        let place = Place::of_line(1);
        minutes.add(log, std::iter::once((crate::model::Timestamp(0), place)));
        // Sessions are there, and no list of them says how many there are.
        assert!(sessions(&minutes, &[]));
        assert!(!sessions(&minutes, &said));
    }

    #[test]
    fn users_without_any_address_tie_nobody() {
        let ada = "gitlab:user/ada";
        let bare = [("gitlab-user", ada, "state", "active")];
        let hole = addresses(&holding(&bare)).unwrap();
        assert_eq!(hole.of, "gitlab-user");
        let known = [bare[0], ("gitlab-user", ada, "email", "ada@x.example")];
        assert_eq!(addresses(&holding(&known)), None);
        assert_eq!(addresses(&holding(&[])), None);
    }
}
