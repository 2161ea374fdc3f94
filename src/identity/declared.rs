//! What the operator declares and joins rely on.

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
