//! Exports and logs that say less than they did: nobody is blamed the harder for it, and no rule
//! passes without a word.

use serde_json::{Value, json};

use super::product::{run_in, try_report};
use super::vault_log::{calm, folder, lines};

const METHODS: &str = r#"{"gitlab/": {"type": "jwt", "accessor": "auth_jwt_1"}}"#;
const ENGINES: &str =
    r#"{"secret/": {"type": "kv", "accessor": "kv_1", "options": {"version": "2"}}}"#;
const POLICIES: &str = r#"
path "secret/data/app" { capabilities = ["read"] }
path "old/app" { capabilities = ["deny"] }
path "auth/old/login" { capabilities = ["update"] }
"#;

/// The findings of one rule over a log and these exports, with `about` each of them is.
fn found(rule: &str, exports: &[(&str, &str)]) -> Vec<String> {
    let log = calm(5);
    let mut files = vec![("vault/file/audit.log", log.as_bytes())];
    files.extend(exports.iter().map(|(name, text)| (*name, text.as_bytes())));
    let folder = folder(&files);
    let sql = format!(
        "SELECT severity, title, object FROM findings WHERE rule_id = '{rule}' ORDER BY object"
    );
    let ran = run_in(folder.path(), &["query", &sql, "vault", "--format", "csv"]);
    assert!(ran.out.starts_with("severity,"), "{}", ran.err);
    ran.out.lines().skip(1).map(str::to_owned).collect()
}

#[test]
fn a_damaged_list_of_engines_condemns_no_stanza_of_theirs() {
    let over = |engines: &str| {
        found(
            "VLT-POL-009",
            &[
                ("vault/auth-list.json", METHODS),
                ("vault/secrets-list.json", engines),
                ("vault/policies/a.hcl", POLICIES),
            ],
        )
    };
    let whole = over(ENGINES);
    assert!(
        whole.len() == 2 && whole.iter().any(|row| row.starts_with("high,Stanza")),
        "{whole:?}"
    );
    for cut in [&ENGINES[..40], "{\"data\": null}", "<html>502</html>"] {
        let left = over(cut);
        assert_eq!(left.len(), 1, "{cut}: {left:?}");
        assert!(
            left[0].starts_with("low,suspected") && left[0].contains("auth/old/login"),
            "{left:?}"
        );
    }
}

#[test]
fn a_bare_list_of_no_audit_device_is_doubted_where_a_device_wrote_a_log() {
    let over = |list: &str| found("VLT-MNT-001", &[("vault/audit-list.json", list)]);
    let bare = over("{}");
    assert!(
        bare.len() == 1 && bare[0].starts_with("med,suspected"),
        "{bare:?}"
    );
    let answered = over(r#"{"request_id": "r", "data": {}}"#);
    assert!(answered[0].starts_with("crit,Audit"), "{answered:?}");
    assert!(over(r#"{"data": null}"#).is_empty());
}

/// A login of a job by its role, answered with a token.
fn login() -> Vec<Value> {
    let hash = |what: &str| format!("hmac-sha256:{what:0>64}");
    let request = json!({
        "id": "00000077-0000-4000-9000-000000000000", "operation": "update",
        "namespace": {"id": "root"}, "mount_point": "auth/gitlab/", "mount_type": "jwt",
        "path": "auth/gitlab/login", "remote_address": "10.10.4.7",
    });
    let token = json!({
        "client_token": hash("c3"), "accessor": hash("d4"), "display_name": "gitlab-mill/shop",
        "policies": ["default"], "token_policies": ["default"], "entity_id": "e7",
        "metadata": {"role": "shop", "job_id": "7", "project_id": "3"},
        "token_type": "service", "token_ttl": 600,
    });
    let time = |second: u32| format!("2026-09-01T00:00:{second:02}.1Z");
    vec![
        json!({"time": time(1), "type": "request", "request": request}),
        json!({"time": time(2), "type": "response", "request": request,
            "response": {"mount_point": "auth/gitlab/", "mount_type": "jwt", "auth": token}}),
    ]
}

/// What a rule says over a log of which something was changed, and its reason.
fn said(rule: &str, change: impl Fn(&mut Value)) -> (String, String) {
    let calm = calm(900);
    let calm = calm.lines().map(|line| serde_json::from_str(line).unwrap());
    let mut log: Vec<Value> = login().into_iter().chain(calm).collect();
    log.iter_mut().for_each(change);
    let settings =
        "[vault]\nci_mounts = [\"auth/gitlab/\"]\n[network]\nrunner_cidrs = [\"10.10.4.0/24\"]\n";
    let root = folder(&[
        ("piperoll.toml", settings.as_bytes()),
        ("vault/audit.log", lines(&log).as_bytes()),
    ]);
    let inputs = [root.path().join("vault")];
    let (ran, pack) = try_report(&inputs, &root.path().join("piperoll.toml"), &[]);
    let rules = pack.unwrap_or_else(|| panic!("{}", ran.err)).rows("rules");
    let mut own = rules.into_iter().filter(|row| row["rule_id"] == rule);
    let row = own.next().unwrap();
    (row["outcome"].clone(), row["reason"].clone())
}

/// Sets a member to null wherever it stands in a record.
fn without(record: &mut Value, pointer: &str) {
    if let Some(value) = record.pointer_mut(pointer) {
        *value = Value::Null;
    }
}

#[test]
fn what_was_cut_from_every_record_of_vault_is_said_by_the_rules_that_look_there() {
    let hashed = |record: &mut Value| {
        let hash = json!(format!("hmac-sha256:{:064}", 7));
        *record.pointer_mut("/request/remote_address").unwrap() = hash;
    };
    let metadata = |record: &mut Value| without(record, "/response/auth/metadata");
    let name = |record: &mut Value| without(record, "/response/auth/display_name");
    let id = |record: &mut Value| without(record, "/request/id");
    type Cut<'a> = (&'a str, &'a str, &'a dyn Fn(&mut Value));
    let cuts: [Cut<'_>; 4] = [
        ("JOI-007", "do not say where they came from", &hashed),
        (
            "VLT-EVT-001",
            "do not say which role let them in",
            &metadata,
        ),
        ("VLT-EVT-001", "do not say whom they let in", &name),
        ("VLT-EVT-001", "bear no id", &id),
    ];
    for (rule, told, cut) in cuts {
        let (outcome, reason) = said(rule, |_| {});
        assert!(
            outcome != "finding" && !reason.contains(told),
            "{rule}: {reason}"
        );
        let (outcome, reason) = said(rule, cut);
        assert!(outcome != "finding", "{rule}: {outcome}");
        assert!(reason.contains(told), "{rule}: {outcome}: {reason}");
    }
}
