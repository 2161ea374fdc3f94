//! VLT-ROL-005: a role that takes tokens made for somebody else.

use super::{Check, Known, Verdict};
use crate::model::Severity;
use crate::posture::{Posture, vault};

pub(in crate::check) struct UnspecificAudience;

impl Check for UnspecificAudience {
    fn name(&self) -> &'static str {
        "unspecific-audience"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        let (mut population, mut observations) = (0, Vec::new());
        for role in vault::roles(input) {
            if role.method != "jwt" || role.is_unresolved("bound_audiences") {
                continue;
            }
            population += 1;
            let audiences: Vec<&str> = role.thing.values("bound_audiences").collect();
            let shared = ["https://accounts.google.com", "https://gitlab.com", "vault"];
            let issuer = role.issuer.trim_end_matches('/');
            let wrong = audiences.iter().find(|audience| {
                let bare = audience.trim_end_matches('/');
                bare == issuer || shared.iter().take(2).any(|known| *known == bare)
            });
            let detail = match (audiences.as_slice(), wrong) {
                ([], _) => {
                    "none is bound, so a token with an audience is refused and one without is taken"
                        .to_owned()
                }
                (_, Some(wrong)) => {
                    format!("`{wrong}` is the issuer itself, so every token for it fits")
                }
                (many, None) if many.len() > 1 => {
                    format!("{} audiences: one relying party needs one", many.len())
                }
                _ => continue,
            };
            let object = role.mount_id();
            let seen = role
                .observe(object, "bound_audiences", input)
                .with_detail(detail);
            let several = audiences.len() > 1 && wrong.is_none();
            observations.push(if several {
                seen.with_severity(Severity::Low)
            } else {
                seen
            });
        }
        if population == 0 {
            return Verdict::NotAssessed("no role of a JWT auth method was supplied".to_owned());
        }
        Verdict::Looked {
            population,
            observations,
        }
    }
}
