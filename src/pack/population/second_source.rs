//! What one source says, held against another: how many records have their counterpart there.

use super::counted::counted;
use super::table::Draft;
use crate::estate::Estate;
use crate::pack::Error;

/// One comparison, in SQL: the records, the other source, what was found there, when, and of what.
struct Compared {
    records: &'static str,
    second_source: &'static str,
    counterpart: &'static str,
    /// What `of` calls a record, and its column that says when.
    record: (&'static str, &'static str),
    /// The table that has the records, and what is joined to it.
    of: &'static str,
}

/// Each comparison. A job need not log in, and a lease need not be used: that there is no
/// counterpart is no exception by itself.
const COMPARED: [Compared; 5] = [
    Compared {
        records: "CASE c.mount_class WHEN 'ci' THEN 'logins to Vault by jobs' \
            WHEN 'workload' THEN 'logins to Vault by services' \
            WHEN 'human' THEN 'logins to Vault by people' \
            ELSE 'logins to Vault at mounts of no declared class' END",
        second_source: "CASE c.mount_class WHEN 'ci' THEN 'GitLab jobs' \
            WHEN 'workload' THEN 'services and service accounts' \
            WHEN 'human' THEN 'accounts of people' \
            ELSE 'GitLab jobs, services and people' END",
        counterpart: "CASE WHEN c.origin_id IS NOT NULL THEN 'one' \
            WHEN c.candidates > 1 THEN 'several that fit' ELSE 'none' END",
        record: ("c", "at"),
        of: "chain c WHERE c.system = 'vault' AND c.kind = 'login' AND c.outcome = 'allowed'",
    },
    Compared {
        records: "'GitLab jobs that ran'",
        second_source: "'logins to Vault'",
        counterpart: "CASE WHEN l.job_id IS NULL THEN 'none' ELSE 'one or more' END",
        record: ("j", "started_at"),
        of: "job j \
            LEFT JOIN (SELECT DISTINCT left_id AS job_id FROM edge WHERE edge = 'job-login') l \
            ON l.job_id = j.job_id WHERE j.in_period = 1 AND j.started_at IS NOT NULL",
    },
    Compared {
        records: "'cloud credentials that Vault leased'",
        second_source: "'calls in the audit logs of Google Cloud and AWS'",
        counterpart: "CASE WHEN u.lease_id IS NULL THEN 'none' ELSE 'one or more' END",
        record: ("e", "at"),
        of: "event e \
            LEFT JOIN (SELECT DISTINCT left_id AS lease_id FROM edge WHERE edge = 'lease-cloud') u \
            ON u.lease_id = 'vault:lease/' || e.lease_id WHERE e.system = 'vault' \
            AND e.in_period = 1 AND e.outcome = 'allowed' AND e.lease_id IS NOT NULL \
            AND e.service IN ('gcp', 'aws')",
    },
    Compared {
        records: "'exchanges of federated tokens in Google Cloud'",
        second_source: "'GitLab jobs'",
        counterpart: "CASE WHEN t.event_id IS NULL THEN 'none' ELSE 'one or more' END",
        record: ("e", "at"),
        of: "event e \
            LEFT JOIN (SELECT DISTINCT right_id AS event_id FROM edge WHERE edge = 'job-cloud') t \
            ON t.event_id = e.event_id WHERE e.system = 'gcp' AND e.in_period = 1 \
            AND e.outcome = 'allowed' AND e.service = 'sts.googleapis.com'",
    },
    Compared {
        records: "'sign-ons in Okta'",
        second_source: "'people known by other systems'",
        counterpart: "CASE WHEN p.account IS NULL THEN 'none' ELSE 'one' END",
        record: ("e", "at"),
        of: "event e \
            LEFT JOIN (SELECT DISTINCT principal_id AS account FROM principal \
            WHERE principal_id LIKE 'okta:user/%' AND person IS NOT NULL) p \
            ON p.account = e.principal WHERE e.system = 'okta' AND e.in_period = 1 \
            AND e.outcome = 'allowed' AND e.operation LIKE 'user.authentication.%'",
    },
];

impl Compared {
    fn sql(&self) -> String {
        let Compared {
            records,
            second_source,
            counterpart,
            record: (record, at),
            of,
        } = self;
        format!(
            "SELECT {records} AS records, {second_source} AS second_source, \
             {counterpart} AS counterpart, {record}.{at} AS at, {record}.source_file AS source_file, \
             {record}.source_line AS source_line, {record}.source_byte AS source_byte FROM {of}"
        )
    }
}

pub(super) fn draft(estate: &Estate) -> Result<Draft, Error> {
    let columns = ["records", "second_source", "counterpart"];
    Ok(Draft {
        id: "second_source",
        title: "One source held against another: how many records of the period have their counterpart there, each with the first such record",
        rows: counted(
            &estate.store,
            &COMPARED.each_ref().map(Compared::sql).join(" UNION ALL "),
            columns,
        )?,
        columns: [columns.as_slice(), &super::COUNTED].concat(),
        worksheet: &[],
        needs: &[],
    })
}
