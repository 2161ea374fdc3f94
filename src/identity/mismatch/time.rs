//! IM-8: use outside the life of a job or of a credential, and clocks that disagree.

use super::{Declared, Facts, Identity, Mismatch, Seen};
use crate::identity::cloud::Life;
use crate::model::Key;

/// Clock difference up to which nothing is said (INT-004), in microseconds.
const CLOCKS_AGREE: i64 = 5_000_000;
/// Clock difference from which joins by time are unreliable (INT-004), in microseconds.
const CLOCKS_UNRELIABLE: i64 = 30_000_000;

impl Identity {
    /// A request with a job's token after the end of every job that fits.
    pub(super) fn after_end(
        &self,
        subject: &str,
        facts: &Facts,
        seen: Seen<'_>,
        declared: &dyn Declared,
    ) -> Option<Mismatch> {
        let limit = declared.grace_micros() - self.shift;
        let end = facts
            .job_finished_at
            .filter(|end| end.plus_micros(limit) < seen.at)?;
        Some(Mismatch {
            class: "IM-8",
            detail: "use-after-job-end",
            subject: subject.to_owned(),
            object: seen.object.to_owned(),
            expected: format!("no use after {end}"),
            observed: seen.at.to_string(),
            at: seen.at,
            confidence: facts.confidence?,
            place: seen.place,
            of_configuration: false,
        })
    }

    /// A Google event by an account that Vault issues credentials for, after the life of every
    /// credential that it had issued.
    pub(super) fn outside_life(
        &self,
        principal: &str,
        seen: Seen<'_>,
        declared: &dyn Declared,
    ) -> Option<Mismatch> {
        let life = self
            .cloud_leases
            .life(principal, seen.at, declared.skew_micros())?;
        let Life::EndedAt(end) = life else {
            return None;
        };
        Some(Mismatch {
            class: "IM-8",
            detail: "outside-credential-life",
            subject: principal.to_owned(),
            object: seen.object.to_owned(),
            expected: format!("no use after {end}"),
            observed: seen.at.to_string(),
            at: seen.at,
            confidence: Key::K3.confidence(),
            place: seen.place,
            of_configuration: false,
        })
    }

    /// IM-8: Vault's clock against GitLab's, by logins that name their job. The difference is the
    /// smallest that puts them inside their jobs, so a queue before a job is none.
    pub(super) fn clock_offset(&self) -> Vec<Mismatch> {
        if self.shift.abs() <= CLOCKS_AGREE {
            return Vec::new();
        }
        let stray = self
            .ledger
            .logins
            .iter()
            .zip(0u32..)
            .find(|(login, position)| {
                let jobs = self
                    .origin(*position)
                    .and_then(|origin| origin.jobs.as_ref());
                let job = jobs
                    .filter(|jobs| jobs.key == Key::K1)
                    .and_then(|jobs| jobs.only())
                    .and_then(|number| self.directory.job(number));
                job.is_some_and(|job| {
                    job.started_at.is_some_and(|start| login.at < start)
                        || job.finished_at.is_some_and(|end| end < login.at)
                })
            });
        let Some((login, _)) = stray else {
            return Vec::new();
        };
        let detail = if self.shift.abs() > CLOCKS_UNRELIABLE {
            "clocks-unreliable"
        } else {
            "clock-offset"
        };
        let observed = format!("{} ms", -self.shift / 1_000);
        let names = ("source:vault".to_owned(), "source:gitlab-jobs".to_owned());
        let expected = "at most 5000 ms".to_owned();
        vec![self.about_login(
            login,
            ("IM-8", detail),
            names.0,
            names.1,
            (expected, observed),
        )]
    }
}
