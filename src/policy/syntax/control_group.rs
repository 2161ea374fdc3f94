//! `control_group` of a stanza: who must agree before an answer is handed out.
//!
//! OpenBao reads it since 2.7 (`parsePath` in `vault/policy/policy.go`), HashiCorp Vault
//! Enterprise with keys of its own (`max_ttl`, `group_ids`).

use super::decode;
use super::duration;
use super::error::Faults;
use super::tree::{Item, Kind};
use crate::model::Span;
use crate::policy::dialect::Dialect;
use crate::policy::operation::Operation;

const KEY: &str = "control_group";
const FACTOR_HELP: &str = "add `factor \"...\" { controlled_capabilities = [...] identity { group_names = [...] approvals = 1 } }`";

/// Reports what the server would refuse in a `control_group`.
pub(super) fn check(item: &Item, dialect: Dialect, faults: &mut Faults<'_>) {
    let Kind::Object(inner) = &item.value.kind else {
        return decode::wrong_kind(item, "an object", faults);
    };
    match dialect {
        Dialect::OpenBao => openbao(item, inner, faults),
        Dialect::Vault => vault(item, inner, faults),
    }
}

/// Flattened JSON carries `factor` among the keys instead of inside.
fn vault(item: &Item, inner: &[Item], faults: &mut Faults<'_>) {
    let has_factor = inner.iter().any(|inner| inner.first_key() == "factor")
        || item.keys.iter().any(|key| key.text == "factor");
    if !has_factor {
        faults.add(
            item.value.span,
            "`control_group` has no factor",
            KEY,
            FACTOR_HELP,
        );
    }
}

fn openbao(item: &Item, inner: &[Item], faults: &mut Faults<'_>) {
    known_keys(inner, &["ttl", "self_auth_allowed", "factor"], faults);
    let mut factors = 0;
    for entry in inner {
        match entry.first_key() {
            "ttl" => ttl(entry, faults),
            "factor" => {
                factors += 1;
                factor(entry, faults);
            }
            _ => {}
        }
    }
    if factors == 0 {
        faults.add(
            item.value.span,
            "`control_group` has no factor",
            KEY,
            FACTOR_HELP,
        );
    }
}

fn known_keys(items: &[Item], known: &[&str], faults: &mut Faults<'_>) {
    for item in items {
        let Some(key) = item.keys.first() else {
            continue;
        };
        if !known.contains(&key.text.as_str()) {
            let help = format!("one of {}", known.join(", "));
            faults.add(
                key.span,
                format!("invalid key `{}`", key.text),
                &key.text,
                help,
            );
        }
    }
}

fn ttl(item: &Item, faults: &mut Faults<'_>) {
    let read = match &item.value.kind {
        Kind::Text(text) => duration::parse(text).is_some(),
        Kind::Number(_) | Kind::Float(_) => true,
        _ => false,
    };
    if !read {
        let help = "write seconds, or a duration as in \"4h\"";
        let message = "`ttl` of a `control_group` is no duration";
        faults.add(item.value.span, message, "ttl", help);
    }
}

fn factor(item: &Item, faults: &mut Faults<'_>) {
    let Kind::Object(inner) = &item.value.kind else {
        return decode::wrong_kind(item, "an object", faults);
    };
    known_keys(inner, &["controlled_capabilities", "identity"], faults);
    let mut missing = |what: &str, span: Span| {
        let message = format!("a factor of `control_group` has no {what}");
        faults.add(span, message, "factor", FACTOR_HELP);
    };
    if item.keys.len() < 2 {
        missing("name", item.value.span);
    }
    let (mut approvals, mut groups) = (0, false);
    let identities = inner.iter().filter(|entry| entry.first_key() == "identity");
    for entry in identities {
        let Kind::Object(fields) = &entry.value.kind else {
            continue;
        };
        for field in fields {
            match (field.first_key(), &field.value.kind) {
                ("approvals", Kind::Number(text) | Kind::Text(text)) => {
                    approvals = decode::whole(text).unwrap_or_default();
                }
                ("group_names", Kind::List(names)) => groups |= !names.is_empty(),
                _ => {}
            }
        }
    }
    if approvals <= 0 {
        missing("required `approvals`", item.value.span);
    }
    if !groups {
        missing("approving `group_names`", item.value.span);
    }
    controlled(item, inner, faults);
}

/// The names are of operations, not of capabilities: `revoke` is one, `sudo` is none.
fn controlled(item: &Item, inner: &[Item], faults: &mut Faults<'_>) {
    let mut any = false;
    for entry in inner {
        if entry.first_key() != "controlled_capabilities" {
            continue;
        }
        for (name, node) in decode::strings(entry, faults).unwrap_or_default() {
            any = true;
            let operation = name.parse::<Operation>();
            if !matches!(operation, Ok(operation) if operation != Operation::Recover) {
                let message = format!("{name:?} is no operation that a factor can control");
                faults.add(node.span, message, name, "as in \"read\" or \"update\"");
            }
        }
    }
    if !any {
        let message = "a factor of `control_group` has no `controlled_capabilities`";
        faults.add(item.value.span, message, "factor", FACTOR_HELP);
    }
}
