//! Auth roles and the policies they give.

use std::collections::BTreeSet;

use crate::config::MountClass;
use crate::model::{Evidence, id};
use crate::posture::{Posture, Thing, VaultPolicy};
use crate::rule::Observation;

/// A role of an auth method.
#[derive(Clone, Debug)]
pub(crate) struct Role<'c> {
    pub(crate) thing: Thing<'c>,
    /// `vault:role/[<namespace>/]<mount>/<name>`.
    pub(crate) id: String,
    /// Namespace, empty for root.
    pub(crate) namespace: String,
    /// Mount without `auth/`.
    pub(crate) mount: &'c str,
    /// `jwt`, `oidc`, `gcp`, ...
    pub(crate) method: &'c str,
    /// Who logs in through the mount, as configured.
    pub(crate) class: Option<MountClass>,
    /// Issuer of the mount's settings, empty when they were not read.
    pub(crate) issuer: String,
}

/// Every role, by id and file.
pub(crate) fn roles<'c>(input: &'c Posture<'_>) -> Vec<Role<'c>> {
    let roles = input.things.of("vault-role").map(|thing| {
        let mount = thing.value("mount").unwrap_or_default();
        let namespace = namespace(&thing).to_owned();
        let within = Some(namespace.as_str()).filter(|namespace| !namespace.is_empty());
        let settings = id::vault_mount(within, &format!("auth/{mount}/"));
        let issuer = input
            .things
            .named("vault-auth-config", &settings)
            .find_map(|config| issuer(&config));
        Role {
            thing,
            id: thing.object.to_owned(),
            mount,
            method: thing.value("method").unwrap_or_default(),
            class: input.settings.mounts.class(within, mount),
            namespace,
            issuer: issuer.unwrap_or_default(),
        }
    });
    roles.collect()
}

/// The namespace of a role, empty for root.
pub(crate) fn namespace<'t>(role: &Thing<'t>) -> &'t str {
    let mount = role.value("mount").unwrap_or_default();
    let name = role.value("name").unwrap_or_default();
    let below = role.object.strip_prefix("vault:role/").unwrap_or_default();
    let above = below
        .strip_suffix(name)
        .and_then(|rest| rest.strip_suffix('/'));
    let above = above.and_then(|rest| rest.strip_suffix(mount));
    above.unwrap_or_default().trim_end_matches('/')
}

/// Those of `roles`, which are all of them, that give a policy.
pub(crate) fn holders<'r, 'c>(
    roles: &'r [Role<'c>],
    policy: &'r VaultPolicy<'_>,
) -> impl Iterator<Item = &'r Role<'c>> {
    let positions = policy.holders.iter().map(|holder| holder.position);
    positions.filter_map(|position| roles.get(position))
}

/// Who issues the tokens that a mount accepts.
fn issuer(config: &Thing<'_>) -> Option<String> {
    ["bound_issuer", "oidc_discovery_url", "jwks_url"]
        .into_iter()
        .find_map(|name| config.value(name))
        .map(str::to_owned)
}

/// Claims that only GitLab's ID tokens have.
const GITLAB_CLAIMS: [&str; 13] = [
    "namespace_id",
    "namespace_path",
    "project_id",
    "project_path",
    "pipeline_source",
    "ref_protected",
    "ref_type",
    "environment_protected",
    "user_login",
    "user_email",
    "user_id",
    "job_id",
    "pipeline_id",
];

impl Role<'_> {
    /// The names of its policies.
    pub(crate) fn policies(&self) -> BTreeSet<&str> {
        self.thing.values("token_policies").collect()
    }

    /// The stated policies of its tokens, `default` included unless it is left out.
    pub(crate) fn token<'p, 'c>(&self, input: &'p Posture<'c>) -> Vec<&'p VaultPolicy<'c>> {
        let mut names = self.policies();
        if !self.thing.is_true("token_no_default_policy") {
            names.insert("default");
        }
        // What two files state under one name is one policy.
        let path = self
            .thing
            .place()
            .map_or("", |place| input.file(place.file));
        let stated = names
            .iter()
            .filter_map(|name| input.policy_of(&self.namespace, name, path));
        stated.collect()
    }

    /// Whether tokens of GitLab jobs log in: by configuration, issuer, or the claims it names.
    pub(crate) fn is_gitlab(&self) -> bool {
        if !matches!(self.method, "jwt" | "oidc") {
            return false;
        }
        let issuer = self.issuer.contains("gitlab") || self.is_named_gitlab();
        let claims = self
            .claims()
            .any(|(claim, _)| GITLAB_CLAIMS.contains(&claim));
        let mapped = self.thing.below("claim_mappings.");
        let mapped = mapped
            .filter(|(claim, _)| GITLAB_CLAIMS.contains(claim))
            .count();
        let named = self
            .thing
            .value("user_claim")
            .is_some_and(|c| GITLAB_CLAIMS.contains(&c));
        issuer || claims || mapped > 1 || named || self.class == Some(MountClass::Ci)
    }

    /// Whether nothing but the name of its mount says whose tokens log in, and that says GitLab's.
    fn is_named_gitlab(&self) -> bool {
        let named = self.mount.to_ascii_lowercase().contains("gitlab");
        self.is_of_unknown_issuer() && named
    }

    /// Whether nothing says whose tokens log in: neither the settings of the mount nor its class.
    fn is_of_unknown_issuer(&self) -> bool {
        self.method == "jwt" && self.issuer.is_empty() && self.class.is_none()
    }

    /// Whether it binds nothing and nothing says whose tokens log in: those of GitLab jobs may.
    pub(crate) fn is_open_to_unknown(&self) -> bool {
        let bound = self.claims().next().is_some() || self.thing.has("bound_subject");
        self.is_of_unknown_issuer() && !bound
    }

    /// Whether the mount's settings name a GitLab instance.
    pub(crate) fn is_gitlab_issuer(&self) -> bool {
        self.issuer.contains("gitlab")
    }

    /// Whether tokens that Google signs for service accounts log in.
    pub(crate) fn is_google(&self) -> bool {
        self.method == "gcp"
            || (self.method == "jwt" && self.issuer.contains("accounts.google.com"))
    }

    /// Bound claims, one per allowed value.
    pub(crate) fn claims(&self) -> impl Iterator<Item = (&str, &str)> {
        self.thing.below("bound_claims.")
    }

    /// Whether a claim is bound to one value.
    pub(crate) fn requires(&self, claim: &str, value: &str) -> bool {
        let mut values = self.claims().filter(|(name, _)| *name == claim).peekable();
        values.peek().is_some() && values.all(|(_, found)| found == value)
    }

    /// The id of its mount.
    pub(crate) fn mount_id(&self) -> String {
        let namespace = Some(self.namespace.as_str());
        id::vault_mount(namespace, &format!("auth/{}/", self.mount))
    }

    /// Whether the values of `bound_claims` are globs.
    pub(crate) fn is_glob(&self) -> bool {
        self.thing.value("bound_claims_type") == Some("glob")
    }

    /// Whether every value of a claim names one project, no group and no part of a name.
    pub(crate) fn names_a_project(&self, claim: &str) -> bool {
        let values = || {
            self.claims()
                .filter(|(name, _)| *name == claim)
                .map(|(_, value)| value)
        };
        let open = |value: &str| self.is_glob() && project_of(claim, value).contains('*');
        values().next().is_some() && !values().any(open)
    }

    /// Whether a claim is bound to values of which none is open from the start.
    pub(crate) fn names_a_group(&self, claim: &str) -> bool {
        let values = || {
            self.claims()
                .filter(|(name, _)| *name == claim)
                .map(|(_, value)| value)
        };
        let open = |value: &str| {
            let project = project_of(claim, value);
            let named = project.rsplit(':').next().unwrap_or_default();
            self.is_glob() && (named.starts_with('*') || named.is_empty())
        };
        values().next().is_some() && !values().any(open)
    }

    /// The path of the one project that it is bound to, by the path or by an exported id.
    pub(crate) fn project_path(&self, input: &Posture<'_>) -> Option<String> {
        let one = |claim: &'static str| {
            let mut values = self.claims().filter(move |(name, _)| *name == claim);
            let (_, value) = values.next()?;
            (values.next().is_none() && !value.contains('*')).then_some(value)
        };
        if self.binds("project_path") {
            return one("project_path").map(str::to_owned);
        }
        let object = format!("gitlab:project/{}", one("project_id")?);
        input.things.project_path(&object).map(str::to_owned)
    }

    /// Whether a claim is bound.
    pub(crate) fn binds(&self, claim: &str) -> bool {
        self.claims().any(|(name, _)| name == claim)
    }

    /// Whether it is for machines: CI jobs or workloads, by configuration or by its issuer.
    pub(crate) fn is_machine(&self) -> bool {
        match self.class {
            Some(MountClass::Ci | MountClass::Workload) => true,
            Some(MountClass::Human) => false,
            None => self.is_gitlab() || self.is_google(),
        }
    }

    /// What the reader could not resolve (Terraform variables), or what was cut from a server's answer:
    /// a rule that needs it says nothing.
    pub(crate) fn is_unresolved(&self, name: &str) -> bool {
        self.thing.values("unresolved").any(|found| found == name)
    }

    /// The path of the file that states it.
    pub(crate) fn path<'c>(&self, input: &Posture<'c>) -> &'c str {
        self.thing
            .place()
            .map_or("", |place| input.file(place.file))
    }

    /// Whether a declared administrator logs in.
    pub(crate) fn is_declared(&self, input: &Posture<'_>) -> bool {
        let people = &input.settings.people;
        people.is_admin(&self.id) || people.is_break_glass(&self.id)
    }

    /// Whether every project whose jobs log in is declared an administrator, though the role is not.
    pub(super) fn is_of_declared(&self, input: &Posture<'_>) -> bool {
        let bound = |claim: &'static str| {
            let values = self.claims().filter(move |(name, _)| *name == claim);
            values.map(|(_, value)| value).collect::<Vec<_>>()
        };
        let is_admin = |project: &str| input.settings.people.is_admin(project);
        let is_named = |path: &&str| {
            let mut projects = input.things.of("gitlab-project");
            projects.any(|it| {
                input.things.project_path(it.object) == Some(*path) && is_admin(it.object)
            })
        };
        let (ids, paths) = (bound("project_id"), bound("project_path"));
        let by_id = !ids.is_empty()
            && ids
                .iter()
                .all(|id| is_admin(&format!("gitlab:project/{id}")));
        let by_path = !paths.is_empty() && paths.iter().all(is_named);
        !self.is_glob() && (by_id || by_path)
    }

    /// An observation about the role; `name` is the attribute that shows it.
    pub(crate) fn observe(
        &self,
        object: impl Into<String>,
        name: &str,
        input: &Posture<'_>,
    ) -> Observation {
        let place = self.thing.place_of(name);
        let evidence = place.map_or_else(
            || Evidence {
                file: String::new(),
                line: 1,
                byte: 0,
                sha256: String::new(),
            },
            |place| input.evidence(place),
        );
        let excerpt = place.and_then(|place| input.excerpt(place.file, place.line));
        Observation::of(self.id.clone(), object, evidence).with_excerpt(excerpt)
    }
}

/// The claim that names the file of a pipeline and its ref:
/// `gitlab.example/group/project//.gitlab-ci.yml@refs/heads/main`. It is set where the file lies in the
/// pipeline's own project alone (docs.gitlab.com/ci/secrets/id_token_authentication).
pub(crate) const CONFIG_REF: &str = "ci_config_ref_uri";

/// The part of a claim's value that names the project: of `sub`, what stands before the ref; of the
/// pipeline's file, what stands between the host and the file.
pub(crate) fn project_of<'v>(claim: &str, value: &'v str) -> &'v str {
    if claim == CONFIG_REF {
        let (place, _) = value.split_once("//").unwrap_or((value, ""));
        let (host, project) = place.split_once('/').unwrap_or(("*", place));
        // A host that a star stands in may be longer, and hold the first of the project's groups.
        return if host.contains('*') { value } else { project };
    }
    if claim != "sub" {
        return value;
    }
    let end = value
        .match_indices(':')
        .nth(1)
        .map_or(value.len(), |(at, _)| at);
    value.get(..end).unwrap_or(value)
}
