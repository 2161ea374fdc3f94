//! The policies of one token, in the texts that are stated, ready to decide.

use std::collections::{BTreeMap, BTreeSet};

use super::Unjudged;
use crate::policy::{Acl, AclContext, Entity, Pattern, Policy, is_templated, shipped_default};
use crate::posture::{Posture, VaultPolicy};

/// A set of policies in one namespace, for one entity where templates ask for it.
#[derive(Debug)]
pub(super) struct Set {
    pub(super) acl: Acl,
    /// Why nothing that it denies is for certain.
    pub(super) gaps: Vec<Unjudged>,
    /// What templates without a known value may stand for, at most.
    pub(super) unresolved: Vec<Pattern>,
    /// What templates may stand for whose value each login writes anew: the export has the last.
    pub(super) rewritten: Vec<Pattern>,
    /// Whether `default` is in it and not stated.
    pub(super) shipped: bool,
    /// Positions of the stated policies, in the order of the token's list.
    pub(super) members: Vec<usize>,
    /// Stanzas by pattern, templates left out: positions of policy and stanza.
    pub(super) stanzas: BTreeMap<Pattern, Vec<(usize, usize)>>,
}

/// The policies that are stated, by namespace and name.
#[derive(Debug)]
pub(super) struct Stated<'a, 'c> {
    input: &'a Posture<'c>,
    /// By namespace, then by name.
    by_name: BTreeMap<&'a str, BTreeMap<&'a str, Vec<usize>>>,
    pub(super) entities: BTreeMap<String, Entity>,
    pub(super) default: Policy,
    root: Policy,
}

/// What became of the names that a token lists.
#[derive(Default)]
struct Listed<'n, 's> {
    /// The policies that were found, by name.
    policies: Vec<(&'n str, &'s Policy)>,
    /// Positions of those that are stated.
    members: Vec<usize>,
    gaps: BTreeSet<Unjudged>,
    /// Whether `default` is among them and not stated.
    shipped: bool,
}

impl<'a, 'c> Stated<'a, 'c> {
    pub(super) fn new(input: &'a Posture<'c>) -> Stated<'a, 'c> {
        let mut by_name: BTreeMap<&str, BTreeMap<&str, Vec<usize>>> = BTreeMap::new();
        for (position, policy) in input.policies.iter().enumerate() {
            let names = by_name.entry(policy.namespace).or_default();
            names.entry(policy.name).or_default().push(position);
        }
        Stated {
            input,
            by_name,
            entities: crate::posture::vault::entities(&input.things),
            default: shipped_default(),
            root: Policy::default(),
        }
    }

    /// The policy at a position.
    pub(super) fn policy(&self, position: usize) -> Option<&'a VaultPolicy<'c>> {
        self.input.policies.get(position)
    }

    /// Positions of every statement of a policy.
    pub(super) fn positions(&self, namespace: &str, name: &str) -> &[usize] {
        let names = self.by_name.get(namespace);
        names
            .and_then(|names| names.get(name))
            .map_or(&[], Vec::as_slice)
    }

    /// Compiles the policies that a token in `namespace` lists.
    pub(super) fn set<'n>(
        &self,
        namespace: &str,
        names: impl Iterator<Item = &'n str>,
        entity_id: &str,
    ) -> Set {
        let listed = self.listed(namespace, names);
        let exported = self.entities.get(entity_id);
        let bare = Entity {
            id: entity_id.to_owned(),
            ..Entity::default()
        };
        let entity = exported.or((!entity_id.is_empty()).then_some(&bare));
        let policies = listed.policies.iter();
        let stanzas_of = policies.flat_map(|(_, policy)| &policy.stanzas);
        let labels: Vec<&str> = stanzas_of
            .map(|stanza| stanza.path.as_str())
            .filter(|path| is_templated(path) == Ok(true))
            .collect();
        let mut prefix = namespace.to_owned();
        if !prefix.is_empty() {
            prefix.push('/');
        }
        let widest = |label: &&str| {
            let head = label.split("{{").next().unwrap_or_default();
            Pattern::new(&format!("{head}*"), &prefix)
        };
        // Whose a token is may have been taken out of the log; a server grants nothing by such a stanza
        // to a token that is nobody's.
        let known = |label: &&&str| entity.is_some() && is_known(label, exported.is_some());
        let unresolved = labels
            .iter()
            .filter(|label| !known(label))
            .map(widest)
            .collect();
        let rewritten = labels.iter().filter(|label| is_rewritten(label));
        let rewritten = rewritten.map(widest).collect();
        let context = AclContext {
            dialect: self.input.dialect(),
            namespace,
            entity,
            as_of: Some(self.input.as_of),
            ..AclContext::default()
        };
        Set {
            acl: Acl::new(&listed.policies, context),
            gaps: listed.gaps.into_iter().collect(),
            unresolved,
            rewritten,
            shipped: listed.shipped,
            stanzas: self.stanzas(&listed.members, &prefix),
            members: listed.members,
        }
    }

    /// Finds the policies that a token lists.
    fn listed<'n, 's>(
        &'s self,
        namespace: &str,
        names: impl Iterator<Item = &'n str>,
    ) -> Listed<'n, 's> {
        let mut listed = Listed::default();
        for name in names {
            let stated = self.positions(namespace, name);
            let texts: Vec<&VaultPolicy<'_>> = stated
                .iter()
                .filter_map(|position| self.policy(*position))
                .collect();
            match texts.as_slice() {
                [] if name == "root" => listed.policies.push((name, &self.root)),
                [] if name == "default" => {
                    listed.shipped = true;
                    listed.policies.push((name, &self.default));
                }
                [] => {
                    listed.gaps.insert(Unjudged::Absent(name.to_owned()));
                }
                [first, rest @ ..] => {
                    if rest.iter().any(|other| other.text() != first.text()) {
                        listed.gaps.insert(Unjudged::Ambiguous(name.to_owned()));
                    }
                    listed.policies.push((name, &first.stated.policy));
                    listed.members.extend_from_slice(stated);
                }
            }
        }
        listed
    }

    /// The stanzas of stated policies by pattern, templates left out.
    fn stanzas(&self, members: &[usize], prefix: &str) -> BTreeMap<Pattern, Vec<(usize, usize)>> {
        let mut stanzas: BTreeMap<Pattern, Vec<(usize, usize)>> = BTreeMap::new();
        for position in members {
            let policy = self.policy(*position);
            let all = policy.into_iter().flat_map(|policy| policy.stanzas());
            for (index, stanza) in all.enumerate().filter(|(_, s)| !s.path.contains("{{")) {
                let pattern = Pattern::new(&stanza.path, prefix);
                stanzas.entry(pattern).or_default().push((*position, index));
            }
        }
        stanzas
    }

    /// Whether decisions of a set depend on the entity.
    pub(super) fn is_templated<'n>(
        &self,
        namespace: &str,
        mut names: impl Iterator<Item = &'n str>,
    ) -> bool {
        names.any(|name| {
            let stated = self.positions(namespace, name);
            if stated.is_empty() {
                return name == "default";
            }
            let texts = stated.iter().filter_map(|position| self.policy(*position));
            texts
                .flat_map(|policy| policy.stanzas())
                .any(|stanza| stanza.path.contains("{{"))
        })
    }
}

/// Whether the values of a label are known: those of an exported entity, its id alone without an
/// export. Groups are not exported by name.
pub(super) fn is_known(label: &str, exported: bool) -> bool {
    directives(label).all(|directive| {
        directive == "identity.entity.id" || (exported && directive.starts_with("identity.entity."))
    })
}

/// Whether a value of a label is the metadata of an alias, which every login replaces: what it was
/// at an earlier request no export says.
pub(super) fn is_rewritten(label: &str) -> bool {
    let of_alias = |directive: &str| {
        let of = directive.strip_prefix("identity.entity.aliases.");
        of.and_then(|of| of.split_once('.'))
            .is_some_and(|(_, field)| field.starts_with("metadata."))
    };
    directives(label).any(of_alias)
}

/// What stands between the braces of a label.
fn directives(label: &str) -> impl Iterator<Item = &str> {
    let pieces = label.split("{{").skip(1);
    pieces
        .filter_map(|piece| piece.split("}}").next())
        .map(str::trim)
}
