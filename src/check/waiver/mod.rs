//! Checks of waivers themselves: expired, malformed, met by nothing.

pub(super) mod expired_waiver;
pub(super) mod malformed_waiver;
pub(super) mod unused_waiver;

use super::{Check, Known, Verdict};
