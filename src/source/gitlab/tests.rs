//! Tests of jobs, pipelines and audit events.

use super::*;
use crate::model::{Kept, Sample, Verdict};

fn recognises(format: &dyn Format, json: &str) -> bool {
    let value: serde_json::Value = serde_json::from_str(json).unwrap();
    format.recognises(&Sample {
        path: "x.json",
        value: Some(&value),
        head: json.as_bytes(),
    })
}

const JOB: &str = r#"{"id":"88156","status":"success","stage":"deploy","name":"deploy","ref":"main",
 "tag":false,"created_at":"2026-11-21T07:47:16.903Z","started_at":"2026-11-21T07:47:17.1+00:00",
 "finished_at":null,"user":{"id":2,"username":"ada"},"commit":{"id":"42ece5d0"},
 "pipeline":{"id":41052,"iid":1052,"project_id":21,"source":"push"},
 "web_url":"https://gitlab.fen.example/fen/sub/orders/-/jobs/88156","environment":{"name":"production"},
 "runner":{"id":31,"description":"deploy-01","ip_address":"10.0.0.7"},
 "runner_manager":{"id":1,"ip_address":"10.0.0.8"},"tag_list":["prod"],"unknown":[{"x":1}]}"#;

#[test]
fn a_time_of_the_year_1_is_none() {
    let ended = JOB.replace(
        "\"finished_at\":null",
        "\"finished_at\":\"0001-01-01T00:00:00Z\"",
    );
    let (verdict, kept) = Kept::of(&Jobs, "projects/21/jobs.json", &ended);
    assert_eq!(verdict, Verdict::Parsed);
    assert_eq!(kept.exports.jobs[0].finished_at, None);
}

/// A job whose time nobody can read was a job at no time: it was missing where it ran.
#[test]
fn a_job_of_no_sound_time_is_damage_and_says_the_rest() {
    let begun = "\"started_at\":\"2026-11-21T07:47:17.1+00:00\"";
    let ended = "\"finished_at\":null";
    for (field, value) in [
        (begun, "\"started_at\":\"2026-11-21T24:00:00Z\""),
        (begun, "\"started_at\":\"soon\""),
        (ended, "\"finished_at\":\"1971-01-01T00:00:00Z\""),
        (begun, "\"started_at\":\"1969-12-31T23:59:59Z\""),
    ] {
        let (verdict, kept) = Kept::of(&Jobs, "projects/21/jobs.json", JOB.replace(field, value));
        assert!(
            matches!(verdict, Verdict::Rejected(_)),
            "{value}: {verdict:?}"
        );
        assert_eq!(kept.exports.jobs.len(), 1, "{value}");
        assert_eq!(kept.exports.jobs[0].username, "ada", "{value}");
    }
    let early = JOB.replace(ended, "\"finished_at\":\"2026-11-21T07:47:10Z\"");
    let (verdict, _) = Kept::of(&Jobs, "projects/21/jobs.json", &early);
    assert_eq!(verdict, Verdict::Parsed, "clocks of one server may differ");
}

#[test]
fn a_job_is_read_with_numbers_as_strings_and_nulls() {
    assert!(recognises(&Jobs, JOB));
    let (verdict, kept) = Kept::of(&Jobs, "projects/21/jobs.json", JOB);
    assert_eq!(verdict, Verdict::Parsed);
    let job = &kept.exports.jobs[0];
    assert_eq!(
        (job.id, job.project_id, job.pipeline_id),
        (88156, 21, Some(41052))
    );
    assert_eq!(job.project_path, "fen/sub/orders");
    assert_eq!(
        (job.environment.as_str(), job.pipeline_source.as_str()),
        ("production", "push")
    );
    assert_eq!(job.runner_addresses, ["10.0.0.7", "10.0.0.8"]);
    assert_eq!(
        (job.username.as_str(), job.sha.as_str()),
        ("ada", "42ece5d0")
    );
    assert!(job.started_at.is_some() && job.finished_at.is_none());
    assert!(kept.exports.attributes.is_empty());
}

#[test]
fn a_job_in_another_projects_folder_is_reported() {
    let (_, kept) = Kept::of(&Jobs, "projects/22/jobs.json", JOB);
    assert_eq!(kept.exports.jobs[0].project_id, 21);
    assert_eq!(kept.exports.attributes[0].name, "path-contradiction");
    assert_eq!(kept.exports.attributes[0].object, "gitlab:job/21/88156");
}

#[test]
fn odd_shapes_do_not_lose_a_job() {
    let odd = r#"{"id":5,"status":"failed","failure_reason":"script_failure","stage":"t","name":"n","user":null,"runner":[],
        "pipeline":{"id":null,"project_id":"9"},"environment":"prod","commit":7,"tag_list":null}"#;
    let (verdict, kept) = Kept::of(&Jobs, "a.json", odd);
    assert_eq!(verdict, Verdict::Parsed);
    assert_eq!(
        (kept.exports.jobs[0].id, kept.exports.jobs[0].project_id),
        (5, 9)
    );
    assert_eq!(kept.exports.jobs[0].failure_reason, "script_failure");
    for (json, reason) in [
        (
            r#"{"id":null,"status":"x","stage":"t","pipeline":{}}"#,
            "id",
        ),
        (
            r#"{"id":5,"status":"x","stage":"t","pipeline":{}}"#,
            "project",
        ),
        (r#"{"id":5,"status":"#, "unreadable"),
    ] {
        let (verdict, _) = Kept::of(&Jobs, "a.json", json);
        assert!(
            matches!(&verdict, Verdict::Rejected(why) if why.contains(reason)),
            "{verdict:?}"
        );
    }
}

#[test]
fn a_build_hook_is_a_job() {
    let hook = r#"{"object_kind":"build","ref":"main","sha":"95d4","build_id":35,"build_name":"b",
        "build_stage":"s","build_status":"success","build_started_at":"2023-01-10 13:50:05 UTC",
        "pipeline_id":74,"project_id":31,"user":{"id":2,"username":"js"},"commit":{"id":74,"sha":"95d4"},
        "repository":{"homepage":"https://gitlab.com/js/rel"},"runner":{"id":1,"tags":["docker"]},
        "environment":null}"#;
    assert!(recognises(&Jobs, hook) && !recognises(&Pipelines, hook));
    let (_, kept) = Kept::of(&Jobs, "h.json", hook);
    let job = &kept.exports.jobs[0];
    assert_eq!((job.id, job.project_id, job.sha.as_str()), (35, 31, "95d4"));
    assert_eq!(
        (job.project_path.as_str(), job.tags.as_slice()),
        ("js/rel", ["docker".to_owned()].as_slice())
    );
    let at = job.started_at.map(|at| at.to_string());
    assert_eq!(at.as_deref(), Some("2023-01-10T13:50:05.000000Z"));
}

#[test]
fn bridges_are_skipped_and_other_objects_foreign() {
    let bridge = JOB.replace("\"tag\":false", "\"downstream_pipeline\":{\"id\":1}");
    assert!(matches!(
        Kept::of(&Jobs, "a", &bridge).0,
        Verdict::Skipped(_)
    ));
    assert_eq!(
        Kept::of(&Jobs, "a", r#"{"id":1,"username":"x"}"#).0,
        Verdict::Foreign
    );
    assert_eq!(Kept::of(&Pipelines, "a", JOB).0, Verdict::Foreign);
    assert_eq!(Kept::of(&AuditEvents, "a", JOB).0, Verdict::Foreign);
}

#[test]
fn a_pipeline_is_read_from_api_and_hook() {
    let api = r#"{"id":41052,"iid":1052,"project_id":21,"sha":"42","ref":"main","status":"success",
        "source":"schedule","user":{"username":"ada"}}"#;
    assert!(recognises(&Pipelines, api) && !recognises(&Jobs, api));
    let (_, kept) = Kept::of(&Pipelines, "p", api);
    assert_eq!(
        (
            kept.exports.pipelines[0].id,
            kept.exports.pipelines[0].source.as_str()
        ),
        (41052, "schedule")
    );
    let hook = r#"{"object_kind":"pipeline","object_attributes":{"id":31,"iid":3,"ref":"m","sha":"b",
        "source":"merge_request_event"},"project":{"id":1},"user":{"username":"u"}}"#;
    let (verdict, kept) = Kept::of(&Pipelines, "p", hook);
    assert_eq!(verdict, Verdict::Parsed);
    assert_eq!(
        (
            kept.exports.pipelines[0].id,
            kept.exports.pipelines[0].project_id
        ),
        (31, 1)
    );
}

#[test]
fn audit_events_of_api_and_file_mean_the_same() {
    let api = r#"{"id":1,"author_id":3,"entity_id":6,"entity_type":"Project","event_name":"ci_variable_updated",
        "details":{"author_name":"ada","change":"protected","from":"true","to":"false","target_id":9,
        "target_type":"Ci::Variable","target_details":"DB_PASS","ip_address":"10.1.1.1","entity_path":"g/p"},
        "created_at":"2026-01-01T00:00:00.000Z"}"#;
    let file = r#"{"severity":"INFO","time":"2026-01-01T00:00:01Z","correlation_id":"c","meta.user":"ada",
        "id":1,"author_id":3,"author_name":"Ada L","entity_id":6,"entity_type":"Project",
        "event_name":"ci_variable_updated","change":"protected","from":"true","to":"false","target_id":9,
        "target_type":"Ci::Variable","target_details":"DB_PASS","ip_address":"10.1.1.1",
        "created_at":"2026-01-01T00:00:00.000Z"}"#;
    for json in [api, file] {
        assert!(recognises(&AuditEvents, json));
        let (verdict, kept) = Kept::of(&AuditEvents, "a", json);
        assert_eq!(verdict, Verdict::Parsed);
        let event = &kept.events[0];
        for part in [
            r#"operation: "ci_variable_updated""#,
            r#"principal: Some("gitlab:user/ada")"#,
            r#"object: "gitlab:project/6""#,
            r#"path: "DB_PASS""#,
            r#"remote_address: Some("10.1.1.1")"#,
            r#"("from", "true")"#,
            r#"project: Some("6")"#,
        ] {
            assert!(event.contains(part), "{part} in {event}");
        }
    }
}

#[test]
fn the_verb_is_built_from_details_and_secrets_are_redacted() {
    let token = format!("glpat-{}", "Qx7ZtL2mV9sKpR4wNc8B");
    let json = format!(
        r#"{{"author_id":-1,"entity_id":1,"entity_type":"User","details":{{"add":"user_access",
        "author_name":"x","to":"{token}"}},"created_at":"2026-01-01T00:00:00Z"}}"#
    );
    let (_, kept) = Kept::of(&AuditEvents, "a", &json);
    let event = &kept.events[0];
    assert!(event.contains(r#"operation: "add user_access""#), "{event}");
    assert!(
        event.contains("principal: None") && !event.contains(&token),
        "{event}"
    );
    assert!(
        event.contains(&format!(r#"id: "{}""#, "00".repeat(32))),
        "{event}"
    );
    let timeless = r#"{"author_id":1,"entity_id":1,"entity_type":"User"}"#;
    assert!(matches!(
        Kept::of(&AuditEvents, "a", timeless).0,
        Verdict::Rejected(_)
    ));
}

#[test]
fn a_trace_that_prints_json_is_still_a_trace() {
    use crate::source::layout::{Layout, plan};
    let trace = b"\x1b[0KRunning with gitlab-runner 17.5.0 (66a723c3)\x1b[0;m\n{\"data\":{}}\n";
    let found = plan("a.log", trace, true, FORMATS);
    assert_eq!(found.layout, Layout::Text { by_line: true });
    assert!(found.format.is_some());
}

proptest::proptest! {
    #[test]
    fn any_text_gets_a_verdict(text in ".{0,80}") {
        for format in FORMATS {
            let _ = Kept::of(*format, "projects/1/jobs/2/trace", &text);
        }
    }

    #[test]
    fn any_value_in_any_field_gets_a_verdict(
        key in "(id|user|runner|pipeline|status|details|created_at|tag_list|author_id|environment)",
        value in r#"(null|1|-1|1\.5|"x"|\[\]|\[null,\{\}\]|\{\}|\{"id":\{\}\}|true)"#,
    ) {
        let json = format!(
            r#"{{"stage":"s","name":"n","entity_id":1,"entity_type":"User","sha":"a","web_url":"/jobs/","{key}":{value}}}"#
        );
        for format in FORMATS {
            let (verdict, _) = Kept::of(*format, "projects/1/x.json", &json);
            assert!(format.about().framing != crate::model::Framing::Json || !matches!(&verdict,
                Verdict::Rejected(why) if why.contains("unreadable")), "{json}");
        }
    }
}
