//! What tells two findings apart beside rule, subject and object.
//!
//! A path is where a file lies below what the inputs have in common, which changes with every input
//! that is added. So what a finding is called rests on what a file is: its identity.

use crate::rule::Observation;

/// How findings of a run are called.
pub struct Naming<'n> {
    /// The identity of an input file, by its name in the evidence; none for one that states nothing
    /// by itself, such as a log beside the configuration that is linted.
    pub identity: &'n dyn Fn(&str) -> Option<String>,
    /// Whether the same thing stated by two files is two things: a policy `ops` for one server is
    /// not the policy `ops` for another, and a linter knows of no servers.
    pub by_file: bool,
}

/// How the ids of audit devices begin.
const DEVICE: &str = "vault:device/";

impl Naming<'_> {
    /// Files are called as they are named, and one thing stated twice is one.
    pub const PLAIN: Naming<'static> = Naming {
        identity: &|_| None,
        by_file: false,
    };

    /// What an observation is about beside its subject and object; empty where they say it all.
    pub(super) fn scope(&self, seen: &Observation) -> String {
        let identity = self.by_file.then(|| (self.identity)(&seen.evidence.file));
        identity.flatten().unwrap_or_default()
    }

    /// The fingerprint of the finding that an observation with this scope is part of.
    pub(super) fn fingerprint(&self, rule: &str, seen: &Observation, scope: &str) -> String {
        let file = seen.evidence.file.as_str();
        let identity = (self.identity)(file).filter(|_| !file.is_empty());
        let plain = |text: &str| match &identity {
            // A device is called by the folder of its files, which tells no more than the file.
            Some(identity) if text.starts_with(DEVICE) => format!("{DEVICE}{identity}"),
            Some(identity) => text.replace(file, identity),
            None => text.to_owned(),
        };
        let (subject, mut object) = (plain(&seen.subject), plain(&seen.object));
        if !scope.is_empty() {
            object.push('\0');
            object.push_str(scope);
        }
        super::fingerprint(rule, &subject, &object)
    }
}
