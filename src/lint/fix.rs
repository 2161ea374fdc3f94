//! `lint --fix`: what a policy was meant to say, where the policy engine proves that nobody gains.
//!
//! Of several policies of a token the most specific pattern decides, whoever states it. So a pattern
//! that grants is never moved, however narrow its policy is by itself; a stanza that denies is
//! repeated where it was meant to deny. What else is wrong is said, with what mending it would open.

use super::{LintRequest, gather};
use crate::disk;
use crate::model::kv;
use crate::policy::{
    Acl, AclContext, Capability, DEFAULT_CAP, MountKind, Pattern, Policy, Stanza, Subsumption,
    SyntaxError, parse_at, subsumes,
};
use crate::posture::Posture;
use crate::posture::vault::Mounts;
use crate::rule::Facts;
use crate::source;

/// How often one text is quoted anew: each time one fault is gone.
const QUOTED: usize = 100;

/// Reads a text as the server does.
type Read<'r> = &'r dyn Fn(&str) -> (Policy, Vec<SyntaxError>);

/// A file with what can be mended of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// The file, named from where the command runs.
    pub file: String,
    /// What it holds.
    pub before: String,
    /// What it holds mended.
    pub after: String,
}

/// What can be mended, and what is left to a person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fixes {
    /// By file.
    pub fixes: Vec<Fix>,
    /// What is left, with its place and the reason.
    pub left: Vec<String>,
}

/// Mends the files of policies that the paths name.
///
/// # Errors
///
/// A path that is missing or cannot be listed, or nothing to read.
pub fn fixes(request: &LintRequest<'_>) -> Result<Fixes, source::Error> {
    let files = gather::files(request)?;
    let gathered = gather::gather(&files, request);
    let facts = Facts::new(gathered.sources.clone(), request.settings);
    let names: Vec<String> = files.iter().map(|file| file.name.clone()).collect();
    let input = Posture::new(gathered.stated(request, &facts, &names));
    let read = |text: &str| parse_at(text, input.dialect(), request.as_of);
    let mut all = Fixes::default();
    // A text that stands in an export, or in a document of Terraform, is mended where it comes from.
    let whole = |name: &str, text: &str| {
        let file = files.iter().find(|file| file.name == name)?;
        let stored = disk::text(file.path.as_deref()?).ok()?;
        (stored == text).then_some(stored)
    };
    for policy in &input.policies {
        let mounts = Mounts::of(&input, policy.namespace, policy.path);
        if let Some(before) = whole(policy.path, policy.text()) {
            let after = denials(
                policy.path,
                policy.text(),
                &policy.stated.policy,
                mounts,
                &mut all.left,
            );
            all.add(&read, policy.path, before, after);
        }
    }
    for refused in &input.refused {
        let (path, text) = (refused.path, &refused.stated.text);
        let errors = &refused.stated.errors;
        if let Some(before) = whole(path, &text.text) {
            let after = quoted(&text.text, errors, &read);
            if after == before {
                all.left.extend(errors.first().map(|error| {
                    let line = text.first_line.unwrap_or(1) + u64::from(error.position.line) - 1;
                    format!("{path}:{line}: {}", error.message)
                }));
            }
            all.add(&read, path, before, after);
        }
    }
    for (file, line, why) in gathered.rejected.iter().chain(&gathered.unreadable) {
        let name = names.get(file.0 as usize).map_or("", String::as_str);
        all.left.push(format!("{name}:{line}: {why}"));
    }
    all.fixes.sort_by(|a, b| a.file.cmp(&b.file));
    all.left.sort();
    Ok(all)
}

impl Fixes {
    /// Takes a text that differs, if the engine proves that it allows nothing new.
    fn add(&mut self, read: Read<'_>, file: &str, before: String, after: String) {
        if after == before {
            return;
        }
        match widens(&before, &after, read) {
            None => self.fixes.push(Fix {
                file: file.to_owned(),
                before,
                after,
            }),
            Some(why) => self.left.push(format!("{file}: {why}")),
        }
    }
}

/// Why a text may allow what another does not; none where it is proven that it does not.
fn widens(before: &str, after: &str, read: Read<'_>) -> Option<String> {
    let ((old, _), (new, faults)) = (read(before), read(after));
    if let Some(fault) = faults.first() {
        let line = fault.position.line;
        return Some(format!(
            "its line {line} is refused after it is quoted, too"
        ));
    }
    let acl = |policy: &Policy| Acl::new(&[("", policy)], AclContext::default());
    match subsumes(&acl(&old), &acl(&new), DEFAULT_CAP) {
        Subsumption::Yes => None,
        Subsumption::No(witness) => Some(format!(
            "mended, it would open {} on {:?}: left to whoever means that",
            witness.capability, witness.path
        )),
        Subsumption::Unknown(why) => Some(format!("it is not proven to open nothing: {why}")),
    }
}

/// The text with every stanza repeated that denies where no request arrives.
fn denials(
    file: &str,
    text: &str,
    policy: &Policy,
    mounts: &Mounts,
    left: &mut Vec<String>,
) -> String {
    let mut after = text.to_owned();
    // From the last on: what stands before keeps its place.
    for stanza in policy.stanzas.iter().rev() {
        let meant = meant(stanza, mounts);
        let Some(first) = meant.first() else {
            continue;
        };
        let line = stanza.position.line;
        if !stanza.capabilities.has(Capability::Deny) {
            left.push(format!(
                "{file}:{line}: {:?} was meant as {first:?}, which would open it: left to whoever means that",
                stanza.path
            ));
            continue;
        }
        let there = |path: &String| policy.stanzas.iter().any(|other| other.path == *path);
        let written = text.get(stanza.span.start..stanza.span.end);
        let Some(written) = written.filter(|written| written.contains(&stanza.path)) else {
            left.push(format!("{file}:{line}: the path is written with escapes"));
            continue;
        };
        let added: String = (meant.iter().filter(|path| !there(path)))
            .map(|path| format!("\n{}", written.replacen(&stanza.path, path, 1)))
            .collect();
        after.insert_str(stanza.span.end, &added);
    }
    after
}

/// The paths that a stanza was meant for, where no request arrives at its own.
fn meant(stanza: &Stanza, mounts: &Mounts) -> Vec<String> {
    let pattern = Pattern::new(&stanza.path, "");
    let text = pattern.as_str();
    if text.contains("{{") {
        return Vec::new();
    }
    let (inner, end) = match text.strip_suffix('*') {
        Some(inner) => (inner, "*"),
        None => (text, ""),
    };
    if inner.split('/').any(|part| part == "*") {
        let parts = inner
            .split('/')
            .map(|part| if part == "*" { "+" } else { part });
        let parts: Vec<&str> = parts.collect();
        return vec![format!("{}{end}", parts.join("/"))];
    }
    let Some((mount, MountKind::Kv2)) = mounts.holding(text) else {
        return Vec::new();
    };
    let below = text.strip_prefix(mount).unwrap_or_default();
    let first = below.split('/').next().unwrap_or_default();
    let whole = below.contains('/') || !pattern.is_open();
    let endpoint = kv::Endpoint::ALL.into_iter().any(|e| e.segment() == first);
    if !whole || endpoint || first.is_empty() || first.contains(['+', '*']) {
        return Vec::new();
    }
    let of = |endpoint: kv::Endpoint| format!("{mount}{}/{below}", endpoint.segment());
    vec![of(kv::Endpoint::Data), of(kv::Endpoint::Metadata)]
}

/// The text with bare words and single quotes in double quotes.
fn quoted(text: &str, errors: &[SyntaxError], read: Read<'_>) -> String {
    let (mut text, mut faults) = (text.to_owned(), errors.to_vec());
    for _ in 0..QUOTED {
        let Some(next) = faults.iter().find_map(|fault| quote(&text, fault)) else {
            break;
        };
        text = next;
        faults = read(&text).1;
    }
    text
}

fn quote(text: &str, fault: &SyntaxError) -> Option<String> {
    let (before, rest) = text.split_at_checked(fault.span.start)?;
    if let Some(after) = rest.strip_prefix('\'') {
        let (inside, behind) = after.split_once('\'')?;
        let one = !inside.contains(['"', '\\', '\n']);
        return one.then(|| format!("{before}\"{inside}\"{behind}"));
    }
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let end = rest.find(|c| !bare(c)).unwrap_or(rest.len());
    let (word, behind) = rest.split_at_checked(end)?;
    let asked = fault.help.ends_with("in quotes") && !word.is_empty();
    asked.then(|| format!("{before}\"{word}\"{behind}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Settings;
    use crate::source::Links;
    use std::path::Path;

    const MOUNTS: &str = r#"{"request_id": "r", "data": {"secret/": {"type": "kv", "options": {"version": "2"}, "accessor": "kv_1"}}}"#;

    fn fixed(text: &str) -> (Option<String>, Vec<String>) {
        let dir = tempfile::tempdir().unwrap();
        let put = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
        std::fs::create_dir_all(dir.path().join("policies")).unwrap();
        std::fs::create_dir_all(dir.path().join("sys")).unwrap();
        put("policies/a.hcl", text);
        put("sys/mounts.json", MOUNTS);
        let request = LintRequest {
            paths: &[dir.path().display().to_string()],
            logs: &[],
            window: None,
            except: &[],
            links: Links::Followed,
            here: dir.path() as &Path,
            settings: &Settings::default(),
            rules: &[],
            as_of: crate::model::Timestamp(0),
            comments: super::super::Comments::Honoured,
        };
        let all = fixes(&request).unwrap();
        (all.fixes.into_iter().next().map(|fix| fix.after), all.left)
    }

    #[test]
    fn a_denial_is_repeated_where_it_was_meant_and_a_grant_is_left() {
        let deny = "path \"secret/data/*/db\" { capabilities = [\"deny\"] }";
        let wide = "path \"secret/*\" { capabilities = [\"read\"] }\n";
        let (after, left) = fixed(&format!("{wide}{deny}\n"));
        let more = deny.replace("data/*", "data/+");
        assert_eq!(after, Some(format!("{wide}{deny}\n{more}\n")));
        assert_eq!(left, Vec::<String>::new());
        let (after, left) = fixed(&deny.replace("deny", "read"));
        assert_eq!(after, None);
        assert!(
            left[0].contains("\"secret/data/+/db\", which would open it"),
            "{left:?}"
        );
    }

    #[test]
    fn a_denial_without_data_is_repeated_below_data_and_metadata() {
        let deny = "path \"secret/app/*\" { capabilities = [\"deny\"] }";
        let (after, _) = fixed(deny);
        let of = |part: &str| deny.replace("secret/", &format!("secret/{part}/"));
        assert_eq!(
            after,
            Some(format!("{deny}\n{}\n{}", of("data"), of("metadata")))
        );
        // What is right, is not told or is there already stays as it is.
        for same in [
            of("data"),
            "path \"other/app\" { capabilities = [\"deny\"] }".to_owned(),
            format!("{deny}\n{}\n{}", of("data"), of("metadata")),
            "path \"secret/{{identity.entity.id}}/*\" { capabilities = [\"deny\"] }".to_owned(),
        ] {
            assert_eq!(fixed(&same).0, None, "{same}");
        }
    }

    #[test]
    fn quoting_is_mended_where_that_opens_nothing() {
        let wanted = "path \"secret/data/a\" { capabilities = [\"deny\"] }\n";
        for written in [
            wanted.replace("\"deny\"", "deny"),
            wanted.replace("\"deny\"", "'deny'"),
        ] {
            let (after, left) = fixed(&written);
            assert_eq!(after.as_deref(), Some(wanted), "{written}{left:?}");
        }
        let (after, left) = fixed("path \"secret/data/a\" { capabilities = [read] }\n");
        assert_eq!(after, None);
        assert!(
            left[0].contains("would open read on \"secret/data/a\""),
            "{left:?}"
        );
    }
}
