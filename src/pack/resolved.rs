//! The settings that decide what rules find, as they hold after defaults.

use std::collections::BTreeMap;

use crate::config::{Dialect, MountClass, Owner, Settings, Threshold};
use crate::estate::Estate;

/// Settings that stand here only where they are not as in most runs.
fn unusual(settings: &Settings) -> Vec<(String, String)> {
    let mut unusual = Vec::new();
    let mut add = |name: &str, value: String| unusual.push((name.to_owned(), value));
    if !settings.proposed.is_empty() {
        add("proposed", settings.proposed.join(" "));
    }
    if settings.dialect == Dialect::OpenBao {
        add("vault.dialect", "openbao".to_owned());
    }
    if let Some(profile) = &settings.output.redaction {
        add("output.redaction", profile.clone());
    }
    unusual
}

/// Every setting in force, by name.
pub(super) fn resolved(settings: &Settings, estate: &Estate) -> Vec<(String, String)> {
    let mut all = thresholds(settings);
    let people = &settings.people;
    let listed = |items: &mut dyn Iterator<Item = &str>| items.collect::<Vec<_>>().join(" ");
    let mut add = |name: &str, value: String| all.push((name.to_owned(), value));
    add("as_of", estate.as_of.stated());
    add("people.admins", listed(&mut people.admins()));
    add("people.bots", listed(&mut people.bots()));
    add("people.break_glass", listed(&mut people.break_glass()));
    for person in people.persons() {
        let name = format!("people.aliases.{person}");
        add(&name, listed(&mut people.ids_of(person)));
    }
    for (name, class) in [
        ("vault.ci_mounts", MountClass::Ci),
        ("vault.human_mounts", MountClass::Human),
        ("vault.workload_mounts", MountClass::Workload),
    ] {
        add(name, mounts(settings, class));
    }
    for (tier, names) in tiers(settings) {
        add(&format!("environments.{tier}"), names.join(" "));
    }
    let ranges = |ranges: &[ipnet::IpNet]| {
        let ranges: Vec<String> = ranges.iter().map(ToString::to_string).collect();
        ranges.join(" ")
    };
    let network = &settings.network;
    add("network.egress_cidrs", ranges(&network.egress_cidrs));
    add("network.runner_cidrs", ranges(&network.runner_cidrs));
    for (mesh, service) in &settings.mesh_services {
        add(&format!("mesh.service_map.{mesh}"), service.clone());
    }
    for (prefix, owner) in settings.owners.prefixes() {
        add(&format!("owner.prefix.{prefix}"), stated(owner));
    }
    for (pattern, owner) in settings.owners.patterns() {
        add(&format!("owner.pattern.{pattern}"), stated(owner));
    }
    for waiver in &settings.waivers {
        // Where the file lies on this machine is no part of a pack.
        let declared = waiver.declared_at.rsplit(['/', '\\']).next();
        add(
            &format!("waiver.{}", declared.unwrap_or_default()),
            format!(
                "{} {} until {}",
                waiver.rule,
                waiver.owner,
                waiver.expires.stated()
            ),
        );
    }
    all.extend(unusual(settings));
    all.extend(settings.rules.resolved());
    all.sort();
    all
}

fn thresholds(settings: &Settings) -> Vec<(String, String)> {
    settings
        .thresholds
        .iter()
        .map(|(name, threshold)| {
            let value = match threshold {
                Threshold::Duration(micros) if micros % 1_000_000 == 0 => {
                    format!("{}s", micros / 1_000_000)
                }
                Threshold::Duration(micros) => format!("{micros}us"),
                Threshold::Number(number) => number.to_string(),
            };
            (format!("thresholds.{name}"), value)
        })
        .collect()
}

fn mounts(settings: &Settings, class: MountClass) -> String {
    let mounts = settings.mounts.of(class).map(|(namespace, mount)| {
        namespace.map_or_else(|| mount.to_owned(), |within| format!("{within}/{mount}"))
    });
    mounts.collect::<Vec<_>>().join(" ")
}

/// Names of environments by tier.
fn tiers(settings: &Settings) -> BTreeMap<&str, Vec<&str>> {
    let mut tiers: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, tier) in settings.environments.names() {
        tiers.entry(tier).or_default().push(name);
    }
    for names in tiers.values_mut() {
        names.sort_unstable();
    }
    tiers
}

fn stated(owner: &Owner) -> String {
    let mut said = Vec::new();
    if let Some(project) = &owner.project {
        said.push(format!("project {}", project.as_str()));
    }
    if let Some(service) = &owner.service {
        said.push(format!("service {service}"));
    }
    if let Some(environment) = &owner.environment {
        said.push(format!("environment {environment}"));
    }
    if owner.shared {
        said.push("shared".to_owned());
    }
    said.join(", ")
}
