//! `{{identity...}}` in a path label.

use std::collections::BTreeMap;

use super::acl::AclContext;
use super::dialect::Dialect;
use super::entity::{Alias, Entity, Group};
use super::stanza::Substitutions;
use super::syntax::duration;
use crate::model::Timestamp;

/// Why a templated path cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// `{{` without `}}`, or the reverse.
    #[error("unbalanced `{{{{` and `}}}}`")]
    Unbalanced,
    /// The identity has no such value: the server drops the stanza.
    #[error("`{0}` has no value for this identity")]
    NotFound(String),
    /// The value holds a character that would change the pattern: the server refuses the request.
    #[error("the value of `{0}` holds `/`, `*` or `+`")]
    Forbidden(String),
}

/// Says whether a path label has template directives; an unbalanced one is an error.
///
/// Each `{{` takes exactly one `}}` before the next.
pub fn is_templated(path: &str) -> Result<bool, TemplateError> {
    let mut pieces = path.split("{{");
    if pieces.next().is_some_and(|head| head.contains("}}")) {
        return Err(TemplateError::Unbalanced);
    }
    let mut templated = false;
    for piece in pieces {
        if piece.matches("}}").count() != 1 {
            return Err(TemplateError::Unbalanced);
        }
        templated = true;
    }
    Ok(templated)
}

/// Resolves the template directives of a path label against the identity of the context.
///
/// OpenBao refuses values that hold `/`, `*` or `+`, but for those that the policy's settings
/// allow. HashiCorp Vault takes `/`, and refuses `*` and `+` since 1.19.17, 1.20.11, 1.21.6 and
/// 2.0.1; older ones took them for wildcards.
pub(super) fn resolve(
    path: &str,
    context: &AclContext<'_>,
    allowed: Substitutions,
) -> Result<String, TemplateError> {
    let slashes = allowed.slashes || context.dialect == Dialect::Vault;
    let wildcards = allowed.wildcards && context.dialect == Dialect::OpenBao;
    let mut resolved = String::with_capacity(path.len());
    for (index, piece) in path.split("{{").enumerate() {
        if index == 0 {
            resolved.push_str(piece);
            continue;
        }
        let (directive, rest) = piece.split_once("}}").ok_or(TemplateError::Unbalanced)?;
        let directive = directive.trim();
        let value = match directive.strip_prefix("time.") {
            Some(time) => moment(time, context.as_of),
            None => context
                .entity
                .and_then(|entity| value_of(directive, entity))
                .map(str::to_owned),
        };
        let value = value.ok_or_else(|| TemplateError::NotFound(directive.to_owned()))?;
        if (!slashes && value.contains('/')) || (!wildcards && value.contains(['*', '+'])) {
            return Err(TemplateError::Forbidden(directive.to_owned()));
        }
        resolved.push_str(&value);
        resolved.push_str(rest);
    }
    Ok(resolved)
}

/// `now`, `now.plus.<duration>`, `now.minus.<duration>`: seconds since 1970.
fn moment(directive: &str, now: Option<Timestamp>) -> Option<String> {
    const MICROSECONDS: i64 = 1_000_000;
    let mut parts = directive.splitn(3, '.');
    if parts.next() != Some("now") {
        return None;
    }
    let shift = match (parts.next(), parts.next()) {
        (None, _) => 0,
        (Some("plus"), Some(duration)) => duration::parse(duration)?,
        (Some("minus"), Some(duration)) => duration::parse(duration)?.checked_neg()?,
        _ => return None,
    };
    let at = now?.0.checked_add(shift / 1_000)?;
    Some(at.div_euclid(MICROSECONDS).to_string())
}

/// Ids and names that are empty count as missing, but for a group's id; metadata that is there
/// counts even when it is empty.
fn value_of<'e>(directive: &str, entity: &'e Entity) -> Option<&'e str> {
    let below = directive.strip_prefix("identity.")?;
    if let Some(below) = below.strip_prefix("entity.") {
        return match below {
            "id" => filled(&entity.id),
            "name" => filled(&entity.name),
            _ => match below.strip_prefix("aliases.") {
                Some(below) => {
                    let (accessor, field) = below.split_once('.')?;
                    let found = entity
                        .aliases
                        .iter()
                        .find(|a| a.mount_accessor == accessor)?;
                    alias_value(field, found)
                }
                None => metadata(below.strip_prefix("metadata.")?, &entity.metadata),
            },
        };
    }
    // The server cuts id or name off at the first dot, so that a name with dots is never found.
    let (by, below) = below.strip_prefix("groups.")?.split_once('.')?;
    let (wanted, field) = below.split_once('.')?;
    let mut groups = entity.groups.iter();
    let group = match by {
        "ids" => groups.find(|group| group.id == wanted)?,
        "names" => groups.find(|group| group.name == wanted)?,
        _ => return None,
    };
    group_value(field, group)
}

fn filled(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

fn alias_value<'e>(field: &str, alias: &'e Alias) -> Option<&'e str> {
    match field {
        "id" => filled(&alias.id),
        "name" => filled(&alias.name),
        _ => match field.strip_prefix("metadata.") {
            Some(key) => metadata(key, &alias.metadata),
            None => metadata(
                field.strip_prefix("custom_metadata.")?,
                &alias.custom_metadata,
            ),
        },
    }
}

fn group_value<'e>(field: &str, group: &'e Group) -> Option<&'e str> {
    match field {
        "id" => Some(&group.id),
        "name" => filled(&group.name),
        _ => metadata(field.strip_prefix("metadata.")?, &group.metadata),
    }
}

fn metadata<'e>(key: &str, map: &'e BTreeMap<String, String>) -> Option<&'e str> {
    map.get(key).map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entity() -> Entity {
        let group = |id: &str, name: &str| Group {
            id: id.into(),
            name: name.into(),
            metadata: [("env".to_owned(), String::new())].into(),
        };
        Entity {
            id: "e-1".into(),
            name: "shop".into(),
            metadata: [
                ("team".to_owned(), "pay".to_owned()),
                ("empty".to_owned(), String::new()),
                ("plus".to_owned(), "a+b".to_owned()),
                ("a.b".to_owned(), "dots".to_owned()),
            ]
            .into(),
            aliases: vec![Alias {
                mount_accessor: "auth_jwt_1".into(),
                name: "42".into(),
                metadata: [("project_path".to_owned(), "acme/shop".to_owned())].into(),
                ..Alias::default()
            }],
            groups: vec![group("g-1", "a.b"), group("g-2", "ops"), group("g-3", "a")],
        }
    }

    fn filled_in(path: &str, dialect: Dialect) -> Result<String, TemplateError> {
        allowing(path, dialect, Substitutions::default())
    }

    fn allowing(
        path: &str,
        dialect: Dialect,
        allowed: Substitutions,
    ) -> Result<String, TemplateError> {
        let entity = entity();
        let context = AclContext {
            dialect,
            entity: Some(&entity),
            as_of: Timestamp::parse("2026-01-01T00:00:00.9Z"),
            ..AclContext::default()
        };
        resolve(path, &context, allowed)
    }

    #[test]
    fn resolves_every_kind_of_value() {
        for (path, resolved) in [
            ("s/{{identity.entity.id}}/x", "s/e-1/x"),
            ("s/{{ identity.entity.name }}*", "s/shop*"),
            ("{{identity.entity.metadata.team}}", "pay"),
            ("{{identity.entity.metadata.a.b}}", "dots"),
            ("s/{{identity.entity.aliases.auth_jwt_1.name}}/+", "s/42/+"),
            ("s/{{identity.groups.ids.g-1.name}}", "s/a.b"),
            ("s/{{identity.groups.names.ops.id}}", "s/g-2"),
            ("s/{{time.now}}", "s/1767225600"),
            ("s/{{time.now.plus.1h}}", "s/1767229200"),
            ("s/{{time.now.minus.60}}", "s/1767225540"),
        ] {
            assert_eq!(filled_in(path, Dialect::OpenBao).as_deref(), Ok(resolved));
        }
    }

    #[test]
    fn metadata_that_is_there_but_empty_is_the_empty_text() {
        for (path, resolved) in [
            ("s/{{identity.entity.metadata.empty}}/x", "s//x"),
            ("s/{{identity.groups.ids.g-2.metadata.env}}x", "s/x"),
        ] {
            assert_eq!(filled_in(path, Dialect::OpenBao).as_deref(), Ok(resolved));
        }
        let alias = "{{identity.entity.aliases.auth_jwt_1.id}}";
        assert!(filled_in(alias, Dialect::OpenBao).is_err());
    }

    #[test]
    fn a_group_whose_name_holds_a_dot_is_never_found_by_it() {
        for path in [
            "{{identity.groups.names.a.b.id}}",
            "{{identity.groups.names.a.b.name}}",
            "{{identity.groups.names.none.id}}",
            "{{identity.groups.names.ops}}",
            "{{identity.groups.keys.ops.id}}",
            "{{identity.entity.metadata}}",
            "{{identity.entity.metadata.none}}",
            "{{time.later}}",
            "{{time.now.plus}}",
        ] {
            let found = filled_in(path, Dialect::OpenBao);
            assert!(matches!(found, Err(TemplateError::NotFound(_))), "{path}");
        }
    }

    #[test]
    fn without_an_identity_there_is_no_value() {
        let none = resolve(
            "s/{{identity.entity.id}}",
            &AclContext::default(),
            Substitutions::default(),
        );
        assert!(matches!(none, Err(TemplateError::NotFound(_))));
    }

    #[test]
    fn openbao_refuses_slashes_and_both_refuse_wildcards() {
        let slash = "s/{{identity.entity.aliases.auth_jwt_1.metadata.project_path}}/*";
        let plus = "s/{{identity.entity.metadata.plus}}";
        for (path, dialect) in [
            (slash, Dialect::OpenBao),
            (plus, Dialect::OpenBao),
            (plus, Dialect::Vault),
        ] {
            let found = filled_in(path, dialect);
            assert!(matches!(found, Err(TemplateError::Forbidden(_))), "{path}");
        }
        assert_eq!(
            filled_in(slash, Dialect::Vault).as_deref(),
            Ok("s/acme/shop/*")
        );
        let both = Substitutions {
            slashes: true,
            wildcards: true,
        };
        let allowed = |path| allowing(path, Dialect::OpenBao, both);
        assert_eq!(allowed(slash).as_deref(), Ok("s/acme/shop/*"));
        assert_eq!(allowed(plus).as_deref(), Ok("s/a+b"));
    }

    #[test]
    fn braces_must_balance() {
        assert_eq!(is_templated("s/a"), Ok(false));
        assert_eq!(is_templated("s/{{x}}"), Ok(true));
        for path in ["s/{{x", "s/x}}", "s/{{x}}/}}", "s/{{x}}y}}z", "{{a {{b}}"] {
            assert_eq!(is_templated(path), Err(TemplateError::Unbalanced), "{path}");
        }
    }
}
