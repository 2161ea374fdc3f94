//! AWS-TRU-003: a production role that takes jobs of refs that are not protected.

use super::open_role::is_open;
use super::trust::{self, Bound};
use super::{Check, Known, Verdict};
use crate::model::aws_policy::is_like;
use crate::posture::{Posture, Thing};

pub(in crate::check) struct UnprotectedTrust;

impl Check for UnprotectedTrust {
    fn name(&self) -> &'static str {
        "unprotected-aws-trust"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        let roles = trust::ci_roles(input);
        if roles.is_empty() {
            return trust::none();
        }
        let (mut population, mut observations) = (0, Vec::new());
        let mut missing = None;
        for found in roles
            .iter()
            .filter(|found| is_production(&found.role, input))
        {
            population += 1;
            for entry in found.entries.iter().filter(|entry| !is_open(entry)) {
                // All conditions must hold: one that takes protected refs alone is enough.
                let bound = entry.bound("sub");
                let judged: Vec<Admits> = bound.iter().map(|all| admits(all, input)).collect();
                if judged
                    .iter()
                    .any(|admits| matches!(admits, Admits::Protected))
                {
                    continue;
                }
                if let Some(Admits::Unknown(project)) = judged
                    .iter()
                    .find(|admits| matches!(admits, Admits::Unknown(_)))
                {
                    missing.get_or_insert_with(|| {
                        format!("no export of the protected branches of {project}")
                    });
                    continue;
                }
                for value in judged.iter().filter_map(Admits::unprotected) {
                    let detail = format!("`{value}` takes a ref that is not protected");
                    observations.extend(trust::observe(
                        input,
                        &found.role,
                        entry.provider(),
                        detail,
                    ));
                }
            }
        }
        if population == 0 {
            return Verdict::NotAssessed(
                "no exported AWS role that trusts GitLab is told as one of production".to_owned(),
            );
        }
        Verdict::looked(population, observations, missing)
    }
}

/// Whether a role is of production: its tag says so, else a part of its name.
fn is_production(role: &Thing<'_>, input: &Posture<'_>) -> bool {
    let prod = |name: &str| input.settings.environments.tier(name) == Some("prod");
    let tags = ["environment", "env", "stage"];
    let mut tagged = role
        .below("tag.")
        .filter(|(key, _)| tags.iter().any(|tag| key.eq_ignore_ascii_case(tag)));
    match tagged.next() {
        Some((_, value)) => prod(value),
        None => {
            let name = role.value("name").unwrap_or("");
            name.split(['-', '_', '.', '/']).any(prod)
        }
    }
}

/// Which refs alternatives of a subject take.
enum Admits<'s> {
    /// Protected ones alone.
    Protected,
    /// Others too, by this value.
    Unprotected(&'s str),
    /// The export of that project would tell.
    Unknown(&'s str),
}

impl<'s> Admits<'s> {
    fn unprotected(&self) -> Option<&'s str> {
        match self {
            Admits::Unprotected(value) => Some(value),
            Admits::Protected | Admits::Unknown(_) => None,
        }
    }
}

fn admits<'s>(alternatives: &[Bound<'s>], input: &Posture<'_>) -> Admits<'s> {
    let judged: Vec<Admits<'s>> = alternatives
        .iter()
        .map(|one| of_value(*one, input))
        .collect();
    let mut unknown = None;
    for one in judged {
        match one {
            Admits::Unprotected(value) => return Admits::Unprotected(value),
            Admits::Unknown(project) => unknown = Some(project),
            Admits::Protected => {}
        }
    }
    unknown.map_or(Admits::Protected, Admits::Unknown)
}

fn of_value<'s>(bound: Bound<'s>, input: &Posture<'_>) -> Admits<'s> {
    let guards = ["ref_protected:true", "environment_protected:true"];
    let value = bound.value;
    if guards.iter().any(|guard| value.contains(guard)) {
        return Admits::Protected;
    }
    if !bound.open && value.contains(['*', '?']) {
        // Nobody can assume it.
        return Admits::Protected;
    }
    let rest = value.strip_prefix("project_path:").unwrap_or("");
    let (project, rest) = rest.split_once(':').unwrap_or((rest, ""));
    let part = |name: &str| {
        let (_, after) = rest.split_once(name)?;
        (rest.starts_with(name) || rest.contains(&format!(":{name}"))).then_some(after)
    };
    let kind = part("ref_type:").map(|after| after.split(':').next().unwrap_or(after));
    let Some(named) = part("ref:").filter(|named| *named != "*") else {
        return Admits::Unprotected(value);
    };
    let kind = match kind {
        Some("branch") => "protected-branch",
        Some("tag") => "protected-tag",
        // A tag of a protected branch's name is no protected one.
        _ => return Admits::Unprotected(value),
    };
    let Some(protected) = protected(project, kind, input) else {
        return Admits::Unknown(project);
    };
    // A pattern is covered by one that takes it as a text, its own wildcards included.
    match protected
        .iter()
        .any(|pattern| is_like(pattern, named, false))
    {
        true => Admits::Protected,
        false => Admits::Unprotected(value),
    }
}

/// The names of a project's protected branches or tags; none where they are not exported.
fn protected(path: &str, kind: &str, input: &Posture<'_>) -> Option<Vec<String>> {
    let mut projects = input.things.of("gitlab-project");
    let project = projects.find(|found| found.value("path_with_namespace") == Some(path))?;
    let id = project.object.strip_prefix("gitlab:project/")?;
    let noun = kind.strip_prefix("protected-").unwrap_or(kind);
    let prefix = format!("gitlab:{noun}/{id}/");
    let named = input.things.of(kind);
    let named = named.filter_map(|thing| thing.object.strip_prefix(&prefix).map(str::to_owned));
    let named: Vec<String> = named.collect();
    (!named.is_empty()).then_some(named)
}
