//! What a call is about, as an id.
//!
//! | call | object |
//! |---|---|
//! | of IAM | the role, user, group, policy or provider that it names |
//! | `AssumeRole*` of STS | the role |
//! | of CloudTrail | the trail or event data store |
//! | others | the first of `resources`, else the service |

use super::caller::host;
use super::wire::{Members, Wire};

/// The object of a call, and what it is called.
pub(super) fn of(
    wire: &Wire<'_>,
    account: &str,
    request: &Members,
) -> Result<(String, String), &'static str> {
    let source = wire.event_source.as_str();
    let named = match source {
        "iam.amazonaws.com" => of_iam(account, request),
        "sts.amazonaws.com" => request.text(&["roleArn"]).map(|arn| of_arn(&arn, account)),
        "cloudtrail.amazonaws.com" => of_cloudtrail(account, request),
        _ => None,
    };
    if let Some(found) = named {
        return Ok(found);
    }
    let arn = wire.resources()?.first_arn();
    Ok(arn.map_or_else(
        || (format!("aws:service/{source}"), String::new()),
        |arn| of_arn(&arn, account),
    ))
}

/// The id of what an ARN names, and its last name. The path before a name is no part of it.
pub(super) fn of_arn(arn: &str, account: &str) -> (String, String) {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let [_, _, service, _, owner, rest] = parts.as_slice() else {
        return (format!("aws:resource/{arn}"), arn.to_owned());
    };
    let owner = if owner.is_empty() { account } else { *owner };
    let (kind, name) = rest.split_once('/').unwrap_or((*rest, ""));
    let last = name.rsplit('/').next().unwrap_or(name);
    let id = match (*service, kind) {
        ("iam", "role" | "user" | "group" | "policy") => format!("aws:{kind}/{owner}/{last}"),
        ("iam", "oidc-provider") => format!("aws:oidc-provider/{owner}/{name}"),
        ("iam", "saml-provider") => format!("aws:saml-provider/{owner}/{name}"),
        ("cloudtrail", "trail") => format!("aws:trail/{owner}/{name}"),
        _ => return (format!("aws:resource/{arn}"), last.to_owned()),
    };
    (id, last.to_owned())
}

fn of_iam(account: &str, request: &Members) -> Option<(String, String)> {
    let text = |name: &str| request.text(&[name]);
    for (member, kind) in [
        ("roleName", "role"),
        ("userName", "user"),
        ("groupName", "group"),
    ] {
        if let Some(name) = text(member) {
            return Some((format!("aws:{kind}/{account}/{name}"), name));
        }
    }
    let arns = ["openIDConnectProviderArn", "sAMLProviderArn", "policyArn"];
    if let Some(arn) = arns.iter().find_map(|name| text(name)) {
        return Some(of_arn(&arn, account));
    }
    if let Some(url) = text("url") {
        let host = host(&url).to_owned();
        return Some((format!("aws:oidc-provider/{account}/{host}"), host));
    }
    let name = text("policyName")?;
    Some((format!("aws:policy/{account}/{name}"), name))
}

fn of_cloudtrail(account: &str, request: &Members) -> Option<(String, String)> {
    let names = ["name", "trailName", "eventDataStore"];
    let name = names.iter().find_map(|name| request.text(&[*name]))?;
    if name.starts_with("arn:") {
        return Some(of_arn(&name, account));
    }
    Some((format!("aws:trail/{account}/{name}"), name))
}
