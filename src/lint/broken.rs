//! Files that a lint cannot parse: each is named, and all others are still linted.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{ErrorKind, Read as _};
use std::path::Path;

use serde::Deserialize;

use super::gather::{EMPTY, Gathered};
use super::quoted;
use crate::disk;
use crate::estate::source_named;
use crate::model::{FileId, Source, is_nested_too_deep, secret};
use crate::policy::{SourceFile, parse_at};
use crate::posture::{Posture, RefusedPolicy, VaultPolicy};
use crate::rule::Excerpt;
use crate::snapshot::named::{self, Export};
use crate::snapshot::vault::has_placeholders;
use crate::source::InputFile;

/// One fault for which a file, or a record of it, could not be parsed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Broken {
    /// The file.
    pub file: String,
    /// Line, from 1.
    pub line: u64,
    /// Column, from 1; 0 where only the line is known.
    pub column: u32,
    /// What is wrong.
    pub reason: String,
    /// What to do.
    pub help: String,
    /// What to show of the source.
    pub excerpt: Option<Excerpt>,
}

/// Said of a template that is no policy yet.
const NOT_FILLED_IN: &str =
    "a template: what the server would read is not known before it is filled in";

/// Said of a file that nothing reads, and that states nothing.
const NOT_READ: &str = "not a kind of file that is read";

/// How much of a damaged file is looked at.
const HEAD: u64 = 64 * 1024;
/// Keys that stand in the exports that are linted and hardly anywhere else.
const KEYS: [&str; 17] = [
    "\"AssumeRolePolicyDocument\"",
    "\"Federated\"",
    "\"sts:AssumeRole",
    "\"allowed_entity_aliases\"",
    "\"bindings\"",
    "\"bound_audiences\"",
    "\"bound_claims\"",
    "\"bound_service_accounts\"",
    "\"bound_subject\"",
    "\"capabilities\"",
    "\"deploy_access_levels\"",
    "\"iamPolicy\"",
    "\"merge_access_levels\"",
    "\"push_access_levels\"",
    "\"serving.knative.dev",
    "\"token_policies\"",
    "\"user_claim\"",
];
/// What stands in resources of a mesh and hardly anywhere else.
const MESH_KEYS: [&str; 3] = ["kuma.io/service", "kuma.io/v1alpha1", "type: Mesh"];
/// What begins a placeholder in the templates of Helm.
const PLACEHOLDER: &str = "{{";

/// Every fault by place, and notes about files that look like ours and are of another kind.
pub(super) fn collect(
    gathered: &Gathered,
    input: &Posture<'_>,
    files: &[InputFile],
) -> (Vec<Broken>, Vec<String>) {
    let (mut broken, mut notes) = (Vec::new(), Vec::new());
    for refused in &input.refused {
        if named::is_template_path(refused.path) && has_placeholders(&refused.stated.text.text) {
            notes.push(format!("{}: {NOT_FILLED_IN}", refused.path));
        } else {
            broken.extend(refusal(refused));
        }
    }
    let literal = |policy: &&VaultPolicy<'_>| has_placeholders(policy.text());
    notes.extend(input.policies.iter().filter(literal).map(|policy| {
        let (path, name) = (policy.path, policy.name);
        format!("{path}: policy `{name}`: its placeholders were taken for text, as the server takes them; lint what they are filled in to as well")
    }));
    refused_ci(input, &mut broken);
    unread(gathered, input, files, &mut broken, &mut notes);
    notes.extend(quoted::in_terraform(&gathered.kept.texts, input));
    left_to_terraform(input, &mut broken, &mut notes);
    not_judged(input, &mut notes);
    broken.sort();
    (listed(broken), notes)
}

/// The conditions of CI files for which GitLab refuses the file.
fn refused_ci(input: &Posture<'_>, broken: &mut Vec<Broken>) {
    for thing in input.things.of("ci-file") {
        let Some(place) = thing.place() else {
            continue;
        };
        let file = input.file(place.file);
        for why in thing.values("refused") {
            let reason = format!("GitLab refuses the file: {why}");
            let line = told_line(why).unwrap_or(place.line);
            broken.push(Broken {
                help: "write a condition like `$CI_COMMIT_BRANCH == \"main\"`".to_owned(),
                excerpt: input.excerpt(place.file, line),
                ..fault(file, line, &reason)
            });
        }
    }
}

/// What only a run of Terraform can know: a fault where it may be a whole policy, else a note.
fn left_to_terraform(input: &Posture<'_>, broken: &mut Vec<Broken>, notes: &mut Vec<String>) {
    for thing in input.things.of("terraform-unresolved") {
        let Some(place) = thing.place() else {
            continue;
        };
        let expression = shortened(thing.value("expression").unwrap_or_default());
        let reason = format!("the policy's text is left to Terraform: {expression}");
        if thing.has("stanzas") {
            broken.push(Broken {
                help: "write the stanzas out, or put the file that they come from beside it; what only a run of Terraform can know, lint as it was planned".to_owned(),
                ..fault(input.file(place.file), place.line, &reason)
            });
        } else {
            notes.push(format!("{}: {reason}", input.evidence(place).pointer()));
        }
    }
    for kind in ["vault-role", "vault-auth-config"] {
        for thing in input
            .things
            .of(kind)
            .filter(|thing| thing.has("unresolved"))
        {
            let place = thing
                .place()
                .map_or_else(String::new, |place| input.evidence(place).pointer());
            let names: Vec<&str> = thing.values("unresolved").collect();
            let object = thing.object;
            notes.push(format!(
                "{place}: {object}: left to Terraform: {}",
                names.join(", ")
            ));
        }
    }
}

/// What grants something, or may, and was not judged.
fn not_judged(input: &Posture<'_>, notes: &mut Vec<String>) {
    for thing in input.things.of("terraform-module-absent") {
        let Some(place) = thing.place() else {
            continue;
        };
        let source = shortened(thing.value("source").unwrap_or_default());
        notes.push(format!(
            "{}: {}: the module `{source}` is not among the files, so nothing it grants was judged",
            input.evidence(place).pointer(),
            thing.object
        ));
    }
    // Of a cloud's kinds there may be hundreds: the first of each, and how many follow.
    let mut clouds: BTreeMap<&str, u64> = BTreeMap::new();
    for thing in input.things.of("terraform-not-read") {
        if let Some(kind) = cloud_kind(thing.object) {
            *clouds.entry(kind).or_default() += 1;
        }
    }
    for thing in input.things.of("terraform-not-read") {
        let more = match cloud_kind(thing.object) {
            None => String::new(),
            Some(kind) => match clouds.remove(kind) {
                None => continue,
                Some(1) => String::new(),
                Some(count) => format!(" ({} more of {kind})", count - 1),
            },
        };
        let place = thing.place().map(|place| input.evidence(place).pointer());
        let (place, object) = (place.unwrap_or_default(), thing.object);
        let kind = thing
            .value("attribute")
            .map(|name| (name, "this kind of resource is not read"));
        let value = thing
            .value("unresolved")
            .map(|name| (name, "only Terraform knows its value"));
        let (attribute, why) = kind.or(value).unwrap_or_default();
        notes.push(format!(
            "{place}: {object}: what it grants by `{attribute}` was not judged: {why}{more}"
        ));
    }
    for (path, line, named) in input.unread_includes() {
        let named = secret::redact(&named);
        notes.push(format!(
            "{path}:{line}: the included file `{named}` is not among the files, or not read as CI configuration"
        ));
    }
}

/// The kind of a resource of a cloud, by its address: `google_project_iam_member`.
fn cloud_kind(object: &str) -> Option<&str> {
    let mut parts = object.strip_prefix("terraform:")?.split('.');
    parts.find(|part| part.starts_with("google_") || part.starts_with("aws_"))
}

/// Files of which something was not read: a fault where their kind, name or text says that they
/// are configuration, else a note.
fn unread(
    gathered: &Gathered,
    input: &Posture<'_>,
    files: &[InputFile],
    broken: &mut Vec<Broken>,
    notes: &mut Vec<String>,
) {
    let source = |file: FileId| gathered.formats.get(file.0 as usize).copied().flatten();
    let path = |file: FileId| files.get(file.0 as usize)?.path.as_deref();
    let hint = |file: FileId| {
        let file = files.get(file.0 as usize);
        file.map_or(Cow::Borrowed(""), InputFile::hint)
    };
    for (file, line, reason) in &gathered.rejected {
        let name = input.file(*file);
        let configuration = match source(*file) {
            Some(source) => is_configuration(source),
            None => path(*file).is_some_and(reads_so),
        };
        let hint = hint(*file);
        let packed = source(*file).is_none() && reason.contains(UNPACK);
        if configuration || named::is_named_so(&hint) || (packed && names_configuration(&hint)) {
            broken.push(fault(name, told_line(reason).unwrap_or(*line), reason));
        } else if packed {
            notes.push(format!("{name}: nothing in it was judged: {reason}"));
        }
    }
    for (file, line, reason) in &gathered.unreadable {
        broken.push(fault(input.file(*file), *line, reason));
    }
    logs_under_other_names(gathered, files, broken);
    for (file, reason) in &gathered.passed {
        let (name, hint) = (input.file(*file), hint(*file));
        if !named::is_named_so(&hint) {
            match damaged_mesh(name, path(*file)) {
                Some(Ok(fault)) => broken.push(fault),
                Some(Err(note)) => notes.push(note),
                None => notes.extend(quoted::in_file(name, path(*file))),
            }
            continue;
        }
        let text = path(*file).map(disk::text);
        match text {
            Some(Ok(text)) if reason == EMPTY && is_empty_list(&hint, &text) => {}
            _ if reason == EMPTY => broken.push(fault(name, 1, EMPTY)),
            Some(Ok(text)) => match unrecognised((name, &hint), &text, input) {
                Unrecognised::Broken(faults) => broken.extend(faults),
                Unrecognised::Other(why) => notes.push(format!("{name}: {why}")),
            },
            // No text at all: nobody knows what it grants.
            Some(Err(error)) if error.kind() == ErrorKind::InvalidData => broken.push(Broken {
                help: "save it as UTF-8, or leave it out of the paths".to_owned(),
                ..fault(name, 1, "not UTF-8")
            }),
            _ => notes.push(format!("{name}: {reason}")),
        }
    }
}

/// What the reason says of what lies packed in a form that is not opened.
const UNPACK: &str = "unpack it";

/// Whether a packed file lies where configuration lies, or is named so but for its last extension.
fn names_configuration(hint: &str) -> bool {
    let inner = hint.rsplit_once('.').map_or(hint, |(inner, _)| inner);
    named::is_policy_path(hint) || named::is_named_so(inner)
}

/// Logs that lie under names of configuration.
fn logs_under_other_names(gathered: &Gathered, files: &[InputFile], broken: &mut Vec<Broken>) {
    let read: BTreeSet<&str> = gathered.read.iter().map(String::as_str).collect();
    for file in files
        .iter()
        .filter(|file| read.contains(file.name.as_str()))
    {
        let source = gathered.formats.get(file.id.0 as usize).copied().flatten();
        let log = source.filter(|source| !is_configuration(source));
        if let Some(log) = log.filter(|_| named::is_text_so(&file.name)) {
            let reason = format!("its name says configuration, its content is a log ({log})");
            broken.push(fault(&file.name, 1, &reason));
        }
    }
}

/// Whether an export is an answer that holds nothing, `[]`.
fn is_empty_list(hint: &str, text: &str) -> bool {
    !text.trim().is_empty() && named::export(hint) == Some(Export::List)
}

/// Whether the text of a damaged file begins as an export that is linted.
fn reads_so(path: &Path) -> bool {
    let mut head = Vec::new();
    let read = disk::open_file(path).and_then(|file| file.take(HEAD).read_to_end(&mut head));
    let text = String::from_utf8_lossy(&head);
    read.is_ok() && KEYS.iter().any(|key| text.contains(key))
}

/// A file that no format knew, because its YAML is damaged, and whose text is that of a mesh: a
/// fault, or a note where it is a template.
fn damaged_mesh(name: &str, path: Option<&Path>) -> Option<Result<Broken, String>> {
    let yaml = name.ends_with(".yaml") || name.ends_with(".yml");
    let text = std::fs::read_to_string(path.filter(|_| yaml)?).ok()?;
    if !MESH_KEYS.iter().any(|key| text.contains(key)) {
        return None;
    }
    if is_nested_too_deep(&text) {
        return Some(Ok(fault(name, 1, "YAML nested too deep")));
    }
    let read = |document| yaml_serde::Value::deserialize(document).err();
    let error = yaml_serde::Deserializer::from_str(&text).find_map(read)?;
    if text.contains(PLACEHOLDER) {
        return Some(Err(format!("{name}: {NOT_FILLED_IN}")));
    }
    let reason = format!("invalid YAML: {error}");
    Some(Ok(fault(name, told_line(&reason).unwrap_or(1), &reason)))
}

/// An expression as far as a line of a terminal goes.
fn shortened(expression: &str) -> String {
    const SHOWN: usize = 120;
    match expression.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}...", expression.get(..end).unwrap_or_default()),
        None => expression.to_owned(),
    }
}

fn fault(file: &str, line: u64, reason: &str) -> Broken {
    Broken {
        file: file.to_owned(),
        line,
        column: 0,
        reason: reason.to_owned(),
        help: "mend the file, or leave it out of the paths".to_owned(),
        excerpt: None,
    }
}

/// The line that a reason names: `line 12: ...`, `... at line 3 column 1`.
fn told_line(reason: &str) -> Option<u64> {
    let (_, rest) = reason.split_once("line ")?;
    let digits = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    rest.get(..digits)?.parse().ok()
}

enum Unrecognised {
    Broken(Vec<Broken>),
    Other(String),
}

/// What a file is that no format knew: a policy whose beginning is damaged, or something else.
fn unrecognised((name, hint): (&str, &str), text: &str, input: &Posture<'_>) -> Unrecognised {
    if text.trim().is_empty() {
        return match named::export(hint) {
            Some(_) => Unrecognised::Broken(vec![fault(name, 1, EMPTY)]),
            None => Unrecognised::Other(EMPTY.to_owned()),
        };
    }
    let mut lines = text.lines().map(str::trim_start);
    let stanza = lines
        .clone()
        .any(|line| line.starts_with("path \"") || line.starts_with("path\""));
    let bare = lines.all(|line| line.is_empty() || line.starts_with(['#', '/']));
    let hcl = name.ends_with(".hcl");
    let meant =
        hcl && (stanza || bare || named::is_policy_path(hint) || text.contains("capabilities"));
    let (_, errors) = match meant {
        true => parse_at(text, input.dialect(), input.as_of),
        false => Default::default(),
    };
    if !(hcl && stanza) && errors.is_empty() {
        // A comment alone grants nothing; HCL is the language of other programs too.
        let other = hcl && !named::is_policy_path(hint);
        if bare || other {
            return Unrecognised::Other(NOT_READ.to_owned());
        }
        let reason = "its name says configuration, and no kind that is linted begins so";
        return Unrecognised::Broken(vec![fault(name, 1, reason)]);
    }
    if errors.is_empty() {
        let reason = "a policy behind something else: the server would read it";
        return Unrecognised::Broken(vec![fault(name, 1, reason)]);
    }
    let lines = SourceFile::new(text);
    let faults = errors.iter().map(|error| Broken {
        file: name.to_owned(),
        line: u64::from(error.position.line),
        column: error.position.column,
        reason: error.message.clone(),
        help: error.help.clone(),
        excerpt: Some(Excerpt::of_span(&lines, 1, error.span)),
    });
    Unrecognised::Broken(faults.collect())
}

/// The errors of a policy that the server refuses, at their places in the file.
fn refusal(refused: &RefusedPolicy<'_>) -> Vec<Broken> {
    let RefusedPolicy { path, stated } = *refused;
    let hint = stated.other_dialect.map(|dialect| {
        format!("; {dialect} accepts the text: set `[vault] dialect = \"{dialect}\"` if that is the server")
    });
    let lines = SourceFile::new(&stated.text.text);
    let first = stated.text.first_line;
    let faults = stated.errors.iter().map(|error| {
        let (line, column) = match first {
            Some(first) => (
                first + u64::from(error.position.line) - 1,
                error.position.column,
            ),
            None => (stated.text.place.line, 0),
        };
        Broken {
            file: path.to_owned(),
            line,
            column,
            reason: format!("policy `{}`: {}", stated.text.name, error.message),
            help: format!("{}{}", error.help, hint.as_deref().unwrap_or_default()),
            excerpt: first.map(|first| Excerpt::of_span(&lines, first, error.span)),
        }
    });
    faults.collect()
}

/// How many faults of one file are listed; the others are counted.
const LISTED: usize = 100;

/// The first faults of each file, and of the others how many there are.
fn listed(broken: Vec<Broken>) -> Vec<Broken> {
    let mut kept: Vec<Broken> = Vec::with_capacity(broken.len().min(LISTED));
    let (mut of_file, mut more) = (0, 0);
    let mut faults = broken.into_iter().peekable();
    while let Some(fault) = faults.next() {
        let last = faults.peek().is_none_or(|next| next.file != fault.file);
        of_file += 1;
        more += usize::from(of_file > LISTED);
        if of_file <= LISTED {
            kept.push(fault);
        } else if last {
            kept.push(Broken {
                column: 0,
                reason: format!("{more} more fault(s) of this file are not listed"),
                help: "mend the first ones".to_owned(),
                excerpt: None,
                ..fault
            });
        }
        if last {
            (of_file, more) = (0, 0);
        }
    }
    kept
}

/// Whether files of a source are configuration.
fn is_configuration(source: &str) -> bool {
    source_named(source).is_some_and(Source::is_configuration)
}
