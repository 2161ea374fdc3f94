//! What joins each login to the job or service that made it.

use hashbrown::HashMap;

use crate::identity::Identity;
use crate::model::{Confidence, Key};

/// How each login with a known origin is joined to it, by the id of its request.
#[derive(Debug, Default)]
pub struct Origins(HashMap<Box<str>, (Key, Confidence)>);

impl Origins {
    /// The origins of all logins; of two that bear one id the later one's.
    pub(super) fn of(identity: &Identity) -> Origins {
        let mut origins = HashMap::new();
        for (login, origin) in identity.ledger.logins.iter().zip(&identity.origins) {
            let request = identity.ledger.text(login.id);
            match origin.jobs.as_ref().or(origin.services.as_ref()) {
                Some(found) => {
                    origins.insert(request.into(), (found.key, found.confidence()));
                }
                None => {
                    origins.remove(request);
                }
            }
        }
        Origins(origins)
    }

    /// What joins the login of a request to its origin, and how surely.
    #[must_use]
    pub fn of_login(&self, request: &str) -> Option<(Key, Confidence)> {
        self.0.get(request).copied()
    }
}
