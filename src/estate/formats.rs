//! Every format that is read, in the order in which detection asks them.

use std::path::PathBuf;

use crate::model::{Format, Source};
use crate::source::{InputFile, documents_with};
use crate::{snapshot, source};

/// Logs: they are what most files are.
const LOGS: &[&[&dyn Format]] = &[
    source::vault::FORMATS,
    source::gcp::FORMATS,
    source::gitlab::FORMATS,
    source::okta::FORMATS,
    source::aws::FORMATS,
    source::hoop::FORMATS,
];

/// What is asked after them; first the access logs of a mesh, of which a policy among the inputs
/// may say more than the usual keys that tell them.
const REST: &[&[&dyn Format]] = &[
    source::mesh::FORMATS,
    snapshot::vault::FORMATS,
    snapshot::gcp::FORMATS,
    snapshot::aws::FORMATS,
    snapshot::terraform::FORMATS,
    snapshot::mesh::FORMATS,
    snapshot::hoop::FORMATS,
    snapshot::receipt::FORMATS,
    snapshot::review::FORMATS,
    // Ends with the objects of GitLab's API that are of no use, which look like much else.
    snapshot::gitlab::FORMATS,
];

/// The formats of every run. Logs first.
#[must_use]
pub fn formats() -> Vec<&'static dyn Format> {
    [LOGS.concat(), REST.concat()].concat()
}

/// Words of which one stands in every file that writes out the format of an access log.
const WRITTEN: [&str; 2] = ["MeshAccessLog", "logging"];

/// The formats of a run: those of every run, and access logs as policies among its files have the
/// proxies of a mesh write them.
pub struct Formats {
    written: Vec<Box<dyn Format>>,
}

impl Formats {
    /// Those that `files` are read by.
    #[must_use]
    pub fn of(files: &[InputFile]) -> Formats {
        let documents = files.iter().flat_map(|file| documents_with(file, &WRITTEN));
        let stated: Vec<_> = documents
            .flat_map(|document| snapshot::mesh::log_formats(&document))
            .collect();
        Formats {
            written: source::mesh::written(&stated),
        }
    }

    /// Those that files at these paths were read by, each with its name.
    pub fn at<'p>(files: impl IntoIterator<Item = (&'p str, PathBuf)>) -> Formats {
        let files = files.into_iter();
        let files: Vec<InputFile> = files
            .map(|(name, path)| InputFile::at(name, &path))
            .collect();
        Formats::of(&files)
    }

    /// All of them, in the order in which detection asks: what somebody wrote out knows its lines
    /// better than what tells them by usual keys.
    #[must_use]
    pub fn all(&self) -> Vec<&dyn Format> {
        let mut all: Vec<&dyn Format> = LOGS.concat();
        all.extend(self.written.iter().map(|format| &**format));
        all.extend(REST.concat());
        all
    }
}

/// The source of that name, if any format is of it.
#[must_use]
pub fn source(name: &str) -> Option<&'static Source> {
    let mut sources = formats().into_iter().map(|format| format.about().source);
    sources.find(|source| source.name == name)
}
