//! How well the logins of each role can be joined, and which line of its configuration would make
//! them joinable (VLT-ROL-010).

use std::collections::{BTreeMap, BTreeSet};

use super::declared::MountClass;
use super::edge::Candidates;
use super::ledger::Login;
use super::origin::NoJob;
use super::resolve::{Identity, Origin};
use super::scope::Scope;
use crate::model::{Band, Confidence, Period, Place, Timestamp, bears_metadata, id};

/// The logins of one role over the period.
#[derive(Clone, Debug)]
pub struct Readiness {
    /// `vault:role/<mount>/<name>`, or the mount where no role is named.
    pub role: String,
    /// What the mount is for.
    pub class: Option<MountClass>,
    /// Whether logins of the auth method can name what made them at all.
    pub can_name: bool,
    /// Whether the auth method copies claims of a token into a login's metadata.
    pub maps_claims: bool,
    /// Logins.
    pub logins: u64,
    /// Logins with one established origin.
    pub established: u64,
    /// Logins with several candidates or a weaker key.
    pub ambiguous: u64,
    /// Logins without origin.
    pub unjoined: u64,
    /// Of these, logins that name a job, or a project, whose job is not among those exported.
    pub unlisted: u64,
    /// Claims that some login of the role lacks, in the order of their use.
    pub missing_claims: Vec<&'static str>,
    /// The `claim_mappings` that would bring them, the present ones included; empty when nothing
    /// is missing.
    pub remedy: String,
    /// Start of the UTC day the row is about; the period's start for rows about all of it.
    pub day: Timestamp,
    /// A login without one established origin, as an id; empty when there is none.
    pub open_login: String,
    /// That login, else the first.
    pub place: Place,
}

/// What rows of [`Readiness`] are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// A role over the whole period.
    Role,
    /// A mount on one UTC day.
    MountAndDay,
}

/// What a login needs to be traced to its job for certain, most telling first.
const JOB_CLAIMS: [&str; 3] = ["job_id", "pipeline_id", "project_id"];
/// What a login needs to be traced to its service account.
const SERVICE_CLAIMS: [&str; 1] = ["service_account_email"];

impl Identity {
    /// One row per role, or per mount and day, with a login in the period.
    #[must_use]
    pub fn readiness(&self, by: By, period: Period, declared: &Scope<'_>) -> Vec<Readiness> {
        let mut rows: BTreeMap<(String, Timestamp), Row> = BTreeMap::new();
        for (login, origin) in self.ledger.logins.iter().zip(&self.origins) {
            if login.child || !period.contains(login.at) || self.is_bare(login) {
                continue;
            }
            let class = self.class(login, declared);
            let role = self.accountable(login, by);
            let day = match by {
                By::Role => period.from,
                By::MountAndDay => login.at.day(),
            };
            let claims = self.claims(login);
            let row = rows.entry((role.clone(), day)).or_insert_with(|| Row {
                said: self.nobody_yet(login, class, role, day),
                present: BTreeSet::new(),
                common: claims.clone(),
            });
            row.present.extend(claims.iter().cloned());
            row.common.retain(|claim| claims.contains(claim));
            row.said.count(origin);
            if row.said.open_login.is_empty() && row.said.established < row.said.logins {
                row.said.open_login = id::vault_login(self.ledger.text(login.id));
                row.said.place = login.place;
            }
        }
        rows.into_values()
            .map(|row| mended(row.said, &row.present, &row.common))
            .collect()
    }

    /// Whether the metadata of a login was taken out of the log: what its method gives every token is
    /// not there, and no role can mend that.
    fn is_bare(&self, login: &Login) -> bool {
        let mut entries = self.ledger.symbols.entries(login.metadata);
        bears_metadata(self.ledger.text(login.mount_type)) && entries.next().is_none()
    }

    fn class(&self, login: &Login, declared: &Scope<'_>) -> Option<MountClass> {
        let text = |sym| self.ledger.text(sym);
        declared.mount_class(text(login.namespace), text(login.mount))
    }

    /// The role whose configuration could be mended, or the mount where none is named or asked for.
    fn accountable(&self, login: &Login, by: By) -> String {
        let text = |sym| self.ledger.text(sym);
        let (namespace, mount) = (text(login.namespace), text(login.mount));
        match (by, text(login.role)) {
            (By::MountAndDay, _) | (_, "") => id::vault_mount(Some(namespace), mount),
            (By::Role, role) => id::vault_role(Some(namespace), mount, role),
        }
    }

    /// The claims that a login's metadata has.
    fn claims(&self, login: &Login) -> BTreeSet<String> {
        let entries = self.ledger.symbols.entries(login.metadata);
        entries
            .filter(|(key, value)| *key != "role" && !value.is_empty())
            .map(|(key, _)| key.to_owned())
            .collect()
    }

    /// The row of a role of which no login was counted yet.
    fn nobody_yet(
        &self,
        login: &Login,
        class: Option<MountClass>,
        role: String,
        day: Timestamp,
    ) -> Readiness {
        let method = self.ledger.text(login.mount_type);
        Readiness {
            role,
            class,
            can_name: can_name(method, class),
            maps_claims: maps_claims(method),
            logins: 0,
            established: 0,
            ambiguous: 0,
            unjoined: 0,
            unlisted: 0,
            missing_claims: Vec::new(),
            remedy: String::new(),
            day,
            open_login: String::new(),
            place: login.place,
        }
    }
}

/// A row, and the claims that some and that all of its logins have.
struct Row {
    said: Readiness,
    present: BTreeSet<String>,
    common: BTreeSet<String>,
}

impl Readiness {
    /// Counts a login by how well its origin is known.
    fn count(&mut self, origin: &Origin) {
        self.logins += 1;
        let found = origin.jobs.as_ref().or(origin.services.as_ref());
        let confidence = found.map(Candidates::confidence);
        let confidence = confidence.or(origin.person.as_ref().map(|known| known.key.confidence()));
        match confidence.map(Confidence::band) {
            Some(Some(Band::Established)) => self.established += 1,
            // An ambiguous login tells best what is missing: it is shown before one without any
            // origin.
            Some(_) => {
                if self.ambiguous == 0 {
                    self.open_login.clear();
                }
                self.ambiguous += 1;
            }
            None => {
                self.unjoined += 1;
                self.unlisted += u64::from(origin.no_job.is_some_and(NoJob::is_unlisted));
            }
        }
    }
}

/// Whether a method's logins can name a job (claims of GitLab's token) or a service account (claims
/// of Google's token, or the account of `gcp`). An old log does not say the method: it may.
fn can_name(method: &str, class: Option<MountClass>) -> bool {
    maps_claims(method) || (method == "gcp" && class == Some(MountClass::Workload))
}

/// Whether roles of a method have `claim_mappings`. An old log does not say the method: they may.
fn maps_claims(method: &str) -> bool {
    matches!(method, "" | "jwt" | "oidc")
}

fn mended(mut row: Readiness, present: &BTreeSet<String>, common: &BTreeSet<String>) -> Readiness {
    let wanted: &[&'static str] = match row.class {
        // An AppRole has no claims: nothing that its role could map would help.
        _ if !row.maps_claims => &[],
        Some(MountClass::Ci) => &JOB_CLAIMS,
        Some(MountClass::Workload) => &SERVICE_CLAIMS,
        _ => &[],
    };
    let named = |claim: &str| {
        common.contains(claim) || (claim == "service_account_email" && common.contains("email"))
    };
    row.missing_claims = wanted
        .iter()
        .copied()
        .filter(|claim| !named(claim))
        .collect();
    if !row.missing_claims.is_empty() {
        let mut all: BTreeMap<&str, &str> = present
            .iter()
            .map(|key| (key.as_str(), key.as_str()))
            .collect();
        for claim in &row.missing_claims {
            // Google's ID tokens carry the account's address as `email`.
            let source = if *claim == "service_account_email" {
                "email"
            } else {
                claim
            };
            all.insert(source, claim);
        }
        let pairs: Vec<String> = all
            .iter()
            .map(|(claim, key)| format!("\"{claim}\": \"{key}\""))
            .collect();
        row.remedy = format!("claim_mappings = {{{}}}", pairs.join(", "));
    }
    row
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_without_claims_is_not_told_to_map_them() {
        let of = |method: &str| {
            let class = Some(MountClass::Workload);
            let row = Readiness {
                role: "vault:role/run/shop".to_owned(),
                class,
                can_name: can_name(method, class),
                maps_claims: maps_claims(method),
                logins: 5,
                established: 0,
                ambiguous: 0,
                unjoined: 5,
                unlisted: 0,
                missing_claims: Vec::new(),
                remedy: String::new(),
                day: Timestamp(0),
                open_login: String::new(),
                place: crate::identity::sample::place(1),
            };
            let nothing = BTreeSet::new();
            let row = mended(row, &nothing, &nothing);
            (row.missing_claims, row.remedy)
        };
        assert_eq!(of("jwt").0, ["service_account_email"]);
        for method in ["approle", "gcp", "kubernetes", "userpass"] {
            assert_eq!(of(method), (Vec::new(), String::new()), "{method}");
        }
    }
}
