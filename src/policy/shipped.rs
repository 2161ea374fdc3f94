//! The policy `default` as a server writes it when it is initialised.
//!
//! An operator may change it; what is here is the union of what HashiCorp Vault and OpenBao write
//! (`vault/policy_store.go` of both; the policy read from a running OpenBao 2.6.2).

use super::dialect::Dialect;
use super::stanza::Policy;
use super::syntax::parse;

/// The text of that policy.
pub const SHIPPED_DEFAULT: &str = include_str!("shipped_default.hcl");

/// The policy `default` of a new server.
#[must_use]
pub fn shipped_default() -> Policy {
    parse(SHIPPED_DEFAULT, Dialect::Vault).0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{Acl, AclContext, Operation, Request};

    #[test]
    fn it_is_whole_in_both_dialects_and_grants_a_token_its_own_affairs_only() {
        for dialect in [Dialect::Vault, Dialect::OpenBao] {
            assert!(parse(SHIPPED_DEFAULT, dialect).1.is_empty());
        }
        let policy = shipped_default();
        assert_eq!(policy.stanzas.len(), 18);
        let acl = Acl::new(&[("default", &policy)], AclContext::default());
        let allows = |operation, path: &str| acl.decide(&Request::new(operation, path)).allowed;
        assert!(allows(Operation::Update, "auth/token/renew-self"));
        assert!(!allows(Operation::Read, "secret/data/app"));
    }
}
