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

#[cfg(test)]
mod tests {
    use super::refused_login;
    use crate::identity::Seen;
    use crate::identity::sample::seen;

    fn detail(error: &str) -> Option<(&'static str, String)> {
        let found = refused_login(Seen {
            error,
            ..seen("", "", 1)
        });
        found.map(|mismatch| (mismatch.class, mismatch.object))
    }

    #[test]
    fn readable_refusals_name_the_claim() {
        let role = "vault:role/gitlab/app";
        let audience = "error validating token: audience claim does not match any bound audience";
        assert_eq!(
            detail(audience),
            Some(("IM-1", format!("{role} claim aud")))
        );
        let claim = "claim \"ref_protected\" does not match any associated bound claim values";
        assert_eq!(
            detail(claim),
            Some(("IM-2", format!("{role} claim ref_protected")))
        );
        assert_eq!(
            detail("claim \"job_id\" is missing"),
            Some(("IM-2", format!("{role} claim job_id")))
        );
    }

    #[test]
    fn other_and_hashed_refusals_say_nothing() {
        assert_eq!(detail("permission denied"), None);
        assert_eq!(detail("role \"portl\" could not be found"), None);
        assert_eq!(detail("hmac-sha256:00"), None);
        assert_eq!(detail(""), None);
    }
}
