//! What the base of a change is found to hold: what a merge request finds, it did not bring.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Component, Path, PathBuf};

use super::waivers;
use crate::cli::{Failure, settings};
use crate::lint::{Base, Comments, LintRequest, last_folders, lint};
use crate::scratch::{self, Scratch};
use crate::source;

/// The fingerprints of what is found in the base, read under the same names by the same rules and the
/// configuration that it has itself: what a change of that brings to light is new. What of the base
/// cannot be read knows nothing.
pub(super) fn known(
    base: &Base,
    config: Option<&Path>,
    request: &LintRequest<'_>,
) -> Result<BTreeSet<String>, Failure> {
    let name = config.and_then(|path| waivers::below(request.here, path));
    let before = name.map(|name| {
        let text = base.text(&name).unwrap_or_default();
        settings::parse(request.rules, &name, &text)
    });
    let settings = match &before {
        None => request.settings,
        Some(Ok(before)) => before,
        Some(Err(_)) => return Ok(BTreeSet::new()),
    };
    let paths: Vec<PathBuf> = request
        .paths
        .iter()
        .filter_map(|path| below(request.here, path))
        .collect();
    let folder = Scratch::new_in(&std::env::temp_dir(), "piperoll-")?;
    let tree = folder.path().join(last_folders(request.here));
    for (name, bytes) in base.files(&paths)? {
        let file = tree.join(&name);
        if let Some(folder) = file.parent() {
            scratch::create_directories(folder)?;
        }
        scratch::create(&file)?.write_all(&bytes)?;
    }
    let there = paths.iter().map(|path| tree.join(path));
    let there: Vec<String> = there
        .filter(|path| path.exists())
        .map(|path| path.display().to_string())
        .collect();
    if there.is_empty() {
        return Ok(BTreeSet::new());
    }
    let request = LintRequest {
        paths: &there,
        logs: &[],
        here: &tree,
        settings,
        comments: Comments::Ignored,
        ..*request
    };
    match lint(&request) {
        Ok(linted) => Ok(linted.findings.into_iter().map(|found| found.id).collect()),
        Err(source::Error::Nothing(_)) => Ok(BTreeSet::new()),
        Err(error) => Err(error.into()),
    }
}

/// A path as seen from `here`; none where it lies elsewhere.
fn below(here: &Path, path: &str) -> Option<PathBuf> {
    let whole = here.join(path);
    let name = whole.strip_prefix(here).ok()?;
    let mut clean = PathBuf::new();
    for component in name.components() {
        match component {
            Component::CurDir => {}
            Component::Normal(part) => clean.push(part),
            _ => return None,
        }
    }
    Some(clean)
}
