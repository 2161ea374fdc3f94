//! Who may ask: whatever a name stands for (a policy, a role, an entity, a project or an account),
//! with the policies that its tokens have.

use std::collections::BTreeSet;

use super::entity::entities;
use super::{Role, roles};
use crate::identity::wildcard;
use crate::model::id;
use crate::policy::{Acl, AclContext, Decision, Entity, Pattern, Policy, Request, shipped_default};
use crate::posture::{Posture, Thing, VaultPolicy};

/// One who asks, as configuration states it.
#[derive(Debug)]
pub(crate) struct Caller {
    /// Its id: `vault:role/...`, `vault:entity/...`, `vault:policy/...`; policies joined by commas.
    pub(crate) id: String,
    /// Namespace, empty for root.
    pub(crate) namespace: String,
    /// Names of the policies of its tokens, sorted.
    pub(crate) policies: BTreeSet<String>,
    /// Path of the file that states it, empty where only its policies are named.
    path: String,
    entity: Option<Entity>,
}

/// What its policies say of one request.
#[derive(Debug)]
pub(crate) struct Said {
    /// Whether they allow it.
    pub(crate) allowed: bool,
    /// The policies that do, in the order of their names.
    pub(crate) granting: Vec<String>,
    /// The deciding pattern.
    pub(crate) rule: Option<String>,
    /// File and line of the deciding stanza, where one is stated.
    pub(crate) place: Option<(String, u64)>,
    /// Policies that are not stated: what they grant is not known.
    pub(crate) absent: Vec<String>,
    /// Templated stanzas that may match, and whose values are not known.
    pub(crate) templates: Vec<String>,
}

/// All that `who` may stand for, by id; empty where it stands for nothing stated.
pub(crate) fn callers(input: &Posture<'_>, who: &str) -> Vec<Caller> {
    let mut found: Vec<Caller> = roles(input)
        .iter()
        .filter(|role| stands_for_role(input, role, who))
        .map(|role| of_role(input, role))
        .collect();
    found.extend(
        input
            .things
            .of("vault-entity")
            .filter(|entity| stands_for_entity(entity, who))
            .map(|entity| of_entity(input, &entity)),
    );
    found.sort_by(|a, b| a.id.cmp(&b.id));
    found.dedup_by(|a, b| a.id == b.id);
    if found.is_empty() {
        found.extend(of_policies(input, who));
    }
    found
}

/// What can be asked about, for whoever misspelt it.
pub(crate) fn names(input: &Posture<'_>) -> BTreeSet<String> {
    let roles = roles(input).into_iter().map(|role| role.id);
    let entities = input.things.of("vault-entity");
    let entities = entities.filter_map(|entity| entity.value("name").map(str::to_owned));
    let policies = input.policies.iter().map(|policy| policy.name.to_owned());
    roles.chain(entities).chain(policies).collect()
}

/// Whether a role is called so, or lets in the project or account that is.
fn stands_for_role(input: &Posture<'_>, role: &Role<'_>, who: &str) -> bool {
    let name = role.thing.value("name").unwrap_or_default();
    let called = [role.id.as_str(), name];
    let mounted = format!("{}/{name}", role.mount);
    if called.contains(&who) || who == mounted || who == format!("auth/{mounted}") {
        return true;
    }
    let account = who.strip_prefix("gcp:sa/").unwrap_or(who);
    let mut accounts = role.thing.values("bound_service_accounts");
    if account.contains('@') && accounts.any(|bound| bound == account) {
        return true;
    }
    lets_in_project(input, role, who)
}

/// Whether the claims of a role let in a project, by its path or id.
fn lets_in_project(input: &Posture<'_>, role: &Role<'_>, who: &str) -> bool {
    let called = |object| input.things.project_path(object);
    let exported = input
        .things
        .of("gitlab-project")
        .find(|project| project.object == who || called(project.object) == Some(who));
    let path = exported
        .and_then(|project| called(project.object))
        .unwrap_or(who);
    let number = exported.map_or(who, |project| project.object);
    let number = number.strip_prefix("gitlab:project/").unwrap_or_default();
    if !path.contains('/') && number.is_empty() {
        return false;
    }
    let bound = |claim: &str, actual: &str| {
        let mut values = role.claims().filter(|(name, _)| *name == claim).peekable();
        values.peek().is_some().then(|| {
            values.any(|(_, value)| value == actual || (role.is_glob() && wildcard(value, actual)))
        })
    };
    let group = path.rsplit_once('/').map_or("", |(group, _)| group);
    let answers = [
        bound("project_path", path),
        bound("project_id", number),
        bound("namespace_path", group),
    ];
    // Claims are all asked; one that is not bound lets everybody in, but some must name it.
    answers.iter().flatten().count() > 0 && answers.iter().flatten().all(|lets| *lets)
}

fn of_role(input: &Posture<'_>, role: &Role<'_>) -> Caller {
    let mut policies: BTreeSet<String> = role.policies().into_iter().map(str::to_owned).collect();
    if !role.thing.is_true("token_no_default_policy") {
        policies.insert("default".to_owned());
    }
    Caller {
        id: role.id.clone(),
        namespace: role.namespace.clone(),
        policies,
        path: role.path(input).to_owned(),
        entity: None,
    }
}

fn stands_for_entity(entity: &Thing<'_>, who: &str) -> bool {
    let mut aliases = entity.below("alias.");
    entity.object == who
        || entity.value("name") == Some(who)
        || aliases.any(|(name, value)| name.ends_with(".name") && value == who)
}

/// An entity by itself: what a role adds at login comes on top.
fn of_entity(input: &Posture<'_>, entity: &Thing<'_>) -> Caller {
    let id = entity.object.strip_prefix("vault:entity/");
    let mut policies: BTreeSet<String> = entity.values("policies").map(str::to_owned).collect();
    policies.insert("default".to_owned());
    for group in ["group_ids", "direct_group_ids", "inherited_group_ids"] {
        for group in entity.values(group) {
            let group = format!("vault:group/{group}");
            for group in input.things.named("vault-group", &group) {
                policies.extend(group.values("policies").map(str::to_owned));
            }
        }
    }
    let place = entity.place();
    Caller {
        id: entity.object.to_owned(),
        namespace: String::new(),
        policies,
        path: place.map_or("", |place| input.file(place.file)).to_owned(),
        entity: id.and_then(|id| entities(&input.things).remove(id)),
    }
}

/// Policies named one by one, as a token may hold them; `default` only where it is named.
fn of_policies(input: &Posture<'_>, who: &str) -> Option<Caller> {
    let names = who.strip_prefix("vault:policy/").unwrap_or(who);
    let names: BTreeSet<String> = names
        .split(',')
        .map(|name| name.trim().to_owned())
        .collect();
    let namespace = |name: &String| {
        let stated = input.policies.iter().find(|policy| {
            policy.name == name || id::in_namespace(Some(policy.namespace), policy.name) == *name
        });
        stated.map(|policy| (policy.namespace.to_owned(), policy.name.to_owned()))
    };
    let found: Option<Vec<(String, String)>> = names
        .iter()
        .map(|name| match name.as_str() {
            "root" => Some((String::new(), name.clone())),
            _ => namespace(name),
        })
        .collect();
    let found = found?;
    let namespace = found.first()?.0.clone();
    Some(Caller {
        id: names.iter().cloned().collect::<Vec<_>>().join(","),
        policies: found.into_iter().map(|(_, name)| name).collect(),
        namespace,
        path: String::new(),
        entity: None,
    })
}

impl Caller {
    /// The path that the server is asked for: a path of a listed key-value engine (version 2) may
    /// be written as people say it, without `data/`.
    pub(crate) fn api_path(&self, input: &Posture<'_>, path: &str, lists: bool) -> String {
        let stated = self.stated(input);
        let patterns: Vec<Pattern> = stated
            .iter()
            .flat_map(|policy| policy.stanzas())
            .map(|stanza| Pattern::new(&stanza.path, ""))
            .collect();
        let file = match (self.path.is_empty(), stated.first()) {
            (true, Some(policy)) => policy.path,
            _ => &self.path,
        };
        let mounts = super::Mounts::of(input, &self.namespace, file);
        let regions = mounts.regions(&patterns);
        let region = regions.iter().filter(|region| {
            // Version 2 keeps names and values apart.
            region.values != region.names && path.starts_with(&region.mount)
        });
        let Some(region) = region.max_by_key(|region| region.mount.len()) else {
            return path.to_owned();
        };
        let below = path.get(region.mount.len()..).unwrap_or_default();
        let endpoint = below.split('/').next().unwrap_or_default();
        const ENDPOINTS: [&str; 7] = [
            "data", "metadata", "delete", "undelete", "destroy", "subkeys", "config",
        ];
        if ENDPOINTS.contains(&endpoint) {
            return path.to_owned();
        }
        let prefix = if lists { &region.names } else { &region.values };
        format!("{prefix}{below}")
    }

    fn stated<'p, 'c>(&self, input: &'p Posture<'c>) -> Vec<&'p VaultPolicy<'c>> {
        let named = self.policies.iter();
        named
            .filter_map(|name| input.policy_of(&self.namespace, name, &self.path))
            .collect()
    }

    /// Decides one request by all the policies together.
    pub(crate) fn ask(&self, input: &Posture<'_>, request: &Request<'_>) -> Said {
        let stated = self.stated(input);
        let (shipped, nothing) = (shipped_default(), Policy::default());
        let mut held: Vec<(&str, &Policy)> = Vec::new();
        let mut absent = Vec::new();
        for name in &self.policies {
            match stated.iter().find(|policy| policy.name == name) {
                Some(policy) => held.push((name, &policy.stated.policy)),
                None if name == "default" => held.push((name, &shipped)),
                None if name == "root" => held.push((name, &nothing)),
                None => absent.push(name.clone()),
            }
        }
        let acl = Acl::new(
            &held,
            AclContext {
                dialect: input.dialect(),
                namespace: &self.namespace,
                entity: self.entity.as_ref(),
                as_of: Some(input.as_of),
                ..AclContext::default()
            },
        );
        let decision = acl.decide(request);
        Said {
            allowed: decision.allowed,
            granting: decision.granting().map(str::to_owned).collect(),
            rule: decision.rule().map(str::to_owned),
            place: place(&decision, &stated),
            absent,
            templates: match self.entity {
                Some(_) => Vec::new(),
                None => self.templates(&stated, request.path),
            },
        }
    }

    /// Templated stanzas that may stand for the path, each directive for any segment.
    fn templates(&self, stated: &[&VaultPolicy<'_>], path: &str) -> Vec<String> {
        let stanzas = stated.iter().flat_map(|policy| policy.stanzas());
        let templated = stanzas.map(|stanza| stanza.path.as_str());
        let templated = templated.filter(|label| label.contains("{{"));
        let may = |label: &&str| {
            let segments = label.split('/').map(|part| match part.contains("{{") {
                true => "+",
                false => part,
            });
            let open = segments.collect::<Vec<_>>().join("/");
            Pattern::new(&open, "").matches(path)
        };
        let found: BTreeSet<&str> = templated.filter(may).collect();
        found.into_iter().map(str::to_owned).collect()
    }
}

/// Where the deciding stanza stands.
fn place(decision: &Decision<'_>, stated: &[&VaultPolicy<'_>]) -> Option<(String, u64)> {
    let at = decision.stanza()?;
    let policy = stated.iter().find(|policy| policy.name == at.policy)?;
    let stanzas = policy.stanzas();
    let stanza = stanzas.iter().find(|s| s.position.line == at.line)?;
    let evidence = policy.evidence(stanza.span);
    Some((evidence.file, evidence.line))
}
