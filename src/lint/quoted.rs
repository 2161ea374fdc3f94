//! Texts of policies that stand where nothing takes them for one: in files that are not read, and in
//! parts of Terraform that state nothing.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::Path;

use crate::disk;
use crate::model::{Language, SourceText};
use crate::posture::Posture;

/// How much of a file that nothing reads is searched for the text of a policy.
const SEARCHED: u64 = 16 * 1024 * 1024;
/// Said of a file that holds the text of a policy in something that is not read.
const QUOTED: &str = "it holds the text of a policy, which was not judged: give the policy itself, or the Terraform that writes it";

/// A note on a file that nothing reads and that holds the text of a policy: a plan or state of
/// Terraform, a manifest of Kubernetes, values of a chart, a script.
pub(super) fn in_file(name: &str, path: Option<&Path>) -> Option<String> {
    let mut head = Vec::new();
    let file = disk::open_file(path?).ok()?;
    file.take(SEARCHED).read_to_end(&mut head).ok()?;
    let found = patterns(&head).next().is_some();
    found.then(|| format!("{name}: {QUOTED}"))
}

/// Notes on Terraform that holds a stanza which no policy has: in the command of a provisioner, in
/// what only another program reads.
pub(super) fn in_terraform(texts: &[SourceText], input: &Posture<'_>) -> Vec<String> {
    let sound = input.policies.iter().map(|policy| policy.stanzas());
    let sound = sound.flatten().map(|stanza| stanza.path.as_bytes());
    let known: BTreeSet<&[u8]> = sound.collect();
    let refused: Vec<&str> = input
        .refused
        .iter()
        .map(|policy| policy.stated.text.text.as_str())
        .collect();
    let unjudged = |pattern: &[u8]| {
        let text = String::from_utf8_lossy(pattern);
        // What only Terraform knows is told of where it stands.
        let open = text.contains("${") || text.contains("%{") || text.contains('%');
        let written = |refused: &&str| refused.contains(text.as_ref());
        !open && !known.contains(pattern) && !refused.iter().any(written)
    };
    let terraform = texts.iter().filter(|it| it.language == Language::Terraform);
    let quoting = terraform.filter(|it| patterns(it.text.as_bytes()).any(unjudged));
    quoting
        .map(|it| format!("{}: {QUOTED}", input.file(it.place.file)))
        .collect()
}

/// The patterns of what reads as stanzas of a policy, out of their quotes.
fn patterns(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let is_policy = memchr::memmem::find(text, b"capabilities").is_some();
    let places = memchr::memmem::find_iter(text, b"path").filter(move |_| is_policy);
    places.filter_map(|at| {
        let rest = text.get(at + b"path".len()..)?;
        let name = rest.trim_ascii_start();
        let escaped = name.iter().take_while(|byte| **byte == b'\\').count();
        let quoted = name.get(escaped..)?.strip_prefix(b"\"")?;
        let end = quoted.iter().position(|byte| matches!(byte, b'"' | b'\\'));
        (name.len() < rest.len()).then_some(())?;
        quoted.get(..end.unwrap_or(quoted.len()))
    })
}
