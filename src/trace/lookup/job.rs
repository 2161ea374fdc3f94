//! Jobs: by id, with their project's number or path, or as the address of GitLab's page.

use super::{Found, ambiguous, unknown};
use crate::estate::JoinedEstate;
use crate::identity::Directory;
use crate::model::id;
use crate::trace::ask::{Ask, TraceError};

/// What was written before the job's number.
#[derive(Debug, PartialEq, Eq)]
enum Project<'a> {
    /// Nothing.
    Any,
    Number(u64),
    Path(&'a str),
}

/// `<job>`, `<project>/<job>`, `gitlab:job/<project>/<job>`, or
/// `https://<host>/<project path>/-/jobs/<job>` with whatever follows.
fn parts(asked: &str) -> (Project<'_>, &str) {
    let bare = asked.strip_prefix("gitlab:job/").unwrap_or(asked);
    if let Some((page, rest)) = bare.split_once("/-/jobs/") {
        let path = match page.split_once("://") {
            Some((_, page)) => page.split_once('/').map_or("", |(_, path)| path),
            None => page,
        };
        let end = rest.find(|c: char| !c.is_ascii_digit());
        return (
            Project::Path(path),
            rest.get(..end.unwrap_or(rest.len())).unwrap_or(rest),
        );
    }
    match bare.rsplit_once('/') {
        None => (Project::Any, bare.strip_prefix('#').unwrap_or(bare)),
        Some((project, job)) => match project.parse() {
            Ok(number) => (Project::Number(number), job),
            Err(_) => (Project::Path(project), job),
        },
    }
}

/// Number of the project: `Err` for a path that names none or several.
fn number(directory: &Directory, project: &Project<'_>) -> Result<Option<u64>, ()> {
    match project {
        Project::Any => Ok(None),
        Project::Number(number) => Ok(Some(*number)),
        Project::Path(path) => directory.project_named(path).map(Some).ok_or(()),
    }
}

pub(super) fn find(estate: &JoinedEstate, ask: &Ask<'_>) -> Result<Found, TraceError> {
    let (written, digits) = parts(ask.id);
    let directory = &estate.identity.directory;
    let project = number(directory, &written);
    let in_project =
        |other: u64| project.is_ok_and(|project| project.is_none_or(|number| number == other));
    let number: Option<u64> = digits.parse().ok();
    let found: Vec<u32> = number
        .map_or(&[][..], |number| directory.jobs_with_id(number))
        .iter()
        .copied()
        .filter(|&job| {
            directory
                .job(job)
                .is_some_and(|job| in_project(job.project_id))
        })
        .collect();
    let name = |&job: &u32| {
        directory
            .job(job)
            .map(|job| id::gitlab_job(job.project_id, job.id))
    };
    match found.as_slice() {
        [one] => return Ok(Found::Job(*one)),
        [] => {}
        several => return Err(ambiguous(ask, several.iter().filter_map(name))),
    }
    let ledger = &estate.identity.ledger;
    let claims = ledger.logins.iter().zip(0u32..).filter(|(login, _)| {
        let value = |key| ledger.claim(login.metadata, key).parse().ok();
        let of_project = value("project_id").is_none_or(in_project);
        !login.child && number.is_some() && value("job_id") == number && of_project
    });
    let claims: Vec<u32> = claims.map(|(_, position)| position).collect();
    if !claims.is_empty() {
        let claimed = match project {
            Ok(Some(project)) => format!("gitlab:job/{project}/{digits}"),
            _ => format!("gitlab:job/{digits}"),
        };
        return Ok(Found::ClaimedJob(claimed, claims));
    }
    let known: Vec<String> = directory
        .jobs
        .iter()
        .map(|job| match written {
            Project::Any => job.id.to_string(),
            Project::Number(_) => format!("{}/{}", job.project_id, job.id),
            Project::Path(_) => {
                let path = directory.project_path(job.project_id);
                format!("{}/{}", path.unwrap_or(&job.project_path), job.id)
            }
        })
        .collect();
    let bare = match written {
        Project::Any => digits.to_owned(),
        Project::Number(project) => format!("{project}/{digits}"),
        Project::Path(path) => format!("{path}/{digits}"),
    };
    Err(unknown(ask, &bare, known.iter().map(String::as_str)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_is_written_in_many_ways() {
        assert_eq!(parts("88089"), (Project::Any, "88089"));
        assert_eq!(parts("#88089"), (Project::Any, "88089"));
        for numbered in ["101/88089", "gitlab:job/101/88089"] {
            assert_eq!(parts(numbered), (Project::Number(101), "88089"));
        }
        for named in [
            "mill/data/reports/88089",
            "https://gitlab.mill.example/mill/data/reports/-/jobs/88089",
            "https://gitlab.mill.example/mill/data/reports/-/jobs/88089/raw?x=1#L4",
            "mill/data/reports/-/jobs/88089",
        ] {
            assert_eq!(parts(named), (Project::Path("mill/data/reports"), "88089"));
        }
    }
}
