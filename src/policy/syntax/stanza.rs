//! One `path` stanza.

use std::collections::BTreeMap;

use serde_json::Value;

use super::control_group;
use super::decode;
use super::duration;
use super::error::Faults;
use super::suggest;
use super::tree::{Item, Kind};
use crate::model::Span;
use crate::model::Timestamp;
use crate::policy::capability::{Capabilities, Capability};
use crate::policy::dialect::Dialect;
use crate::policy::stanza::{Attribute, Expiry, ParameterRules, Stanza};
use crate::policy::template;

/// Reads a stanza; `None` when it is not even a block.
///
/// A stanza that has expired by `now` grants nothing, and the server reads it no further than its
/// keys, kinds and templates: what else is wrong with it is no fault.
pub(super) fn read(
    item: &Item,
    dialect: Dialect,
    now: Option<Timestamp>,
    faults: &mut Faults<'_>,
) -> Option<Stanza> {
    // Without a label the server takes the key itself for the path.
    let label = item.keys.get(1).or(item.keys.first())?;
    let Kind::Object(attributes) = &item.value.kind else {
        let message = format!("`path` must be a block, not {}", item.value.kind.noun());
        let help = "write `path \"...\" { capabilities = [...] }`";
        faults.add(item.value.span, message, item.value.kind.noun(), help);
        return None;
    };
    let position = faults.lines.position(item.span().start);
    let mut stanza = Stanza {
        path: label.text.clone(),
        path_span: label.span,
        span: item.span(),
        position,
        capabilities: Capabilities::NONE,
        written: Vec::new(),
        shorthand: None,
        attributes: Vec::new(),
        parameters: ParameterRules::default(),
        min_wrapping_ttl: 0,
        max_wrapping_ttl: 0,
        mfa_methods: Vec::new(),
        pagination_limit: 0,
        expiration: None,
        keys_filter: None,
        event_types: Vec::new(),
        control_group: false,
    };
    check_template(&label.text, label.span, faults);
    if item.keys.len() == 1 {
        unlabelled(attributes, item, dialect, faults);
    }
    let mut reader = Reader {
        stanza: &mut stanza,
        dialect,
        faults,
        names: Vec::new(),
        unless_denied: Vec::new(),
    };
    for attribute in attributes {
        reader.attribute(attribute);
    }
    let before = reader.faults.count();
    reader.finish();
    if stanza.has_expired(now) {
        faults.forget_behind(before);
    }
    Some(stanza)
}

fn check_wildcards(path: &str, span: Span, faults: &mut Faults<'_>) {
    if path.contains("+*") {
        let help = "end the path with `/*` or with `+`, not with both";
        faults.add(
            span,
            format!("`+*` is forbidden in path {path:?}"),
            path,
            help,
        );
    }
}

fn check_template(path: &str, span: Span, faults: &mut Faults<'_>) {
    if let Err(error) = template::is_templated(path) {
        let help = "write `{{identity.entity.name}}`, both braces doubled";
        faults.add(span, format!("{error} in path {path:?}"), path, help);
    }
}

/// `path = { "x" = { ... } }` and `path { "x" { ... } }`: the label becomes `path`.
fn unlabelled(attributes: &[Item], item: &Item, dialect: Dialect, faults: &mut Faults<'_>) {
    let known = |key: &str| dialect.stanza_keys().any(|known| known == key);
    if let Some(inner) = attributes.iter().find(|inner| !known(inner.first_key())) {
        let help = format!("write `path {:?} {{ ... }}`", inner.first_key());
        let span = item.keys.first().map_or(item.value.span, |key| key.span);
        faults.add(
            span,
            "`path` has no label: HCL takes \"path\" for the path",
            "path",
            help,
        );
    }
}

/// Adds the values of parameters, whose names have no case.
fn add_parameters(known: &mut BTreeMap<String, Vec<Value>>, read: Vec<(String, Vec<Value>)>) {
    for (key, values) in read {
        known.entry(key.to_lowercase()).or_default().extend(values);
    }
}

struct Reader<'s, 'f, 'l> {
    stanza: &'s mut Stanza,
    dialect: Dialect,
    faults: &'f mut Faults<'l>,
    names: Vec<(String, Span)>,
    /// Faults that count only if the stanza does not deny.
    unless_denied: Vec<(Span, String, String)>,
}

impl Reader<'_, '_, '_> {
    fn attribute(&mut self, item: &Item) {
        let Some(key) = item.keys.first() else { return };
        self.stanza.attributes.push(Attribute {
            key: key.text.clone(),
            key_span: key.span,
            value_span: item.value.span,
        });
        if !self.dialect.stanza_keys().any(|known| known == key.text) {
            let message = format!("invalid key `{}`", key.text);
            let help = suggest::key(&key.text, self.dialect);
            self.faults.add(key.span, message, &key.text, help);
            return;
        }
        match key.text.as_str() {
            "capabilities" => {
                let read = decode::strings(item, self.faults).unwrap_or_default();
                self.names
                    .extend(read.into_iter().map(|(name, node)| (name, node.span)));
            }
            "policy" => self.stanza.shorthand = self.string(item),
            "allowed_parameters" => {
                let read = decode::map(item, self.faults).unwrap_or_default();
                add_parameters(&mut self.stanza.parameters.allowed, read);
            }
            "denied_parameters" => {
                let read = decode::map(item, self.faults).unwrap_or_default();
                add_parameters(&mut self.stanza.parameters.denied, read);
            }
            "required_parameters" => {
                let read = self.list(item);
                let lower = read.into_iter().map(|name| name.to_lowercase());
                self.stanza.parameters.required.extend(lower);
            }
            "min_wrapping_ttl" => self.stanza.min_wrapping_ttl = self.ttl(item),
            "max_wrapping_ttl" => self.stanza.max_wrapping_ttl = self.ttl(item),
            "mfa_methods" => {
                let read = self.list(item);
                self.stanza.mfa_methods.extend(read);
            }
            "subscribe_event_types" => {
                let read = self.list(item);
                self.stanza.event_types.extend(read);
            }
            "pagination_limit" => {
                self.stanza.pagination_limit =
                    decode::integer(item, self.faults).unwrap_or_default();
            }
            "expiration" => self.expiration(item),
            "list_scan_response_keys_filter_path" => self.stanza.keys_filter = self.string(item),
            "control_group" => {
                self.stanza.control_group = true;
                control_group::check(item, self.dialect, self.faults);
            }
            // `comment` is allowed and read by nobody.
            _ => {}
        }
    }

    fn string(&mut self, item: &Item) -> Option<String> {
        if item.keys.len() > 1 {
            decode::wrong_kind(item, "a string", self.faults);
            return None;
        }
        decode::string(&item.value, item.first_key(), self.faults)
    }

    fn list(&mut self, item: &Item) -> Vec<String> {
        let read = decode::strings(item, self.faults).unwrap_or_default();
        read.into_iter().map(|(text, _)| text).collect()
    }

    /// A duration: a string, or a number of seconds.
    fn ttl(&mut self, item: &Item) -> i64 {
        const SECOND: i64 = 1_000_000_000;
        let (read, written) = match &item.value.kind {
            Kind::Text(text) => (duration::parse(text), text.as_str()),
            Kind::Number(text) => (
                decode::whole(text).and_then(|s| s.checked_mul(SECOND)),
                text.as_str(),
            ),
            // The server cuts a fraction of a second off.
            Kind::Float(text) => (
                duration::whole_seconds(text).and_then(|s| s.checked_mul(SECOND)),
                text.as_str(),
            ),
            kind => (None, kind.noun()),
        };
        read.unwrap_or_else(|| {
            let message = format!("`{}` is no duration: {written:?}", item.first_key());
            self.unless_denied
                .push((item.value.span, message, written.to_owned()));
            0
        })
    }

    fn expiration(&mut self, item: &Item) {
        let Some(text) = self.string(item) else {
            return;
        };
        match duration::moment(&text) {
            Some(moment) => self.stanza.expiration = moment.map(Expiry),
            None => {
                let message = format!("`expiration` is no time: {text:?}");
                let help = "write RFC 3339, as in \"2030-01-31T00:00:00Z\"";
                self.faults.add(item.value.span, message, text, help);
            }
        }
    }

    /// Reads the capabilities, once all attributes are known.
    fn finish(mut self) {
        check_wildcards(&self.stanza.path, self.stanza.path_span, self.faults);
        let names = std::mem::take(&mut self.names);
        let shorthand = self.shorthand();
        let listed = match shorthand {
            // `policy = "deny"` replaces the list unread.
            Some((added, _)) if added == [Capability::Deny] => Vec::new(),
            _ => names,
        };
        for (name, span) in listed {
            let known = Capability::from_name(&name).filter(|c| self.dialect.knows(*c));
            let Some(capability) = known else {
                let help = suggest::capability(&name, self.dialect);
                let message = format!("invalid capability {name:?}");
                self.faults.add(span, message, name, help);
                continue;
            };
            self.stanza.written.push((capability, span));
            if capability == Capability::Deny {
                // The server reads no further than `deny`.
                self.stanza.capabilities = Capabilities::DENY;
                return;
            }
            self.stanza.capabilities.insert(capability);
        }
        if let Some((added, span)) = shorthand {
            for capability in added {
                self.stanza.written.push((*capability, span));
                self.stanza.capabilities.insert(*capability);
            }
        }
        if self.stanza.capabilities.has(Capability::Deny) {
            self.stanza.capabilities = Capabilities::DENY;
            return;
        }
        for (span, message, written) in std::mem::take(&mut self.unless_denied) {
            let help = "write seconds, or a duration as in \"15m\" or \"1h30m\"";
            self.faults.add(span, message, written, help);
        }
        self.check_wrapping();
        self.check_keys_filter();
    }

    fn value_span(&self, key: &str) -> Span {
        let found = self
            .stanza
            .attributes
            .iter()
            .rev()
            .find(|attribute| attribute.key == key);
        found.map_or(self.stanza.span, |attribute| attribute.value_span)
    }

    fn shorthand(&mut self) -> Option<(&'static [Capability], Span)> {
        use Capability::{Create, Delete, Deny, List, Read, Sudo, Update};
        let span = self.value_span("policy");
        let added: &[Capability] = match self.stanza.shorthand.as_deref()? {
            "" => return None,
            "deny" => &[Deny],
            "read" => &[Read, List],
            "write" => &[Create, Read, Update, Delete, List],
            "sudo" => &[Create, Read, Update, Delete, List, Sudo],
            other => {
                let message = format!("invalid policy {other:?}");
                let help = "one of deny, read, write, sudo; better, list `capabilities`";
                self.faults.add(span, message, other, help);
                return None;
            }
        };
        Some((added, span))
    }

    fn check_wrapping(&mut self) {
        let (min, max) = (self.stanza.min_wrapping_ttl, self.stanza.max_wrapping_ttl);
        if min != 0 && max != 0 && max < min {
            let span = self.value_span("max_wrapping_ttl");
            let message = "`max_wrapping_ttl` is less than `min_wrapping_ttl`";
            self.faults.add(
                span,
                message,
                "max_wrapping_ttl",
                "raise it, or lower the minimum",
            );
        }
    }

    fn check_keys_filter(&mut self) {
        let filter = self.stanza.keys_filter.as_deref().unwrap_or_default();
        let key = "list_scan_response_keys_filter_path";
        let span = self.value_span(key);
        if filter.is_empty() {
            return;
        }
        // The server compiles it as a Go template and wants two keys to give two paths.
        if !names_key(filter) {
            let message = format!("`{key}` does not use `{{{{ .key }}}}`");
            let help = "write a path as in \"{{ .path }}{{ .key }}\"";
            self.faults.add(span, message, filter, help);
            return;
        }
        if self.stanza.capabilities.has(Capability::List) {
            return;
        }
        let message = format!("`{key}` takes the `list` capability");
        self.faults
            .add(span, message, key, "add `list` to the capabilities");
    }
}

/// Whether some `{{...}}` of a Go template names the key, all of them being closed.
fn names_key(template: &str) -> bool {
    let mut named = false;
    for piece in template.split("{{").skip(1) {
        let Some((action, _)) = piece.split_once("}}") else {
            return false;
        };
        named |= action.contains(".key");
    }
    named
}
