//! Right-sizing: the stated policies, sized by the logs beside them.

use super::broken::{self, Broken};
use super::{LintRequest, gather, logs};
use crate::model::Timestamp;
use crate::posture::{Posture, vault};
use crate::rule::Facts;
use crate::source;
use crate::usage::{Asking, SizedPolicy, right_sized};

/// What came of the policies.
#[derive(Debug)]
pub struct SizedPolicies {
    /// One by one, in the order of their ids.
    pub policies: Vec<SizedPolicy>,
    /// First and last moment of the logs.
    pub window: Option<(Timestamp, Timestamp)>,
    /// Names that were asked for and are not stated.
    pub unknown: Vec<String>,
    /// Roles that were asked for and are not stated, or give no stated policy.
    pub strangers: Vec<String>,
    /// Names that are stated.
    pub names: Vec<String>,
    /// Faults of the files: what they would say is not known.
    pub broken: Vec<Broken>,
    /// What was left out, in words.
    pub notes: Vec<String>,
}

/// Reads the policies and the logs, and sizes.
///
/// # Errors
///
/// A path that is missing or cannot be listed, or nothing to read.
pub fn sized(
    request: &LintRequest<'_>,
    asking: &Asking,
    roles: &[String],
) -> Result<SizedPolicies, source::Error> {
    let files = gather::files(request)?;
    let gathered = gather::gather(&files, request);
    let facts = Facts::new(gathered.sources.clone(), request.settings);
    let names_of_files: Vec<String> = files.iter().map(|file| file.name.clone()).collect();
    let input = Posture::new(gathered.stated(request, &facts, &names_of_files));
    let (mut broken, _) = broken::collect(&gathered, &input, &files);
    let logs = logs::read(request, &input, &gathered.kept, &files, true)?;
    broken.extend(logs.unreadable);
    let (of_roles, strangers) = given(&input, roles);
    let mut names: Vec<String> = input.policies.iter().map(|p| p.name.to_owned()).collect();
    names.sort();
    names.dedup();
    let unknown = asking.policies.iter().filter(|name| !names.contains(name));
    let unknown = unknown.cloned().collect();
    let asking = Asking {
        policies: asking.policies.iter().chain(&of_roles).cloned().collect(),
        ..asking.clone()
    };
    let usage = logs.usage.unwrap_or_default();
    Ok(SizedPolicies {
        policies: right_sized(&input, &usage, &asking),
        window: usage.window.map(|window| (window.from, window.to)),
        unknown,
        strangers,
        names,
        broken,
        notes: logs.notes,
    })
}

/// The policies that roles give, by `MOUNT/NAME` or id, and the roles that give none.
fn given(input: &Posture<'_>, asked: &[String]) -> (Vec<String>, Vec<String>) {
    let roles = vault::roles(input);
    let (mut policies, mut strangers) = (Vec::new(), Vec::new());
    for name in asked {
        let id = format!("vault:role/{}", name.trim_start_matches("vault:role/"));
        let of = roles.iter().filter(|role| role.id == id);
        let given = of.flat_map(|role| {
            let names = role.policies().into_iter();
            names.filter(|name| !input.stated(&role.namespace, name).is_empty())
        });
        let given: Vec<String> = given.map(str::to_owned).collect();
        if given.is_empty() {
            strangers.push(name.clone());
        }
        policies.extend(given);
    }
    (policies, strangers)
}
