//! Reads a directory of policy texts.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::Value;
use walkdir::WalkDir;

use super::{Failure, exit, render};
use crate::policy::{Dialect, Policy, parse};

/// Policies by name.
pub(super) type Policies = BTreeMap<String, Loaded>;

/// A policy and the file it was read from.
pub(super) struct Loaded {
    /// Relative to the directory, with `/`.
    pub(super) file: String,
    pub(super) policy: Policy,
}

/// Reads every policy below `root`; all faults of all texts are shown before it fails.
pub(super) fn policies(
    root: &Path,
    dialect: Dialect,
    stderr: &mut dyn Write,
) -> Result<Policies, Failure> {
    let mut loader = Loader {
        stderr,
        dialect,
        policies: Policies::new(),
        faulty: false,
    };
    if root.is_file() {
        let name = root.file_name().map(PathBuf::from).unwrap_or_default();
        loader.file(root, &name)?;
    } else if root.is_dir() {
        for entry in WalkDir::new(root).sort_by_file_name().follow_links(true) {
            match entry {
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
        Err(Failure::Reported(exit::USAGE))
    } else {
        Ok(loader.policies)
    }
}

struct Loader<'e> {
    stderr: &'e mut dyn Write,
    dialect: Dialect,
    policies: Policies,
    faulty: bool,
}

impl Loader<'_> {
    fn fault(&mut self, message: &str) -> Result<(), Failure> {
        self.faulty = true;
        Ok(writeln!(self.stderr, "error: {message}")?)
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
        let name = path
            .file_stem()
            .map(|stem| stem.to_string_lossy().into_owned());
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) => return self.fault(&format!("cannot read {}: {error}", path.display())),
        };
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                let valid = error.as_bytes().get(..error.utf8_error().valid_up_to());
                let valid = String::from_utf8_lossy(valid.unwrap_or_default());
                let line = valid.matches('\n').count() + 1;
                let column = valid
                    .rsplit('\n')
                    .next()
                    .map_or(0, |last| last.chars().count())
                    + 1;
                let path = path.display();
                return self.fault(&format!("{path}:{line}:{column}: not UTF-8"));
            }
        };
        self.text(path, file, name.unwrap_or_default(), unwrap_response(text))
    }

    fn text(
        &mut self,
        path: &Path,
        file: String,
        name: String,
        text: String,
    ) -> Result<(), Failure> {
        let (policy, errors) = parse(&text, self.dialect);
        for error in &errors {
            let shown = render::fault(&path.display().to_string(), &text, error);
            writeln!(self.stderr, "{shown}")?;
        }
        self.faulty |= !errors.is_empty();
        if let Some(other) = self.policies.get(&name) {
            let message = format!("{file} and {} both name policy {name:?}", other.file);
            return self.fault(&format!("{message}\nhelp: a policy is named by its file"));
        }
        self.policies.insert(name, Loaded { file, policy });
        Ok(())
    }
}

/// The policy text inside an API response, `{"name": ..., "policy": ...}`; else the text itself.
fn unwrap_response(text: String) -> String {
    let Ok(Value::Object(mut object)) = serde_json::from_str::<Value>(&text) else {
        return text;
    };
    let mut data = match object.remove("data") {
        Some(Value::Object(data)) => data,
        _ => object,
    };
    match (
        data.contains_key("path"),
        data.remove("policy").or(data.remove("rules")),
    ) {
        (false, Some(Value::String(inner))) => inner,
        _ => text,
    }
}
