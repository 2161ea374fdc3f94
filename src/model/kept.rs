//! A sink that keeps what a format reads.

use super::{Event, Export, Exports, Format, Place, Record, Sink, Verdict};

/// A sink that keeps everything, for tests of formats.
#[derive(Default)]
pub(crate) struct Kept {
    /// Debug text of each event, since events borrow from their record.
    pub(crate) events: Vec<String>,
    pub(crate) exports: Exports,
}

impl Kept {
    /// What a format says of a text, as a record at the beginning of the file `path`.
    pub(crate) fn of(format: &dyn Format, path: &str, text: impl AsRef<[u8]>) -> (Verdict, Kept) {
        let mut kept = Kept::default();
        let record = Record {
            path,
            bytes: text.as_ref(),
            place: Place::of_line(1),
        };
        let verdict = format.read(&record, &mut kept);
        (verdict, kept)
    }
}

impl Sink for Kept {
    fn event(&mut self, event: &Event<'_>) {
        self.events.push(format!("{event:?}"));
    }
    fn export(&mut self, export: Export) {
        self.exports.add(export);
    }
}
