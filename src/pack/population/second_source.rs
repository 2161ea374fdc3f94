//! What one source says, held against another: how many records have their counterpart there.

use super::table::{Draft, counted};
use crate::estate::Estate;
use crate::pack::Error;

/// Each comparison: the records, the other source, and what was found there. A job need not log in,
/// and a lease need not be used: that there is no counterpart is no exception by itself.
const COMPARED: [&str; 5] = [
    "SELECT CASE c.mount_class WHEN 'ci' THEN 'logins to Vault by jobs' \
     WHEN 'workload' THEN 'logins to Vault by services' \
     WHEN 'human' THEN 'logins to Vault by people' \
     ELSE 'logins to Vault at mounts of no declared class' END AS records, \
     CASE c.mount_class WHEN 'ci' THEN 'GitLab jobs' \
     WHEN 'workload' THEN 'services and service accounts' \
     WHEN 'human' THEN 'accounts of people' \
     ELSE 'GitLab jobs, services and people' END AS second_source, \
     CASE WHEN c.origin_id IS NOT NULL THEN 'one' WHEN c.candidates > 1 THEN 'several that fit' \
     ELSE 'none' END AS counterpart, c.at AS at, c.source_file AS source_file, \
     c.source_line AS source_line, c.source_byte AS source_byte \
     FROM chain c WHERE c.system = 'vault' AND c.kind = 'login' AND c.outcome = 'allowed'",
    "SELECT 'GitLab jobs that ran' AS records, 'logins to Vault' AS second_source, \
     CASE WHEN l.job_id IS NULL THEN 'none' ELSE 'one or more' END AS counterpart, \
     j.started_at AS at, j.source_file AS source_file, j.source_line AS source_line, \
     j.source_byte AS source_byte FROM job j \
     LEFT JOIN (SELECT DISTINCT left_id AS job_id FROM edge WHERE edge = 'job-login') l \
     ON l.job_id = j.job_id WHERE j.in_period = 1 AND j.started_at IS NOT NULL",
    "SELECT 'cloud credentials that Vault leased' AS records, \
     'calls in the audit logs of Google Cloud and AWS' AS second_source, \
     CASE WHEN u.lease_id IS NULL THEN 'none' ELSE 'one or more' END AS counterpart, \
     e.at AS at, e.source_file AS source_file, e.source_line AS source_line, \
     e.source_byte AS source_byte FROM event e \
     LEFT JOIN (SELECT DISTINCT left_id AS lease_id FROM edge WHERE edge = 'lease-cloud') u \
     ON u.lease_id = 'vault:lease/' || e.lease_id WHERE e.system = 'vault' AND e.in_period = 1 \
     AND e.outcome = 'allowed' AND e.lease_id IS NOT NULL AND e.service IN ('gcp', 'aws')",
    "SELECT 'exchanges of federated tokens in Google Cloud' AS records, \
     'GitLab jobs' AS second_source, \
     CASE WHEN t.event_id IS NULL THEN 'none' ELSE 'one or more' END AS counterpart, \
     e.at AS at, e.source_file AS source_file, e.source_line AS source_line, \
     e.source_byte AS source_byte FROM event e \
     LEFT JOIN (SELECT DISTINCT right_id AS event_id FROM edge WHERE edge = 'job-cloud') t \
     ON t.event_id = e.event_id WHERE e.system = 'gcp' AND e.in_period = 1 \
     AND e.outcome = 'allowed' AND e.service = 'sts.googleapis.com'",
    "SELECT 'sign-ons in Okta' AS records, 'people known by other systems' AS second_source, \
     CASE WHEN p.account IS NULL THEN 'none' ELSE 'one' END AS counterpart, \
     e.at AS at, e.source_file AS source_file, e.source_line AS source_line, \
     e.source_byte AS source_byte FROM event e \
     LEFT JOIN (SELECT DISTINCT principal_id AS account FROM principal \
     WHERE principal_id LIKE 'okta:user/%' AND person IS NOT NULL) p ON p.account = e.principal \
     WHERE e.system = 'okta' AND e.in_period = 1 AND e.outcome = 'allowed' \
     AND e.operation LIKE 'user.authentication.%'",
];

pub(super) fn draft(estate: &Estate) -> Result<Draft, Error> {
    let columns = ["records", "second_source", "counterpart"];
    Ok(Draft {
        id: "second_source",
        title: "One source held against another: how many records of the period have their counterpart there, each with the first such record",
        rows: counted(&estate.store, &COMPARED.join(" UNION ALL "), columns)?,
        columns: [columns.as_slice(), &super::COUNTED].concat(),
        worksheet: &[],
        needs: &[],
    })
}
