//! The access log of a check's example: calls as proxies of a mesh would have logged them.

use crate::model::{Digest, FileId, Outcome, Place, Timestamp};
use crate::rule::LoggedCall;
use crate::usage::{Call, Calls};

/// Who called whom.
pub(super) fn calls(logged: &[LoggedCall]) -> Result<Calls, String> {
    let mut calls = Calls::default();
    for (call, line) in logged.iter().zip(1..) {
        let at = Timestamp::parse(&call.at)
            .ok_or_else(|| format!("`{}` is no RFC 3339 time", call.at))?;
        let service = |name: &str| format!("mesh:service/{name}");
        let from = match call.from.is_empty() {
            true => String::new(),
            false => service(&call.from),
        };
        calls.add(Call {
            from: &from,
            to: &service(&call.to),
            outcome: match call.status {
                401 | 403 => Outcome::Denied,
                100..=399 => Outcome::Allowed,
                _ => Outcome::Failed,
            },
            at,
            place: Place {
                file: FileId(u32::MAX),
                line,
                byte: 0,
                sha256: Digest([0; 32]),
            },
            is_request: true,
            is_traced: !call.request_id.is_empty(),
            is_flagged: false,
            peer: &call.peer,
        });
    }
    Ok(calls)
}
