//! From a session of AWS that began with a token of GitLab's back to the job.

use super::aws_ledger::AwsIssue;
use super::claims::Claims;
use super::directory::Directory;
use super::edge::Candidates;
use super::ledger::Ledger;
use super::scope::Scope;
use crate::model::{Job, Key};

/// Why a session that began with a token of GitLab's has no job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoJob {
    /// Its name holds the id of a job of the project that did not run then.
    NamedJobElsewhen,
    /// Its name holds what may be the id of a job that is not in the export, and no job of the project
    /// ran at the time.
    NamedJobMissing,
    /// No job of the project ran at the time, although the export reaches over it.
    NoneRan,
    /// Jobs of the project ran, none of the ref that the subject names.
    OtherRef,
    /// The project's export does not reach over the time, or there is none.
    NotExported,
}

/// The call that exchanges a token for a session.
const EXCHANGE: &str = "AssumeRoleWithWebIdentity";

/// Whether a call exchanged a token of GitLab's: no other issuer writes such a subject, unless it is
/// of a host that names itself so.
pub(super) fn is_of_gitlab(issue: &AwsIssue, ledger: &Ledger) -> bool {
    let claim = |name| ledger.claim(issue.metadata, name);
    let host = claim("provider").split('/').next().unwrap_or("");
    let named = host.split('.').any(|label| label.starts_with("gitlab"));
    ledger.text(issue.operation) == EXCHANGE
        && (claim("subject").starts_with("project_path:") || named)
}

/// The jobs that a session may have come from, and what speaks against it.
///
/// K1: its name, its source identity or one of its tags holds the id of a job of the subject's
/// project. K3: it holds the id of a pipeline, of which one job only ran then. K4: project and
/// ref of the subject, window, and the address of the runner, where that leaves one. K5: the same
/// without the address.
pub(super) fn jobs(
    issue: &AwsIssue,
    ledger: &Ledger,
    directory: &Directory,
    declared: &Scope<'_>,
) -> (Option<Candidates>, Option<NoJob>) {
    match named_or_running(issue, ledger, directory, declared) {
        Ok((jobs, against)) => (Some(jobs), against),
        Err(why) => (None, Some(why)),
    }
}

fn named_or_running(
    issue: &AwsIssue,
    ledger: &Ledger,
    directory: &Directory,
    declared: &Scope<'_>,
) -> Result<(Candidates, Option<NoJob>), NoJob> {
    let subject = ledger.claim(issue.metadata, "subject");
    let claims = Claims::read(subject);
    let project = claims
        .project_id
        .or_else(|| directory.project_id(claims.project_path?));
    let Some(project) = project else {
        return Err(NoJob::NotExported);
    };
    let numbers = numbers(issue, ledger, claims.job_id);
    let (before, after) = (declared.skew_micros(), declared.grace_micros());
    let running = directory.running(project, issue.at, before, after);
    let job = |number: &u32| directory.job(*number);
    let named = numbers.iter().flat_map(|id| directory.jobs_with_id(*id));
    let mut named: Vec<u32> = named
        .copied()
        .filter(|number| job(number).is_some_and(|job| job.project_id == project))
        .collect();
    if !named.is_empty() {
        let ran: Vec<u32> = named
            .iter()
            .copied()
            .filter(|number| running.contains(number))
            .collect();
        let dated = |number: &u32| job(number).is_some_and(|job| job.started_at.is_some());
        let elsewhen = ran.is_empty() && named.iter().all(dated);
        if !ran.is_empty() {
            named = ran;
        }
        named.sort_unstable();
        let found = Candidates {
            found: named,
            key: Key::K1,
            key_name: "job id in the session's name, source identity or tags = job.id",
        };
        return Ok((found, elsewhen.then_some(NoJob::NamedJobElsewhen)));
    }
    if running.is_empty() {
        let missing = |id: &u64| *id != project && directory.may_lack_job(*id);
        return Err(if !directory.covers(Some(project), issue.at) {
            NoJob::NotExported
        } else if numbers.iter().any(missing) {
            NoJob::NamedJobMissing
        } else {
            NoJob::NoneRan
        });
    }
    let found = running_then(issue, ledger, directory, &claims, &numbers, running)?;
    Ok((found, None))
}

/// K3 to K5 of the jobs that ran.
fn running_then(
    issue: &AwsIssue,
    ledger: &Ledger,
    directory: &Directory,
    claims: &Claims<'_>,
    numbers: &[u64],
    running: Vec<u32>,
) -> Result<Candidates, NoJob> {
    let job = |number: &u32| directory.job(*number);
    let only = |keep: &dyn Fn(&Job) -> bool, among: &[u32]| -> Vec<u32> {
        let kept = among.iter().copied();
        kept.filter(|number| job(number).is_some_and(keep))
            .collect()
    };
    let of_pipeline = only(
        &|job| job.pipeline_id.is_some_and(|id| numbers.contains(&id)),
        &running,
    );
    if let [_] = of_pipeline.as_slice() {
        return Ok(Candidates {
            found: of_pipeline,
            key: Key::K3,
            key_name: "pipeline id in the session's name = that of the only job of it that ran",
        });
    }
    let among = if of_pipeline.is_empty() {
        running
    } else {
        of_pipeline
    };
    let of_ref = match claims.git_ref {
        Some(git_ref) => only(&|job| job.git_ref == git_ref, &among),
        None => among,
    };
    if of_ref.is_empty() {
        return Err(NoJob::OtherRef);
    }
    let address = ledger.text(issue.address);
    let at_runner = |job: &Job| job.runner_addresses.iter().any(|own| own == address);
    let by_address = only(&at_runner, &of_ref);
    if let [_] = by_address.as_slice() {
        return Ok(Candidates {
            found: by_address,
            key: Key::K4,
            key_name: "project and ref of the subject, window and runner address",
        });
    }
    Ok(Candidates {
        found: of_ref,
        key: Key::K5,
        key_name: "project and ref of the subject, and window",
    })
}

/// Numbers that the session's name, its source identity or one of its tags holds, or that the
/// subject names as a job, ascending.
fn numbers(issue: &AwsIssue, ledger: &Ledger, job: Option<u64>) -> Vec<u64> {
    let entries = ledger.symbols.entries(issue.metadata);
    let told = entries.filter(|(name, _)| *name == "source_identity" || name.starts_with("tag."));
    let texts = told
        .map(|(_, value)| value)
        .chain([ledger.text(issue.name)]);
    let runs = texts.flat_map(|text| text.split(|one: char| !one.is_ascii_digit()));
    let mut numbers: Vec<u64> = runs.filter_map(|run| run.parse().ok()).chain(job).collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}
