//! JOI-029: what one project, service or account reaches, step by step, through roles, policies,
//! credentials that Vault mints and accounts it may act as.

mod graph;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::{Check, Known, Verdict};
use crate::config::Owner;
use crate::model::{Grant, id};
use crate::policy::{Acl, Capability};
use crate::posture::vault::{Held, Role};
use crate::posture::{Posture, VaultPolicy, vault};
use crate::rule::Observation;
use graph::{Graph, Target};

pub(in crate::check) struct BlastRadius;

/// Roles that let their holder act as the account they are granted on.
const ACTING: [&str; 3] = [
    "roles/iam.serviceAccountTokenCreator",
    "roles/iam.serviceAccountOpenIdTokenCreator",
    "roles/iam.workloadIdentityUser",
];

/// Roles that are a project's crown wherever they are granted on more than one resource.
const CROWN: [&str; 8] = [
    "roles/owner",
    "roles/editor",
    "roles/iam.securityAdmin",
    "roles/iam.serviceAccountKeyAdmin",
    "roles/iam.serviceAccountTokenCreator",
    "roles/resourcemanager.projectIamAdmin",
    "roles/resourcemanager.organizationAdmin",
    "roles/secretmanager.admin",
];

const MANAGER: &str = "gcp:resource/cloudresourcemanager.googleapis.com/";

impl Check for BlastRadius {
    fn name(&self) -> &'static str {
        "blast-radius"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        let limits = Limits::of(input);
        let origins = origins(input);
        if origins.is_empty() {
            let reason = "no role names the project or account that logs in";
            return Verdict::NotAssessed(reason.to_owned());
        }
        let undeclared = origins
            .iter()
            .filter(|(name, origin)| !origin.is_declared(name, input));
        Verdict::Looked {
            population: origins.len() as u64,
            observations: undeclared
                .filter_map(|(name, origin)| too_far(name, origin, limits, input))
                .collect(),
        }
    }
}

/// What an origin may reach without a word.
#[derive(Clone, Copy)]
struct Limits {
    secrets: usize,
    permissions: usize,
}

impl Limits {
    fn of(input: &Posture<'_>) -> Limits {
        let limit = |name: &str, default: usize| {
            let set = input.threshold(name);
            set.and_then(|number| usize::try_from(number).ok())
                .unwrap_or(default)
        };
        Limits {
            secrets: limit("blast_secrets", 25),
            permissions: limit("blast_permissions", 25),
        }
    }
}

/// What is said of an origin that reaches too far, and the step without which it reaches less.
fn too_far(
    name: &str,
    origin: &Origin<'_>,
    limits: Limits,
    input: &Posture<'_>,
) -> Option<Observation> {
    let (graph, derived) = graph_of(name, origin, input);
    let reached = graph.reached(name, None);
    let count = |secret: bool| {
        let targets = reached.targets.iter();
        targets.filter(|target| target.secret == secret).count()
    };
    let crowns = reached.targets.iter().filter(|target| target.crown).count();
    let (opens, may) = (count(true), count(false));
    if crowns == 0 && opens <= limits.secrets && may <= limits.permissions {
        return None;
    }
    let cut = graph.cut(name, crowns > 0)?;
    let path = reached.path.join(" > ");
    let mut detail = format!(
        "{opens} place(s) of secrets and {may} Google grant(s), {crowns} of them production of others or a project's crown; shortest path {path}; without {} > {} it reaches {} fewer",
        cut.from, cut.to, cut.lost
    );
    let by_pattern: Vec<&String> = reached
        .targets
        .iter()
        .filter_map(|target| derived.get(&target.name))
        .collect();
    let nearest = reached.path.last().and_then(|end| derived.get(end));
    if let Some(one) = nearest.or(by_pattern.first().copied()) {
        let many = by_pattern.len();
        let _ = write!(detail, "; {many} place(s) by pattern, such as{one}");
    }
    Some(Observation::of(name, cut.to.as_str(), cut.evidence).with_detail(detail))
}

/// Where a chain begins: what it owns, and what it becomes.
#[derive(Default)]
struct Origin<'c> {
    /// Names of `[[owner]]` that are its own.
    own: BTreeSet<String>,
    roles: Vec<Role<'c>>,
    accounts: BTreeSet<String>,
}

impl Origin<'_> {
    /// Whether it, a role of it or an account of it is declared to reach far.
    fn is_declared(&self, name: &str, input: &Posture<'_>) -> bool {
        let people = &input.settings.people;
        let mut accounts = self.accounts.iter();
        people.is_admin(name)
            || people.is_break_glass(name)
            || self.roles.iter().any(|role| role.is_declared(input))
            || accounts.any(|account| people.is_admin(account))
    }
}

/// Projects, services and accounts that roles name without a pattern, and every exported service.
fn origins<'c>(input: &'c Posture<'_>) -> BTreeMap<String, Origin<'c>> {
    let mut origins: BTreeMap<String, Origin<'c>> = BTreeMap::new();
    for service in input.services {
        let origin = origins.entry(service.id.clone()).or_default();
        origin.own.insert(service.name.clone());
        if !service.service_account.is_empty() {
            let account = id::gcp_service_account(&service.service_account);
            origin.accounts.insert(account);
        }
    }
    for role in vault::roles(input) {
        for (name, own) in bound(&role, input) {
            let origin = origins.entry(name).or_default();
            origin.own.extend(own);
            origin.roles.push(role.clone());
        }
    }
    origins
}

/// Whom a role lets in, by name, each with the names it owns by.
fn bound(role: &Role<'_>, input: &Posture<'_>) -> Vec<(String, Option<String>)> {
    let mut found = Vec::new();
    for (claim, value) in role.claims().filter(|(_, value)| !value.contains('*')) {
        match claim {
            "project_path" => {
                let project = input.things.of("gitlab-project").find(|project| {
                    let path = input.things.project_path(project.object);
                    path.is_some_and(|path| path.eq_ignore_ascii_case(value))
                });
                let name = project.map(|project| project.object.to_owned());
                let name = name.unwrap_or_else(|| format!("gitlab:project/{value}"));
                found.push((name, Some(value.to_owned())));
            }
            "project_id" => {
                let name = format!("gitlab:project/{value}");
                let path = input.things.project_path(&name).map(str::to_owned);
                found.push((name, path));
            }
            _ => {}
        }
    }
    let emails = role.claims().filter(|(claim, _)| *claim == "email");
    let emails = emails
        .map(|(_, email)| email)
        .chain(role.thing.values("bound_service_accounts"))
        .filter(|email| email.ends_with(".gserviceaccount.com") && !email.contains('*'));
    for email in emails {
        let mut runs = input
            .services
            .iter()
            .filter(|service| service.service_account.eq_ignore_ascii_case(email))
            .peekable();
        if runs.peek().is_none() {
            found.push((id::gcp_service_account(email), None));
        }
        for service in runs {
            found.push((service.id.clone(), Some(service.name.clone())));
        }
    }
    found.sort();
    found.dedup();
    found
}

/// Everything that an origin reaches, and how places of patterns were told.
fn graph_of(
    name: &str,
    origin: &Origin<'_>,
    input: &Posture<'_>,
) -> (Graph, BTreeMap<String, String>) {
    let mut derived = BTreeMap::new();
    let mut graph = Graph::default();
    let mut accounts: BTreeSet<String> = BTreeSet::new();
    for account in &origin.accounts {
        let service = input.services.iter().find(|service| service.id == name);
        if let Some(service) = service {
            graph.step(name, account, input.evidence(service.place));
        }
        accounts.insert(account.clone());
    }
    for role in &origin.roles {
        let Some(place) = role.thing.place() else {
            continue;
        };
        graph.step(name, &role.id, input.evidence(place));
        let held = Held::of(role, input);
        let policies = &held.policies;
        for owned in held.near(input) {
            let Some((policy, evidence)) = held
                .reach(&owned, input)
                .and_then(|rule| stated(policies, &rule))
            else {
                continue;
            };
            let given = policy.observe_whole("").evidence;
            graph.step(&role.id, &policy.id, input.evidence(place));
            let place = id::vault_path(Some(&role.namespace), &owned.shown());
            if owned.derived.is_some() {
                derived.insert(place.clone(), owned.derivation());
            }
            let target = Target {
                name: place.clone(),
                secret: true,
                crown: is_crown(owned.owner, &origin.own, input),
            };
            graph.end(&policy.id, &place, target, evidence.unwrap_or(given));
        }
        for (account, policy, evidence) in minted(&held.acl, policies, input) {
            graph.step(&role.id, &policy, input.evidence(place));
            graph.step(&policy, &account, evidence);
            accounts.insert(account);
        }
    }
    act(&mut graph, accounts, input);
    (graph, derived)
}

/// Steps from accounts to what they are granted, and to further accounts.
fn act(graph: &mut Graph, first: BTreeSet<String>, input: &Posture<'_>) {
    let mut known = first.clone();
    let mut open: Vec<String> = first.into_iter().collect();
    while let Some(account) = open.pop() {
        let own = |grant: &&Grant| grant.language == "gcp" && grant.holder == account;
        for grant in input.grants.iter().filter(own) {
            let evidence = input.evidence(grant.place);
            let acting = ACTING.contains(&grant.capability.as_str());
            if let (true, Some((_, email))) =
                (acting, grant.resource.split_once("/serviceAccounts/"))
            {
                let next = id::gcp_service_account(email);
                graph.step(&account, &next, evidence);
                if known.insert(next.clone()) {
                    open.push(next);
                }
                continue;
            }
            let wide = grant.resource.starts_with(MANAGER);
            let end = format!("{} on {}", grant.capability, grant.resource);
            let target = Target {
                name: end.clone(),
                secret: false,
                crown: wide && CROWN.contains(&grant.capability.as_str()),
            };
            graph.end(&account, &end, target, evidence);
        }
    }
}

/// Accounts whose credentials a token may ask Vault for.
fn minted(
    acl: &Acl,
    policies: &[&VaultPolicy<'_>],
    input: &Posture<'_>,
) -> Vec<(String, String, crate::model::Evidence)> {
    let mut found = Vec::new();
    for account in input.things.of("vault-gcp-account") {
        let (Some(email), Some(path)) = (
            account.value("service_account_email"),
            account.object.strip_prefix("vault:path/"),
        ) else {
            continue;
        };
        for what in ["token", "key"] {
            let path = format!("{path}/{what}");
            let held = acl.grants(&path, false).capabilities;
            let opens = held.has(Capability::Read) || held.has(Capability::Update);
            let rule = acl.deciding(&path, false).filter(|_| opens);
            if let Some((policy, evidence)) = rule.and_then(|rule| stated(policies, &rule)) {
                let evidence = evidence.unwrap_or_else(|| policy.observe_whole("").evidence);
                found.push((id::gcp_service_account(email), policy.id.clone(), evidence));
            }
        }
    }
    found
}

/// The policy that states a pattern, and where.
fn stated<'p, 'c>(
    policies: &[&'p VaultPolicy<'c>],
    rule: &str,
) -> Option<(&'p VaultPolicy<'c>, Option<crate::model::Evidence>)> {
    let found = policies
        .iter()
        .find_map(|policy| Some((*policy, vault::stanza(policy, rule)?)));
    match found {
        Some((policy, stanza)) => Some((policy, Some(policy.evidence(stanza.span)))),
        None => policies.first().map(|policy| (*policy, None)),
    }
}

/// Whether a place is production and somebody else's.
fn is_crown(owner: &Owner, own: &BTreeSet<String>, input: &Posture<'_>) -> bool {
    let name = owner.project.as_ref().map(|project| project.as_str());
    let Some(name) = name.or(owner.service.as_deref()) else {
        return false;
    };
    let mine = own.iter().any(|own| {
        let last = own.rsplit('/').next().unwrap_or(own);
        own.eq_ignore_ascii_case(name) || (!name.contains('/') && last.eq_ignore_ascii_case(name))
    });
    let tier = owner
        .environment
        .as_deref()
        .and_then(|environment| input.settings.environments.tier(environment));
    // Whose own names are unknown may own everything it reaches.
    !own.is_empty() && !owner.shared && tier == Some("prod") && !mine
}
