//! The systems that the records themselves name: what an export says of where it comes from.

use super::counted::counted;
use super::table::Draft;
use crate::estate::Estate;
use crate::pack::Error;

/// Every event and job of the period, by the project, account or namespace that it names.
const NAMED: &str = "\
SELECT e.system AS system, CASE WHEN e.system = 'vault' THEN 'audit' ELSE e.kind END AS log, \
CASE WHEN e.system = 'vault' THEN 'namespace ' || coalesce(e.namespace, 'root') \
WHEN e.project IS NULL THEN '' WHEN e.system = 'aws' THEN 'account ' || e.project \
ELSE 'project ' || e.project END AS instance, e.at AS at, \
e.source_file AS source_file, e.source_line AS source_line, e.source_byte AS source_byte \
FROM event e WHERE e.in_period = 1 \
UNION ALL \
SELECT 'gitlab' AS system, 'jobs' AS log, \
'project ' || replace(coalesce(j.project_id, ''), 'gitlab:project/', '') AS instance, \
coalesce(j.started_at, j.created_at) AS at, \
j.source_file AS source_file, j.source_line AS source_line, j.source_byte AS source_byte \
FROM job j WHERE j.in_period = 1";

pub(super) fn draft(estate: &Estate) -> Result<Draft, Error> {
    let columns = ["system", "log", "instance"];
    Ok(Draft {
        id: "source_systems",
        title: "Systems that the records name: every log by project, account or namespace, with its first record of the period. Vault's log names no cluster and GitLab's jobs no host: `[[source]]` and receipts do",
        rows: counted(&estate.store, NAMED, columns)?,
        columns: [columns.as_slice(), &super::COUNTED].concat(),
        worksheet: &[],
        needs: &[],
    })
}
