//! What a decision tells besides yes and no. Whether it is right, the integration tests say.

use super::*;
use crate::policy::{Operation, Policy, parse};

fn policy(text: &str) -> Policy {
    let (policy, errors) = parse(text, Dialect::Vault);
    assert_eq!(errors, [], "{text}");
    policy
}

#[test]
fn a_decision_names_its_stanza_policy_and_reason() {
    let one = policy("path \"a/*\" { capabilities = [\"list\"] }");
    let two = policy("# two\n\npath \"a/*\" { capabilities = [\"read\"] }");
    let acl = Acl::new(&[("one", &one), ("two", &two)], AclContext::default());
    let read = acl.decide(&Request::new(Operation::Read, "a/x"));
    assert_eq!(read.granting().collect::<Vec<_>>(), ["two"]);
    assert_eq!(
        read.stanza(),
        Some(StanzaRef {
            policy: "two",
            line: 3
        })
    );
    assert_eq!((read.rule(), read.reason), (Some("a/*"), Reason::Granted));
    let delete = acl.decide(&Request::new(Operation::Delete, "a/x"));
    assert_eq!(
        delete.stanza(),
        Some(StanzaRef {
            policy: "one",
            line: 1
        })
    );
    assert_eq!(delete.reason, Reason::Lacking);
    let none = acl.decide(&Request::new(Operation::Delete, "b"));
    assert_eq!(
        (none.rule(), none.stanza(), none.reason),
        (None, None, Reason::NoMatch)
    );
}

#[test]
fn a_denial_names_the_stanza_that_denies() {
    let one = policy("path \"a\" { capabilities = [\"read\"] }");
    let two = policy("\npath \"a\" { capabilities = [\"deny\"] }");
    let acl = Acl::new(&[("one", &one), ("two", &two)], AclContext::default());
    let read = acl.decide(&Request::new(Operation::Read, "a"));
    assert_eq!(
        read.stanza(),
        Some(StanzaRef {
            policy: "two",
            line: 2
        })
    );
    assert_eq!(read.reason, Reason::Denied);
}

#[test]
fn a_mount_can_protect_paths_of_its_own() {
    let pki = policy("path \"pki/*\" { capabilities = [\"delete\"] }");
    let protected = ["pki/root".to_owned()];
    let context = AclContext {
        protected: &protected,
        ..AclContext::default()
    };
    let acl = Acl::new(&[("pki", &pki)], context);
    let delete = |path| acl.decide(&Request::new(Operation::Delete, path)).reason;
    assert_eq!(delete("pki/root"), Reason::SudoMissing);
    assert_eq!(delete("pki/roles/x"), Reason::Granted);
}

#[test]
fn the_rule_is_shown_without_the_namespace() {
    let one = policy("path \"a/+\" { capabilities = [\"read\"] }");
    let context = AclContext {
        namespace: "team",
        ..AclContext::default()
    };
    let acl = Acl::new(&[("one", &one)], context);
    let read = acl.decide(&Request::new(Operation::Read, "a/x"));
    assert_eq!(read.rule(), Some("a/+"));
    assert_eq!(read.pattern().map(Pattern::as_str), Some("team/a/+"));
}

#[test]
fn an_expired_stanza_still_has_its_template_filled_in() {
    let text = "path \"s/{{identity.entity.name}}\" { capabilities = [\"read\"] \
                expiration = \"2020-01-01T00:00:00Z\" }\n\
                path \"p\" { capabilities = [\"read\"] }";
    let (one, errors) = crate::policy::parse(text, Dialect::OpenBao);
    assert_eq!(errors, []);
    let allowed = |name: &str| {
        let entity = crate::policy::Entity {
            name: name.to_owned(),
            ..crate::policy::Entity::default()
        };
        let context = AclContext {
            dialect: Dialect::OpenBao,
            entity: Some(&entity),
            as_of: crate::model::Timestamp::parse("2026-01-01T00:00:00Z"),
            ..AclContext::default()
        };
        let acl = Acl::new(&[("one", &one)], context);
        acl.decide(&Request::new(Operation::Read, "p")).reason
    };
    assert_eq!(allowed("shop"), Reason::Granted);
    assert_eq!(allowed("a/b"), Reason::TemplateForbidden);
    assert_eq!(allowed("a+b"), Reason::TemplateForbidden);
}
