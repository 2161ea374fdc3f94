//! Checks over what several systems state together.

mod blast_radius;

use super::{Check, Known, Verdict};

/// Every check of this folder.
pub(super) const CHECKS: &[&dyn Check] = &[&blast_radius::BlastRadius];
