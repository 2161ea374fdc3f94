//! The access control policy language of HashiCorp Vault and OpenBao, usable as a library by
//! itself: read a policy text, decide requests, compare policy sets.
//!
//! The facts come from the language as the servers implement it (`vault/policy.go`, `vault/acl.go`
//! of both projects, HCL 1) and from decisions recorded from a running OpenBao 2.6.2.
//!
//! ```
//! use piperoll::policy::{Acl, AclContext, Dialect, Operation, Request, parse};
//!
//! let text = r#"path "secret/data/app/*" { capabilities = ["read"] }"#;
//! let (policy, errors) = parse(text, Dialect::Vault);
//! assert!(errors.is_empty());
//! let acl = Acl::new(&[("app", &policy)], AclContext::default());
//! let decision = acl.decide(&Request::new(Operation::Read, "secret/data/app/db"));
//! assert!(decision.allowed);
//! assert_eq!(decision.rule(), Some("secret/data/app/*"));
//! ```

mod acl;
mod breadth;
mod capability;
mod cell;
mod compare;
mod dialect;
mod entity;
mod operation;
mod parameter;
mod pattern;
mod protected;
pub mod right_size;
mod shipped;
mod stanza;
mod syntax;
mod template;

pub use crate::model::{Position, SourceFile, Span};
pub use acl::{Acl, AclContext, Decision, Grants, Reason, Request, StanzaRef};
pub use breadth::{
    Atom, Breadth, BreadthInput, Escalation, Evidence, Mount, MountKind, Observed, Owner, Ruling,
    Universe, breadth, openness,
};
pub use capability::{Capabilities, Capability};
pub use cell::{Cells, DEFAULT_CAP, cells};
pub use compare::{Change, Comparison, Subsumption, Witness, compare, differ_at, subsumes};
pub use dialect::Dialect;
pub use entity::{Alias, Entity, Group};
pub use operation::Operation;
pub use pattern::Pattern;
pub use protected::{makes_any_token, root_protected, root_protected_of_pki};
pub use shipped::{SHIPPED_DEFAULT, shipped_default};
pub use stanza::{Attribute, Expiry, ParameterRules, Policy, Stanza, Substitutions};
pub use syntax::{SyntaxError, parse, parse_at};
pub use template::{TemplateError, is_templated};
