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

/// A duration as Go writes it (`24h0m0s`), in whole seconds, rounded up.
fn go_seconds(text: &str) -> Option<u64> {
    const UNITS: [(&str, f64); 7] = [
        ("h", 3_600.0),
        ("ms", 1e-3),
        ("us", 1e-6),
        ("µs", 1e-6),
        ("ns", 1e-9),
        ("m", 60.0),
        ("s", 1.0),
    ];
    let (mut rest, mut seconds) = (text, 0.0);
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.');
        let (number, after) = rest.split_at_checked(end?)?;
        let (unit, size) = UNITS.iter().find(|(unit, _)| after.starts_with(unit))?;
        seconds += number.parse::<f64>().ok()? * size;
        rest = after.strip_prefix(unit)?;
    }
    let most = 1e12;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between zero and the bound above"
    )]
    (seconds <= most).then(|| seconds.ceil() as u64)
}

#[cfg(test)]
mod tests {
    use super::go_seconds;

    #[test]
    fn a_duration_of_go_may_have_several_units() {
        assert_eq!(go_seconds("24h0m0s"), Some(86_400));
        assert_eq!(go_seconds("1h30m"), Some(5_400));
        assert_eq!(go_seconds("1.5h"), Some(5_400));
        assert_eq!(go_seconds("250ms"), Some(1));
        for refused in ["", "24", "1d", "h", "1e9h"] {
            assert_eq!(go_seconds(refused), None, "{refused}");
        }
    }
}
