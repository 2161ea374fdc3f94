//! Identity providers that an account trusts (`get-open-id-connect-provider`,
//! `list-saml-providers`).
//!
//! `aws-oidc-provider` (object `aws:oidc-provider/<account>/<host>`): `account`, `host`,
//! `client_id` (each). `aws-saml-provider` (object `aws:saml-provider/<account>/<name>`):
//! `account`, `arn`.

use serde_json::Value;

use super::{Account, list, text};
use crate::model::Sink;

pub(super) fn is(value: &Value) -> bool {
    let oidc = text(value, "Url").is_some() && value.get("ClientIDList").is_some();
    oidc || value.get("SAMLProviderList").is_some_and(Value::is_array)
}

pub(super) fn push(
    value: &Value,
    account: &Account<'_>,
    sink: &mut dyn Sink,
) -> Result<(), String> {
    for provider in list(value, "SAMLProviderList") {
        let arn = text(provider, "Arn").ok_or("a SAML provider without `Arn`")?;
        let owner = account.of(Some(arn));
        let name = arn
            .split_once(":saml-provider/")
            .map_or(arn, |(_, name)| name);
        let id = format!("aws:saml-provider/{owner}/{name}");
        let mut thing = account.about("aws-saml-provider", id, sink);
        thing.put("account", owner);
        thing.put("arn", arn);
    }
    let Some(url) = text(value, "Url") else {
        return Ok(());
    };
    let host = url
        .strip_prefix("https://")
        .unwrap_or(url)
        .trim_end_matches('/');
    let owner = account.of(text(value, "Arn"));
    let id = format!("aws:oidc-provider/{owner}/{host}");
    let mut thing = account.about("aws-oidc-provider", id, sink);
    thing.put("account", owner);
    thing.put("host", host);
    for client in list(value, "ClientIDList").filter_map(Value::as_str) {
        thing.put("client_id", client);
    }
    Ok(())
}
