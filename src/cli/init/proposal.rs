//! What the inputs say of the estate's set-up.

use std::collections::{BTreeMap, BTreeSet};

use crate::cli::Failure;
use crate::config::{MountClass, Settings};
use crate::estate::Estate;
use crate::model::id;
use crate::table::row::{event, job, service};

/// Keys of a GitLab job's token that logins carry as metadata.
const CLAIMS: [&str; 4] = ["job_id", "pipeline_id", "project_path", "user_login"];
/// Auth methods of people.
const HUMAN: [&str; 6] = ["userpass", "ldap", "okta", "github", "oidc", "saml"];
/// Auth methods of machines.
const WORKLOAD: [&str; 8] = [
    "gcp",
    "kubernetes",
    "aws",
    "azure",
    "approle",
    "cert",
    "alicloud",
    "oci",
];
/// How names of accounts begin or end that are no person.
const BOTS: [&str; 5] = ["bot", "renovate", "service_account_", "ci-", "svc-"];

/// An auth mount, with what logged in there.
#[derive(Clone, Debug, Default)]
pub(super) struct Mount {
    pub(super) logins: u64,
    pub(super) method: String,
    pub(super) roles: BTreeSet<String>,
    claims: u64,
    accounts: u64,
}

/// A pattern of owners, with the paths and names behind it.
#[derive(Clone, Debug, Default)]
pub(super) struct Owned {
    pub(super) paths: u64,
    pub(super) names: BTreeSet<String>,
}

/// Whom a segment of a path names.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Named {
    Project,
    Service,
}

/// What could be configured.
#[derive(Debug, Default)]
pub(super) struct Proposal {
    pub(super) mounts: BTreeMap<String, Mount>,
    /// Patterns of `[[owner]]`.
    pub(super) owners: BTreeMap<String, Owned>,
    /// Heads of paths of secrets that no pattern covers, with the number of paths.
    pub(super) unowned: BTreeMap<String, u64>,
    /// Networks of callers, with their logins, by the key of `[network]` that such callers have.
    pub(super) networks: BTreeMap<&'static str, BTreeMap<String, u64>>,
    /// Environments of jobs that are in no tier.
    pub(super) environments: BTreeMap<String, u64>,
    /// Users of GitLab, with the jobs they ran.
    pub(super) users: BTreeMap<String, u64>,
    paths: BTreeSet<String>,
    projects: BTreeSet<String>,
    services: BTreeSet<String>,
}

impl Mount {
    /// Who logs in there, where method and logins tell it.
    pub(super) fn class(&self) -> Option<MountClass> {
        if self.claims > 0 {
            Some(MountClass::Ci)
        } else if self.accounts > 0 || WORKLOAD.contains(&self.method.as_str()) {
            Some(MountClass::Workload)
        } else if HUMAN.contains(&self.method.as_str()) {
            Some(MountClass::Human)
        } else {
            None
        }
    }
}

/// The key of a class.
pub(super) fn key(class: MountClass) -> &'static str {
    match class {
        MountClass::Ci => "ci_mounts",
        MountClass::Workload => "workload_mounts",
        MountClass::Human => "human_mounts",
    }
}

impl Proposal {
    /// Of what an estate holds; `settings` name the tiers of environments.
    pub(super) fn of(estate: &Estate, settings: &Settings) -> Result<Proposal, Failure> {
        let mut proposal = Proposal::default();
        proposal.jobs(estate, settings)?;
        for batch in estate.store.scan(&service::SCHEMA) {
            let batch = batch?;
            for row in 0..batch.len() {
                proposal
                    .services
                    .insert(batch.text(row, service::NAME).to_owned());
            }
        }
        proposal.events(estate)?;
        proposal.own(settings);
        Ok(proposal)
    }

    fn jobs(&mut self, estate: &Estate, settings: &Settings) -> Result<(), Failure> {
        for batch in estate.store.scan(&job::SCHEMA) {
            let batch = batch?;
            for row in 0..batch.len() {
                let path = batch.text(row, job::PROJECT_PATH);
                if let Some(name) = path.rsplit('/').next().filter(|name| !name.is_empty()) {
                    self.projects.insert(name.to_owned());
                }
                let environment = batch.text(row, job::ENVIRONMENT);
                if !environment.is_empty() && settings.environments.tier(environment).is_none() {
                    *self.environments.entry(environment.to_owned()).or_default() += 1;
                }
                let user = batch.text(row, job::USER_ID);
                if !user.is_empty() {
                    *self.users.entry(user.to_owned()).or_default() += 1;
                }
            }
        }
        Ok(())
    }

    fn events(&mut self, estate: &Estate) -> Result<(), Failure> {
        let mut callers: BTreeMap<(String, String), u64> = BTreeMap::new();
        for batch in estate.store.scan(&event::SCHEMA) {
            let batch = batch?;
            for row in 0..batch.len() {
                let text = |column| batch.text(row, column);
                if text(event::SYSTEM) != "vault" || text(event::OUTCOME) != "allowed" {
                    continue;
                }
                let namespace = Some(text(event::NAMESPACE));
                if text(event::KIND) == "login" {
                    let name = id::in_namespace(namespace, text(event::MOUNT));
                    let mount = self.mounts.entry(name.clone()).or_default();
                    mount.logins += 1;
                    mount.method = text(event::SERVICE).to_owned();
                    mount
                        .roles
                        .extend(Some(text(event::ROLE).to_owned()).filter(|r| !r.is_empty()));
                    let metadata = batch.texts(row, event::METADATA);
                    let key = |pair: &&str| pair.split('=').next().unwrap_or_default().to_owned();
                    let claim = metadata
                        .iter()
                        .any(|pair| CLAIMS.contains(&key(pair).as_str()));
                    mount.claims += u64::from(claim);
                    let account = |text: &str| text.contains(".gserviceaccount.com");
                    let accounts = metadata.iter().any(|pair| account(pair));
                    mount.accounts += u64::from(accounts || account(text(event::DISPLAY_NAME)));
                    if let Some(network) = network(text(event::REMOTE_ADDRESS)) {
                        *callers.entry((name, network)).or_default() += 1;
                    }
                } else if !text(event::SECRET_NAME).is_empty() {
                    let path = id::in_namespace(namespace, text(event::LOGICAL_PATH));
                    self.paths.insert(path);
                }
            }
        }
        for ((mount, network), count) in callers {
            let key = match self.mounts.get(&mount).and_then(Mount::class) {
                Some(MountClass::Ci) => "runner_cidrs",
                Some(MountClass::Workload) => "egress_cidrs",
                Some(MountClass::Human) | None => continue,
            };
            let networks = self.networks.entry(key).or_default();
            *networks.entry(network).or_default() += count;
        }
        Ok(())
    }

    /// Where a name is a project's and a service's, the names that are one of them only decide for
    /// their folder: above zero are projects.
    fn folders(&self) -> BTreeMap<String, i64> {
        let mut folders: BTreeMap<String, i64> = BTreeMap::new();
        for path in &self.paths {
            for (at, name) in path.split('/').enumerate().skip(1) {
                let (project, service) =
                    (self.projects.contains(name), self.services.contains(name));
                if project != service {
                    let head = path.split('/').take(at).collect::<Vec<_>>().join("/");
                    *folders.entry(head).or_default() += if project { 1 } else { -1 };
                }
            }
        }
        folders
    }

    /// Which patterns of owners the paths follow.
    fn own(&mut self, settings: &Settings) {
        let folders = self.folders();
        let mut found: BTreeMap<String, Owned> = BTreeMap::new();
        for path in &self.paths {
            match self.pattern(path, &folders, settings) {
                Some((pattern, name)) => {
                    let owned = found.entry(pattern).or_default();
                    owned.paths += 1;
                    owned.names.insert(name.to_owned());
                }
                None => {
                    let head = path.split('/').take(2).collect::<Vec<_>>().join("/");
                    *self.unowned.entry(head).or_default() += 1;
                }
            }
        }
        for (pattern, owned) in found {
            // One name alone may stand there by chance.
            if owned.names.len() > 1 || owned.paths > 2 {
                self.owners.insert(pattern, owned);
            } else {
                *self.unowned.entry(pattern).or_default() += owned.paths;
            }
        }
    }

    /// The pattern that a path follows: a segment that is a project's or a service's name, with the
    /// environment before or behind it; and that name.
    fn pattern<'p>(
        &self,
        path: &'p str,
        folders: &BTreeMap<String, i64>,
        settings: &Settings,
    ) -> Option<(String, &'p str)> {
        let is_tier = |name: &str| settings.environments.tier(name).is_some();
        let segments: Vec<&str> = path.split('/').collect();
        let last = segments.len().saturating_sub(1);
        let mut inner = segments.iter().enumerate().take(last).skip(1);
        let (at, named, name) = inner.find_map(|(at, name)| {
            let (project, service) = (self.projects.contains(*name), self.services.contains(*name));
            let head = || {
                segments
                    .iter()
                    .take(at)
                    .copied()
                    .collect::<Vec<_>>()
                    .join("/")
            };
            let named = match (project, service) {
                (false, false) => return None,
                (true, true) if folders.get(&head()).is_some_and(|sum| *sum < 0) => Named::Service,
                (true, _) => Named::Project,
                (false, true) => Named::Service,
            };
            Some((at, named, *name))
        })?;
        let mut pattern: Vec<&str> = segments.iter().take(at).copied().collect();
        if let Some(before) = pattern
            .last_mut()
            .filter(|before| at > 1 && is_tier(before))
        {
            *before = "{environment}";
        }
        pattern.push(if named == Named::Project {
            "{project}"
        } else {
            "{service}"
        });
        let behind = segments.get(at + 1).filter(|_| at + 1 < last);
        if !pattern.contains(&"{environment}") && behind.is_some_and(|next| is_tier(next)) {
            pattern.push("{environment}");
        }
        Some((format!("{}/", pattern.join("/")), name))
    }

    /// Whether nothing was seen at all.
    pub(super) fn is_empty(&self) -> bool {
        self.mounts.is_empty() && self.paths.is_empty() && self.users.is_empty()
    }

    /// Mounts of a class, sorted.
    pub(super) fn of_class(&self, class: Option<MountClass>) -> Vec<(&str, &Mount)> {
        let mounts = self
            .mounts
            .iter()
            .filter(|(_, mount)| mount.class() == class);
        mounts.map(|(name, mount)| (name.as_str(), mount)).collect()
    }

    /// Users that look like no person.
    pub(super) fn bots(&self) -> Vec<&str> {
        let bot = |user: &&String| {
            let name = user.rsplit('/').next().unwrap_or(user);
            BOTS.iter()
                .any(|sign| name.starts_with(sign) || name.ends_with(sign) || name.contains("_bot"))
        };
        self.users.keys().filter(bot).map(String::as_str).collect()
    }

    /// Keys that are proposed and wait to be confirmed.
    pub(super) fn keys(&self) -> Vec<String> {
        let classes = [MountClass::Ci, MountClass::Workload, MountClass::Human];
        let mounts = classes
            .iter()
            .filter(|class| !self.of_class(Some(**class)).is_empty());
        let mounts = mounts.map(|class| format!("vault.{}", key(*class)));
        let owner = (!self.owners.is_empty()).then(|| "owner".to_owned());
        mounts.chain(owner).collect()
    }

    /// In one line.
    pub(super) fn summary(&self) -> String {
        format!(
            "{} auth mount(s), {} pattern(s) of owners for {} of {} path(s) of secrets, {} user(s)",
            self.mounts.len(),
            self.owners.len(),
            self.owners.values().map(|owned| owned.paths).sum::<u64>(),
            self.paths.len(),
            self.users.len()
        )
    }

    /// What a configuration that is there does not say, or says of what is gone.
    pub(super) fn changes(&self, settings: &Settings) -> Vec<String> {
        let mut changes = self.changed_mounts(settings);
        let mut unowned: BTreeMap<String, u64> = BTreeMap::new();
        for path in self
            .paths
            .iter()
            .filter(|path| settings.owners.find(path).is_none())
        {
            let head = path.split('/').take(3).collect::<Vec<_>>().join("/");
            *unowned.entry(head).or_default() += 1;
        }
        let unowned = unowned.into_iter();
        changes.extend(unowned.map(|(head, count)| {
            format!("+ owner: {count} path(s) below \"{head}\" have no owner")
        }));
        let environments = self.environments.iter();
        changes.extend(environments.map(|(name, count)| {
            format!("+ environments: \"{name}\" ({count} job(s)) is in no tier")
        }));
        let proposed = settings.proposed.iter();
        changes.extend(
            proposed.map(|key| format!("? {key}: proposed, and not confirmed yet ([proposed])")),
        );
        changes
    }

    fn changed_mounts(&self, settings: &Settings) -> Vec<String> {
        let mut changes = Vec::new();
        for (name, mount) in &self.mounts {
            if settings.mounts.class(None, name).is_none() {
                let place = mount.class().map_or("one of the mounts", key);
                let (method, logins) = (&mount.method, mount.logins);
                changes.push(format!(
                    "+ vault.{place}: \"{name}\" ({method}, {logins} login(s))"
                ));
            }
        }
        for class in [MountClass::Ci, MountClass::Workload, MountClass::Human] {
            for (namespace, name) in settings.mounts.of(class) {
                let whole = id::in_namespace(namespace, &format!("auth/{name}/"));
                let met = self.mounts.keys().any(|seen| {
                    *seen == whole || (namespace.is_none() && seen.ends_with(&format!("/{whole}")))
                });
                if !met {
                    let key = key(class);
                    changes.push(format!(
                        "- vault.{key}: \"{whole}\": no login was seen there"
                    ));
                }
            }
        }
        changes
    }
}

/// The network of a caller, as wide as a subnet usually is.
fn network(address: &str) -> Option<String> {
    let address: std::net::IpAddr = address.parse().ok()?;
    let bits = if address.is_ipv4() { 24 } else { 64 };
    let network = ipnet::IpNet::new(address, bits).ok()?;
    Some(network.trunc().to_string())
}
