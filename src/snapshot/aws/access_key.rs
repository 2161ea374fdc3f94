//! Access keys of users (`list-access-keys`).
//!
//! `aws-access-key` (object `aws:key/<id>`): `user` (`aws:user/<account>/<name>`), `status` =
//! `Active` or `Inactive`, `created_at`. The id of a key is no secret.

use serde_json::Value;

use super::{Account, list, text};
use crate::model::{Sink, id};

pub(super) fn is(value: &Value) -> bool {
    let listed = value.get("AccessKeyMetadata").and_then(Value::as_array);
    listed.is_some_and(|keys| keys.iter().all(|key| key.get("AccessKeyId").is_some()))
}

pub(super) fn push(
    value: &Value,
    account: &Account<'_>,
    sink: &mut dyn Sink,
) -> Result<(), String> {
    for key in list(value, "AccessKeyMetadata") {
        let named = text(key, "AccessKeyId").ok_or("a key without `AccessKeyId`")?;
        let user = text(key, "UserName").ok_or("a key without `UserName`")?;
        let owner = account.of(None);
        let mut thing = account.about("aws-access-key", id::aws_key(named), sink);
        thing.put("user", format!("aws:user/{owner}/{user}"));
        thing.put(
            "status",
            text(key, "Status").ok_or("a key without `Status`")?,
        );
        thing.put_some("created_at", text(key, "CreateDate"));
    }
    Ok(())
}
