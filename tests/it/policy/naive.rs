//! A slow evaluator of the decision function, written from its description apart from the engine.
//!
//! It shares the stanzas with the engine, as read from the text, and nothing else: it merges into a
//! list, tries every pattern on every request, and sorts all that match.

use piperoll::policy::{Capability, Dialect, Operation, Policy, Request, Stanza};
use serde_json::Value;

/// One pattern, with every stanza that has it.
struct Merged<'a> {
    pattern: String,
    stanzas: Vec<(&'a str, &'a Stanza)>,
}

/// The answer, and the policies that grant.
pub(crate) type Answer = (bool, Vec<String>);

/// Decides a request by trying everything.
pub(crate) fn decide(
    policies: &[(&str, &Policy)],
    namespace: &str,
    dialect: Dialect,
    request: &Request<'_>,
) -> Answer {
    let no = (false, Vec::new());
    if let [("root", _)] = policies {
        return (true, vec!["root".to_owned()]);
    }
    if policies.iter().any(|(name, _)| *name == "root") {
        return no;
    }
    if request.operation == Operation::Help {
        return (true, Vec::new());
    }
    let mut all: Vec<Merged<'_>> = Vec::new();
    for (name, policy) in policies {
        for stanza in &policy.stanzas {
            let label = stanza.path.strip_prefix('/').unwrap_or(&stanza.path);
            let pattern = format!("{namespace}{label}");
            match all.iter_mut().find(|merged| merged.pattern == pattern) {
                Some(merged) => merged.stanzas.push((name, stanza)),
                None => all.push(Merged {
                    pattern,
                    stanzas: vec![(name, stanza)],
                }),
            }
        }
    }
    let below = request.path.trim_start_matches('/');
    let path = format!("{namespace}{below}");
    let lists = matches!(request.operation, Operation::List | Operation::Scan);
    let Some(rule) = select(&all, &path, lists, dialect) else {
        return no;
    };
    let Some(wanted) = capability(request.operation, dialect) else {
        return no;
    };
    let has = |cap: Capability| rule.stanzas.iter().any(|(_, s)| s.capabilities.has(cap));
    if has(Capability::Deny) || !has(wanted) || !wrapped(rule, request.wrap_ttl) {
        return no;
    }
    let parameters_fit = match request.operation {
        Operation::Read | Operation::Create | Operation::Update | Operation::Patch => {
            parameters(rule, request)
        }
        Operation::Recover => parameters(rule, request),
        _ => true,
    };
    if !parameters_fit || (protected(below, dialect) && !has(Capability::Sudo)) {
        return no;
    }
    let mut granting: Vec<String> = Vec::new();
    for (name, stanza) in &rule.stanzas {
        if stanza.capabilities.has(wanted) && !granting.iter().any(|known| known == name) {
            granting.push((*name).to_owned());
        }
    }
    (true, granting)
}

fn capability(operation: Operation, dialect: Dialect) -> Option<Capability> {
    match operation {
        Operation::Create => Some(Capability::Create),
        Operation::Read => Some(Capability::Read),
        Operation::Update | Operation::Renew | Operation::Revoke | Operation::Rollback => {
            Some(Capability::Update)
        }
        Operation::Delete => Some(Capability::Delete),
        Operation::List => Some(Capability::List),
        Operation::Patch => Some(Capability::Patch),
        Operation::Scan if dialect == Dialect::OpenBao => Some(Capability::Scan),
        Operation::Recover if dialect == Dialect::Vault => Some(Capability::Recover),
        _ => None,
    }
}

fn is_segmented(pattern: &str) -> bool {
    pattern == "+" || pattern.starts_with("+/") || pattern.contains("/+")
}

fn is_open(pattern: &str) -> bool {
    pattern.ends_with('*')
}

fn select<'m, 'a>(
    all: &'m [Merged<'a>],
    path: &str,
    lists: bool,
    dialect: Dialect,
) -> Option<&'m Merged<'a>> {
    let exact = |path: &str| {
        all.iter()
            .find(|m| !is_segmented(&m.pattern) && !is_open(&m.pattern) && m.pattern == path)
    };
    let bare = if lists { path.strip_suffix('/') } else { None };
    let mut order = vec![path];
    order.extend(bare);
    if let Some(found) = order.iter().find_map(|path| exact(path)) {
        return Some(found);
    }
    if dialect == Dialect::Vault {
        order.reverse();
    }
    order.into_iter().find_map(|path| strongest(all, path))
}

fn strongest<'m, 'a>(all: &'m [Merged<'a>], path: &str) -> Option<&'m Merged<'a>> {
    let prefixes = all.iter().filter(|m| {
        !is_segmented(&m.pattern)
            && is_open(&m.pattern)
            && path.starts_with(&m.pattern[..m.pattern.len() - 1])
    });
    let longest = prefixes.max_by_key(|m| m.pattern.len());
    let segmented = all
        .iter()
        .filter(|m| is_segmented(&m.pattern) && segments(&m.pattern, path));
    segmented.chain(longest).max_by_key(|m| {
        let open = is_open(&m.pattern);
        let stem = if open {
            &m.pattern[..m.pattern.len() - 1]
        } else {
            &m.pattern
        };
        let wildcard = match m.pattern.find('+') {
            Some(at) if is_segmented(&m.pattern) => at,
            _ => stem.len(),
        };
        let pluses = match is_segmented(&m.pattern) {
            true => stem.split('/').filter(|segment| *segment == "+").count(),
            false => 0,
        };
        (wildcard, !open, usize::MAX - pluses, stem.len(), stem)
    })
}

fn segments(pattern: &str, path: &str) -> bool {
    let open = is_open(pattern);
    let wanted: Vec<&str> = pattern.split('/').collect();
    let given: Vec<&str> = path.split('/').collect();
    if given.len() < wanted.len() || (!open && given.len() != wanted.len()) {
        return false;
    }
    let Some((last, head)) = wanted.split_last() else {
        return false;
    };
    head.iter()
        .zip(&given)
        .all(|(want, have)| *want == "+" || want == have)
        && match last.strip_suffix('*') {
            Some(stem) if open => given[head.len()].starts_with(stem),
            _ => *last == "+" || *last == given[head.len()],
        }
}

fn wrapped(rule: &Merged<'_>, wrap_ttl: Option<i64>) -> bool {
    let least = |ttl: fn(&Stanza) -> i64| {
        rule.stanzas
            .iter()
            .map(|(_, s)| ttl(s))
            .filter(|ttl| *ttl > 0)
            .min()
    };
    let (min, max) = (least(|s| s.min_wrapping_ttl), least(|s| s.max_wrapping_ttl));
    let given = wrap_ttl.map(|seconds| seconds * 1_000_000_000);
    max.is_none_or(|max| given.is_some_and(|given| given <= max))
        && min.is_none_or(|min| given.is_some_and(|given| given >= min))
}

fn parameters(rule: &Merged<'_>, request: &Request<'_>) -> bool {
    let rules = || rule.stanzas.iter().map(|(_, stanza)| &stanza.parameters);
    let empty = serde_json::Map::new();
    let given = request.parameters.unwrap_or(&empty);
    if rules()
        .flat_map(|rules| &rules.required)
        .any(|key| !given.contains_key(key))
    {
        return false;
    }
    if given.is_empty() {
        return true;
    }
    // Values of one key add up; an empty list anywhere means any value.
    let values = |allowed: bool, key: &str| -> Option<Vec<Value>> {
        let lists: Vec<&Vec<Value>> = rules()
            .filter_map(|rules| {
                if allowed {
                    rules.allowed.get(key)
                } else {
                    rules.denied.get(key)
                }
            })
            .collect();
        match lists.as_slice() {
            [] => None,
            lists if lists.iter().any(|list| list.is_empty()) => Some(Vec::new()),
            lists => Some(lists.iter().copied().flatten().cloned().collect()),
        }
    };
    let fits =
        |list: &[Value], value: &Value| list.is_empty() || list.iter().any(|e| equal(e, value));
    if values(false, "*").is_some() {
        return false;
    }
    let denied = given.iter().any(|(key, value)| {
        values(false, &key.to_lowercase()).is_some_and(|list| fits(&list, value))
    });
    if denied {
        return false;
    }
    if rules().all(|rules| rules.allowed.is_empty()) {
        return true;
    }
    let any = values(true, "*").is_some();
    given
        .iter()
        .all(|(key, value)| match values(true, &key.to_lowercase()) {
            Some(list) => fits(&list, value),
            None => any,
        })
}

fn equal(entry: &Value, value: &Value) -> bool {
    let (Value::String(entry), Value::String(text)) = (entry, value) else {
        // A number of a policy never equals one of a request; booleans do.
        return entry == value && !entry.is_number();
    };
    let middle = entry.trim_matches('*');
    match (entry.starts_with('*'), entry.ends_with('*')) {
        _ if entry.len() < 2 => text == entry,
        (true, true) => text.contains(middle),
        (true, false) => text.ends_with(middle),
        (false, true) => text.starts_with(middle),
        (false, false) => text == entry,
    }
}

fn protected(path: &str, dialect: Dialect) -> bool {
    let below = |prefix: &str| path.starts_with(prefix);
    let both = [
        "sys/remount",
        "sys/audit",
        "sys/raw",
        "sys/rotate",
        "sys/config/cors",
        "sys/leases",
    ];
    let own: &[&str] = match dialect {
        Dialect::Vault => &["sys/seal", "sys/step-down"],
        Dialect::OpenBao => &["sys/rotate/keyring", "sys/rotate/root"],
    };
    both.contains(&path)
        || own.contains(&path)
        || below("sys/auth/")
        || below("sys/audit/")
        || below("sys/raw/")
        || below("sys/config/auditing/")
        || below("sys/config/ui/headers/")
        || below("sys/plugins/catalog/")
        || below("sys/revoke-prefix/")
        || below("sys/revoke-force/")
        || below("sys/leases/revoke-prefix/")
        || below("sys/leases/revoke-force/")
        || below("sys/leases/lookup/")
        || below("sys/internal/inspect/")
        || below("auth/token/revoke-orphan/")
        || below("auth/token/accessors")
        || (dialect == Dialect::Vault
            && (below("sys/replication/")
                && (path.ends_with("secondary-token") || path.ends_with("reindex"))
                || below("sys/plugins/runtimes/catalog/")
                || below("sys/storage/raft/snapshot-auto/config/")))
}
