//! The systems whose records are read.

/// The system that wrote a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum System {
    /// HashiCorp Vault or OpenBao.
    Vault,
    /// GitLab.
    Gitlab,
    /// Google Cloud.
    Gcp,
}

impl System {
    /// The word used in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            System::Vault => "vault",
            System::Gitlab => "gitlab",
            System::Gcp => "gcp",
        }
    }
}
