//! Every construct of the portable SQL subset, in our own context: Polars decides by its cargo
//! features which SQL it understands, so an upgrade must prove all of them again.

use super::*;
use crate::table::row::{Batch, event, job};

const S: i64 = 1_000_000;

/// Four requests of two credentials at 10, 20, 3700 and 7300 s, and two jobs.
fn store() -> Store {
    let mut events = Batch::new(&event::SCHEMA);
    let rows = [
        (
            "r1",
            "c1",
            10,
            "allowed",
            "secret/data/a",
            &["root", "x"][..],
        ),
        ("r2", "c1", 20, "denied", "secret/data/b", &["x"]),
        ("r3", "c2", 3_700, "allowed", "sys/audit/file", &[]),
        ("r4", "c1", 7_300, "denied", "auth/gitlab/login", &["root"]),
    ];
    for (line, (id, credential, at, outcome, path, policies)) in (1..).zip(rows) {
        let mut row = events.row();
        row.text(event::EVENT_ID, id)
            .text(event::CREDENTIAL_ID, credential)
            .int(event::AT, at * S)
            .int(event::HOUR, at / 3_600 * 3_600 * S)
            .text(event::OUTCOME, outcome)
            .text(event::PATH, path)
            .int(event::SOURCE_LINE, line);
        for policy in policies {
            row.item(event::POLICIES, policy);
        }
    }
    let mut jobs = Batch::new(&job::SCHEMA);
    for (id, name, from, to) in [("j1", "r1", 0, Some(15)), ("j2", "r9", 3_600, None)] {
        jobs.row()
            .text(job::JOB_ID, id)
            .text(job::NAME, name)
            .int(job::STARTED_AT, from * S)
            .int(job::FINISHED_AT, to.map(|to: i64| to * S));
    }
    let mut store = Store::new();
    store.append(events).unwrap();
    store.append(jobs).unwrap();
    store
}

// One construct a line reads better than any wrapping.
#[rustfmt::skip]
/// Construct, query, expected rows sorted and joined.
const CONSTRUCTS: &[(&str, &str, &str)] = &[
    ("group by, having", "SELECT credential_id, count(*) AS n FROM event GROUP BY credential_id HAVING count(*) > 1", "c1 3"),
    ("count distinct and having on it", "SELECT credential_id, count(distinct path) AS n FROM event GROUP BY credential_id HAVING count(distinct path) >= 3", "c1 3"),
    ("sum of case", "SELECT sum(CASE WHEN outcome = 'denied' THEN 1 ELSE 0 END) AS n FROM event", "2"),
    ("min and max", "SELECT credential_id, min(at) AS a, max(at) AS b FROM event GROUP BY credential_id", "c1 1970-01-01T00:00:10.000000Z 1970-01-01T02:01:40.000000Z|c2 1970-01-01T01:01:40.000000Z 1970-01-01T01:01:40.000000Z"),
    ("like and not like", "SELECT event_id FROM event WHERE path LIKE 'secret/%' AND path NOT LIKE '%/b'", "r1"),
    ("like of a beginning and of an end", "SELECT event_id FROM event WHERE path LIKE 'sys/%' OR path LIKE '%/login'", "r3|r4"),
    ("like of nothing is neither", "SELECT event_id FROM event WHERE owner LIKE 'a%' OR owner NOT LIKE 'a%' OR owner NOT LIKE '%a'", ""),
    ("like as a part", "SELECT event_id FROM event WHERE path NOT LIKE 'secret/%' IS TRUE AND (path LIKE '%file') = TRUE", "r3"),
    ("like underscore", "SELECT event_id FROM event WHERE path LIKE 'secret/data/_'", "r1|r2"),
    ("in, not in, between", "SELECT event_id FROM event WHERE outcome IN ('denied', 'failed') AND source_line BETWEEN 1 AND 3 AND path NOT IN ('q')", "r2"),
    ("regexp_like without backslash", "SELECT event_id FROM event WHERE regexp_like(path, '^auth/[^/]+/login$')", "r4"),
    ("array_contains", "SELECT event_id FROM event WHERE array_contains(policies, 'root')", "r1|r4"),
    ("coalesce and concat", "SELECT coalesce(role, 'none') || '-' || event_id AS x FROM event WHERE event_id = 'r1'", "none-r1"),
    ("split_part", "SELECT split_part(path, '/', 2) AS x FROM event WHERE event_id = 'r3'", "audit"),
    ("lower, upper, replace, substr, length", "SELECT lower(upper(event_id)) AS a, replace(event_id, 'r', 'x') AS b, substr(path, 1, 3) AS c FROM event WHERE event_id = 'r3'", "r3 x3 sys"),
    ("cast int to text", "SELECT cast(source_line AS varchar) || 'x' AS a FROM event WHERE event_id = 'r3'", "3x"),
    ("is null, is not null", "SELECT job_id FROM job WHERE finished_at IS NULL AND started_at IS NOT NULL", "j2"),
    ("equi join", "SELECT e.event_id, j.job_id FROM event e JOIN job j ON e.event_id = j.name", "r1 j1"),
    ("join on equality and time range", "SELECT e.event_id, j.job_id FROM event e JOIN job j ON e.event_id = j.name AND e.at >= j.started_at AND e.at <= j.finished_at + INTERVAL '60 seconds'", "r1 j1"),
    ("time range in where", "SELECT e.event_id FROM event e JOIN job j ON e.event_id = j.name WHERE e.at > j.started_at + INTERVAL '5 seconds'", "r1"),
    ("interval minus", "SELECT e.event_id FROM event e JOIN job j ON e.event_id = j.name WHERE e.at - INTERVAL '5 seconds' > j.started_at", "r1"),
    ("inequality join", "SELECT e.event_id, j.job_id FROM event e JOIN job j ON e.at < j.finished_at", "r1 j1"),
    ("anti join as left join is null", "SELECT e.event_id FROM event e LEFT JOIN job j ON e.event_id = j.name WHERE j.name IS NULL", "r2|r3|r4"),
    ("not in subquery", "SELECT event_id FROM event WHERE event_id NOT IN (SELECT name FROM job)", "r2|r3|r4"),
    ("in subquery", "SELECT event_id FROM event WHERE event_id IN (SELECT name FROM job)", "r1"),
    ("common table expressions", "WITH d AS (SELECT * FROM event WHERE outcome = 'denied'), c AS (SELECT credential_id, count(*) AS n FROM d GROUP BY credential_id) SELECT d.event_id, c.n FROM d JOIN c ON d.credential_id = c.credential_id", "r2 2|r4 2"),
    ("lag over partition, interval comparison", "WITH s AS (SELECT event_id, at, lag(at) OVER (PARTITION BY credential_id ORDER BY at) AS before FROM event) SELECT event_id FROM s WHERE at - before > INTERVAL '20 minutes'", "r4"),
    ("lag compared by addition", "WITH s AS (SELECT event_id, at, lag(at) OVER (PARTITION BY credential_id ORDER BY at) AS before FROM event) SELECT event_id FROM s WHERE at > before + INTERVAL '1200 seconds'", "r4"),
    ("unbounded rows frame", "WITH s AS (SELECT event_id, count(*) OVER (PARTITION BY credential_id ORDER BY at ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS n FROM event) SELECT event_id, n FROM s WHERE n > 1", "r2 2|r4 3"),
    ("lag without partition", "WITH s AS (SELECT event_id, at, lag(at) OVER (ORDER BY at) AS before FROM event) SELECT event_id FROM s WHERE at > before + INTERVAL '1 hour'", "r3"),
    ("row_number in a cte", "WITH s AS (SELECT event_id, row_number() OVER (PARTITION BY credential_id ORDER BY at, event_id) AS rn FROM event) SELECT event_id FROM s WHERE rn = 1", "r1|r3"),
    ("window aggregate over partition", "SELECT event_id, count(*) OVER (PARTITION BY credential_id) AS n FROM event", "r1 3|r2 3|r3 1|r4 3"),
    ("union all", "SELECT event_id AS x FROM event WHERE event_id = 'r1' UNION ALL SELECT job_id AS x FROM job WHERE job_id = 'j1'", "j1|r1"),
    ("union all with null columns", "SELECT event_id AS x, at FROM event WHERE event_id = 'r1' UNION ALL SELECT job_id AS x, finished_at AS at FROM job WHERE job_id = 'j2'", "j2 ~|r1 1970-01-01T00:00:10.000000Z"),
    ("order by nulls last, limit", "SELECT job_id FROM job ORDER BY finished_at NULLS LAST LIMIT 1", "j1"),
    ("select distinct", "SELECT DISTINCT credential_id FROM event", "c1|c2"),
    ("derived table", "SELECT x.event_id FROM (SELECT event_id, outcome FROM event WHERE outcome = 'denied') x WHERE x.event_id = 'r2'", "r2"),
    ("constant columns", "SELECT 'a' AS k, 1 AS n, 0.5 AS r, event_id FROM event WHERE event_id = 'r1'", "a 1 0.5 r1"),
    ("count filter", "SELECT count(*) FILTER (WHERE outcome = 'denied') AS n FROM event", "2"),
    ("self join", "SELECT a.event_id, b.event_id AS other FROM event a JOIN event b ON a.credential_id = b.credential_id AND a.at < b.at WHERE a.event_id = 'r1'", "r1 r2|r1 r4"),
    ("nulls compare to nothing", "SELECT event_id FROM event WHERE role = 'x' OR role <> 'x'", ""),
    ("null-safe inequality by coalesce", "SELECT event_id FROM event WHERE coalesce(role, '') <> 'x' AND event_id = 'r1'", "r1"),
    ("null cast", "SELECT event_id, CAST(NULL AS varchar) AS n FROM event WHERE event_id = 'r1'", "r1 ~"),
    ("multiplication and subtraction of integers", "SELECT event_id FROM event WHERE source_line * 10 - 5 > 30", "r4"),
    ("extract hour", "SELECT extract(hour FROM at) AS h FROM event WHERE event_id = 'r3'", "1"),
    ("starts with comparison of concatenation", "SELECT 'gitlab:project/' || split_part(path, '/', 3) AS x FROM event WHERE event_id = 'r1'", "gitlab:project/a"),
    ("max of text in group", "SELECT max(path) AS p FROM event GROUP BY credential_id", "secret/data/b|sys/audit/file"),
];

// The same here.
#[rustfmt::skip]
/// Constructs that other engines know and ours refuses: a rule that uses one fails its lint.
const REFUSED: &[(&str, &str)] = &[
    ("not exists", "SELECT e.event_id FROM event e WHERE NOT EXISTS (SELECT 1 FROM job j WHERE j.name = e.event_id)"),
    ("exists", "SELECT e.event_id FROM event e WHERE EXISTS (SELECT 1 FROM job j WHERE j.name = e.event_id)"),
    ("left anti join", "SELECT e.event_id FROM event e LEFT ANTI JOIN job j ON e.event_id = j.name"),
    ("rows frame", "WITH s AS (SELECT event_id, count(*) OVER (PARTITION BY credential_id ORDER BY at ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS n FROM event) SELECT event_id, n FROM s WHERE n > 1"),
    ("date_trunc", "SELECT event_id, date_trunc('hour', at) AS h FROM event WHERE event_id = 'r3'"),
    ("timestamp literal", "SELECT event_id FROM event WHERE at >= TIMESTAMP '1970-01-01 02:00:00'"),
    ("typed utc literal by cast", "SELECT event_id FROM event WHERE at >= CAST('1970-01-01T02:00:00Z' AS TIMESTAMP WITH TIME ZONE)"),
    ("scalar subquery", "SELECT event_id FROM event WHERE at = (SELECT max(at) FROM event)"),
    ("like against a column prefix", "SELECT e.event_id FROM event e JOIN job j ON e.event_id = j.name WHERE e.path LIKE 'secret/data/' || 'a'"),
];

fn show(value: &Value) -> String {
    match value {
        Value::Null => "~".to_owned(),
        Value::Text(text) => text.clone(),
        Value::Int(number) => number.to_string(),
        Value::Real(number) => number.to_string(),
        Value::Time(time) => time.to_string(),
        Value::Texts(texts) => texts.join(","),
    }
}

fn answer(store: &Store, sql: &str) -> String {
    match store.query(sql) {
        Err(error) => format!("error: {error}"),
        Ok(mut result) => {
            result.sort();
            let rows = result.rows.iter();
            let rows = rows.map(|row| row.iter().map(show).collect::<Vec<_>>().join(" "));
            rows.collect::<Vec<_>>().join("|")
        }
    }
}

#[test]
fn every_construct_of_the_subset_answers_as_expected() {
    let store = store();
    let wrong: Vec<String> = CONSTRUCTS
        .iter()
        .filter_map(|(name, sql, expected)| {
            let found = answer(&store, sql);
            (found != *expected).then(|| format!("{name}: expected {expected:?}, got {found:?}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_the_engine_refuses_stays_on_the_list() {
    let store = store();
    for (name, sql) in REFUSED {
        assert!(store.query(sql).is_err(), "{name} works now: move it");
    }
}
