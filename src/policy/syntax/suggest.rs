//! What was probably meant.

use crate::policy::capability::Capability;
use crate::policy::dialect::Dialect;

/// What to write instead of an unknown key of a stanza.
pub(super) fn key(key: &str, dialect: Dialect) -> String {
    let other = match dialect {
        Dialect::Vault => Dialect::OpenBao,
        Dialect::OpenBao => Dialect::Vault,
    };
    if other.stanza_keys().any(|known| known == key) {
        return format!("`{key}` is a key of the {other} dialect, not of {dialect}");
    }
    let lower = key.to_lowercase();
    let distance = |known| (strsim::damerau_levenshtein(known, &lower), known);
    match dialect.stanza_keys().map(distance).min() {
        Some((distance, known)) if distance <= known.len() / 3 => {
            format!("did you mean `{known}`?")
        }
        _ if key.contains('/') => format!("write `path {key:?} {{ ... }}`"),
        _ => {
            let known: Vec<_> = dialect.stanza_keys().collect();
            format!("a stanza holds {}", known.join(", "))
        }
    }
}

/// What to write instead of an unknown capability.
pub(super) fn capability(name: &str, dialect: Dialect) -> String {
    let known = || Capability::ALL.into_iter().filter(|c| dialect.knows(*c));
    let lower = name.to_lowercase();
    if let Some(capability) = known().find(|capability| capability.as_str() == lower) {
        return format!("capabilities are case-sensitive: write `{capability}`");
    }
    if Capability::from_name(name).is_some() {
        return format!("`{name}` is not a capability of the {dialect} dialect");
    }
    match name {
        "write" => return "write `create`, `update`".to_owned(),
        "root" => return "`root` cannot be granted by a policy".to_owned(),
        _ => {}
    }
    let distance = |c: Capability| (strsim::damerau_levenshtein(c.as_str(), &lower), c.as_str());
    match known().map(distance).min() {
        Some((distance, near)) if distance <= 2 => format!("did you mean `{near}`?"),
        _ => {
            let all: Vec<_> = known().map(Capability::as_str).collect();
            format!("one of {}", all.join(", "))
        }
    }
}
