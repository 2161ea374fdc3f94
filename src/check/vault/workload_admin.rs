//! VLT-ROL-009: a role of jobs or workloads that gives an administrator's policy.

use super::{Check, Known, Verdict};
use crate::model::id;
use crate::posture::{Posture, vault};

pub(in crate::check) struct WorkloadAdmin;

impl Check for WorkloadAdmin {
    fn name(&self) -> &'static str {
        "workload-admin"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        let (mut population, mut observations) = (0, Vec::new());
        for role in vault::roles(input) {
            let machine = role.is_machine() || role.method == "approle";
            if !machine || role.is_declared(input) {
                continue;
            }
            population += 1;
            for name in role.policies() {
                let object = id::vault_policy(Some(&role.namespace), name);
                let path = role
                    .thing
                    .place()
                    .map_or("", |place| input.file(place.file));
                let stated = input.policy_of(&role.namespace, name, path);
                let people = &input.settings.people;
                if people.is_admin(&object) || people.is_break_glass(&object) {
                    continue;
                }
                let why = match stated {
                    Some(policy) => vault::admin_class(policy, input),
                    None if name == "root" || name.starts_with("admin") => Some("named so"),
                    None => None,
                };
                if let Some(why) = why {
                    let seen = role.observe(object, "token_policies", input);
                    observations.push(seen.with_detail(why));
                }
            }
        }
        if population == 0 {
            return Verdict::NotAssessed("no role of jobs or workloads was supplied".to_owned());
        }
        Verdict::Looked {
            population,
            observations,
        }
    }
}
