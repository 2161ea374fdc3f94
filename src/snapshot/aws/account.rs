//! Roles, users, groups and managed policies of an account.
//!
//! `aws-role` (object `aws:role/<account>/<name>`): `name`, `account`, `arn`, `path`, `trust` and
//! `inline` (a statement in JSON each), `attached` (ARN), `boundary` (ARN), `tag.<key>`;
//! `permissions` = `listed` where the export lists both (`get-role` and `list-roles` do not).
//! `aws-user` and `aws-group`: the same without `trust`, and `group` of a user. `aws-policy`:
//! `name`, `account`, `arn`, `statement` of the version in force.

use serde_json::Value;

use super::{Account, Attributes, list, text};
use crate::model::Sink;
use crate::model::aws_policy::Statement;

const LISTS: [&str; 3] = ["RoleDetailList", "UserDetailList", "GroupDetailList"];

pub(super) fn is(value: &Value) -> bool {
    let roles = value.get("Role").or_else(|| value.pointer("/Roles/0"));
    let trusted = |role: &Value| role.get("AssumeRolePolicyDocument").is_some();
    LISTS
        .iter()
        .any(|name| value.get(name).is_some_and(Value::is_array))
        || roles.unwrap_or(value).get("RoleName").is_some() && trusted(roles.unwrap_or(value))
}

/// Pushes all of an account. One damaged thing loses no other, and is told.
pub(super) fn push(
    value: &Value,
    account: &Account<'_>,
    sink: &mut dyn Sink,
) -> Result<(), String> {
    let mut told = Ok(());
    let mut tell = |read: Result<(), String>| {
        if told.is_ok() {
            told = read;
        }
    };
    let single = value
        .get("Role")
        .or_else(|| value.get("RoleName").map(|_| value));
    let roles = list(value, "RoleDetailList").chain(list(value, "Roles"));
    for one in roles.chain(single) {
        tell(holder("aws-role", "role", "RoleName", one, account, sink));
    }
    for one in list(value, "UserDetailList") {
        tell(holder("aws-user", "user", "UserName", one, account, sink));
    }
    for one in list(value, "GroupDetailList") {
        tell(holder(
            "aws-group",
            "group",
            "GroupName",
            one,
            account,
            sink,
        ));
    }
    for one in list(value, "Policies") {
        tell(managed(one, account, sink));
    }
    told
}

fn holder(
    kind: &'static str,
    of: &str,
    named: &str,
    value: &Value,
    account: &Account<'_>,
    sink: &mut dyn Sink,
) -> Result<(), String> {
    let name = text(value, named).ok_or_else(|| format!("a {of} without `{named}`"))?;
    let arn = text(value, "Arn");
    let owner = account.of(arn);
    let mut thing = account.about(kind, format!("aws:{of}/{owner}/{name}"), sink);
    thing.put("name", name);
    thing.put("account", owner);
    thing.put_some("arn", arn);
    thing.put_some("path", text(value, "Path"));
    for policy in list(value, "AttachedManagedPolicies") {
        thing.put_some("attached", text(policy, "PolicyArn"));
    }
    let boundary = value.get("PermissionsBoundary");
    thing.put_some(
        "boundary",
        boundary.and_then(|of| text(of, "PermissionsBoundaryArn")),
    );
    for tag in list(value, "Tags") {
        if let (Some(key), Some(value)) = (text(tag, "Key"), text(tag, "Value")) {
            thing.put(format!("tag.{key}"), value);
        }
    }
    for group in list(value, "GroupList").filter_map(Value::as_str) {
        thing.put("group", group);
    }
    let within = |refused: String| format!("{of} {name}: {refused}");
    let inline = ["RolePolicyList", "UserPolicyList", "GroupPolicyList"];
    let is_listed = |name: &&str| value.get(*name).is_some_and(Value::is_array);
    if is_listed(&"AttachedManagedPolicies") && inline.iter().any(is_listed) {
        thing.put("permissions", "listed");
    }
    for policy in inline.iter().flat_map(|name| list(value, name)) {
        let document = policy.get("PolicyDocument");
        let document = document
            .ok_or_else(|| within("an inline policy without `PolicyDocument`".to_owned()))?;
        thing.statements("inline", document).map_err(within)?;
    }
    match value.get("AssumeRolePolicyDocument") {
        Some(document) => {
            let trust = thing.statements("trust", document).map_err(within)?;
            // AWS takes no statement of a trust policy that does not say whom it trusts.
            if trust.iter().all(Statement::names_somebody) {
                return Ok(());
            }
            Err(within(
                "a statement of its trust without a principal".to_owned(),
            ))
        }
        None if kind == "aws-role" => Err(within("no `AssumeRolePolicyDocument`".to_owned())),
        None => Ok(()),
    }
}

fn managed(value: &Value, account: &Account<'_>, sink: &mut dyn Sink) -> Result<(), String> {
    let name = text(value, "PolicyName").ok_or("a policy without `PolicyName`")?;
    let arn = text(value, "Arn");
    let owner = account.of(arn);
    let mut thing: Attributes<'_> =
        account.about("aws-policy", format!("aws:policy/{owner}/{name}"), sink);
    thing.put("name", name);
    thing.put("account", owner);
    thing.put_some("arn", arn);
    let default = list(value, "PolicyVersionList")
        .find(|version| version.get("IsDefaultVersion") == Some(&Value::Bool(true)));
    match default.and_then(|version| version.get("Document")) {
        Some(document) => thing
            .statements("statement", document)
            .map(drop)
            .map_err(|refused| format!("policy {name}: {refused}")),
        None => Ok(()),
    }
}
