//! The evidence of findings, read again where it stands: exactly which bytes, and their digest.

use std::collections::{BTreeMap, BTreeSet};

use super::{Estate, Formats};
use crate::config::Settings;
use crate::model::{
    Cited, Evidence, EvidenceKind, Failing, FailureKind, FileCoverage, Finding, Format,
};
use crate::source::{InputFile, Sought, cite, cite_text};
use crate::store::StoreError;

/// Evidence that cannot be read again.
#[derive(Debug, thiserror::Error)]
pub enum CitationError {
    /// The file cannot be read any more, or is another one.
    #[error(
        "`{file}` could not be read again for its evidence: {source}\n  help: run the report over files that nobody writes to"
    )]
    Unreadable {
        /// The file as it is named in the evidence.
        file: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// The store does not say what the bytes were, and the file that does is gone.
    #[error(
        "`{file}` is cited as evidence, and what was read of it does not say which bytes those are: {source}\n  help: put the file back where it lay; the store keeps the extent of log records only"
    )]
    Original {
        /// The file as it is named in the evidence.
        file: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The place is in no input.
    #[error(
        "{file}:{line} is cited as evidence and is in no input\n  help: this is a fault of piperoll; please report it"
    )]
    Lost {
        /// The file as it is named in the evidence.
        file: String,
        /// The line.
        line: u64,
    },
}

impl Failing for CitationError {
    fn kind(&self) -> FailureKind {
        match self {
            CitationError::Store(error) => error.kind(),
            CitationError::Unreadable { .. } | CitationError::Original { .. } => FailureKind::Input,
            CitationError::Lost { .. } => FailureKind::Internal,
        }
    }
}

/// What the places are that a pack cites.
#[derive(Debug, Default)]
pub struct Citations {
    found: BTreeMap<String, BTreeMap<Sought, Cited>>,
}

impl Citations {
    /// Reads every place that `cited` names.
    ///
    /// # Errors
    ///
    /// A file changed or cannot be read any more, or a place is in no input.
    pub fn read<'e>(
        estate: &Estate,
        settings: &Settings,
        cited: impl IntoIterator<Item = &'e Evidence>,
    ) -> Result<Citations, CitationError> {
        let mut wanted: BTreeMap<&str, BTreeSet<Sought>> = BTreeMap::new();
        for evidence in cited {
            let places = wanted.entry(&evidence.file).or_default();
            places.insert(sought(evidence));
        }
        let known = Formats::of(&estate.stored);
        let formats = known.all();
        let mut citations = Citations::default();
        for (name, places) in wanted {
            let files = estate.files.iter().zip(&estate.stored);
            let coverage = estate.coverage.iter().find(|file| file.path == name);
            let found = match (
                files.into_iter().find(|(file, _)| file.name == name),
                coverage,
            ) {
                (Some((_, stored)), Some(coverage)) => {
                    again(estate, stored, coverage, &formats, &places)?
                }
                // What is no input is the configuration, which is in the pack.
                _ => cite_text(name, &settings.text, &places),
            };
            if let Some(lost) = places.iter().find(|place| !found.contains_key(place)) {
                return Err(CitationError::Lost {
                    file: name.to_owned(),
                    line: lost.line,
                });
            }
            citations.found.insert(name.to_owned(), found);
        }
        Ok(citations)
    }

    /// What a piece of evidence is.
    #[must_use]
    pub fn of(&self, evidence: &Evidence) -> Option<&Cited> {
        self.found.get(&evidence.file)?.get(&sought(evidence))
    }

    /// The evidence of each finding, in their order: sorted, each once.
    #[must_use]
    pub fn of_findings(&self, findings: &[Finding]) -> Vec<Vec<Cited>> {
        let of = |finding: &Finding| {
            let cited = finding.evidence.iter().filter_map(|piece| self.of(piece));
            let cited: BTreeSet<&Cited> = cited.collect();
            cited.into_iter().cloned().collect()
        };
        findings.iter().map(of).collect()
    }
}

/// Reads places of a file again; what a store noted of them answers for a file that is gone.
fn again(
    estate: &Estate,
    stored: &InputFile,
    coverage: &FileCoverage,
    formats: &[&dyn Format],
    places: &BTreeSet<Sought>,
) -> Result<BTreeMap<Sought, Cited>, CitationError> {
    let unreadable = |source| CitationError::Unreadable {
        file: stored.name.clone(),
        source,
    };
    let digest = (coverage.bytes, coverage.sha256);
    let Some(store) = &estate.inputs else {
        return cite(stored, digest, formats, places).map_err(unreadable);
    };
    let read = if stored.path.is_some() {
        cite(stored, digest, formats, places)
    } else {
        Err(std::io::Error::other("it came from a pipe"))
    };
    let error = match read {
        Ok(found) => return Ok(found),
        Err(error) => error,
    };
    let mut found: BTreeMap<Sought, Cited> =
        store.cite(stored, formats, places)?.into_iter().collect();
    let whole = coverage.sha256.to_string();
    for place in places.iter().filter(|place| place.sha256 == whole) {
        let cited = Cited {
            file: stored.name.clone(),
            line: 1,
            byte: 0,
            end: coverage.bytes,
            kind: EvidenceKind::File,
            sha256: coverage.sha256,
        };
        found.insert(place.clone(), cited);
    }
    if places.iter().all(|place| found.contains_key(place)) {
        Ok(found)
    } else {
        Err(CitationError::Original {
            file: stored.name.clone(),
            source: error,
        })
    }
}

fn sought(evidence: &Evidence) -> Sought {
    Sought {
        line: evidence.line,
        byte: evidence.byte,
        sha256: evidence.sha256.clone(),
    }
}
