//! Reads a directory of policy texts.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::Value;
use walkdir::WalkDir;

use super::render;
use crate::cli::Failure;
use crate::disk;
use crate::model::FailureKind;
use crate::model::{SourceFile, Timestamp, id};
use crate::policy::{Dialect, Policy, Substitutions, parse_at};
use crate::report::visible;
use crate::snapshot::vault::policy_place;
use crate::source::Links;

/// Policies by name.
#[derive(Default)]
pub(super) struct Policies {
    by_name: BTreeMap<String, Loaded>,
    /// Another way to call one that is named by its file's stem: its path below the directory.
    also: BTreeMap<String, Option<String>>,
}

impl Policies {
    /// The policy of a name.
    pub(super) fn get(&self, name: &str) -> Option<&Loaded> {
        let called = || self.by_name.get(self.also.get(name)?.as_deref()?);
        self.by_name.get(name).or_else(called)
    }

    /// The policy of a name in a namespace: its own, where the export has several namespaces.
    pub(super) fn get_in(&self, namespace: &str, name: &str) -> Option<&Loaded> {
        let within = id::in_namespace(Some(namespace), name);
        self.by_name.get(&within).or_else(|| self.get(name))
    }

    /// The names, in order.
    pub(super) fn names(&self) -> impl Iterator<Item = &String> {
        self.by_name.keys()
    }

    /// Lets a policy be called by another name too, where only one is called so.
    fn call(&mut self, other: String, name: &str) {
        self.also
            .entry(other)
            .and_modify(|known| {
                if known.as_deref() != Some(name) {
                    *known = None;
                }
            })
            .or_insert_with(|| Some(name.to_owned()));
    }
}

/// A policy and the file it was read from.
pub(super) struct Loaded {
    /// Relative to the directory, with `/`.
    pub(super) file: String,
    pub(super) policy: Policy,
}

/// How policies are read.
#[derive(Clone, Copy)]
pub(super) struct Reading {
    /// The server whose rules hold.
    pub(super) dialect: Dialect,
    /// The moment for `expiration`.
    pub(super) as_of: Timestamp,
    /// What becomes of links that leave the directory.
    pub(super) links: Links,
}

/// Reads every policy below `root`; all faults of all texts are shown before it fails.
pub(super) fn policies(
    root: &Path,
    reading: Reading,
    stderr: &mut dyn Write,
) -> Result<Policies, Failure> {
    let mut loader = Loader {
        stderr,
        reading,
        above: above(root),
        policies: Policies::default(),
        faulty: false,
    };
    if root.is_file() {
        let name = root.file_name().map(PathBuf::from).unwrap_or_default();
        loader.file(root, &name)?;
    } else if root.is_dir() {
        let home = std::fs::canonicalize(root)?;
        let mut entries = WalkDir::new(root)
            .sort_by_file_name()
            .follow_links(true)
            .into_iter();
        while let Some(entry) = entries.next() {
            match entry {
                Ok(entry) if entry.path_is_symlink() && !loader.follows(entry.path(), &home)? => {
                    if entry.file_type().is_dir() {
                        entries.skip_current_dir();
                    }
                }
                Ok(entry) if entry.file_type().is_file() => {
                    let path = entry.path();
                    loader.file(path, path.strip_prefix(root).unwrap_or(path))?;
                }
                Ok(_) => {}
                Err(error) => loader.fault(&format!("cannot read: {error}"))?,
            }
        }
    } else {
        let root = root.display();
        loader.fault(&format!(
            "no such file or directory: {root}\nhelp: --policies names them"
        ))?;
    }
    if loader.faulty {
        Err(Failure::Reported(FailureKind::Usage))
    } else {
        Ok(loader.policies)
    }
}

/// The end of the directory's own path that says where policies lie, empty without one.
fn above(root: &Path) -> String {
    let whole = std::fs::canonicalize(root).unwrap_or_else(|_| root.to_owned());
    let parts: Vec<_> = whole.iter().map(|part| part.to_string_lossy()).collect();
    for tail in ["sys/policies/acl", "sys/policies", "sys/policy", "policies"] {
        let length = tail.split('/').count();
        let end = parts.get(parts.len().saturating_sub(length)..);
        if end.is_some_and(|end| end.join("/") == tail) {
            return format!("{tail}/");
        }
    }
    String::new()
}

struct Loader<'e> {
    stderr: &'e mut dyn Write,
    reading: Reading,
    above: String,
    policies: Policies,
    faulty: bool,
}

impl Loader<'_> {
    fn fault(&mut self, message: &str) -> Result<(), Failure> {
        self.faulty = true;
        Ok(writeln!(self.stderr, "error: {message}")?)
    }

    /// Whether to read what lies behind a link; one that leaves the directory is told.
    fn follows(&mut self, link: &Path, home: &Path) -> Result<bool, Failure> {
        let real = std::fs::canonicalize(link).unwrap_or_else(|_| link.to_owned());
        if real.starts_with(home) {
            return Ok(true);
        }
        let (link, real) = (link.to_string_lossy(), real.to_string_lossy());
        let (link, real) = (visible(&link), visible(&real));
        if self.reading.links == Links::Refused {
            self.fault(&format!(
                "{link}: a link leads out of the inputs, and --no-follow is given"
            ))?;
            return Ok(false);
        }
        writeln!(
            self.stderr,
            "note: `{link}` is read through a link that leaves the inputs, to `{real}`"
        )?;
        Ok(true)
    }

    fn file(&mut self, path: &Path, relative: &Path) -> Result<(), Failure> {
        let parts: Vec<_> = relative.iter().map(|part| part.to_string_lossy()).collect();
        let file = parts.join("/");
        let extension = path.extension().and_then(|extension| extension.to_str());
        if !matches!(extension, Some("hcl" | "json" | "policy")) {
            let shown = file.escape_debug();
            writeln!(
                self.stderr,
                "warning: ignored {shown}: no .hcl, .json or .policy"
            )?;
            return Ok(());
        }
        let bytes = match disk::bytes(path, disk::LONGEST_TEXT) {
            Ok(bytes) => bytes,
            Err(error) => return self.fault(&format!("cannot read {}: {error}", path.display())),
        };
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                let valid = error.as_bytes().get(..error.utf8_error().valid_up_to());
                let valid = String::from_utf8_lossy(valid.unwrap_or_default());
                let at = SourceFile::new(&valid).position(valid.len());
                let path = path.display();
                return self.fault(&format!("{path}:{}:{}: not UTF-8", at.line, at.column));
            }
        };
        self.text(path, file, unwrap_response(text))
    }

    /// The name of a policy by its file, and its path below the directory. Below a folder
    /// `policies` the name is the path, so that it may hold slashes; else it is the file's stem.
    fn names(&self, file: &str) -> (String, String) {
        let bare = |path: &str| match path.rsplit_once('.') {
            Some((bare, _)) if !bare.is_empty() && !bare.ends_with('/') => bare.to_owned(),
            _ => path.to_owned(),
        };
        let whole = bare(file);
        let name = match policy_place(&format!("{}{file}", self.above)) {
            Some(place) => id::in_namespace(Some(&place.namespace), &place.name),
            None => whole.rsplit('/').next().unwrap_or(&whole).to_owned(),
        };
        (name, whole)
    }

    fn text(&mut self, path: &Path, file: String, stored: Stored) -> Result<(), Failure> {
        let (name, whole) = self.names(&file);
        let (mut policy, errors) = parse_at(&stored.text, self.reading.dialect, self.reading.as_of);
        policy.substitutions = stored.substitutions;
        for error in &errors {
            let shown = render::fault(&path.display().to_string(), &stored.text, error);
            writeln!(self.stderr, "{shown}")?;
        }
        self.faulty |= !errors.is_empty();
        if let Some(other) = self.policies.by_name.get(&name) {
            let message = format!("{file} and {} both name policy {name:?}", other.file);
            return self.fault(&format!("{message}\nhelp: a policy is named by its file"));
        }
        if whole.rsplit('/').next() == Some(name.as_str()) {
            self.policies.call(whole, &name);
        }
        self.policies.by_name.insert(name, Loaded { file, policy });
        Ok(())
    }
}

/// A policy as stored: its text, and what its settings allow.
struct Stored {
    text: String,
    substitutions: Substitutions,
}

/// The policy inside an API response, `{"name": ..., "policy": ...}`; else the text itself.
fn unwrap_response(text: String) -> Stored {
    let plain = |text| Stored {
        text,
        substitutions: Substitutions::default(),
    };
    let Ok(Value::Object(mut object)) = serde_json::from_str::<Value>(&text) else {
        return plain(text);
    };
    let mut data = match object.remove("data") {
        Some(Value::Object(data)) => data,
        _ => object,
    };
    let is_on = |key: &str| data.get(key) == Some(&Value::Bool(true));
    let substitutions = Substitutions {
        slashes: is_on("allow_slashes_in_identity_templates"),
        wildcards: is_on("allow_wildcards_in_identity_templates"),
    };
    match (
        data.contains_key("path"),
        data.remove("policy").or(data.remove("rules")),
    ) {
        (false, Some(Value::String(text))) => Stored {
            text,
            substitutions,
        },
        _ => plain(text),
    }
}
