//! Identities of version 3: `MeshIdentity`, `MeshTrust`, `MeshTLS`.
//!
//! - `mesh-identity`, object `mesh:identity/<mesh>/<name>`: `mesh`, `label.<key>`, `provider`,
//!   `trust_domain`, `path`, `certificate_seconds` where it is stated, `self_signed` where that is
//!   allowed; `selects` = `none`, `all` or `some`, with `select.<key>` for each label.
//! - `mesh-trust`, object `mesh:trust/<mesh>/<name>`: `mesh`, `trust_domain`.
//! - `mesh-tls`, object `mesh:tls/<mesh>/<name>`: `mesh`, `target`, `target.<key>`, and `mode` =
//!   `Strict` or `Permissive` for each rule.

use super::member::{at, object, objects, switch, text};
use super::resource::{Pushed, Resource, strings};
use super::target;
use super::thing::Thing;
use crate::model::{Place, Sink};
use crate::snapshot::go_duration::go_seconds;

/// Pushes what a `MeshIdentity` states.
pub(super) fn identity(resource: &Resource<'_>, place: Place, sink: &mut dyn Sink) -> Pushed {
    let spec = resource.spec;
    let provider = object(spec, "provider")?;
    let bundled = provider.map(|provider| object(provider, "bundled"));
    let bundled = bundled.transpose()?.flatten();
    let (mut seconds, mut self_signed) = (None, false);
    if let Some(bundled) = bundled {
        self_signed = switch(bundled, "insecureAllowSelfSigned")?;
        let parameters = object(bundled, "certificateParameters")?;
        let expiry = parameters.map(|parameters| text(parameters, "expiry"));
        if let Some(expiry) = expiry.transpose()?.flatten() {
            seconds = Some(go_seconds(expiry).ok_or("`expiry` is no duration")?);
        }
    }
    let kind = provider.map(|provider| text(provider, "type"));
    let kind = kind.transpose()?.flatten();
    let id = object(spec, "spiffeID")?;
    let word = |name: &str| id.map(|id| text(id, name)).transpose();
    let (domain, path) = (word("trustDomain")?.flatten(), word("path")?.flatten());
    let selector = at(spec, &["selector", "dataplane"])?;
    let labels = selector.map(|selector| strings(selector, "matchLabels"));
    let labels = labels.transpose()?;
    let mut thing = Thing::new(
        "mesh-identity",
        resource.id("identity"),
        resource,
        place,
        sink,
    );
    thing.say_some("provider", kind);
    thing.say_some("trust_domain", domain);
    thing.say_some("path", path);
    let seconds = seconds.map(|seconds: u64| seconds.to_string());
    thing.say_some("certificate_seconds", seconds.as_deref());
    thing.say_some("self_signed", self_signed.then_some("true"));
    thing.say(
        "selects",
        match &labels {
            None => "none",
            Some(labels) if labels.is_empty() => "all",
            Some(_) => "some",
        },
    );
    for (key, value) in labels.into_iter().flatten() {
        thing.say(&format!("select.{key}"), value);
    }
    Ok(())
}

/// Pushes what a `MeshTrust` states.
pub(super) fn trust(resource: &Resource<'_>, place: Place, sink: &mut dyn Sink) -> Pushed {
    let domain = text(resource.spec, "trustDomain")?;
    let mut thing = Thing::new("mesh-trust", resource.id("trust"), resource, place, sink);
    thing.say_some("trust_domain", domain);
    Ok(())
}

/// Pushes what a `MeshTLS` states.
pub(super) fn tls(resource: &Resource<'_>, place: Place, sink: &mut dyn Sink) -> Pushed {
    let mut said = target::of_policy(resource)?;
    for member in ["from", "rules"] {
        for rule in objects(resource.spec, member)? {
            let default = object(rule, "default")?;
            let mode = default.map(|default| text(default, "mode"));
            match mode.transpose()?.flatten() {
                None => {}
                Some(mode @ ("Strict" | "Permissive")) => {
                    said.push(("mode".to_owned(), mode.to_owned()));
                }
                Some(_) => return Err("`mode` is neither Strict nor Permissive".to_owned()),
            }
        }
    }
    let mut thing = Thing::new("mesh-tls", resource.id("tls"), resource, place, sink);
    for (name, value) in said {
        thing.say(&name, &value);
    }
    Ok(())
}
