//! What configuration alone states of services and policies, over small exports.

use crate::assess::example::with_configuration;
use crate::posture::stated_facts;
use crate::rule::{Example, Rule};

/// The facts of the files of an example that a rule file states.
fn facts(example: &str) -> Vec<(&'static str, String, String, String)> {
    let text = format!(
        "{}\n[[example]]\nname = \"x\"\nexpect = \"pass\"\n{example}",
        include_str!("../../../rules/vault/VLT-POL-005.toml")
            .split("[[example]]")
            .next()
            .unwrap()
    );
    let rule: Rule = crate::rule::parse("rules/vault/VLT-POL-005.toml", &text).unwrap();
    let example: &Example = rule.examples.first().unwrap();
    let facts = with_configuration(&rule, example, |input, _| stated_facts(input)).unwrap();
    facts
        .into_iter()
        .map(|fact| (fact.kind.as_str(), fact.subject, fact.object, fact.observed))
        .collect()
}

fn estate(policy: &str) -> String {
    let service = |name: &str| {
        format!(
            "\"run/{name}.json\" = '{{\"apiVersion\": \"serving.knative.dev/v1\", \"kind\": \"Service\", \"metadata\": {{\"name\": \"{name}\", \"namespace\": \"p\", \"labels\": {{\"cloud.googleapis.com/location\": \"r\"}}}}, \"spec\": {{\"template\": {{\"spec\": {{\"serviceAccountName\": \"{name}@p.iam.gserviceaccount.com\", \"containers\": [{{\"image\": \"i\"}}]}}}}}}}}'\n"
        )
    };
    format!(
        "config = '''\n[[owner]]\nprefix = \"secret/a/\"\nservice = \"a\"\n[[owner]]\nprefix = \"secret/b/\"\nservice = \"b\"\n[[owner]]\nprefix = \"secret/common/\"\nservice = \"b\"\nshared = true\n'''\n[example.files]\n\"policies/a.hcl\" = '{policy}'\n\"auth/run/role/a.json\" = '{{\"request_id\": \"r\", \"data\": {{\"role_type\": \"jwt\", \"user_claim\": \"sub\", \"bound_audiences\": [\"x\"], \"token_policies\": [\"a\"], \"bound_claims\": {{\"email\": \"a@p.iam.gserviceaccount.com\"}}}}}}'\n{}{}",
        service("a"),
        service("b")
    )
}

#[test]
fn a_service_whose_policy_opens_anothers_secrets_reaches_them() {
    let found = facts(&estate(
        "path \"secret/data/*\" { capabilities = [\"read\"] }",
    ));
    let reach = |object: &str| {
        let owner = "run:service/p/r/b".to_owned();
        let service = "run:service/p/r/a".to_owned();
        ("service-reach", service, object.to_owned(), owner)
    };
    assert_eq!(found, [reach("vault:path/secret/b")]);
}

#[test]
fn its_own_and_shared_secrets_are_none_of_anothers() {
    let own = "path \"secret/data/a/*\" { capabilities = [\"read\"] } ";
    let shared = "path \"secret/data/common/*\" { capabilities = [\"read\"] }";
    assert_eq!(facts(&estate(&format!("{own}{shared}"))), []);
}

fn answer(name: &str, text: &str) -> String {
    let text = text.replace('"', "\\\"");
    format!(
        "\"sys/policies/acl/{name}.json\" = '{{\"request_id\": \"r\", \"data\": {{\"name\": \"{name}\", \"policy\": \"{text}\"}}}}'\n"
    )
}

#[test]
fn a_policy_that_decides_otherwise_than_the_repositorys_has_drifted() {
    let kept = "\"policies/a.hcl\" = 'path \"secret/data/a/*\" { capabilities = [\"read\"] }'\n";
    let with = |live: &str| facts(&format!("[example.files]\n{kept}{}", answer("a", live)));
    let wider = with("path \"secret/data/*\" { capabilities = [\"read\"] }");
    assert_eq!(wider.len(), 1, "{wider:?}");
    assert_eq!(wider[0].0, "policy-drift");
    assert_eq!(wider[0].1, "vault:policy/a");
    assert!(
        wider[0].3.starts_with("grants read on secret/data/"),
        "{wider:?}"
    );
    // Written otherwise, decided alike.
    let alike = "path \"/secret/data/a/*\" { policy = \"deny\" capabilities = [\"list\"] }";
    assert_eq!(with(alike).len(), 1);
    let alike = "# by hand\\npath \"secret/data/a/*\" {\\n  capabilities = [\"read\"]\\n}";
    assert_eq!(with(alike), []);
}

#[test]
fn a_policy_that_only_one_side_states_is_not_compared() {
    let live = answer("a", "path \"secret/*\" { capabilities = [\"read\"] }");
    assert_eq!(facts(&format!("[example.files]\n{live}")), []);
    let kept = "\"policies/a.hcl\" = 'path \"secret/a\" { capabilities = [\"read\"] }'\n";
    assert_eq!(facts(&format!("[example.files]\n{kept}")), []);
}
