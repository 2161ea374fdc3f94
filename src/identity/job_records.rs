//! The records of one job: several where they contradict each other.

use super::directory::Directory;
use crate::model::Job;

impl Directory {
    /// The first record of the job that a record is of: where records of one job contradict each
    /// other, they are no two jobs.
    pub(super) fn first_record(&self, number: u32) -> u32 {
        let of = |number: u32| self.job(number).map(|job| (job.project_id, job.id));
        let mut first = number;
        while let Some(before) = first
            .checked_sub(1)
            .filter(|before| of(*before) == of(number))
        {
            first = before;
        }
        first
    }

    /// All records of a job, by its first: several where they contradict each other.
    pub(super) fn records(&self, first: u32) -> &[Job] {
        let from = self.jobs.get(first as usize..).unwrap_or(&[]);
        let of = |job: &Job| (job.project_id, job.id);
        let same = from
            .iter()
            .take_while(|job| from.first().map(of) == Some(of(job)));
        from.get(..same.count()).unwrap_or(&[])
    }
}
