//! Whatever the log and the exports say, a fact that names somebody is at most as sure as the edge
//! that named them.

use std::collections::BTreeSet;

use proptest::prelude::*;

use crate::identity::sample::{Sample, networks, of, seen};
use crate::model::{Key, id};

/// One job: project, start and end in minutes, runner at the login's address.
type Ran = (u64, i64, i64, bool);

/// A login of role `app`, bound to projects 7 and 8, that names as much of its job as `names` says.
fn estate(jobs: &[Ran], names: usize, at: i64) -> Sample {
    let mut sample = Sample::default();
    for (&(project, from, length, there), number) in jobs.iter().zip(1u64..) {
        let job = sample.job(project, number, from, from + length);
        if there {
            job.runner_addresses = vec!["10.1.0.1".to_owned()];
        }
    }
    for project in ["7", "8"] {
        let role = "vault:role/gitlab/app";
        sample.says("vault-role", role, "bound_claims.project_id", project);
    }
    let named: &[(&str, &str)] = match names {
        0 => &[],
        1 => &[("project_id", "7")],
        _ => &[("project_id", "7"), ("job_id", "1")],
    };
    sample.login("l", "auth/gitlab/", at, "10.1.0.1", named);
    sample
}

proptest! {
    #[test]
    fn a_fact_is_no_surer_than_the_edge_that_names_its_subject(
        jobs in prop::collection::vec((7u64..9, 0i64..20, 1i64..20, any::<bool>()), 0..4),
        names in 0usize..3,
        at in 5i64..30,
        used in 5i64..60,
        there in any::<bool>(),
    ) {
        let mut sample = estate(&jobs, names, at);
        let op = sample.request("r", "l", used);
        let world = networks();
        let identity = sample.join(&world);
        let address = if there { "10.1.0.2" } else { "203.0.113.9" };
        let (session, facts) = of(&identity, op, &world);
        let request = seen("vault:path/secret/data/x", address, used);
        let mut found = identity.mismatches_ever(&world);
        found.extend(identity.request_mismatches(&facts, session, request, &world.scope()));
        let origin = identity.origin(0).and_then(|origin| origin.jobs.clone());
        let Some(origin) = origin.filter(|jobs| jobs.key >= Key::K4) else { return Ok(()) };
        let named: BTreeSet<String> = origin
            .found
            .iter()
            .filter_map(|&number| identity.directory.job(number))
            .flat_map(|job| {
                [id::gitlab_job(job.project_id, job.id), id::gitlab_project(job.project_id)]
            })
            .collect();
        for fact in found.iter().filter(|fact| named.contains(&fact.subject)) {
            prop_assert!(fact.confidence <= origin.key.confidence(), "{:?}", fact);
        }
        // Told by the token itself, not by the window: never weaker, and never about a job.
        let moved = found.iter().filter(|fact| fact.kind.as_str() == "other-origin");
        prop_assert!(moved.clone().all(|fact| fact.subject.starts_with("vault:login/")));
        prop_assert!(found.iter().all(|fact| fact.kind.as_str() != "job-identity-reused"));
        prop_assert!(facts.confidence <= Some(origin.key.confidence()));
    }
}
