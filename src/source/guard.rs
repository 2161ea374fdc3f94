//! Stands before every sink: no secret goes on, and evidence points at what is stored.
//!
//! Formats push what a record says. Whatever text it is, it passes here through the one list of
//! `model::secret`; texts that checks must search themselves (policies, CI files, Terraform) are
//! redacted where they are shown.

use std::borrow::Cow;

use super::searched::Searched;
use super::transcode::Transcoded;
use crate::model::{
    Attribute, Event, Export, Extent, Grant, Handles, Issued, Job, Pipeline, Place, PolicyDelta,
    Service, Sink, System, Text, secret,
};

/// A sink before the sink of a block.
pub(super) struct Guard<'s> {
    sink: &'s mut dyn Sink,
    origin: Option<&'s Transcoded>,
    searched: &'s mut Searched,
}

impl<'s> Guard<'s> {
    pub(super) fn new(
        sink: &'s mut dyn Sink,
        origin: Option<&'s Transcoded>,
        searched: &'s mut Searched,
    ) -> Guard<'s> {
        Guard {
            sink,
            origin,
            searched,
        }
    }

    /// The place in what is stored, of a line that a reader of a text found in it.
    fn place(&self, place: &mut Place) {
        let Some(origin) = self.origin else {
            return;
        };
        // The place of the whole file, or of a record, leads there already.
        let (_, line) = origin.line_in_text(place.byte);
        if line == place.sha256 {
            (place.byte, _, place.sha256) = origin.line(place.byte);
        }
    }
}

fn clean(text: &mut String, searched: &mut Searched) {
    if !searched.holds(text) {
        return;
    }
    if let Cow::Owned(redacted) = secret::redacted(text) {
        *text = redacted;
    }
}

/// Typed secrets only: names and values of configuration are compared with one another.
fn clean_typed(text: &mut String, searched: &mut Searched) {
    if !searched.holds(text) {
        return;
    }
    if let Cow::Owned(redacted) = secret::redacted_typed(text) {
        *text = redacted;
    }
}

fn clean_text(text: &mut Text<'_>) {
    if let Cow::Owned(redacted) = secret::redacted(text) {
        *text = Cow::Owned(redacted);
    }
}

fn clean_job(job: &mut Job, searched: &mut Searched) {
    for text in [
        &mut job.project_path,
        &mut job.name,
        &mut job.stage,
        &mut job.status,
        &mut job.git_ref,
        &mut job.sha,
        &mut job.username,
        &mut job.pipeline_source,
        &mut job.environment,
        &mut job.runner_description,
        &mut job.failure_reason,
        &mut job.web_url,
    ] {
        clean_typed(text, searched);
    }
    let lists = [&mut job.runner_addresses, &mut job.tags];
    for text in lists.into_iter().flatten() {
        clean_typed(text, searched);
    }
}

fn clean_pipeline(pipeline: &mut Pipeline, searched: &mut Searched) {
    for text in [
        &mut pipeline.source,
        &mut pipeline.git_ref,
        &mut pipeline.username,
    ] {
        clean_typed(text, searched);
    }
}

fn clean_service(service: &mut Service, searched: &mut Searched) {
    let labels = service.labels.iter_mut();
    for (key, value) in labels {
        clean_typed(key, searched);
        clean_typed(value, searched);
    }
    for image in &mut service.images {
        clean_typed(image, searched);
    }
    for text in [
        &mut service.id,
        &mut service.name,
        &mut service.revision,
        &mut service.service_account,
        &mut service.deployed_by,
    ] {
        clean_typed(text, searched);
    }
}

fn clean_attribute(attribute: &mut Attribute, searched: &mut Searched) {
    if attribute.names_aws_key() {
        return;
    }
    for text in [
        &mut attribute.object,
        &mut attribute.name,
        &mut attribute.value,
    ] {
        clean_typed(text, searched);
    }
}

fn clean_grant(grant: &mut Grant, searched: &mut Searched) {
    for text in [
        &mut grant.holder,
        &mut grant.resource,
        &mut grant.capability,
        &mut grant.condition,
    ] {
        clean_typed(text, searched);
    }
}

impl Sink for Guard<'_> {
    fn extent(&mut self, extent: Extent) {
        self.sink.extent(extent);
    }
    fn event(&mut self, event: &Event<'_>) {
        if !texts(event).any(|text| self.searched.holds(text)) {
            return self.sink.event(event);
        }
        let mut cleaned = event.clone();
        clean_event(&mut cleaned);
        if matches!(event.system, System::Aws | System::Vault) {
            keep_key_ids(event, &mut cleaned);
        }
        self.sink.event(&cleaned);
    }
    fn export(&mut self, mut export: Export) {
        match &mut export {
            Export::Job(job) => clean_job(job, self.searched),
            Export::Pipeline(pipeline) => clean_pipeline(pipeline, self.searched),
            Export::Service(service) => {
                clean_service(service, self.searched);
                self.place(&mut service.place);
            }
            Export::Attribute(attribute) => {
                clean_attribute(attribute, self.searched);
                self.place(&mut attribute.place);
            }
            Export::Policy(policy) => {
                clean_typed(&mut policy.name, self.searched);
                self.place(&mut policy.place);
            }
            Export::Grant(grant) => {
                clean_grant(grant, self.searched);
                self.place(&mut grant.place);
            }
            Export::Exposure(exposure) => {
                clean(&mut exposure.section, self.searched);
                clean(&mut exposure.job, self.searched);
                self.place(&mut exposure.place);
            }
            Export::Text(text) => self.place(&mut text.place),
        }
        self.sink.export(export);
    }
}

/// CloudTrail, and Vault where a mount logs it in clear, name a key of AWS by its id, which opens
/// nothing without the key itself, and joins rest on it: in its two places it stays as it is.
fn keep_key_ids<'e>(event: &Event<'e>, cleaned: &mut Event<'e>) {
    let is_key_id = |text: &str| {
        text.len() <= 32
            && text
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    };
    let own = |text: &Option<Text<'e>>| text.clone().filter(|text| is_key_id(text));
    if let Some(key) = own(&event.key_name) {
        cleaned.key_name = Some(key);
    }
    if let Some(key) = own(&event.target_account) {
        cleaned.target_account = Some(key);
    }
}

/// Every text of an event.
fn texts<'e>(event: &'e Event<'_>) -> impl Iterator<Item = &'e str> {
    let own = [&event.id, &event.operation, &event.path, &event.object];
    let lists = [
        &event.policies,
        &event.granting_policies,
        &event.request_keys,
        &event.permissions,
        &event.denied_permissions,
        &event.delegation,
    ];
    let deltas = event.deltas.iter().flat_map(|delta| {
        let own = [&delta.action, &delta.role, &delta.member, &delta.condition];
        own.into_iter().chain(&delta.audit_service)
    });
    let pairs = event.metadata.iter().flat_map(|(key, value)| [key, value]);
    let issued = event.issued.iter().flat_map(|issued| {
        let pairs = issued.metadata.iter().flat_map(|(key, value)| [key, value]);
        let handles = [&issued.handles.accessor, &issued.handles.token];
        let own = [
            &issued.wrapping_accessor,
            &issued.wrapping_token,
            &issued.wrapping_path,
            &issued.entity_id,
            &issued.display_name,
            &issued.token_type,
            &issued.lease_id,
        ];
        let texts = handles.into_iter().chain(own).flatten();
        texts.chain(&issued.policies).chain(pairs)
    });
    let optional = event.optional_texts();
    let all = own.into_iter().chain(optional.into_iter().flatten());
    let all = all.chain(lists.into_iter().flatten()).chain(pairs);
    all.chain(issued).chain(deltas).map(Cow::as_ref)
}

fn clean_event(event: &mut Event<'_>) {
    for text in [
        &mut event.id,
        &mut event.operation,
        &mut event.path,
        &mut event.object,
    ] {
        clean_text(text);
    }
    for text in [
        &mut event.method,
        &mut event.service,
        &mut event.namespace,
        &mut event.mount,
        &mut event.error,
        &mut event.principal,
        &mut event.display_name,
        &mut event.entity_id,
        &mut event.role,
        &mut event.remote_address,
        &mut event.user_agent,
        &mut event.network,
        &mut event.device,
        &mut event.request_lease_id,
        &mut event.key_name,
        &mut event.target_account,
        &mut event.project,
    ] {
        text.iter_mut().for_each(clean_text);
    }
    for list in [
        &mut event.policies,
        &mut event.granting_policies,
        &mut event.request_keys,
        &mut event.permissions,
        &mut event.denied_permissions,
        &mut event.delegation,
    ] {
        list.iter_mut().for_each(clean_text);
    }
    clean_handles(&mut event.caller);
    clean_pairs(&mut event.metadata);
    event.issued.iter_mut().for_each(clean_issued);
    event.deltas.iter_mut().for_each(clean_delta);
}

fn clean_handles(handles: &mut Handles<'_>) {
    handles.accessor.iter_mut().for_each(clean_text);
    handles.token.iter_mut().for_each(clean_text);
}

fn clean_pairs(pairs: &mut [(Text<'_>, Text<'_>)]) {
    for (key, value) in pairs {
        clean_text(key);
        clean_text(value);
    }
}

fn clean_issued(issued: &mut Issued<'_>) {
    clean_handles(&mut issued.handles);
    clean_pairs(&mut issued.metadata);
    issued.policies.iter_mut().for_each(clean_text);
    for text in [
        &mut issued.wrapping_accessor,
        &mut issued.wrapping_token,
        &mut issued.wrapping_path,
        &mut issued.entity_id,
        &mut issued.display_name,
        &mut issued.token_type,
        &mut issued.lease_id,
    ] {
        text.iter_mut().for_each(clean_text);
    }
}

fn clean_delta(delta: &mut PolicyDelta<'_>) {
    for text in [
        &mut delta.action,
        &mut delta.role,
        &mut delta.member,
        &mut delta.condition,
    ] {
        clean_text(text);
    }
    delta.audit_service.iter_mut().for_each(clean_text);
}
