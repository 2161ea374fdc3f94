//! Clocks so far apart that what one log says of a time is no time of another's: what it says of the
//! period may lie outside of it, and what lies in it may not be said.

use crate::identity::Identity;
use crate::model::Hole;

/// How far the clocks of Vault and GitLab may be apart, in microseconds, before dates of either are
/// in doubt: by less, a few records move over the ends of the period.
const MOST: i64 = 5 * 60 * 1_000_000;
/// Whose dates are then in doubt: nobody knows which clock is wrong, and traces are dated by jobs.
const DOUBTED: [&str; 3] = ["vault", "gitlab-jobs", "gitlab-trace"];

/// The holes of sources whose clocks are apart, as logins that name their job show.
pub(super) fn holes(identity: &Identity) -> Vec<Hole> {
    of_shift(identity.shift)
}

fn of_shift(shift: i64) -> Vec<Hole> {
    if shift.saturating_abs() <= MOST {
        return Vec::new();
    }
    let minutes = shift.saturating_abs() / 60_000_000;
    let words = format!("the clocks of Vault and of GitLab are {minutes} minutes apart");
    DOUBTED
        .iter()
        .map(|of| Hole::somewhere(*of, words.clone()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_that_are_minutes_apart_make_dates_doubtful() {
        assert!(of_shift(0).is_empty() && of_shift(MOST).is_empty());
        let off = of_shift(-3_600_000_000);
        let of: Vec<&str> = off.iter().map(|hole| hole.of.as_str()).collect();
        assert_eq!(of, DOUBTED);
        assert!(
            off.iter()
                .all(|hole| hole.words.contains("60 minutes apart"))
        );
    }
}
