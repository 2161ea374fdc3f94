//! AWS-TRU-005: a role that trusts a provider or an account that nobody here knows.

use std::collections::BTreeSet;

use super::trust;
use super::{Check, Known, Verdict};
use crate::model::Severity;
use crate::model::aws_policy::Statement;
use crate::posture::{Posture, Thing};

pub(in crate::check) struct StrangerTrust;

impl Check for StrangerTrust {
    fn name(&self) -> &'static str {
        "stranger-aws-trust"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        let known = Providers::of(input);
        let (mut population, mut observations) = (0, Vec::new());
        let mut missing = None;
        for role in input
            .things
            .of("aws-role")
            .filter(|role| !trust::is_of_aws(role))
        {
            let statements = trust::trust(&role);
            if statements.is_empty() {
                continue;
            }
            population += 1;
            for statement in statements.iter().filter(|statement| statement.allows) {
                for (object, detail, severity) in strangers(statement, &role, &known, &mut missing)
                {
                    let seen = trust::observe(input, &role, object, detail);
                    observations.extend(seen.map(|mut seen| {
                        seen.severity = severity;
                        seen
                    }));
                }
            }
        }
        if population == 0 {
            return Verdict::NotAssessed("no AWS role with its trust was supplied".to_owned());
        }
        Verdict::looked(population, observations, missing)
    }
}

/// What is exported of the accounts.
struct Providers<'t> {
    /// Every OIDC and SAML provider, by account and name.
    named: BTreeSet<(&'t str, &'t str)>,
    /// Accounts of which one of a kind is exported.
    listed: BTreeSet<(&'t str, &'static str)>,
    /// Accounts of which a role is exported.
    accounts: BTreeSet<&'t str>,
}

const OIDC: &str = ":oidc-provider/";
const SAML: &str = ":saml-provider/";

impl<'t> Providers<'t> {
    fn of(input: &'t Posture<'_>) -> Providers<'t> {
        let (mut named, mut listed) = (BTreeSet::new(), BTreeSet::new());
        for provider in input.things.of("aws-oidc-provider") {
            if let (Some(account), Some(host)) = (provider.value("account"), provider.value("host"))
            {
                named.insert((account, host));
                listed.insert((account, OIDC));
            }
        }
        for provider in input.things.of("aws-saml-provider") {
            let name = provider.value("arn").and_then(|arn| arn.split_once(SAML));
            if let (Some(account), Some((_, name))) = (provider.value("account"), name) {
                named.insert((account, name));
                listed.insert((account, SAML));
            }
        }
        let accounts = input
            .things
            .of("aws-role")
            .filter_map(|role| role.value("account"));
        Providers {
            named,
            listed,
            accounts: accounts.collect(),
        }
    }
}

type Stranger = (String, String, Option<Severity>);

/// Whom a statement trusts that is not known. `missing` says which list would have told.
fn strangers(
    statement: &Statement,
    role: &Thing<'_>,
    known: &Providers<'_>,
    missing: &mut Option<String>,
) -> Vec<Stranger> {
    let own = role.value("account").unwrap_or("unknown");
    let mut found = Vec::new();
    for provider in statement.principals.get("Federated").into_iter().flatten() {
        for (mark, kind) in [(OIDC, "oidc-provider"), (SAML, "saml-provider")] {
            let Some((arn, name)) = provider.split_once(mark) else {
                continue;
            };
            let account = arn.rsplit(':').next().unwrap_or(own);
            if !known.listed.contains(&(account, mark)) {
                missing.get_or_insert_with(|| {
                    format!("no export of the {kind}s of account {account}")
                });
            } else if !known.named.contains(&(account, name)) {
                let detail = "a provider that the account does not have: who creates it decides";
                found.push((
                    format!("aws:{kind}/{account}/{name}"),
                    detail.to_owned(),
                    None,
                ));
            }
        }
    }
    for who in statement.principals.get("AWS").into_iter().flatten() {
        found.extend(stranger(who, own, statement, known));
    }
    if statement.not_principal {
        let detail = "everybody but those that `NotPrincipal` names".to_owned();
        found.push(("aws:account/*".to_owned(), detail, Some(Severity::Crit)));
    }
    found
}

fn stranger(
    who: &str,
    own: &str,
    statement: &Statement,
    known: &Providers<'_>,
) -> Option<Stranger> {
    let asks = |keys: &[&str]| {
        statement.conditions.iter().any(|condition| {
            let operator = condition.operator.to_ascii_lowercase();
            let binds = !operator.contains("not")
                && !operator.ends_with("ifexists")
                && !operator.starts_with("forallvalues:");
            let all = condition.values.iter().any(|value| value == "*");
            binds
                && !all
                && keys
                    .iter()
                    .any(|key| condition.key.eq_ignore_ascii_case(key))
        })
    };
    if who == "*" {
        let bound = asks(&[
            "aws:PrincipalOrgID",
            "aws:PrincipalOrgPaths",
            "aws:PrincipalAccount",
            "aws:PrincipalArn",
        ]);
        let detail = "everybody with an AWS account".to_owned();
        return (!bound).then(|| ("aws:account/*".to_owned(), detail, Some(Severity::Crit)));
    }
    let account = who
        .strip_prefix("arn:")
        .map_or(who, |arn| arn.split(':').nth(3).unwrap_or(""));
    let numbered = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    let foreign = numbered && account != own && !known.accounts.contains(account);
    (foreign && !asks(&["sts:ExternalId", "aws:PrincipalOrgID"])).then(|| {
        let detail = "an account that is not exported, without an ExternalId".to_owned();
        (format!("aws:account/{account}"), detail, None)
    })
}
