//! How far the inputs reach: what each log holds, and every hole in it.
//!
//! A hole is found by what the inputs themselves say: a log that falls silent, a declared audit
//! device whose log is not there, a list that ends with a full page, a record that could not be
//! read, a policy that tokens carry and no export holds. What a rule makes of it is decided in one
//! place, by `assess`.

mod access;
mod beat;
mod capped;
mod clocks;
mod dated;
mod ear;
mod factors;
mod made;
mod minutes;
mod named;
mod node;
mod onesided;
mod page;
mod provider;
mod quiet;
mod rotated;
mod server;
mod shortened;
mod sibling;
mod signed_on;
mod silence;
mod sink;
mod together;
mod traced;
mod unanswered;
mod unexported;
mod unlisted;
mod unplaced;
mod unread;
mod unsaid;
mod unstated;
mod used;

pub(super) use access::Access;
pub(super) use beat::Beats;
pub(super) use made::Makings;
pub(super) use minutes::{Log, Minutes};
pub(super) use named::Named;
pub(super) use node::stem;

pub(super) use ear::{Ear, ended};
pub(super) use factors::Factors;
pub(super) use onesided::Sides;
pub(super) use quiet::{Quiet, silence_rows};
pub(super) use server::holes as unlike_servers;
pub(super) use shortened::Shortened;
pub(super) use sibling::holes as unlike_projects;
pub(super) use signed_on::hole as unsigned;
pub(super) use sink::folder as sink_folder;
pub(super) use unanswered::holes as unanswered;
pub(super) use unplaced::policies as unplaced_policies;
pub(super) use unread::out_of_time;
pub(super) use unsaid::Unsaid;
pub(super) use used::InUse;

use std::collections::BTreeSet;

use crate::identity::Identity;
use crate::model::{FileCoverage, FileId, Hole, Period};
use crate::posture::StatedPolicy;

/// What an estate is asked for its holes.
pub(super) struct Read<'r> {
    pub(super) minutes: &'r Minutes,
    /// How many audit devices the logs are of.
    pub(super) devices: usize,
    pub(super) coverage: &'r [FileCoverage],
    pub(super) unreadable: &'r [(String, String)],
    pub(super) identity: &'r Identity,
    pub(super) policies: &'r [StatedPolicy],
    pub(super) period: Period,
    /// The stretches in which a log should have spoken.
    pub(super) quiet: &'r [Quiet],
    /// The sources that end before the period does.
    pub(super) ended: &'r [Hole],
    /// The files that a declaration is about.
    pub(super) vouched: &'r BTreeSet<FileId>,
    /// What of the declared inputs is not there, and what Google's logs name and no export holds.
    pub(super) undelivered: Vec<Hole>,
}

impl Read<'_> {
    /// Every hole, in order.
    pub(super) fn holes(self) -> Vec<Hole> {
        let (directory, ledger) = (&self.identity.directory, &self.identity.ledger);
        let mut holes: Vec<Hole> = self.quiet.iter().map(Quiet::hole).collect();
        let told = |hole: &&Hole| {
            let ends = |known: &Hole| {
                known
                    .span
                    .zip(hole.span)
                    .is_some_and(|(known, own)| known.1 == own.1)
            };
            !holes
                .iter()
                .any(|known| ends(known) && known.concerns(&hole.of))
        };
        let ended: Vec<Hole> = self.ended.iter().filter(told).cloned().collect();
        holes.extend(ended);
        holes.extend(unread::holes(self.coverage, self.unreadable));
        holes.extend(self.undelivered);
        holes.extend(page::holes(self.coverage));
        holes.extend(rotated::holes(self.coverage));
        holes.extend(dated::holes(self.coverage));
        holes.extend(capped::holes(self.coverage, self.period));
        holes.extend(sink::holes(self.minutes, self.coverage));
        holes.extend(unexported::devices(self.minutes, self.devices, directory));
        holes.extend(unexported::policies(ledger, self.policies));
        holes.extend(unexported::roles(ledger, directory));
        holes.extend(unexported::role_policies(directory));
        holes.extend(unexported::role_bounds(directory));
        holes.extend(unexported::dataplanes(directory));
        holes.extend(unexported::sessions(self.minutes, directory));
        holes.extend(unexported::addresses(directory));
        holes.extend(unlisted::cloud_projects(directory));
        holes.extend(unlisted::gitlab_projects(directory));
        holes.extend(unlisted::accounts(&directory.services, directory));
        holes.extend(unlisted::meshes(directory));
        holes.extend(unlisted::role_permissions(directory));
        holes.extend(unlisted::certificates(directory));
        holes.extend(unlisted::containers(&directory.services));
        holes.extend(unlisted::services(&directory.services, self.vouched));
        holes.extend(unexported::settings(directory));
        holes.extend(unstated::holes(directory));
        holes.extend(unstated::log_buckets(directory));
        holes.extend(unstated::pipelines(&directory.jobs, self.period));
        holes.extend(unstated::times(&directory.jobs, self.period));
        holes.extend(unexported::methods(ledger, directory));
        holes.extend(unexported::traces(directory, self.period));
        holes.extend(unexported::cut_traces(directory));
        holes.extend(traced::sealed_traces(directory));
        holes.extend(traced::unlisted_jobs(directory));
        holes.extend(clocks::holes(self.identity));
        holes.extend(provider::hole(self.minutes, self.identity));
        holes.extend(unexported::jobs(directory, self.period));
        holes.extend(traced::projects(self.identity, self.period));
        holes.sort();
        holes.dedup();
        holes
    }
}
