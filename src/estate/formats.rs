//! Every format that is read, in the order in which detection asks them.

use crate::model::{Format, Source};
use crate::{snapshot, source};

/// All formats. Logs first: they are what most files are.
#[must_use]
pub fn formats() -> Vec<&'static dyn Format> {
    [
        source::vault::FORMATS,
        source::gcp::FORMATS,
        source::gitlab::FORMATS,
        source::okta::FORMATS,
        source::aws::FORMATS,
        source::hoop::FORMATS,
        source::mesh::FORMATS,
        snapshot::vault::FORMATS,
        snapshot::gcp::FORMATS,
        snapshot::aws::FORMATS,
        snapshot::terraform::FORMATS,
        snapshot::mesh::FORMATS,
        snapshot::hoop::FORMATS,
        snapshot::receipt::FORMATS,
        // Ends with the objects of GitLab's API that are of no use, which look like much else.
        snapshot::gitlab::FORMATS,
    ]
    .concat()
}

/// The source of that name, if any format is of it.
#[must_use]
pub fn source(name: &str) -> Option<&'static Source> {
    let mut sources = formats().into_iter().map(|format| format.about().source);
    sources.find(|source| source.name == name)
}
