//! Values that were taken out of a record before it was handed on: what stands there names nobody
//! and nothing, and is as good as absent.

use super::wire::{Auth, Entry};
use crate::model::is_taken_out;
use crate::source::borrowed::Str;

/// A claim that whoever pushes a branch chooses: he may call it so.
const CHOSEN: &str = "ref";

/// Clears what was taken out of a record.
pub(super) fn clear(entry: &mut Entry<'_>) {
    if let Some(request) = &mut entry.request {
        let texts = [
            &mut request.id,
            &mut request.operation,
            &mut request.mount_point,
            &mut request.mount_type,
            &mut request.client_token,
            &mut request.client_token_accessor,
            &mut request.path,
            &mut request.data.role,
            &mut request.remote_address,
        ];
        texts.into_iter().for_each(clear_text);
    }
    let answered = entry.response.as_mut();
    let answered = answered.and_then(|response| response.auth.as_mut());
    let all = entry.auth.iter_mut().chain(answered);
    all.for_each(clear_auth);
}

fn clear_auth(auth: &mut Auth<'_>) {
    let texts = [
        &mut auth.accessor,
        &mut auth.client_token,
        &mut auth.display_name,
        &mut auth.entity_id,
    ];
    texts.into_iter().for_each(clear_text);
    let metadata = &mut auth.metadata.0;
    metadata.retain(|(key, value)| key == CHOSEN || !is_taken_out(value));
}

fn clear_text(text: &mut Str<'_>) {
    if is_taken_out(text.as_str()) {
        *text = Str::default();
    }
}
