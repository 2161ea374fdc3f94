//! Checks of waivers themselves: expired, malformed, met by nothing.

mod expired_waiver;
mod malformed_waiver;
mod unused_waiver;

use super::{Check, Known, Verdict};

/// Every check of this folder.
pub(super) const CHECKS: &[&dyn Check] = &[
    &expired_waiver::ExpiredWaiver,
    &malformed_waiver::MalformedWaiver,
    &unused_waiver::UnusedWaiver,
];
