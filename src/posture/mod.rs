//! The posture: everything that configuration states, indexed for checks.
//!
//! It borrows what was read; nothing here is decided. Policies that the server would refuse and CI
//! files that are broken are kept apart: no check sees half of one.

mod ci_elsewhere;
mod ci_file;
mod inline_waiver;
mod likeness;
mod project_path;
mod slip;
mod stated_fact;
mod tally;
mod thing;
mod undeclared;
mod unmatched;
pub(crate) mod vault;
mod vault_policy;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

pub use ci_file::CiText;
pub use inline_waiver::{InlineWaiver, MalformedWaiver, inline_waivers};
pub use stated_fact::stated_facts;
pub use tally::{Tally, count_times};
pub use thing::{Thing, Things};
pub use undeclared::{CLASSES, ENVIRONMENTS, OWNERS, PIPELINES, environments, is_secret};
pub use unmatched::{Seen, Unmatched};
pub use vault_policy::{Holder, RefusedPolicy, StatedPolicy, VaultPolicy};

use crate::config::Settings;
use crate::model::{
    Attribute, Evidence, FileId, Grant, Hole, Language, Place, Service, SourceText, Timestamp,
    unpacked,
};
use crate::policy::Dialect;
use crate::rule::{Excerpt, Facts};

/// What was read, as a [`Posture`] borrows it.
#[derive(Clone, Copy, Debug)]
pub struct Stated<'c> {
    /// `piperoll.toml`.
    pub settings: &'c Settings,
    /// Sources supplied, settings set, thresholds in force.
    pub facts: &'c Facts,
    /// Attributes of configured things, in any order.
    pub attributes: &'c [Attribute],
    /// Vault policies, parsed.
    pub policies: &'c [StatedPolicy],
    /// Cloud Run services.
    pub services: &'c [Service],
    /// Accesses that IAM policies grant.
    pub grants: &'c [Grant],
    /// Texts of configuration files.
    pub texts: &'c [SourceText],
    /// Names of the input files, by [`FileId`].
    pub files: &'c [String],
    /// The only clock.
    pub as_of: Timestamp,
}

/// Everything that configuration states.
#[derive(Debug)]
pub struct Posture<'c> {
    /// `piperoll.toml`: owners, mounts, people, environments, thresholds.
    pub settings: &'c Settings,
    /// Sources supplied, settings set, thresholds in force.
    pub facts: &'c Facts,
    /// Configured things by kind and object; see the modules of `snapshot` for their attributes.
    pub things: Things<'c>,
    /// Vault policies that the server accepts, by name and place.
    pub policies: Vec<VaultPolicy<'c>>,
    /// Vault policies that the server refuses, with every error.
    pub refused: Vec<RefusedPolicy<'c>>,
    /// Cloud Run services, as read.
    pub services: &'c [Service],
    /// Accesses that IAM policies grant, as read.
    pub grants: &'c [Grant],
    /// CI files, by path.
    pub ci_files: Vec<CiText<'c>>,
    /// Waivers in comments of the files.
    pub waivers: Vec<InlineWaiver>,
    /// Comments that mean to be waivers and are none.
    pub malformed_waivers: Vec<MalformedWaiver>,
    /// Logical paths that the logs show in use, sorted; empty where no log is at hand.
    pub logged_paths: Vec<String>,
    /// Ids of the rules that are asked and not in the box.
    pub own_rules: Vec<String>,
    /// The only clock.
    pub as_of: Timestamp,
    files: &'c [String],
    stating: BTreeSet<&'c str>,
    lines: BTreeMap<FileId, Vec<&'c str>>,
    named: BTreeMap<(&'c str, &'c str), Vec<usize>>,
    mounts: OnceLock<vault::MountLists>,
    places: OnceLock<vault::Places>,
}

impl<'c> Posture<'c> {
    /// The local files that CI files include and that are none of those read: who names them, in
    /// which line, and what they are called.
    #[must_use]
    pub fn unread_includes(&self) -> Vec<(&str, u64, String)> {
        ci_file::unread_includes(&self.ci_files)
    }

    /// What is missing of the pipelines that CI files make up.
    #[must_use]
    pub fn ci_holes(&self) -> Vec<Hole> {
        ci_elsewhere::holes(&self.ci_files)
    }

    /// Indexes what was read.
    #[must_use]
    pub fn new(stated: Stated<'c>) -> Posture<'c> {
        let (mut policies, refused) = vault_policy::apart(stated.policies, stated.files);
        let mut ci_files: Vec<CiText<'c>> = stated
            .texts
            .iter()
            .filter(|text| text.language == Language::GitlabCi)
            .filter_map(|text| CiText::read(text, stated.files))
            .collect();
        ci_files.sort_by(|a, b| a.path.cmp(b.path));
        let things = Things::new(stated.attributes);
        ci_file::resolve(&mut ci_files, &things);
        let whole = stated
            .texts
            .iter()
            .map(|text| (text.place.file, text.text.as_str()));
        let texts = stated.policies.iter().map(|policy| &policy.text);
        let verbatim = texts
            .filter(|policy| policy.first_line == Some(1))
            .map(|policy| (policy.place.file, policy.text.as_str()));
        let (waivers, malformed_waivers) = waivers(&stated);
        let named = hold(&mut policies, &things);
        Posture {
            settings: stated.settings,
            facts: stated.facts,
            things,
            policies,
            refused,
            services: stated.services,
            grants: stated.grants,
            ci_files,
            waivers,
            malformed_waivers,
            logged_paths: Vec::new(),
            own_rules: Vec::new(),
            as_of: stated.as_of,
            files: stated.files,
            stating: stating(&stated),
            lines: whole
                .chain(verbatim)
                .map(|(file, text)| (file, text.lines().collect()))
                .collect(),
            named,
            mounts: OnceLock::new(),
            places: OnceLock::new(),
        }
    }

    /// Whether anything of a kind is stated: `vault-policy`, `ci-file`, `iam-policy`, or a kind of
    /// attribute.
    #[must_use]
    pub fn has_kind(&self, kind: &str) -> bool {
        match kind {
            "vault-policy" => !self.policies.is_empty() || !self.refused.is_empty(),
            "ci-file" => !self.ci_files.is_empty(),
            "iam-policy" => self.grants.iter().any(|grant| grant.language == "gcp"),
            "run-service" => !self.services.is_empty(),
            kind => self.things.has(kind),
        }
    }

    /// Whether a file, by its path, states any configuration.
    #[must_use]
    pub fn states(&self, file: &str) -> bool {
        self.stating.contains(file)
    }

    /// The policies stated under a name, by place.
    #[must_use]
    pub fn stated(&self, namespace: &str, name: &str) -> Vec<&VaultPolicy<'c>> {
        let places = self.named.get(&(namespace, name)).into_iter().flatten();
        places.filter_map(|at| self.policies.get(*at)).collect()
    }

    /// The policy of a name that a thing read at `path` is given: of several statements the one that
    /// lies nearest to it, and of those the one that permits most.
    #[must_use]
    pub fn policy_of(&self, namespace: &str, name: &str, path: &str) -> Option<&VaultPolicy<'c>> {
        let stated = self.stated(namespace, name).into_iter().rev();
        stated.max_by_key(|policy| (vault::nearness(policy.path, path), policy.breadth()))
    }

    /// The mounts listed, by server and namespace.
    pub(crate) fn mounts(&self) -> &vault::MountLists {
        let files = self.files;
        let lists = || vault::MountLists::new(&self.things, |file| name(files, file));
        self.mounts.get_or_init(lists)
    }

    /// The places that patterns of `[[owner]]` own, by all that is stated and logged.
    pub(crate) fn places(&self) -> &vault::Places {
        self.places.get_or_init(|| vault::Places::new(self))
    }

    /// The server whose policy language is meant.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        vault_policy::dialect(self.settings)
    }

    /// Whether a source of that name (`vault-config`, `gitlab-config`, ...) was supplied.
    #[must_use]
    pub fn has_source(&self, source: &str) -> bool {
        self.facts.sources.contains(source)
    }

    /// A threshold in force, by name: seconds or a plain number; `None` for one that neither the
    /// configuration nor a rule file names.
    #[must_use]
    pub fn threshold(&self, name: &str) -> Option<i64> {
        self.facts.thresholds.get(name).copied()
    }

    /// A place as evidence, its file named.
    #[must_use]
    pub fn evidence(&self, place: Place) -> Evidence {
        Evidence {
            file: self.file(place.file).to_owned(),
            line: place.line,
            byte: place.byte,
            sha256: place.sha256.to_string(),
        }
    }

    /// The name of an input file.
    #[must_use]
    pub fn file(&self, file: FileId) -> &'c str {
        name(self.files, file)
    }

    /// The source line of a place, whole and redacted, where the file's text was kept.
    #[must_use]
    pub fn excerpt(&self, file: FileId, line: u64) -> Option<Excerpt> {
        let index = usize::try_from(line.checked_sub(1)?).ok()?;
        let written = self.lines.get(&file)?.get(index)?;
        Some(Excerpt::of_line(written, line))
    }

    /// The sources of which something was supplied.
    #[must_use]
    pub fn sources(&self) -> &BTreeSet<String> {
        &self.facts.sources
    }
}

/// The name of an input file; empty for one that is not in the list.
fn name(files: &[String], file: FileId) -> &str {
    files.get(file.0 as usize).map_or("", String::as_str)
}

/// The waivers in comments of what was read, and what means to be one and is none.
fn waivers(stated: &Stated<'_>) -> (Vec<InlineWaiver>, Vec<MalformedWaiver>) {
    // A policy inside a Terraform file is part of a text that is read as a whole.
    let policies = stated.policies.iter().map(|policy| &policy.text);
    let whole = policies.filter(|policy| policy.first_line == Some(1));
    let whole = whole.map(|policy| (policy.text.as_str(), policy.place));
    let texts = stated.texts.iter();
    let texts = texts.map(|text| (text.text.as_str(), text.place));
    let (mut waivers, mut malformed_waivers) = (Vec::new(), Vec::new());
    let mut asked = BTreeSet::new();
    for (text, place) in texts.chain(whole) {
        let path = name(stated.files, place.file);
        // JSON has no comments, and two policies may be read out of one file.
        if unpacked(path).ends_with(".json") || !asked.insert((place.file, place.byte)) {
            continue;
        }
        let (sound, malformed) = inline_waiver::read(text, 1, place, path);
        waivers.extend(sound);
        malformed_waivers.extend(malformed);
    }
    (waivers, malformed_waivers)
}

/// The files that state anything, by path.
fn stating<'c>(stated: &Stated<'c>) -> BTreeSet<&'c str> {
    let attributes = stated.attributes.iter();
    let attributes = attributes.map(|attribute| attribute.place.file);
    let policies = stated.policies.iter();
    let policies = policies.map(|policy| policy.text.place.file);
    let texts = stated.texts.iter().map(|text| text.place.file);
    let grants = stated.grants.iter().map(|grant| grant.place.file);
    let files = attributes.chain(policies).chain(texts).chain(grants);
    files.map(|file| name(stated.files, file)).collect()
}

/// Tells policies which roles hold them; gives the positions of each namespace and name.
fn hold<'c>(
    policies: &mut [VaultPolicy<'c>],
    things: &Things<'c>,
) -> BTreeMap<(&'c str, &'c str), Vec<usize>> {
    let mut named: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for (at, policy) in policies.iter().enumerate() {
        let places = named.entry((policy.namespace, policy.name)).or_default();
        places.push(at);
    }
    for (position, role) in things.of("vault-role").enumerate() {
        let namespace = vault::namespace(&role);
        let given: BTreeSet<&str> = role.values("token_policies").collect();
        let held = given
            .iter()
            .filter_map(|name| named.get(&(namespace, *name)));
        for at in held.flatten() {
            if let Some(policy) = policies.get_mut(*at) {
                let id = role.object.to_owned();
                policy.holders.push(Holder { id, position });
            }
        }
    }
    named
}
