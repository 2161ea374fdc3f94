//! What the logs say of the policies as they are stated: which requests that the server allowed
//! they would deny, which stanzas and capabilities decided nothing, which roles nobody used.
//!
//! Requests are decided by the policies that the audit record names for their token (`auth.policies`),
//! in the text of the [`Posture`]. What cannot be decided for certain is counted by its
//! reason and decided neither way: nothing is guessed.

mod calls;
mod effect;
mod observer;
mod operation;
mod owned;
mod recorder;
mod requests;
mod right_size;
mod ruling;
mod set;
mod who;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

pub use calls::{Call, Called, Calls, Lines, Pair};
pub use observer::Observer;
pub use operation::Operation;
pub use recorder::Recorder;
pub use right_size::{Asking, SizedPolicy, right_sized};
pub use ruling::Asked;

use crate::model::{Evidence, Period, Severity, Timestamp, id};
use crate::policy::{Capabilities, Pattern, Reason, Stanza};
use crate::posture::{Posture, VaultPolicy};
use crate::rule::Observation;

/// The source whose records are counted.
const LOG: &str = "vault";

/// What the logs of a window say of the stated policies and roles.
#[derive(Clone, Debug, Default)]
pub struct Usage {
    /// The window: as asked, its open ends closed by the first and last Vault record.
    pub window: Option<Period>,
    /// Requests with a token that the server allowed.
    pub allowed: u64,
    /// Of those, the ones that were decided anew.
    pub judged: u64,
    /// Of those, the ones whose stanza asks something of parameters: path and capability alone
    /// were decided.
    pub conditional: u64,
    /// Why others were not, and how many; one request may have several reasons.
    pub unjudged: BTreeMap<Unjudged, u64>,
    /// Whether some tokens carry `default`, which is not stated: it is taken as servers write it.
    pub shipped_default: bool,
    /// Allowed requests that the policies as stated would deny.
    pub losses: Vec<Loss>,
    /// Logical paths of secrets, their namespace before them, that the server let somebody use;
    /// kept only where a pattern of `[[owner]]` asks whose they are.
    pub paths: BTreeSet<String>,
    /// Logins that the server allowed.
    pub logins: u64,
    /// Requests by policy that their token had: namespace and name.
    policies: BTreeMap<(String, String), u64>,
    /// Logins by policy that their token had: namespace and name.
    sessions: BTreeMap<(String, String), u64>,
    /// Logins by role id.
    roles: BTreeMap<String, u64>,
    /// Mount ids on which some login names no role.
    nameless: BTreeSet<String>,
    /// Every distinct request of a token, where they are kept.
    requests: requests::Requests,
    /// What each stanza decided, by position of policy and stanza.
    stanzas: BTreeMap<(usize, usize), StanzaUse>,
}

/// What one stanza decided.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StanzaUse {
    /// Requests that its pattern decided, refused ones included.
    pub deciding: u64,
    /// Capabilities that requests let through exercised.
    pub exercised: Capabilities,
}

/// Requests for one path, by one origin, that the server allowed and the policies would deny.
#[derive(Clone, Debug)]
pub struct Loss {
    /// Who: project, service or person where the join is established; else the role, the entity or
    /// the token.
    pub who: String,
    /// Names that tell more: the project's path, the role, what the server calls them.
    pub names: BTreeSet<String>,
    /// Namespace, empty for root.
    pub namespace: String,
    /// Path below the namespace.
    pub path: String,
    /// How often, by operation.
    pub operations: BTreeMap<String, u64>,
    /// First time and record.
    pub first: (Timestamp, Evidence),
    /// Last time and record; the first where there is one only.
    pub last: (Timestamp, Evidence),
    /// Why the policies deny it.
    pub reason: Reason,
    /// The policies of the token.
    pub policies: BTreeSet<String>,
    /// Position of the policy to look at, and of its deciding stanza where one matches.
    pub at: (usize, Option<usize>),
}

/// Why an allowed request was not decided anew.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unjudged {
    /// Its token has a policy that is not stated.
    Absent(String),
    /// Its token has a policy of which different texts are stated.
    Ambiguous(String),
    /// A template of metadata that each login writes anew may match the path.
    Rewritten,
    /// A template whose value the exports do not have may match the path.
    Template,
    /// The policies grant it on a condition: parameters (hashed in the log), wrapping or page size.
    Condition,
    /// `default` granted it, which is not stated and is not as servers write it.
    ChangedDefault,
    /// The server answers it without asking a policy.
    Unasked,
    /// The token is from another namespace.
    Namespace,
    /// An operation that no policy decides, or a path that was redacted.
    Unreadable,
}

impl fmt::Display for Unjudged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unjudged::Absent(name) => write!(f, "the token has policy `{name}`, which is not among those read"),
            Unjudged::Ambiguous(name) => write!(f, "policy `{name}` is stated with different texts"),
            Unjudged::Rewritten => f.write_str("a templated stanza may match, and the alias's metadata of that time is not exported"),
            Unjudged::Template => f.write_str("a templated stanza may match, and the entity's values are not exported"),
            Unjudged::Condition => f.write_str("parameters, wrapping or page size decide, and the log has them hashed or not at all"),
            Unjudged::ChangedDefault => f.write_str("policy `default` granted it, is not among those read, and is not as the server ships it"),
            Unjudged::Unasked => f.write_str("the server answers it without asking a policy"),
            Unjudged::Namespace => f.write_str("the token is from another namespace"),
            Unjudged::Unreadable => f.write_str("the record's operation or path cannot be decided"),
        }
    }
}

impl Usage {
    /// The reason why no log can be asked.
    pub const NO_LOG: &'static str =
        "no Vault audit log was supplied (`lint --logs`), so real use is not known";

    /// How many requests came with a token that has the policy.
    #[must_use]
    pub fn requests(&self, policy: &VaultPolicy<'_>) -> u64 {
        let key = (policy.namespace.to_owned(), policy.name.to_owned());
        self.policies.get(&key).copied().unwrap_or(0)
    }

    /// How many logins gave a token the policy.
    #[must_use]
    pub fn sessions(&self, policy: &VaultPolicy<'_>) -> u64 {
        let key = (policy.namespace.to_owned(), policy.name.to_owned());
        self.sessions.get(&key).copied().unwrap_or(0)
    }

    /// Why so few logins call nothing unused; `None` where they are enough.
    #[must_use]
    pub fn too_few(&self, sessions: u64, input: &Posture<'_>) -> Option<String> {
        let least = input.threshold("min_sessions").unwrap_or(30);
        let enough = i64::try_from(sessions).is_ok_and(|sessions| sessions >= least);
        (!enough).then(|| format!("{sessions} login(s), less than the {least} of `min_sessions`"))
    }

    /// What a stanza decided, by its position and that of its policy.
    #[must_use]
    pub fn stanza(&self, policy: usize, stanza: usize) -> StanzaUse {
        self.stanzas
            .get(&(policy, stanza))
            .copied()
            .unwrap_or_default()
    }

    /// How many logins took a role; `None` where the log does not tell.
    #[must_use]
    pub fn logins_of(&self, role_id: &str, mount_id: &str) -> Option<u64> {
        match self.roles.get(role_id) {
            Some(count) => Some(*count),
            None if self.logins == 0 || self.nameless.contains(mount_id) => None,
            None => Some(0),
        }
    }

    /// The window in words.
    #[must_use]
    pub fn window_in_words(&self) -> String {
        self.window.map_or_else(
            || "no moment".to_owned(),
            |window| format!("{} to {}", window.from, window.to),
        )
    }

    /// Whether the window is as long as `window_days`: what nobody used for that long is worth
    /// removing, not only worth knowing.
    #[must_use]
    pub fn is_long(&self, input: &Posture<'_>) -> bool {
        let days = input.threshold("window_days").unwrap_or(90);
        self.window.is_some_and(|window| {
            window.to.0.saturating_sub(window.from.0) >= days.saturating_mul(86_400_000_000)
        })
    }

    /// What something unused is worth: no more than knowing while the window is short.
    #[must_use]
    pub fn worth(&self, input: &Posture<'_>) -> Severity {
        if self.is_long(input) {
            Severity::Low
        } else {
            Severity::Info
        }
    }

    /// That a grant of a stanza went unused, and by what: worth no more than knowing while the
    /// window is short.
    pub(crate) fn unused(
        &self,
        policy: &VaultPolicy<'_>,
        stanza: &Stanza,
        what: &str,
        input: &Posture<'_>,
    ) -> Observation {
        let pattern = Pattern::new(&stanza.path, "");
        let object = id::vault_path(Some(policy.namespace), pattern.as_str());
        let mut seen = policy
            .observe(object, stanza, stanza.path_span)
            .with_detail(format!("{what}, {}", self.window_in_words()));
        if !self.is_long(input) {
            seen.severity = Some(Severity::Info);
        }
        self.absent(seen)
    }

    /// That nothing of a kind was seen in the window: what would clear it may stand in any moment of
    /// it that the log does not hold.
    pub(crate) fn absent(&self, mut seen: Observation) -> Observation {
        seen.absence.since = self.window.map(|window| window.from);
        seen.absence.until = self.window.map(|window| window.to);
        seen.with_counterpart(LOG)
    }

    /// What was not judged, in words; `None` when everything was.
    #[must_use]
    pub fn gaps(&self) -> Option<String> {
        let mut parts: Vec<String> = self
            .unjudged
            .iter()
            .map(|(why, count)| format!("{count} request(s): {why}"))
            .collect();
        if self.conditional > 0 {
            parts.push(format!(
                "{} request(s) met a stanza with conditions on parameters, of which path and capability alone were judged",
                self.conditional
            ));
        }
        if self.shipped_default {
            parts.push(
                "policy `default` is not among those read and is taken as the server ships it"
                    .to_owned(),
            );
        }
        (!parts.is_empty()).then(|| parts.join("; "))
    }
}
