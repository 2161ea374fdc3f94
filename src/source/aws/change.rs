//! What a successful call changes: what is logged, and who may do what.
//!
//! `trail`: `stopped`, `narrowed`, `moved` (an update that names a bucket) or `changed`. `iam`: `permission`, `trust`, `member`, `password`,
//! `key` or `provider`; beside it `grants`: `administrator` where the policy allows everything,
//! `anybody` where the trust names no bound.

use super::wire::Members;
use crate::model::aws_policy::{Condition, Statement, statements};

/// What a call changes in what is logged.
pub(super) fn of_trail(name: &str, request: &Members) -> Option<&'static str> {
    match name {
        "StopLogging" | "DeleteTrail" | "DeleteEventDataStore" | "StopEventDataStoreIngestion" => {
            Some("stopped")
        }
        "UpdateTrail" => {
            let off = |name: &&str| request.text(&[*name]).as_deref() == Some("false");
            let names = [
                "isMultiRegionTrail",
                "includeGlobalServiceEvents",
                "enableLogFileValidation",
            ];
            let moved = request.text(&["s3BucketName"]).is_some();
            Some(match names.iter().any(off) {
                true => "narrowed",
                false if moved => "moved",
                false => "changed",
            })
        }
        "PutEventSelectors" => Some(if selects_less(request) {
            "narrowed"
        } else {
            "changed"
        }),
        _ => None,
    }
}

/// Whether selectors leave some management events out.
fn selects_less(request: &Members) -> bool {
    if let Some(selectors) = request.list(&["advancedEventSelectors"]) {
        return !selectors.iter().any(takes_management);
    }
    let selectors = request.list(&["eventSelectors"]).unwrap_or_default();
    let less = |selector: &Members| {
        let excluded = selector.list(&["excludeManagementEventSources"]);
        selector.text(&["includeManagementEvents"]).as_deref() == Some("false")
            || selector
                .text(&["readWriteType"])
                .is_some_and(|kind| kind != "All")
            || excluded.is_some_and(|excluded| !excluded.is_empty())
    };
    selectors.is_empty() || selectors.iter().any(less)
}

/// Whether an advanced selector takes every management event: it names their category, and nothing
/// else.
fn takes_management(selector: &Members) -> bool {
    let fields = selector.list(&["fieldSelectors"]).unwrap_or_default();
    let category = |field: &Members| {
        let of = field.text(&["field"]);
        of.as_deref() == Some("eventCategory") && field.names("equals", "Management")
    };
    fields.len() == 1 && fields.iter().all(category)
}

/// What a call of IAM changes in who may do what; nothing for what changes no power.
pub(super) fn of_power(
    name: &str,
    caller: Option<&str>,
    request: &Members,
) -> Option<&'static str> {
    let flag = |member: &str| request.text(&[member]).as_deref() == Some("true");
    match name {
        "CreatePolicyVersion" => flag("setAsDefault").then_some("permission"),
        "SetDefaultPolicyVersion"
        | "AttachUserPolicy"
        | "AttachGroupPolicy"
        | "AttachRolePolicy"
        | "PutUserPolicy"
        | "PutGroupPolicy"
        | "PutRolePolicy" => Some("permission"),
        "UpdateAssumeRolePolicy" => Some("trust"),
        "AddUserToGroup" => Some("member"),
        "CreateLoginProfile" | "UpdateLoginProfile" => Some("password"),
        "CreateAccessKey" => {
            // Without a name it is a key of one's own.
            let of = request.text(&["userName"])?;
            let own = caller.is_some_and(|caller| {
                caller.ends_with(&format!("/{of}")) && caller.starts_with("aws:user/")
            });
            (!own).then_some("key")
        }
        "CreateSAMLProvider" | "UpdateSAMLProvider" | "AddClientIDToOpenIDConnectProvider" => {
            Some("provider")
        }
        name if name.contains("OpenIDConnectProvider") => {
            let changes = ["Create", "Delete", "Update"];
            changes
                .iter()
                .any(|verb| name.starts_with(verb))
                .then_some("provider")
        }
        _ => None,
    }
}

/// What the policy of a call grants, where that is everything or to everybody.
pub(super) fn grants(request: &Members) -> Option<&'static str> {
    let managed = request.text(&["policyArn"]);
    if managed.is_some_and(|arn| arn.ends_with(":policy/AdministratorAccess")) {
        return Some("administrator");
    }
    let document = request.document(&["policyDocument"])?;
    let statements = statements(&document).ok()?;
    if statements.iter().any(Statement::allows_everything) {
        return Some("administrator");
    }
    statements.iter().any(trusts_anybody).then_some("anybody")
}

/// Whether a statement of a trust policy lets in whoever asks: everybody in AWS, or every subject of
/// a federated provider.
fn trusts_anybody(statement: &Statement) -> bool {
    let everybody = statement
        .principals
        .get("AWS")
        .is_some_and(|who| who.iter().any(|who| who == "*"));
    let federated = statement.principals.contains_key("Federated")
        && statement.covers("sts:AssumeRoleWithWebIdentity");
    let bound = |condition: &Condition| condition.key.ends_with(":sub");
    statement.allows
        && ((everybody && statement.conditions.is_empty())
            || (federated && !statement.conditions.iter().any(bound)))
}
