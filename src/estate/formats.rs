//! Every format that is read, in the order in which detection asks them.

use crate::model::Format;
use crate::{snapshot, source};

/// All formats. Logs first: they are what most files are.
#[must_use]
pub fn formats() -> Vec<&'static dyn Format> {
    [
        source::vault::FORMATS,
        source::gcp::FORMATS,
        source::gitlab::FORMATS,
        snapshot::vault::FORMATS,
        snapshot::gcp::FORMATS,
        snapshot::terraform::FORMATS,
        source::foreign::FORMATS,
        // Ends with the objects of GitLab's API that are of no use, which look like much else.
        snapshot::gitlab::FORMATS,
    ]
    .concat()
}
