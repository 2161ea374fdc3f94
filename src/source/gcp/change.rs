//! What a change asks for: the few parts of a request that tell a change that weakens from one that
//! does not, as facts that rules compare.
//!
//! | name | value | on |
//! |---|---|---|
//! | `effect` | `weakened`, `enforced`, `deleted`, `dry-run`, `changed` | organisation policies, v1 and v2 |
//! | `effect` | `dry-run`, `only-added`, `removed`, `unknown` | perimeters and access levels, against `metadata.previousState` |
//! | `effect` | `public-acl`, `public-access-allowed`, `retention-removed` | buckets and objects |
//! | `effect` | `excludes`; `retention_below` 30, 180 (days) | sinks and log buckets |
//! | `effect` | `open-to-world`, `open-to-world-web` | firewall rules, Cloud SQL networks |
//! | `effect` | `log-off` | flow logs, firewall logs, DNS query logs |
//! | `effect` | `invoker-check-off` | Cloud Run deploys |
//! | `org_constraint` | `iam.disableServiceAccountKeyCreation` | organisation policies |
//! | `source_project` | project of the disk, snapshot or image that is copied | Compute Engine |
//! | `export_bucket` | bucket that a database is written to | Cloud SQL |
//! | `service_account_key` | id of the key that was made | keys of service accounts |
//! | `group`, `member` | e-mail addresses | Workspace and Cloud Identity |
//!
//! Field names are those of the services' REST references; audit entries keep them, but for
//! `alloweds`, as Compute Engine logs `allowed`.

use serde_json::Value;

use super::target::json;
use super::wire::AuditLog;

/// One fact: its name and value.
pub(super) type Fact = (&'static str, String);

/// Everything, as an address range says it.
const WORLD: &[&str] = &["0.0.0.0/0", "::/0"];
/// Days below which almost nothing remains, and below which a quarter and its audit do not fit.
const RETENTION_STEPS: &[i64] = &[30, 180];

/// The facts of a change; none where its service has none.
pub(super) fn of(audit: &AuditLog<'_>) -> Vec<Fact> {
    let operation = audit.method_name.as_str();
    let operation = operation
        .rsplit('.')
        .next()
        .unwrap_or("")
        .to_ascii_lowercase();
    let request = || json(&audit.request, "{");
    match audit.service_name.as_str() {
        "orgpolicy.googleapis.com" => constraint(&operation, audit, request()),
        "cloudresourcemanager.googleapis.com" if operation.ends_with("orgpolicy") => {
            constraint(&operation, audit, request())
        }
        "accesscontextmanager.googleapis.com" => perimeter(
            &operation,
            request(),
            json(&audit.metadata, "previousState"),
        ),
        "storage.googleapis.com" => bucket(&operation, audit),
        "logging.googleapis.com" => log_bucket(request()),
        "compute.googleapis.com" => compute(audit, &operation, request()),
        "cloudsql.googleapis.com" | "sqladmin.googleapis.com" => database(request()),
        "iam.googleapis.com" if operation.ends_with("serviceaccountkey") => made_key(audit),
        "dns.googleapis.com" => log_switch(request()),
        "run.googleapis.com" => invoker_check(audit),
        "admin.googleapis.com" | "cloudidentity.googleapis.com" => membership(audit),
        _ => Vec::new(),
    }
}

/// Calls `each` with every member of every object of a value, outermost first.
fn walk<'v>(value: &'v Value, each: &mut impl FnMut(&'v str, &'v Value)) {
    match value {
        Value::Object(members) => {
            for (name, inner) in members {
                each(name, inner);
                walk(inner, each);
            }
        }
        Value::Array(elements) => elements.iter().for_each(|element| walk(element, each)),
        _ => {}
    }
}

/// Whether a value says yes or no; exports write both as booleans and as texts.
fn said(value: Option<&Value>) -> Option<bool> {
    match value? {
        Value::Bool(said) => Some(*said),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// The key that the answer names: what deletes it names it too.
fn made_key(audit: &AuditLog<'_>) -> Vec<Fact> {
    let response = json(&audit.response, "/keys/");
    let name = response
        .as_ref()
        .and_then(|made| made.get("name")?.as_str());
    let key = name.and_then(|name| name.rsplit_once("/keys/"));
    key.map(|(_, key)| ("service_account_key", key.to_owned()))
        .into_iter()
        .collect()
}

fn constraint(operation: &str, audit: &AuditLog<'_>, request: Option<Value>) -> Vec<Fact> {
    let request = request.unwrap_or(Value::Null);
    let named = ["/policy/name", "/constraint", "/policy/constraint", "/name"];
    let name = named
        .iter()
        .filter_map(|pointer| request.pointer(pointer)?.as_str())
        .chain([audit.resource_name.as_str()])
        .find_map(|name| {
            let (_, rest) = name
                .rsplit_once("policies/")
                .or_else(|| name.rsplit_once("onstraints/"))?;
            Some(rest.to_owned())
        });
    let effect = if operation.starts_with("delete") || operation.starts_with("clear") {
        "deleted"
    } else {
        policy_effect(request.get("policy"))
    };
    let name = name.map(|name| ("org_constraint", name));
    name.into_iter()
        .chain([("effect", effect.to_owned())])
        .collect()
}

/// What an organisation policy does, in the words of both versions of the API.
fn policy_effect(policy: Option<&Value>) -> &'static str {
    let Some(policy) = policy else {
        return "changed";
    };
    if let Some(spec) = policy.get("spec") {
        let rules = spec.get("rules").and_then(Value::as_array);
        let rules = || rules.into_iter().flatten();
        let loosens = |rule: &Value| {
            said(rule.get("enforce")) == Some(false) || said(rule.get("allowAll")) == Some(true)
        };
        let tightens = |rule: &Value| {
            said(rule.get("enforce")) == Some(true) || said(rule.get("denyAll")) == Some(true)
        };
        let inherits = ["reset", "inheritFromParent"]
            .iter()
            .any(|member| said(spec.get(*member)) == Some(true));
        return match () {
            () if inherits || rules().any(loosens) => "weakened",
            () if rules().next().is_some() && rules().all(tightens) => "enforced",
            () => "changed",
        };
    }
    if policy.get("dryRunSpec").is_some() {
        return "dry-run";
    }
    let all = policy
        .pointer("/listPolicy/allValues")
        .and_then(Value::as_str);
    let enforced = policy.get("booleanPolicy").map(|boolean| {
        // proto3 leaves out what is false.
        said(boolean.get("enforced")).unwrap_or(false)
    });
    match (enforced, all) {
        (Some(true), _) | (_, Some("DENY")) => "enforced",
        (Some(false), _) | (_, Some("ALLOW")) => "weakened",
        _ if policy.get("restoreDefault").is_some() => "weakened",
        _ => "changed",
    }
}

fn perimeter(operation: &str, request: Option<Value>, logged: Option<Value>) -> Vec<Fact> {
    let request = request.unwrap_or(Value::Null);
    let rehearsed = ["/servicePerimeter", ""].iter().any(|at| {
        let perimeter = request.pointer(at);
        said(perimeter.and_then(|perimeter| perimeter.get("useExplicitDryRunSpec"))) == Some(true)
    });
    let effect = match () {
        () if operation.starts_with("delete") => "removed",
        () if operation.starts_with("create") => "only-added",
        () if rehearsed && !operation.starts_with("commit") => "dry-run",
        () => match logged
            .as_ref()
            .and_then(|metadata| metadata.get("previousState"))
        {
            None => "unknown",
            Some(before) if keeps(before, &request) => "only-added",
            Some(_) => "removed",
        },
    };
    vec![("effect", effect.to_owned())]
}

/// Whether every text in a list of the state before stands in the request as well.
fn keeps(before: &Value, request: &Value) -> bool {
    let texts = |value: &Value| {
        let mut found = std::collections::BTreeSet::new();
        walk(value, &mut |_, inner| {
            let list = inner.as_array().into_iter().flatten();
            found.extend(list.filter_map(Value::as_str).map(str::to_owned));
        });
        found
    };
    texts(before).is_subset(&texts(request))
}

fn bucket(operation: &str, audit: &AuditLog<'_>) -> Vec<Fact> {
    if !matches!(operation, "update" | "patch" | "create" | "insert") {
        return Vec::new();
    }
    let mut facts = Vec::new();
    for (source, hint) in [
        (&audit.request, "llUsers"),
        (&audit.request, "ublicAccessPrevention"),
        (&audit.request, "etentionPolicy"),
        (&audit.metadata, "llUsers"),
        (&audit.metadata, "llAuthenticatedUsers"),
    ] {
        let Some(value) = json(source, hint) else {
            continue;
        };
        walk(&value, &mut |name, inner| match (name, inner.as_str()) {
            ("entity", Some("allUsers" | "allAuthenticatedUsers")) => facts.push("public-acl"),
            ("publicAccessPrevention", Some("inherited" | "unspecified")) => {
                facts.push("public-access-allowed");
            }
            ("retentionPolicy", _) if inner.is_null() => facts.push("retention-removed"),
            _ => {}
        });
    }
    facts.sort_unstable();
    facts.dedup();
    let named = facts.into_iter().map(str::to_owned);
    named.map(|effect| ("effect", effect)).collect()
}

fn log_bucket(request: Option<Value>) -> Vec<Fact> {
    let Some(request) = request else {
        return Vec::new();
    };
    let mut facts = Vec::new();
    let days = request.pointer("/bucket/retentionDays");
    let days = days.and_then(|days| days.as_i64().or_else(|| days.as_str()?.parse().ok()));
    for step in RETENTION_STEPS {
        if days.is_some_and(|days| days < *step) {
            facts.push(("retention_below", step.to_string()));
        }
    }
    let exclusions = request
        .pointer("/sink/exclusions")
        .and_then(Value::as_array);
    if exclusions.is_some_and(|list| !list.is_empty()) {
        facts.push(("effect", "excludes".to_owned()));
    }
    facts
}

fn compute(audit: &AuditLog<'_>, operation: &str, request: Option<Value>) -> Vec<Fact> {
    let Some(request) = request else {
        return Vec::new();
    };
    let mut facts = log_switch(Some(request.clone()));
    let method = audit.method_name.as_str();
    if method.contains("irewall") {
        let opened = firewall(&request, operation == "insert");
        facts.extend(opened.map(|effect| ("effect", effect.to_owned())));
    }
    let copied = [
        "sourceDisk",
        "sourceSnapshot",
        "sourceImage",
        "sourceInstance",
    ];
    let source = copied
        .iter()
        .find_map(|member| request.get(*member)?.as_str())
        .and_then(|source| source.split_once("projects/"))
        .and_then(|(_, rest)| rest.split('/').next());
    facts.extend(source.map(|project| ("source_project", project.to_owned())));
    facts
}

/// Whom a firewall rule lets in, if it is the world. Where `is_new`, what is left out has its
/// default; a patch leaves it as it was.
fn firewall(request: &Value, is_new: bool) -> Option<&'static str> {
    let allowed = ["alloweds", "allowed"]
        .iter()
        .find_map(|member| request.get(*member)?.as_array())?;
    let outward = request.get("direction").and_then(Value::as_str) == Some("EGRESS");
    if allowed.is_empty() || outward || said(request.get("disabled")) == Some(true) {
        return None;
    }
    let ranges = request.get("sourceRanges").and_then(Value::as_array);
    let of_tags = ["sourceTags", "sourceServiceAccounts"]
        .iter()
        .any(|member| {
            let list = request.get(*member).and_then(Value::as_array);
            list.is_some_and(|list| !list.is_empty())
        });
    let world = match ranges {
        Some(ranges) => ranges
            .iter()
            .any(|range| range.as_str().is_some_and(|range| WORLD.contains(&range))),
        None => is_new && !of_tags,
    };
    let is_web = |rule: &Value| {
        let protocol = ["IPProtocol", "ipProtocol"]
            .iter()
            .find_map(|member| rule.get(*member)?.as_str());
        let ports = rule.get("ports").and_then(Value::as_array);
        protocol.is_some_and(|protocol| protocol.eq_ignore_ascii_case("tcp"))
            && ports.is_some_and(|ports| {
                let web = |port: &Value| matches!(port.as_str(), Some("80" | "443"));
                !ports.is_empty() && ports.iter().all(web)
            })
    };
    world.then(|| {
        if allowed.iter().all(is_web) {
            "open-to-world-web"
        } else {
            "open-to-world"
        }
    })
}

fn database(request: Option<Value>) -> Vec<Fact> {
    let mut facts = Vec::new();
    let request = request.unwrap_or(Value::Null);
    walk(&request, &mut |name, inner| match name {
        "authorizedNetworks" => {
            let networks = inner.as_array().into_iter().flatten();
            let mut ranges = networks.filter_map(|network| network.get("value")?.as_str());
            if ranges.any(|range| WORLD.contains(&range)) {
                facts.push(("effect", "open-to-world".to_owned()));
            }
        }
        "uri" => {
            let bucket = inner.as_str().and_then(|uri| uri.strip_prefix("gs://"));
            let bucket = bucket.and_then(|rest| rest.split('/').next());
            facts.extend(bucket.map(|bucket| ("export_bucket", bucket.to_owned())));
        }
        _ => {}
    });
    facts.dedup();
    facts
}

/// Whether a record of the network is switched off.
fn log_switch(request: Option<Value>) -> Vec<Fact> {
    let Some(request) = request else {
        return Vec::new();
    };
    let switches = [
        request.get("enableFlowLogs"),
        request.pointer("/logConfig/enable"),
        request.get("enableLogging"),
        request.pointer("/policy/enableLogging"),
        request.pointer("/policiesResource/enableLogging"),
    ];
    if switches
        .into_iter()
        .any(|switch| said(switch) == Some(false))
    {
        return vec![("effect", "log-off".to_owned())];
    }
    Vec::new()
}

fn invoker_check(audit: &AuditLog<'_>) -> Vec<Fact> {
    let Some(request) = json(&audit.request, "nvoker") else {
        return Vec::new();
    };
    let mut is_off = false;
    walk(&request, &mut |name, inner| {
        let switch = matches!(
            name,
            "invokerIamDisabled" | "run.googleapis.com/invoker-iam-disabled"
        );
        is_off |= switch && said(Some(inner)) == Some(true);
    });
    if is_off {
        return vec![("effect", "invoker-check-off".to_owned())];
    }
    Vec::new()
}

/// Who joined which group: `metadata.event[].parameter[]` of Workspace, the request of Cloud
/// Identity.
fn membership(audit: &AuditLog<'_>) -> Vec<Fact> {
    let mut facts = Vec::new();
    if let Some(metadata) = json(&audit.metadata, "GROUP_EMAIL") {
        walk(&metadata, &mut |name, inner| {
            let parameters = inner.as_array().filter(|_| name == "parameter");
            for parameter in parameters.into_iter().flatten() {
                let value = parameter.get("value").and_then(Value::as_str);
                let fact = match parameter.get("name").and_then(Value::as_str) {
                    Some("GROUP_EMAIL") => "group",
                    Some("USER_EMAIL") => "member",
                    _ => continue,
                };
                facts.extend(value.map(|value| (fact, value.to_ascii_lowercase())));
            }
        });
    }
    if let Some(request) = json(&audit.request, "KeyId").or_else(|| json(&audit.request, "Key")) {
        let member = [
            "/membership/preferredMemberKey/id",
            "/membership/memberKey/id",
        ];
        let member = member
            .iter()
            .find_map(|pointer| request.pointer(pointer)?.as_str());
        facts.extend(member.map(|member| ("member", member.to_ascii_lowercase())));
    }
    facts
}

#[cfg(test)]
#[path = "change_tests.rs"]
mod tests;
