//! What a policy change added and removed.
//!
//! `serviceData.policyDelta` (`google.iam.v1.logging.AuditData`), the same shape under `metadata`,
//! or, where only a whole policy is logged (`request.policy`, else the policy in `response`), every
//! binding of it with the action [`UNKNOWN`]: what was there before, the entry does not say.

use serde::Deserialize;
use sonic_rs::LazyValue;

use crate::model::{PolicyDelta, Text};
use crate::source::borrowed::{Str, Strs};

use super::many::Many;
use super::target::holding;
use super::wire::AuditLog;

/// The action of a delta that was taken from a whole policy.
const UNKNOWN: &str = "UNKNOWN";

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct AuditData<'a> {
    #[serde(borrow)]
    policy_delta: Option<Deltas<'a>>,
    #[serde(borrow)]
    binding_deltas: Many<BindingDelta<'a>>,
    #[serde(borrow)]
    audit_config_deltas: Many<AuditConfigDelta<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Deltas<'a> {
    #[serde(borrow)]
    binding_deltas: Many<BindingDelta<'a>>,
    #[serde(borrow)]
    audit_config_deltas: Many<AuditConfigDelta<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct BindingDelta<'a> {
    #[serde(borrow)]
    action: Str<'a>,
    #[serde(borrow)]
    role: Str<'a>,
    #[serde(borrow)]
    member: Str<'a>,
    #[serde(borrow)]
    condition: Option<Condition<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Condition<'a> {
    #[serde(borrow)]
    expression: Str<'a>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct AuditConfigDelta<'a> {
    #[serde(borrow)]
    action: Str<'a>,
    #[serde(borrow)]
    service: Str<'a>,
    #[serde(borrow)]
    exempted_member: Str<'a>,
    #[serde(borrow)]
    log_type: Str<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct SetRequest<'a> {
    #[serde(borrow)]
    policy: Option<Policy<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Policy<'a> {
    #[serde(borrow)]
    bindings: Many<Binding<'a>>,
    #[serde(borrow)]
    audit_configs: Many<AuditConfig<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Binding<'a> {
    #[serde(borrow)]
    role: Str<'a>,
    #[serde(borrow)]
    members: Strs<'a>,
    #[serde(borrow)]
    condition: Option<Condition<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct AuditConfig<'a> {
    #[serde(borrow)]
    service: Str<'a>,
    #[serde(borrow)]
    audit_log_configs: Many<AuditLogConfig<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct AuditLogConfig<'a> {
    #[serde(borrow)]
    log_type: Str<'a>,
    #[serde(borrow)]
    exempted_members: Strs<'a>,
}

/// Whether a method sets an IAM policy, in any of its spellings: `SetIamPolicy`,
/// `google.iam.admin.v1.SetIAMPolicy`, `storage.setIamPermissions`, `v1.compute.*.setIamPolicy`.
pub(super) fn sets_policy(method: &str) -> bool {
    let method = method.to_ascii_lowercase();
    method.ends_with("setiampolicy") || method.ends_with("setiampermissions")
}

/// The deltas of an entry, in the order logged.
pub(super) fn of<'e>(audit: &'e AuditLog<'_>) -> Vec<PolicyDelta<'e>> {
    let mut deltas = Vec::new();
    for source in [&audit.service_data, &audit.metadata] {
        if let Some(logged) = typed::<AuditData<'_>>(source, "Deltas") {
            let whole = logged.policy_delta.unwrap_or_default();
            bindings(&mut deltas, whole.binding_deltas);
            audit_configs(&mut deltas, whole.audit_config_deltas);
            bindings(&mut deltas, logged.binding_deltas);
            audit_configs(&mut deltas, logged.audit_config_deltas);
        }
        if !deltas.is_empty() {
            return deltas;
        }
    }
    if sets_policy(audit.method_name.as_str()) {
        let asked = typed::<SetRequest<'_>>(&audit.request, "policy").and_then(|set| set.policy);
        if let Some(policy) = asked.or_else(|| typed(&audit.response, "indings")) {
            whole_policy(&mut deltas, policy);
        }
    }
    deltas
}

/// Parses a free-form member, if its text may hold `hint` at all.
fn typed<'e, T: Deserialize<'e>>(source: &'e Option<LazyValue<'_>>, hint: &str) -> Option<T> {
    sonic_rs::from_str(holding(source, hint)?).ok()
}

fn expression<'e>(condition: Option<Condition<'e>>) -> Text<'e> {
    condition.unwrap_or_default().expression.0
}

fn bindings<'e>(out: &mut Vec<PolicyDelta<'e>>, deltas: Many<BindingDelta<'e>>) {
    out.extend(deltas.into_iter().map(|delta| PolicyDelta {
        action: delta.action.0,
        role: delta.role.0,
        member: delta.member.0,
        condition: expression(delta.condition),
        audit_service: None,
    }));
}

fn audit_configs<'e>(out: &mut Vec<PolicyDelta<'e>>, deltas: Many<AuditConfigDelta<'e>>) {
    out.extend(deltas.into_iter().map(|delta| PolicyDelta {
        action: delta.action.0,
        role: delta.log_type.0,
        member: delta.exempted_member.0,
        condition: Text::Borrowed(""),
        audit_service: Some(delta.service.0),
    }));
}

fn whole_policy<'e>(out: &mut Vec<PolicyDelta<'e>>, policy: Policy<'e>) {
    for binding in policy.bindings.into_iter() {
        let condition = expression(binding.condition);
        out.extend(binding.members.0.into_iter().map(|member| PolicyDelta {
            action: Text::Borrowed(UNKNOWN),
            role: binding.role.0.clone(),
            member,
            condition: condition.clone(),
            audit_service: None,
        }));
    }
    for config in policy.audit_configs.into_iter() {
        for log in config.audit_log_configs.into_iter() {
            let members = log.exempted_members.0.into_iter();
            // The log type itself is one statement, each exemption another.
            out.extend(
                std::iter::once(Text::Borrowed(""))
                    .chain(members)
                    .map(|member| PolicyDelta {
                        action: Text::Borrowed(UNKNOWN),
                        role: log.log_type.0.clone(),
                        member,
                        condition: Text::Borrowed(""),
                        audit_service: Some(config.service.0.clone()),
                    }),
            );
        }
    }
}
