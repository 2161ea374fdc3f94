//! Where a login came from: the job, the service or the person.

use super::declared::MountClass;
use super::directory::Directory;
use super::edge::Candidates;
use super::idp_user::{IdpUsers, Known};
use super::ledger::{Ledger, Login};
use super::scope::Scope;
use super::second_factor::sources;
use crate::model::{Key, Timestamp, id};

/// Why a login has no job although it should have one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NoJob {
    /// It is no CI login.
    NotCi,
    /// The token names a job that the export of its project should hold and does not.
    NamedJobMissing,
    /// No job of the project, or of any that the role is bound to, ran at the time, although the
    /// export reaches over it.
    NoneRan,
    /// The project's export does not reach over the time, or there is none.
    NotExported,
    /// Nothing in the log names a project or a job.
    Untraceable,
    /// The token's metadata names a job of another project than the one it names.
    Contradiction,
}

impl NoJob {
    /// Whether an export that held more jobs might have held the login's.
    pub(super) fn is_unlisted(self) -> bool {
        matches!(
            self,
            NoJob::NamedJobMissing | NoJob::NoneRan | NoJob::NotExported
        )
    }
}

/// The jobs a login may have come from, or why there is none.
///
/// Uses K1 (`metadata.job_id`), K3 (project by metadata or alias), and below it K4 and K5. A K1 that
/// disagrees with the project it names is a contradiction and falls through to nothing: a lower key
/// must not paper over it.
pub(super) fn jobs(
    login: &Login,
    ledger: &Ledger,
    directory: &Directory,
    declared: &Scope<'_>,
    shift: i64,
) -> Result<Candidates, NoJob> {
    let class = declared.mount_class(ledger.text(login.namespace), ledger.text(login.mount));
    let named_job: Option<u64> = ledger.claim(login.metadata, "job_id").parse().ok();
    if class.is_some_and(|class| class != MountClass::Ci)
        || (class.is_none() && named_job.is_none())
    {
        return Err(NoJob::NotCi);
    }
    let project = project(login, ledger, directory);
    let at = login.at.plus_micros(shift);
    if let Some(job_id) = named_job {
        return named(job_id, project, directory, at);
    }
    let window = (declared.skew_micros(), declared.grace_micros());
    match project {
        Some(project) => running(login, project, (ledger, directory), at, window),
        None => bound(login, ledger, directory, at, window),
    }
}

/// K1: the job that the token names, of the project that it names.
fn named(
    job_id: u64,
    project: Option<u64>,
    directory: &Directory,
    at: Timestamp,
) -> Result<Candidates, NoJob> {
    let with_id = directory.jobs_with_id(job_id);
    let found: Vec<u32> = with_id
        .iter()
        .copied()
        .filter(|&number| {
            let job = directory.job(number);
            job.is_some_and(|job| project.is_none_or(|project| project == job.project_id))
        })
        .collect();
    if !found.is_empty() {
        return Ok(Candidates {
            found,
            key: Key::K1,
            key_name: "metadata.job_id = job.id",
        });
    }
    if !with_id.is_empty() {
        return Err(NoJob::Contradiction);
    }
    Err(if directory.covers(project, at) {
        NoJob::NamedJobMissing
    } else {
        NoJob::NotExported
    })
}

/// K3: the jobs of the project that ran at the time; K4 where the runner's address tells one of them.
fn running(
    login: &Login,
    project: u64,
    (ledger, directory): (&Ledger, &Directory),
    at: Timestamp,
    window: (i64, i64),
) -> Result<Candidates, NoJob> {
    let found = directory.running(project, at, window.0, window.1);
    if found.is_empty() {
        return Err(if directory.covers(Some(project), at) {
            NoJob::NoneRan
        } else {
            NoJob::NotExported
        });
    }
    let by_address = from_address(&found, ledger.text(login.address), directory);
    if let (2.., [one]) = (found.len(), by_address.as_slice()) {
        return Ok(Candidates {
            found: vec![*one],
            key: Key::K4,
            key_name: "project, window and runner address",
        });
    }
    Ok(Candidates {
        found,
        key: Key::K3,
        key_name: "project of the token = project of the running job",
    })
}

/// K4 and K5: jobs of the projects that the role is bound to, narrowed by the runner's address.
/// They never carry a critical finding; several candidates at K5 are below what is listed.
fn bound(
    login: &Login,
    ledger: &Ledger,
    directory: &Directory,
    at: Timestamp,
    window: (i64, i64),
) -> Result<Candidates, NoJob> {
    let role = ledger.text(login.role);
    if role.is_empty() {
        return Err(NoJob::Untraceable);
    }
    let namespace = Some(ledger.text(login.namespace));
    let role = id::vault_role(namespace, ledger.text(login.mount), role);
    let by_id = directory.values("vault-role", &role, "bound_claims.project_id");
    let by_id = by_id.map(|value| value.parse().ok());
    let by_path = directory.values("vault-role", &role, "bound_claims.project_path");
    let by_path = by_path.map(|path| directory.project_id(path));
    let named: Vec<Option<u64>> = by_id.chain(by_path).collect();
    let mut projects: Vec<u64> = named.iter().copied().flatten().collect();
    projects.sort_unstable();
    projects.dedup();
    if projects.is_empty() {
        return Err(NoJob::Untraceable);
    }
    // A pattern, or a project that is in no export, may be any project.
    let covered = named
        .iter()
        .all(|project| project.is_some_and(|project| directory.covers(Some(project), at)));
    let mut found: Vec<u32> = projects
        .into_iter()
        .flat_map(|project| directory.running(project, at, window.0, window.1))
        .collect();
    found.sort_unstable();
    let by_address = from_address(&found, ledger.text(login.address), directory);
    if !by_address.is_empty() {
        return Ok(Candidates {
            found: by_address,
            key: Key::K4,
            key_name: "role's project, window and runner address",
        });
    }
    match (found.is_empty(), covered) {
        (false, _) => Ok(Candidates {
            found,
            key: Key::K5,
            key_name: "role's project and window",
        }),
        (true, true) => Err(NoJob::NoneRan),
        (true, false) => Err(NoJob::NotExported),
    }
}

/// The jobs whose runner, or its manager, GitLab saw at this address.
fn from_address(found: &[u32], address: &str, directory: &Directory) -> Vec<u32> {
    let there = |number: &u32| {
        let records = directory.records(*number).iter();
        let mut seen = records.flat_map(|job| &job.runner_addresses);
        seen.any(|known| known == address)
    };
    found.iter().copied().filter(there).collect()
}

/// The project a login names: by id, by path, by the subject of the ID token, by its alias.
pub(super) fn project(login: &Login, ledger: &Ledger, directory: &Directory) -> Option<u64> {
    if let Ok(id) = ledger.claim(login.metadata, "project_id").parse() {
        return Some(id);
    }
    let path = ledger.claim(login.metadata, "project_path");
    if !path.is_empty() {
        return directory.project_id(path);
    }
    // GitLab's default `sub`: project_path:{path}:ref_type:{type}:ref:{ref}.
    let subject = ledger
        .claim(login.metadata, "sub")
        .strip_prefix("project_path:");
    if let Some(path) = subject.and_then(|rest| rest.split(':').next()) {
        return directory.project_id(path);
    }
    let alias = alias(login, ledger)?;
    let alias = alias
        .strip_prefix("project_path:")
        .and_then(|rest| rest.split(':').next())
        .unwrap_or(alias);
    directory.project_id(alias)
}

/// The alias name behind a display name: Vault joins mount and alias with `-`
/// (`auth/gitlab/jwt/` and `acme/shop` give `gitlab-jwt-acme/shop`).
pub(super) fn alias<'l>(login: &Login, ledger: &'l Ledger) -> Option<&'l str> {
    let mount = ledger.text(login.mount);
    let name = ledger.text(login.display_name);
    sources(ledger.text(login.namespace), mount)
        .iter()
        .find_map(|source| name.strip_prefix(source.as_str()))
        .filter(|alias| !alias.is_empty())
}

/// The service account a login names: its e-mail in the metadata, or as the alias.
pub(super) fn service_account<'l>(login: &Login, ledger: &'l Ledger) -> Option<&'l str> {
    ["service_account_email", "email"]
        .into_iter()
        .map(|key| ledger.claim(login.metadata, key))
        .find(|value| value.contains('@'))
        .or_else(|| alias(login, ledger).filter(|alias| alias.ends_with(".gserviceaccount.com")))
}

/// The services that run as the service account of a login; none that was created only later.
pub(super) fn services(
    login: &Login,
    ledger: &Ledger,
    directory: &Directory,
    declared: &Scope<'_>,
) -> Option<Candidates> {
    let class = declared.mount_class(ledger.text(login.namespace), ledger.text(login.mount));
    if matches!(class, Some(MountClass::Ci | MountClass::Human)) {
        return None;
    }
    let account = service_account(login, ledger)?;
    let explicit = !ledger
        .claim(login.metadata, "service_account_email")
        .is_empty()
        || !ledger.claim(login.metadata, "email").is_empty();
    let mut found: Vec<u32> = Vec::new();
    let mut last = "";
    for (service, number) in directory.services.iter().zip(0u32..) {
        let later = service
            .created_at
            .is_some_and(|created| created.plus_micros(-declared.skew_micros()) > login.at);
        if service.service_account.eq_ignore_ascii_case(account) && !later && service.id != last {
            found.push(number);
            last = &service.id;
        }
    }
    let (key, key_name) = if explicit {
        (
            Key::K1,
            "metadata.service_account_email = service account of the service",
        )
    } else {
        (Key::K3, "alias = service account of the service")
    };
    (!found.is_empty()).then_some(Candidates {
        found,
        key,
        key_name,
    })
}

/// The person a login on a human mount is: the alias by `[people.aliases]`, the GitLab user of
/// exactly that name, the user of the identity provider who bears it, else the GitLab user whose
/// name an e-mail address begins with.
pub(super) fn person(
    login: &Login,
    ledger: &Ledger,
    directory: &Directory,
    idp: &IdpUsers,
    declared: &Scope<'_>,
) -> Option<Known> {
    let class = declared.mount_class(ledger.text(login.namespace), ledger.text(login.mount));
    if class != Some(MountClass::Human) {
        return None;
    }
    let claim = |key| Some(ledger.claim(login.metadata, key)).filter(|value| !value.is_empty());
    let name = claim("username").or_else(|| alias(login, ledger))?;
    let entity = id::vault_entity(ledger.text(login.entity));
    let ids = [
        entity,
        format!("vault:alias/{name}"),
        id::gitlab_user(name),
        name.to_owned(),
    ];
    let known = |person: String, key_name| Known {
        person,
        key: Key::K3,
        key_name,
    };
    if let Some(person) = ids.iter().find_map(|id| declared.person(id)) {
        return Some(known(person.to_owned(), NAME));
    }
    if directory.user(name).is_some() {
        return Some(known(id::gitlab_user(name), NAME));
    }
    let borne = [
        Some(name),
        alias(login, ledger),
        claim("sub"),
        claim("email"),
    ];
    let borne = borne.into_iter().flatten();
    let users: Vec<Known> = borne
        .filter_map(|name| idp.bearer(name, declared))
        .collect();
    let strongest = users.into_iter().min_by_key(|known| known.key);
    let local = name.split('@').next().unwrap_or(name);
    let begun = directory.user(local).filter(|_| name.contains('@'));
    let begun = begun.map(|_| known(id::gitlab_user(local), NAME));
    match (strongest, begun) {
        // Known to the identity provider alone, while GitLab has a user of that name.
        (Some(user), Some(begun)) if user.person.starts_with("okta:") => Some(begun),
        (user, begun) => user.or(begun),
    }
}

/// What tells a person by name.
const NAME: &str = "alias on a human mount = user name";
