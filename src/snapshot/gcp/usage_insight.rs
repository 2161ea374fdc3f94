//! What Google saw of the use of roles and service accounts: insights of the IAM recommender
//! (`gcloud recommender insights list --insight-type=google.iam.policy.Insight` and
//! `google.iam.serviceAccount.Insight`, or the API's answers).
//!
//! Both on `gcp:resource/recommender.googleapis.com/<insight>`, with `observed` (seconds), `state`
//! and `refreshed_at`:
//! `gcp-role-usage`: `holder` (as grants name it), `role`, `resource` (one per target), `exercised`
//! and `inferred` (how many permissions), `permissions` (how many the role has), `condition`;
//! `gcp-account-usage`, which Google makes for accounts without use: `account` (`gcp:sa/<email>`),
//! `last_used_at` where there was a use before.

use serde_json::Value;

use super::export::{Attributes, Exported, Item, about};
use crate::model::{Record, Sink, id};

/// Reads insights about the use of roles and accounts.
pub(super) const USAGE_INSIGHTS: Exported = Exported {
    about: about("IAM usage insights"),
    told: matches,
    push,
};

const OF_ROLE: &str = "/insightTypes/google.iam.policy.Insight/insights/";
const OF_ACCOUNT: &str = "/insightTypes/google.iam.serviceAccount.Insight/insights/";

fn matches(item: &Item<'_>) -> bool {
    let text = |pointer: &str| item.body.pointer(pointer).and_then(Value::as_str);
    let name = item.resource_name().unwrap_or("");
    let of_role = name.contains(OF_ROLE)
        && text("/content/member").is_some()
        && text("/content/role").is_some()
        && item.body.pointer("/content/exercisedPermissions").is_some();
    of_role || (name.contains(OF_ACCOUNT) && text("/content/email").is_some())
}

fn push(item: &Item<'_>, record: &Record<'_>, sink: &mut dyn Sink) {
    let name = item.resource_name().unwrap_or("");
    let of_role = name.contains(OF_ROLE);
    let kind = if of_role {
        "gcp-role-usage"
    } else {
        "gcp-account-usage"
    };
    let service = "recommender.googleapis.com";
    let mut attributes = Attributes::of_resource(kind, service, name, item, record.place, sink);
    let text = |pointer: &str| item.body.pointer(pointer).and_then(Value::as_str);
    if let Some(seconds) = text("/observationPeriod").and_then(|period| period.strip_suffix('s')) {
        attributes.put("observed", seconds);
    }
    attributes.put_first("state", item.body, &["/stateInfo/state"]);
    attributes.put_first("refreshed_at", item.body, &["/lastRefreshTime"]);
    if !of_role {
        let account = text("/content/email").unwrap_or("");
        attributes.put("account", id::gcp_service_account(account));
        let last = ["/content/lastAuthenticatedTime"];
        attributes.put_first("last_used_at", item.body, &last);
        return;
    }
    let member = text("/content/member").unwrap_or("");
    attributes.put("holder", id::gcp_member(member));
    let members = [
        ("condition", "/content/condition/expression"),
        ("permissions", "/content/currentTotalPermissionsCount"),
        ("role", "/content/role"),
    ];
    for (name, pointer) in members {
        attributes.put_first(name, item.body, &[pointer]);
    }
    let list = |pointer: &str| item.body.pointer(pointer).and_then(Value::as_array);
    for (name, pointer) in [
        ("exercised", "/content/exercisedPermissions"),
        ("inferred", "/content/inferredPermissions"),
    ] {
        let count = list(pointer).map_or(0, Vec::len);
        attributes.put(name, count.to_string());
    }
    let targets = list("/targetResources").into_iter().flatten();
    for target in targets.filter_map(Value::as_str) {
        attributes.put("resource", id::gcp_resource("", target));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::iam_policy::tests::{lines, read_by};
    use super::*;

    #[test]
    fn a_role_insight_counts_what_was_exercised() {
        let insight = json!({
            "name": "projects/12/locations/global/insightTypes/google.iam.policy.Insight/insights/a",
            "content": {
                "member": "serviceAccount:App@p.iam.gserviceaccount.com",
                "role": "roles/editor",
                "exercisedPermissions": [{"permission": "run.services.get"}],
                "inferredPermissions": [],
                "currentTotalPermissionsCount": "5069"
            },
            "observationPeriod": "7776000s",
            "stateInfo": {"state": "ACTIVE"},
            "targetResources": ["//cloudresourcemanager.googleapis.com/projects/12"]
        });
        // As gcloud prints it, and as the API answers.
        for answer in [json!([insight]), json!({"insights": [insight]})] {
            let kept = read_by(&USAGE_INSIGHTS, "insights.json", &answer);
            let lines = lines(&kept).join("\n");
            for part in [
                "holder=gcp:sa/app@p.iam.gserviceaccount.com",
                "exercised=1",
                "inferred=0",
                "permissions=5069",
                "observed=7776000",
                "resource=gcp:resource/cloudresourcemanager.googleapis.com/projects/12",
            ] {
                assert!(lines.contains(part), "{part} in {lines}");
            }
        }
    }

    #[test]
    fn an_account_insight_names_the_account() {
        let insight = json!([{
            "name": "projects/12/locations/global/insightTypes/google.iam.serviceAccount.Insight/insights/b",
            "content": {"email": "old@p.iam.gserviceaccount.com", "lastAuthenticatedTime": "2026-01-01T00:00:00Z"},
            "observationPeriod": "7776000s"
        }]);
        let lines = lines(&read_by(&USAGE_INSIGHTS, "insights.json", &insight));
        assert!(lines[0].starts_with("gcp-account-usage gcp:resource/recommender.googleapis.com/"));
        assert!(
            lines
                .iter()
                .any(|line| line.ends_with("account=gcp:sa/old@p.iam.gserviceaccount.com"))
        );
        assert!(
            lines
                .iter()
                .any(|line| line.ends_with("last_used_at=2026-01-01T00:00:00Z"))
        );
    }
}
