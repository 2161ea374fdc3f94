//! Values that were taken out of a record before it was handed on: what stands there names nobody
//! and nothing, and is as good as absent. So is a hash where Vault writes none: who handed the log
//! on made it, and nothing else is hashed alike.

use super::wire::{Auth, Entry};
use crate::model::is_taken_out;
use crate::source::borrowed::Str;

/// A claim that whoever pushes a branch chooses: he may call it so.
const CHOSEN: &str = "ref";

/// How the hashes of audit devices begin.
const HASHED: &str = "hmac-sha256:";

/// Clears what was taken out of a record.
pub(super) fn clear(entry: &mut Entry<'_>) {
    if let Some(request) = &mut entry.request {
        let plain = [
            &mut request.id,
            &mut request.operation,
            &mut request.mount_point,
            &mut request.mount_type,
            &mut request.path,
            &mut request.remote_address,
        ];
        plain.into_iter().for_each(clear_plain);
        let hashed = [
            &mut request.client_token,
            &mut request.client_token_accessor,
            &mut request.data.role,
        ];
        hashed.into_iter().for_each(clear_text);
    }
    let answered = entry.response.as_mut();
    let answered = answered.and_then(|response| response.auth.as_mut());
    let all = entry.auth.iter_mut().chain(answered);
    all.for_each(clear_auth);
}

fn clear_auth(auth: &mut Auth<'_>) {
    let hashed = [&mut auth.accessor, &mut auth.client_token];
    hashed.into_iter().for_each(clear_text);
    let plain = [&mut auth.display_name, &mut auth.entity_id];
    plain.into_iter().for_each(clear_plain);
    let metadata = &mut auth.metadata.0;
    metadata.retain(|(key, value)| {
        key == CHOSEN || !(is_taken_out(value) || value.starts_with(HASHED))
    });
}

/// Clears what Vault writes as it is.
fn clear_plain(text: &mut Str<'_>) {
    if text.as_str().starts_with(HASHED) {
        *text = Str::default();
    }
    clear_text(text);
}

fn clear_text(text: &mut Str<'_>) {
    if is_taken_out(text.as_str()) {
        *text = Str::default();
    }
}
