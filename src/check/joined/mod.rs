//! Checks over what several systems state together.

pub(super) mod blast_radius;

use super::{Check, Known, Verdict};
