//! What the operator declares and joins rely on.

use crate::model::Timestamp;

/// What an auth mount is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MountClass {
    /// GitLab jobs log in here.
    Ci,
    /// Running services log in here.
    Workload,
    /// People log in here.
    Human,
}

impl MountClass {
    /// The word used in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            MountClass::Ci => "ci",
            MountClass::Workload => "workload",
            MountClass::Human => "human",
        }
    }
}

/// Who a secret belongs to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Owner {
    /// Full path of a GitLab project, or its last segment where a pattern yields no more.
    pub project: Option<String>,
    /// Name of a Cloud Run service.
    pub service: Option<String>,
    /// Environment name.
    pub environment: Option<String>,
    /// Whether everybody may read it.
    pub shared: bool,
}

/// The operator's declarations, by whatever file they stand in.
pub trait Declared {
    /// What an auth mount is for. `mount` is as logged (`auth/gitlab/`).
    fn mount_class(&self, namespace: &str, mount: &str) -> Option<MountClass>;
    /// Who a logical path belongs to.
    fn owner(&self, namespace: &str, logical_path: &str) -> Option<Owner>;
    /// The tier of an environment: `prod`, `staging`, `dev`.
    fn tier(&self, environment: &str) -> Option<&str>;
    /// The person a principal id is an alias of.
    fn person(&self, principal: &str) -> Option<&str>;
    /// Whether a person may use anything in an emergency, or administers everything.
    fn is_exempt(&self, person: &str) -> bool;
    /// Whether a user, person or account is declared a machine.
    fn is_bot(&self, who: &str) -> bool;
    /// Whether runners' addresses are declared at all.
    fn knows_runners(&self) -> bool;
    /// Whether an address is a runner's.
    fn is_runner(&self, address: &str) -> bool;
    /// Whether an address is one that services or runners leave from.
    fn is_own_network(&self, address: &str) -> bool;
    /// Whether the addresses that services leave from are declared.
    fn knows_egress(&self) -> bool;
    /// Time that a job's credential may outlive it.
    fn grace_micros(&self) -> i64;
    /// Clock difference assumed where none can be learned.
    fn skew_micros(&self) -> i64;
    /// The moment the run speaks from.
    fn as_of(&self) -> Timestamp;
}
