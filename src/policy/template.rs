//! `{{identity...}}` in a path label.

use std::collections::BTreeMap;

use super::dialect::Dialect;
use super::entity::{Alias, Entity, Group};

/// Why a templated path cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// `{{` without `}}`, or the reverse.
    #[error("unbalanced `{{{{` and `}}}}`")]
    Unbalanced,
    /// The identity has no such value: the server drops the stanza.
    #[error("`{0}` has no value for this identity")]
    NotFound(String),
    /// The value holds a character that would change the pattern: OpenBao refuses the request.
    #[error("the value of `{0}` holds `/`, `*` or `+`")]
    Forbidden(String),
}

/// Says whether a path label has template directives; an unbalanced one is an error.
pub fn is_templated(path: &str) -> Result<bool, TemplateError> {
    let mut pieces = path.split("{{");
    if pieces.next().is_some_and(|head| head.contains("}}")) {
        return Err(TemplateError::Unbalanced);
    }
    let mut templated = false;
    for piece in pieces {
        if !piece.contains("}}") {
            return Err(TemplateError::Unbalanced);
        }
        templated = true;
    }
    Ok(templated)
}

/// Resolves the template directives of a path label against `entity`.
///
/// OpenBao refuses values that hold `/`, `*` or `+`; HashiCorp Vault takes them as they are.
pub(super) fn resolve(
    path: &str,
    entity: Option<&Entity>,
    dialect: Dialect,
) -> Result<String, TemplateError> {
    let mut resolved = String::with_capacity(path.len());
    for (index, piece) in path.split("{{").enumerate() {
        if index == 0 {
            resolved.push_str(piece);
            continue;
        }
        let (directive, rest) = piece.split_once("}}").ok_or(TemplateError::Unbalanced)?;
        let directive = directive.trim();
        let value = entity
            .and_then(|entity| value_of(directive, entity))
            .filter(|value| !value.is_empty())
            .ok_or_else(|| TemplateError::NotFound(directive.to_owned()))?;
        if dialect == Dialect::OpenBao && value.contains(['/', '*', '+']) {
            return Err(TemplateError::Forbidden(directive.to_owned()));
        }
        resolved.push_str(value);
        resolved.push_str(rest);
    }
    Ok(resolved)
}

fn value_of<'e>(directive: &str, entity: &'e Entity) -> Option<&'e str> {
    let below = directive.strip_prefix("identity.")?;
    if let Some(below) = below.strip_prefix("entity.") {
        return match below {
            "id" => Some(&entity.id),
            "name" => Some(&entity.name),
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
    let below = below.strip_prefix("groups.")?;
    if let Some(below) = below.strip_prefix("ids.") {
        let (id, field) = below.split_once('.')?;
        return group_value(field, entity.groups.iter().find(|group| group.id == id)?);
    }
    // A group's name may hold dots, so the field is what follows the name of a known group.
    let below = below.strip_prefix("names.")?;
    entity.groups.iter().find_map(|group| {
        let field = below.strip_prefix(group.name.as_str())?.strip_prefix('.')?;
        group_value(field, group)
    })
}

fn alias_value<'e>(field: &str, alias: &'e Alias) -> Option<&'e str> {
    match field {
        "id" => Some(&alias.id),
        "name" => Some(&alias.name),
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
        "name" => Some(&group.name),
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
        Entity {
            id: "e-1".into(),
            name: "shop".into(),
            metadata: [("team".to_owned(), "pay".to_owned())].into(),
            aliases: vec![Alias {
                mount_accessor: "auth_jwt_1".into(),
                name: "42".into(),
                metadata: [("project_path".to_owned(), "acme/shop".to_owned())].into(),
                ..Alias::default()
            }],
            groups: vec![Group {
                id: "g-1".into(),
                name: "a.b".into(),
                ..Group::default()
            }],
        }
    }

    #[test]
    fn resolves_every_kind_of_value() {
        let entity = entity();
        for (path, resolved) in [
            ("s/{{identity.entity.id}}/x", "s/e-1/x"),
            ("s/{{ identity.entity.name }}*", "s/shop*"),
            ("{{identity.entity.metadata.team}}", "pay"),
            ("s/{{identity.entity.aliases.auth_jwt_1.name}}/+", "s/42/+"),
            ("s/{{identity.groups.ids.g-1.name}}", "s/a.b"),
            ("s/{{identity.groups.names.a.b.id}}", "s/g-1"),
        ] {
            assert_eq!(
                resolve(path, Some(&entity), Dialect::OpenBao).as_deref(),
                Ok(resolved)
            );
        }
    }

    #[test]
    fn a_missing_value_is_not_found_and_a_slash_is_forbidden_to_openbao_alone() {
        let entity = entity();
        let project = "s/{{identity.entity.aliases.auth_jwt_1.metadata.project_path}}/*";
        assert!(matches!(
            resolve(
                "s/{{identity.entity.metadata.none}}",
                Some(&entity),
                Dialect::Vault
            ),
            Err(TemplateError::NotFound(_))
        ));
        assert!(matches!(
            resolve("s/{{identity.entity.id}}", None, Dialect::Vault),
            Err(TemplateError::NotFound(_))
        ));
        assert!(matches!(
            resolve(project, Some(&entity), Dialect::OpenBao),
            Err(TemplateError::Forbidden(_))
        ));
        assert_eq!(
            resolve(project, Some(&entity), Dialect::Vault).as_deref(),
            Ok("s/acme/shop/*")
        );
    }

    #[test]
    fn braces_must_balance() {
        assert_eq!(is_templated("s/a"), Ok(false));
        assert_eq!(is_templated("s/{{x}}"), Ok(true));
        assert_eq!(is_templated("s/{{x"), Err(TemplateError::Unbalanced));
        assert_eq!(is_templated("s/x}}"), Err(TemplateError::Unbalanced));
    }
}
