//! How a call ended, from the status and the permissions that were checked.

use crate::model::{EventKind, Outcome};

/// `PERMISSION_DENIED` of `google.rpc.Code`.
const PERMISSION_DENIED: i64 = 7;
/// `UNAUTHENTICATED` of `google.rpc.Code`.
const UNAUTHENTICATED: i64 = 16;

/// The outcome of an audited call.
///
/// `false` is omitted in proto3 JSON, so a permission without `granted` was not granted; that
/// refuses the call whatever the status says. An entry of the Policy Denied log is a refusal by
/// itself, unless it only rehearses one (`dryRun`). Some services put numbers outside
/// `google.rpc.Code` into the status: every other non-zero number is a failure.
pub(super) fn of(kind: EventKind, code: i64, any_not_granted: bool, dry_run: bool) -> Outcome {
    match code {
        _ if kind == EventKind::PolicyDenied && dry_run => Outcome::Unknown,
        PERMISSION_DENIED | UNAUTHENTICATED => Outcome::Denied,
        _ if any_not_granted || kind == EventKind::PolicyDenied => Outcome::Denied,
        0 => Outcome::Allowed,
        _ => Outcome::Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_and_permissions_decide_together() {
        use EventKind::{DataAccess, PolicyDenied};
        for (kind, code, missing, dry_run, expected) in [
            (DataAccess, 0, false, false, Outcome::Allowed),
            (DataAccess, 0, true, false, Outcome::Denied),
            (DataAccess, 7, false, false, Outcome::Denied),
            (DataAccess, 16, false, false, Outcome::Denied),
            (DataAccess, 5, false, false, Outcome::Failed),
            (DataAccess, 5, true, false, Outcome::Denied),
            (DataAccess, 409, false, false, Outcome::Failed),
            (PolicyDenied, 0, false, false, Outcome::Denied),
            (PolicyDenied, 7, false, true, Outcome::Unknown),
        ] {
            assert_eq!(
                of(kind, code, missing, dry_run),
                expected,
                "{code} {missing}"
            );
        }
    }
}
