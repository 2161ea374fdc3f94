//! Services: by id, by name, or by the account they run as.

use std::collections::BTreeSet;

use super::{Found, ambiguous, unknown};
use crate::estate::JoinedEstate;
use crate::model::Service;
use crate::trace::ask::{Ask, TraceError};

pub(super) fn find(estate: &JoinedEstate, ask: &Ask<'_>) -> Result<Found, TraceError> {
    let services = &estate.identity.directory.services;
    let account = ask.id.strip_prefix("gcp:sa/").unwrap_or(ask.id);
    let found: BTreeSet<&str> = services
        .iter()
        .filter(|service| {
            service.id == ask.id
                || service.name == ask.id
                || service.service_account.eq_ignore_ascii_case(account)
        })
        .map(|service| service.id.as_str())
        .collect();
    let mut in_order = found.iter();
    match (in_order.next(), in_order.next()) {
        (Some(one), None) => Ok(Found::Service((*one).to_owned())),
        (None, _) => {
            let name = |service: &Service| {
                if ask.id.starts_with("run:service/") {
                    service.id.clone()
                } else if account.contains('@') {
                    service.service_account.clone()
                } else {
                    service.name.clone()
                }
            };
            let known: BTreeSet<String> = services.iter().map(name).collect();
            Err(unknown(ask, account, known.iter().map(String::as_str)))
        }
        _ => Err(ambiguous(ask, found.into_iter().map(str::to_owned))),
    }
}
