//! IM-1 and IM-2: a token meant for another party, or whose claims its role refuses.

use super::{Mismatch, Seen};
use crate::model::Confidence;

/// IM-1 and IM-2: what a refused login says in clear (`vault.md` section 8; hashed texts say
/// nothing).
#[must_use]
pub fn refused_login(seen: Seen<'_>) -> Option<Mismatch> {
    let audience = [
        "audience claim does not match any bound audience",
        "no audiences bound to the role",
    ];
    let quoted = || seen.error.split('"').nth(1).unwrap_or("").to_owned();
    let (class, detail, expected) = if audience.iter().any(|text| seen.error.contains(text)) {
        (
            "IM-1",
            "audience-mismatch",
            "aud in bound_audiences".to_owned(),
        )
    } else if seen
        .error
        .contains("does not match any associated bound claim values")
        || (seen.error.contains("claim") && seen.error.contains("is missing"))
    {
        (
            "IM-2",
            "claim-mismatch",
            format!("claim {} in bound_claims", quoted()),
        )
    } else {
        return None;
    };
    Some(Mismatch {
        class,
        detail,
        subject: seen.role.to_owned(),
        object: if detail == "claim-mismatch" {
            format!("{} claim {}", seen.role, quoted())
        } else {
            format!("{} claim aud", seen.role)
        },
        expected,
        observed: seen.error.to_owned(),
        at: seen.at,
        confidence: Confidence::CERTAIN,
        place: seen.place,
        of_configuration: false,
    })
}
