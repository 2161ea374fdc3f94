//! A kind of exported thing as a constant: what it is called, what tells it, what it says.

use crate::model::{About, Format, Record, Sample, Sink, Verdict};

/// How the exports of one API are read, whatever kind of thing they are about.
pub(super) trait Api {
    /// What tells a thing of one kind from the others.
    type Told: Sync;
    /// Pushes what a thing of that kind says.
    type Push: Sync;

    /// Whether a sample holds a thing that is told so.
    fn recognises(told: &Self::Told, sample: &Sample<'_>) -> bool;

    /// Hands what is told so in a record to `push`.
    fn read(
        told_and_push: (&Self::Told, &Self::Push),
        record: &Record<'_>,
        sink: &mut dyn Sink,
    ) -> Verdict;
}

/// A kind of thing that differs from the others of its API only in how it is told and what it says.
pub(super) struct Exported<A: Api> {
    /// What is fixed about the format.
    pub(super) about: About,
    /// What tells such a thing.
    pub(super) told: A::Told,
    /// Pushes what such a thing says.
    pub(super) push: A::Push,
}

impl<A: Api> Format for Exported<A> {
    fn about(&self) -> &About {
        &self.about
    }

    fn recognises(&self, sample: &Sample<'_>) -> bool {
        A::recognises(&self.told, sample)
    }

    fn read(&self, record: &Record<'_>, sink: &mut dyn Sink) -> Verdict {
        A::read((&self.told, &self.push), record, sink)
    }
}
