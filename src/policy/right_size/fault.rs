//! Why a proposal does not hold.

use std::fmt;

use super::Use;
use crate::policy::compare::Witness;

/// Why a proposal does not hold.
#[derive(Debug)]
pub(super) enum Fault<'u> {
    /// It would open something for a kind of token.
    Wider { token: usize, witness: Witness },
    /// A logged request would be denied.
    Lost(&'u Use),
    /// Whether it is wider could not be told.
    Undecided(String),
}

impl fmt::Display for Fault<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Wider { witness, .. } => write!(
                f,
                "with the other policies of a token it would open {} on {:?}",
                witness.capability, witness.path
            ),
            Fault::Lost(lost) => write!(f, "{} of {:?} would be denied", lost.operation, lost.path),
            Fault::Undecided(why) => f.write_str(why),
        }
    }
}
