//! What checks say that they could not look at.

use super::over;
use crate::assess::example::with_configuration;
use crate::assess::run_check;

/// What a rule says is missing, of a configuration and some files.
fn missing(rule: &str, config: &str, files: &[(&str, &str)]) -> String {
    let (rule, example) = over(rule, config, files);
    let answer = with_configuration(&rule, &example, |input, known| {
        run_check(&rule, input, &known)
    });
    answer.unwrap().partly.unwrap_or_default()
}

const ROLE: (&str, &str) = (
    "auth/gitlab/role/app.json",
    r#"{"request_id": "r", "data": {"role_type": "jwt", "user_claim": "project_id", "bound_audiences": ["https://vault.example"], "token_policies": ["app"], "token_ttl": 600, "token_max_ttl": 3600, "bound_claims": {"project_id": "7"}}}"#,
);
const POLICY: (&str, &str) = (
    "policies/app.hcl",
    "path \"secret/data/app/*\" { capabilities = [\"read\"] }",
);

#[test]
fn whether_logins_are_bound_to_addresses_is_told_only_where_the_addresses_are() {
    let mount = "[vault]\nci_mounts = [\"auth/gitlab/\"]\n";
    let said = missing("VLT-ROL-011", mount, &[ROLE]);
    assert!(said.contains("`network.runner_cidrs` is not set"), "{said}");
    let ranges = format!("{mount}[network]\nrunner_cidrs = [\"10.1.0.0/16\"]\n");
    let said = missing("VLT-ROL-011", &ranges, &[ROLE]);
    assert!(!said.contains("network"), "{said}");
}

#[test]
fn an_owner_without_an_environment_may_be_one_of_production() {
    let owner = "[vault]\nci_mounts = [\"auth/gitlab/\"]\n[[owner]]\nprefix = \"secret/app/\"\nproject = \"fen/app\"\n[[owner]]\nprefix = \"secret/web/\"\nproject = \"fen/web\"\nenvironment = \"prod\"\n";
    let said = missing("VLT-ROL-002", owner, &[ROLE, POLICY]);
    assert!(said.contains("`secret/app`"), "{said}");
    let named = owner.replace("fen/app\"\n", "fen/app\"\nenvironment = \"dev\"\n");
    assert_eq!(missing("VLT-ROL-002", &named, &[ROLE, POLICY]), "");
    let shared = owner.replace("fen/app\"\n", "fen/app\"\nshared = true\n");
    assert_eq!(missing("VLT-ROL-002", &shared, &[ROLE, POLICY]), "");
    let unknown = owner.replace("fen/app\"\n", "fen/app\"\nenvironment = \"blue\"\n");
    let said = missing("VLT-ROL-002", &unknown, &[ROLE, POLICY]);
    assert!(said.contains("`[environments]` does not hold"), "{said}");
}
