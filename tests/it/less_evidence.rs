//! Exports that say less than they did: nobody is blamed the harder for it.

use super::product::run_in;
use super::vault_log::{calm, folder};

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
