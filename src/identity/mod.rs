//! Who really did it: joins Vault's logins to GitLab jobs, Cloud Run services and people, and
//! every request to the login whose token made it.
//!
//! Candidates stay sets: an edge to one of several is listed with all of them and its confidence
//! divided; a fact is stated only where every candidate agrees. Works over plain rows, linear in
//! operations.

mod accessor;
mod account;
mod aws_edges;
mod aws_job;
mod aws_lease;
mod aws_ledger;
mod aws_session;
mod burst;
mod claims;
mod cloud;
mod cloud_lease;
mod continuity;
mod credential;
pub mod declared;
mod directory;
mod edge;
mod edges;
mod facts;
mod handles;
mod idp_user;
mod job_ids;
mod job_records;
mod ledger;
mod merge_request;
mod merge_request_edges;
mod mesh_edges;
mod met;
mod mismatch;
mod op;
mod origin;
mod pending;
mod project_paths;
mod protection;
mod proxy;
mod readers;
mod readiness;
mod reissued;
mod repeated_job;
mod repeated_user;
mod repetition;
mod resolve;
#[cfg(test)]
mod sample;
pub mod scope;
mod second_factor;
mod skew;
mod tie;
mod unreached;
mod vault_record;

pub use account::AccountEvent;
pub use aws_session::{AwsSession, AwsUse};
pub use burst::{Burst, Limits, Suspect, bursts, login_failure_class};
pub use cloud::CloudUse;
pub use credential::Credential;
pub use declared::{MountClass, Owner};
pub use directory::{Directory, name_projects};
pub use edge::{Candidates, Edge};
pub use facts::Facts;
pub use handles::Tie;
pub use idp_user::{IdpUsers, Known};
pub use ledger::{Change, Lease, Ledger, Login};
pub use mismatch::{
    AwsCall, Caller, Mismatch, MismatchKind, Seen, person_on_workload_path, unexpected_reader,
};
pub use op::{Op, Ops};
pub use origin::NoJob;
pub use protection::{ProtectionChange, wildcard};
pub use readers::Readers;
pub use readiness::{By, Readiness};
pub use reissued::Reissued;
pub use repeated_job::{JobConflict, JobDifference};
pub use resolve::{Identity, Origin, Session};
pub use scope::Scope;
pub use vault_record::REVOKE_SELF;
