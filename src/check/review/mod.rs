//! Checks of what reviewers decided.

mod unreviewed;

use super::{Check, Known, Verdict};

/// Every check of this folder.
pub(super) const CHECKS: &[&dyn Check] = &[&unreviewed::Unreviewed];
