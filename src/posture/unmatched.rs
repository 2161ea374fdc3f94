//! Settings that nothing in the inputs matches.
//!
//! A misspelt mount or owner makes rules pass on nothing. So what a setting names and nobody saw is
//! said, with what was seen instead: the nearest and the most frequent. A kind of thing of which
//! nothing was read at all proves no setting wrong.

use std::collections::BTreeSet;
use std::fmt;
use std::net::IpAddr;

use super::likeness::Names;
use super::slip::is_slip_of;
use super::tally::{Tally, count};
use super::undeclared::{Undeclared, is_classed};
use super::{Posture, vault};
use crate::config::{MountClass, ProjectName, Settings};
use crate::model::id;

/// What the inputs name.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// Auth mounts: `[<namespace>/]auth/<mount>/`.
    pub mounts: Tally,
    /// Logical paths of secrets, and what policies open of them.
    pub paths: Tally,
    /// Those of them that requests of the log were for.
    pub requested: BTreeSet<String>,
    /// Whether anything of Vault's log was read.
    pub logged: bool,
    /// Addresses that requests came from.
    pub addresses: Tally,
    /// Ids of principals, projects, roles and policies, and names of people.
    pub principals: Tally,
    /// Environments of jobs.
    pub environments: Tally,
    /// Names of Cloud Run services.
    pub services: Tally,
    /// Paths of GitLab projects.
    pub projects: Tally,
    /// What settings should speak of.
    pub undeclared: Undeclared,
}

/// A value of a setting that nothing matches.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unmatched {
    /// Dotted key of the setting.
    pub key: &'static str,
    /// The value.
    pub value: String,
    /// What was seen and is most alike.
    pub nearest: Option<String>,
    /// What was seen most often, and how often.
    pub frequent: Option<(String, u64)>,
    /// Whether something that was seen may be what it means: a mount of no class, an address outside
    /// every range, a path of nearly that name whose owner is less precise, or unknown.
    pub open: bool,
}

impl Unmatched {
    /// A value beside which nothing of its kind was seen.
    fn unseen(key: &'static str, value: String) -> Unmatched {
        Unmatched {
            key,
            value,
            nearest: None,
            frequent: None,
            open: true,
        }
    }

    /// Whether the value stands under a setting that a rule asks for: `owner` is asked for as a
    /// whole (`owner`) or by what its entries name (`owner.project`).
    #[must_use]
    pub fn is_of(&self, setting: &str) -> bool {
        let table = |key: &str| key.split('.').next() == Some("owner");
        self.key == setting || (table(self.key) && table(setting))
    }
}

impl fmt::Display for Unmatched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (key, value) = (self.key, &self.value);
        write!(
            f,
            "`{key}` names `{value}`, which nothing in the inputs matches"
        )?;
        if let Some(nearest) = &self.nearest {
            write!(f, "; nearest is `{nearest}`")?;
        }
        if let Some((frequent, count)) = &self.frequent {
            write!(f, "; most frequent is `{frequent}` ({count} times)")?;
        }
        Ok(())
    }
}

impl Seen {
    /// Adds what configuration names.
    pub fn posture(&mut self, input: &Posture<'_>) {
        for role in vault::roles(input) {
            let mount = format!("auth/{}/", role.mount);
            count(
                &mut self.mounts,
                &id::in_namespace(Some(&role.namespace), &mount),
            );
            count(&mut self.principals, &role.id);
        }
        for kind in ["vault-auth-mount", "vault-auth-config"] {
            for thing in input.things.of(kind) {
                let mount = thing.object.strip_prefix("vault:mount/");
                count(&mut self.mounts, mount.unwrap_or(thing.object));
            }
        }
        for policy in &input.policies {
            count(&mut self.principals, &policy.id);
            for stanza in policy.stanzas() {
                let end = stanza
                    .path
                    .find(['+', '*', '{'])
                    .unwrap_or(stanza.path.len());
                let head = stanza.path.get(..end).unwrap_or_default();
                let logical = head
                    .replacen("/data/", "/", 1)
                    .replacen("/metadata/", "/", 1);
                count(
                    &mut self.paths,
                    &id::in_namespace(Some(policy.namespace), &logical),
                );
            }
        }
        for service in input.services {
            count(&mut self.services, &service.name);
        }
        for project in input.things.of("gitlab-project") {
            for path in project.values("path_with_namespace") {
                count(&mut self.projects, path);
            }
        }
        for kind in ["gitlab-project", "gitlab-user", "gcp-service-account"] {
            for thing in input.things.of(kind) {
                count(&mut self.principals, thing.object);
            }
        }
    }

    /// The settings that nothing matches, by key and value.
    #[must_use]
    pub fn unmatched(&self, settings: &Settings) -> Vec<Unmatched> {
        let mut found = self.mounts(settings);
        found.extend(self.owners(settings));
        found.extend(self.owning(settings));
        found.extend(self.networks(settings));
        found.extend(self.people(settings));
        found.extend(self.others(settings));
        found.sort();
        found.dedup();
        found
    }

    fn mounts(&self, settings: &Settings) -> Vec<Unmatched> {
        let classes = [
            (MountClass::Ci, "vault.ci_mounts"),
            (MountClass::Workload, "vault.workload_mounts"),
            (MountClass::Human, "vault.human_mounts"),
        ];
        let open = !self.mounts.keys().all(|seen| is_classed(settings, seen));
        // A log without any login says of no mount that it is there, whatever else it holds.
        let unheard = self.mounts.is_empty() && self.logged;
        let (mut found, seen) = (Vec::new(), Names::of(&self.mounts));
        for (class, key) in classes {
            for (namespace, mount) in settings.mounts.of(class) {
                let written = format!("auth/{mount}/");
                let matches = |seen: &String| match namespace {
                    Some(namespace) => *seen == id::in_namespace(Some(namespace), &written),
                    None => *seen == written || seen.ends_with(&format!("/{written}")),
                };
                let value = id::in_namespace(namespace, &written);
                let unmatched = instead(key, &value, &seen, matches);
                found.extend(unmatched.map(|found| Unmatched { open, ..found }));
                found.extend(unheard.then(|| Unmatched::unseen(key, value)));
            }
        }
        found
    }

    fn owners(&self, settings: &Settings) -> Vec<Unmatched> {
        let owners = &settings.owners;
        let below = |prefix: &str, seen: &str| {
            seen.strip_prefix(prefix)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        // A path that differs in one segment may be meant, unless its owner is as precise. Where no
        // request of the log is for anything at that mount, the log may leave them out.
        let open = |value: &str| {
            let entry: Vec<&str> = value.trim_end_matches('/').split('/').collect();
            let at_mount = |path: &String| path.split('/').next() == entry.first().copied();
            if !self.requested.iter().any(at_mount) {
                return true;
            }
            let alike = |path: &&String| {
                let pairs = path.split('/').zip(&entry);
                let same = pairs.filter(|(own, wanted)| own == *wanted || wanted.contains('{'));
                same.count() + 1 == entry.len() && path.split('/').count() >= entry.len()
            };
            let mut alike = self.requested.iter().filter(alike);
            alike.any(|path| owners.depth(path).is_none_or(|known| known < entry.len()))
        };
        let weighed = |found: Unmatched| Unmatched {
            open: open(&found.value),
            ..found
        };
        let (mut found, seen) = (Vec::new(), Names::of(&self.paths));
        for (prefix, _) in owners.prefixes() {
            let matches = |seen: &String| below(prefix, seen);
            let unmatched = instead("owner.prefix", prefix, &seen, matches);
            found.extend(unmatched.map(weighed));
        }
        for (at, (pattern, _)) in owners.patterns().enumerate() {
            let matches = |seen: &String| owners.bind(at, seen, true).is_some();
            let unmatched = instead("owner.pattern", pattern, &seen, matches);
            found.extend(unmatched.map(weighed));
        }
        found
    }

    /// Services and projects that own paths and that nothing of that name is.
    fn owning(&self, settings: &Settings) -> Vec<Unmatched> {
        let owners = settings.owners.prefixes().chain(settings.owners.patterns());
        let owners: Vec<_> = owners.map(|(_, owner)| owner).collect();
        let services = owners.iter().filter_map(|owner| owner.service.clone());
        let projects = owners.iter().filter_map(|owner| match &owner.project {
            Some(ProjectName::Path(path)) => Some(path.clone()),
            _ => None,
        });
        let lists: [(&'static str, &Tally, BTreeSet<String>); 2] = [
            ("owner.service", &self.services, services.collect()),
            ("owner.project", &self.projects, projects.collect()),
        ];
        let mut found = Vec::new();
        for (key, tally, names) in lists {
            let seen = Names::of(tally);
            // A number says which project it is, and a placeholder takes its name from the path.
            let plain = |name: &&String| {
                !name.contains('{') && !name.bytes().all(|byte| byte.is_ascii_digit())
            };
            for name in names.iter().filter(plain) {
                // Services have names in small letters, and rules compare them as they are.
                let same = |seen: &String| match key {
                    "owner.service" => seen == name,
                    _ => seen.eq_ignore_ascii_case(name),
                };
                let unmatched = instead(key, name, &seen, same);
                // Whoever owns something under its own name is meant by a slip of it alone.
                let meant = |it: &String| !names.contains(it) || is_slip_of(name, it);
                found.extend(unmatched.map(|found| Unmatched {
                    open: found.nearest.as_ref().is_some_and(meant),
                    ..found
                }));
            }
        }
        found
    }

    fn networks(&self, settings: &Settings) -> Vec<Unmatched> {
        let lists = [
            ("network.runner_cidrs", &settings.network.runner_cidrs),
            ("network.egress_cidrs", &settings.network.egress_cidrs),
        ];
        let (mut found, seen) = (Vec::new(), Names::of(&self.addresses));
        for (key, ranges) in lists {
            for range in ranges {
                let matches = |seen: &String| {
                    let ip = seen.parse::<IpAddr>().ok().map(|ip| ip.to_canonical());
                    ip.is_some_and(|ip| range.contains(&ip))
                };
                found.extend(instead(key, &range.to_string(), &seen, matches));
            }
        }
        found
    }

    fn people(&self, settings: &Settings) -> Vec<Unmatched> {
        let people = &settings.people;
        let known = |who: &str| {
            let names = [
                who.to_owned(),
                id::gitlab_user(who),
                id::vault_policy(None, who),
            ];
            let aliases = people.ids_of(who).map(str::to_lowercase);
            let all: BTreeSet<String> = names
                .iter()
                .map(|name| name.to_lowercase())
                .chain(aliases)
                .collect();
            move |seen: &String| all.contains(&seen.to_lowercase())
        };
        let mut found = Vec::new();
        let lists: [(&'static str, Vec<&str>); 3] = [
            ("people.admins", people.admins().collect()),
            ("people.break_glass", people.break_glass().collect()),
            ("people.bots", people.bots().collect()),
        ];
        // Every token holds it: declared, it would leave out everybody.
        let mut meant = self.principals.clone();
        meant.remove(&id::vault_policy(None, "default"));
        let (seen, meant) = (Names::of(&self.principals), Names::of(&meant));
        for (key, entries) in lists {
            for who in entries {
                let unseen = instead(key, who, &seen, known(who));
                found.extend(unseen.and_then(|_| instead(key, who, &meant, known(who))));
            }
        }
        for person in people.persons() {
            for alias in people.ids_of(person) {
                // What speaks of no system that was read proves nothing.
                let system = alias.split(['/', ':']).next().unwrap_or_default();
                let read = self
                    .principals
                    .keys()
                    .any(|seen| seen.split(':').next() == Some(system));
                if read {
                    let matches = |seen: &String| seen.eq_ignore_ascii_case(alias);
                    found.extend(instead("people.aliases", alias, &seen, matches));
                }
            }
        }
        found
    }

    fn others(&self, settings: &Settings) -> Vec<Unmatched> {
        let mut found = Vec::new();
        if settings.is_set("environments") {
            let seen = Names::of(&self.environments);
            let tiers: BTreeSet<&str> = settings
                .environments
                .names()
                .map(|(_, tier)| tier)
                .collect();
            for tier in tiers
                .into_iter()
                .filter(|tier| settings.is_set(&format!("environments.{tier}")))
            {
                let matches = |seen: &String| settings.environments.tier(seen) == Some(tier);
                found.extend(instead("environments", tier, &seen, matches));
            }
        }
        found
    }
}

fn instead(
    key: &'static str,
    value: &str,
    names: &Names<'_>,
    matches: impl Fn(&String) -> bool,
) -> Option<Unmatched> {
    let seen = names.seen;
    if seen.is_empty() || seen.keys().any(matches) {
        return None;
    }
    let counted = seen.iter();
    let frequent = counted.max_by_key(|(name, count)| (**count, std::cmp::Reverse(*name)));
    Some(Unmatched {
        key,
        value: value.to_owned(),
        nearest: names.nearest(value).cloned(),
        frequent: frequent.map(|(name, count)| (name.clone(), *count)),
        open: true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(names: &[(&str, u64)]) -> Tally {
        names
            .iter()
            .map(|(name, count)| ((*name).to_owned(), *count))
            .collect()
    }

    fn said(text: &str, seen: &Seen) -> Vec<String> {
        let settings = Settings::parse("piperoll.toml", text, &[]).unwrap();
        seen.unmatched(&settings)
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    fn seen() -> Seen {
        Seen {
            mounts: tally(&[("auth/gitlab/", 500), ("team/auth/run/", 20)]),
            paths: tally(&[
                ("secret/ci/orders/prod/db", 40),
                ("secret/run/mailer/dev", 3),
            ]),
            requested: BTreeSet::new(),
            logged: true,
            addresses: tally(&[("10.1.0.9", 90), ("::ffff:10.2.0.1", 4)]),
            principals: tally(&[
                ("gitlab:user/ada", 9),
                ("gitlab:project/7", 2),
                ("vault:policy/ops", 1),
            ]),
            environments: tally(&[("production", 7)]),
            services: Tally::default(),
            projects: Tally::default(),
            undeclared: Undeclared::default(),
        }
    }

    #[test]
    fn what_nothing_matches_is_said_with_what_was_seen() {
        let text = "[vault]\nci_mounts = [\"auth/gitlb/\"]\n[network]\nrunner_cidrs = [\"10.9.0.0/16\"]\n\
            [people]\nadmins = [\"adaa\", \"gitlab:project/8\"]\nbots = [\"renovate\"]\n[people.aliases]\nbea = [\"gitlab:user/bea\", \"okta:user/bea\"]\n\
            [[owner]]\nprefix = \"secret/ci/order/\"\nproject = \"a/b\"\n[[owner]]\npattern = \"kv/{project}/{environment}/\"\n";
        let found = said(text, &seen());
        let keys: Vec<&str> = found
            .iter()
            .map(|line| line.split('`').nth(1).unwrap())
            .collect();
        assert_eq!(
            keys,
            [
                "network.runner_cidrs",
                "owner.pattern",
                "owner.prefix",
                "people.admins",
                "people.admins",
                "people.aliases",
                "people.bots",
                "vault.ci_mounts",
            ]
        );
        assert!(
            found[7].contains("nearest is `auth/gitlab/`")
                && found[7].contains("`auth/gitlab/` (500 times)"),
            "{}",
            found[7]
        );
        assert!(found[5].contains("gitlab:user/bea"), "{}", found[5]);
    }

    #[test]
    fn what_was_seen_and_what_nothing_was_read_of_is_silent() {
        let text = "[vault]\nci_mounts = [\"auth/gitlab/\"]\nworkload_mounts = [\"auth/run/\"]\n[network]\nrunner_cidrs = [\"10.1.0.0/16\", \"10.2.0.1\"]\n\
            [people]\nadmins = [\"ada\", \"gitlab:project/7\", \"ops\"]\n\
            [[owner]]\nprefix = \"secret/ci/\"\nproject = \"a/b\"\n[[owner]]\npattern = \"secret/run/{service}/{environment}/\"\n";
        assert_eq!(said(text, &seen()), [""; 0]);
        let wrong = "[vault]\nci_mounts = [\"auth/x/\"]\n[network]\nrunner_cidrs = [\"10.9.0.0/16\"]\n[people]\nadmins = [\"zoe\"]\n";
        assert_eq!(said(wrong, &Seen::default()), [""; 0]);
    }

    #[test]
    fn the_policy_that_everybody_holds_is_proposed_for_nobody() {
        let counted = [("vault:policy/default", 900), ("gitlab:user/ada", 3)];
        let seen = Seen {
            principals: counted.map(|(who, times)| (who.to_owned(), times)).into(),
            ..Seen::default()
        };
        let found = said("[people]\nadmins = [\"gitlab:project/8\"]\n", &seen);
        let [line] = &found[..] else {
            panic!("{found:?}");
        };
        assert!(line.contains("`gitlab:user/ada` (3 times)"), "{line}");
        assert!(!line.contains("default"), "{line}");
        // Whoever declares it is not told that nobody holds it.
        assert_eq!(said("[people]\nadmins = [\"default\"]\n", &seen), [""; 0]);
    }

    /// A mount or an owner that nothing matches hides something only where something is left over.
    #[test]
    fn what_is_left_without_a_class_or_an_owner_may_be_meant() {
        let open = |text: &str, seen: &Seen| {
            let settings = Settings::parse("piperoll.toml", text, &[]).unwrap();
            let found = seen.unmatched(&settings).into_iter();
            found.map(|found| found.open).collect::<Vec<bool>>()
        };
        let mounts = "[vault]\nci_mounts = [\"auth/gitlab/\", \"auth/gitlb/\"]\n";
        assert_eq!(open(mounts, &seen()), [true]);
        let classed = format!("{mounts}workload_mounts = [\"team/auth/run/\"]\n");
        assert_eq!(open(&classed, &seen()), [false]);
        let used = Seen {
            requested: ["secret/ci/orders/prod/db".to_owned()].into(),
            ..seen()
        };
        let idle = "[[owner]]\nprefix = \"secret/ci/old/\"\nproject = \"a/b\"\n";
        assert_eq!(open(idle, &used), [true]);
        let wide = format!("{idle}[[owner]]\nprefix = \"secret/\"\nproject = \"a/b\"\n");
        assert_eq!(open(&wide, &used), [true]);
        let own = format!("{idle}[[owner]]\nprefix = \"secret/ci/orders/\"\nproject = \"a/b\"\n");
        assert_eq!(open(&own, &used), [false]);
    }
}
