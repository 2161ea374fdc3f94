//! The typed view of one resolved job.

use std::collections::{BTreeMap, BTreeSet};

use super::node::Node;

/// Variables by name, values as written.
pub type Variables = BTreeMap<String, String>;

/// One job that can run.
#[derive(Clone, Debug)]
pub struct Job {
    /// Name, the key in the file.
    pub name: String,
    /// Line of that key, from 1.
    pub line: usize,
    /// Audiences of each ID token, variables expanded where the file defines them.
    pub id_tokens: BTreeMap<String, Vec<String>>,
    /// Variables of the job, the file's included; values as written.
    pub variables: Variables,
    /// Those of them that the job itself sets, which no rule of `workflow:` replaces.
    pub own: BTreeSet<String>,
    /// Secrets by variable name.
    pub secrets: BTreeMap<String, Secret>,
    /// Environment name, empty without one.
    pub environment: String,
    /// What `extends`, `!reference` and inputs name and this file does not hold.
    pub unresolved: BTreeSet<String>,
    /// The whole body, for keys without a field here.
    pub body: Node,
}

/// One entry of `secrets:`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Secret {
    /// `vault`, `gcp_secret_manager`, `azure_key_vault`, ...; empty when it is not known.
    pub provider: String,
    /// Where it is: for Vault `<mount>/<path>`, else the name as written.
    pub path: String,
    /// The field of a Vault secret.
    pub field: String,
    /// The token it is fetched with, as written (`$VAULT_ID_TOKEN`).
    pub token: String,
}

impl Job {
    pub(super) fn new(name: &str, line: usize, body: Node, unresolved: BTreeSet<String>) -> Job {
        let section = |key: &str| body.get(key).map(Node::entries).unwrap_or_default();
        let variables = variables(body.get("variables"));
        let id_tokens = section("id_tokens")
            .iter()
            .map(|(token, node)| {
                let audiences = node.get("aud").map(Node::texts).unwrap_or_default();
                let audiences = audiences
                    .iter()
                    .map(|aud| expand(aud, &variables))
                    .collect();
                (token.clone(), audiences)
            })
            .collect();
        let secrets = section("secrets")
            .iter()
            .map(|(key, node)| (key.clone(), Secret::new(node)))
            .collect();
        let environment = body.get("environment");
        let environment = environment
            .and_then(|node| node.text().or_else(|| node.get("name")?.text()))
            .map(|name| expand(name, &variables))
            .unwrap_or_default();
        Job {
            name: name.to_owned(),
            line,
            id_tokens,
            variables,
            own: BTreeSet::new(),
            secrets,
            environment,
            unresolved,
            body,
        }
    }

    /// The commands of `hooks:pre_get_sources_script`, `before_script`, `script`, the steps of `run`
    /// and `after_script`, in order.
    #[must_use]
    pub fn commands(&self) -> Vec<&str> {
        let hooks = self.body.get("hooks");
        let hook = hooks.and_then(|hooks| hooks.get("pre_get_sources_script"));
        let section = |key: &str| self.body.get(key);
        let steps = match section("run") {
            Some(Node::List(steps)) => steps.as_slice(),
            _ => &[],
        };
        let steps = steps.iter().filter_map(|step| step.get("script"));
        hook.into_iter()
            .chain(section("before_script"))
            .chain(section("script"))
            .chain(steps)
            .chain(section("after_script"))
            .flat_map(Node::texts)
            .collect()
    }

    /// A text with the job's variables in it expanded; those set elsewhere stay.
    #[must_use]
    pub fn expanded(&self, text: &str) -> String {
        expand(text, &self.variables)
    }

    /// A variable with the others in it expanded.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<String> {
        valued(&self.variables, name)
    }
}

/// The variables of a section `variables:`.
pub(super) fn variables(section: Option<&Node>) -> Variables {
    let section = section.map(Node::entries).unwrap_or_default();
    let pair = |(key, node): &(String, Node)| {
        let value = node.text().or_else(|| node.get("value")?.text())?;
        Some((key.clone(), value.to_owned()))
    };
    section.iter().filter_map(pair).collect()
}

/// A variable with the others in it expanded.
#[must_use]
pub fn valued(variables: &Variables, name: &str) -> Option<String> {
    Some(expand(variables.get(name)?, variables))
}

impl Secret {
    fn new(node: &Node) -> Secret {
        let provider = node
            .entries()
            .iter()
            .find(|(key, _)| !matches!(key.as_str(), "file" | "token"));
        let text = |node: Option<&Node>| {
            node.and_then(Node::text)
                .map(str::to_owned)
                .unwrap_or_default()
        };
        let mut secret = Secret {
            token: text(node.get("token")),
            ..Secret::default()
        };
        let Some((provider, place)) = provider else {
            return secret;
        };
        secret.provider.clone_from(provider);
        match place {
            // `production/db/password@ops`: path, field, mount; the mount defaults to `kv-v2`.
            Node::Scalar(short) if provider == "vault" => {
                let (path, mount) = short.rsplit_once('@').unwrap_or((short, "kv-v2"));
                let (path, field) = path.rsplit_once('/').unwrap_or((path, ""));
                secret.path = format!("{mount}/{path}");
                field.clone_into(&mut secret.field);
            }
            Node::Map(_) if provider == "vault" => {
                let engine = place.get("engine").and_then(|engine| engine.get("path"));
                let mount = engine.and_then(Node::text).unwrap_or("kv-v2");
                secret.path = format!("{mount}/{}", text(place.get("path")));
                secret.field = text(place.get("field"));
            }
            place => {
                let named = ["name", "secret_id", "path"]
                    .iter()
                    .find_map(|key| place.get(key));
                secret.path = text(named.or(Some(place)));
            }
        }
        secret
    }
}

/// Rounds of expansion: variables that name each other end somewhere.
const ROUNDS: usize = 4;
/// Longest expanded value.
const LONGEST: usize = 4096;

/// Replaces `$NAME` and `${NAME}` by what the file says; unknown variables stay.
pub(super) fn expand(text: &str, variables: &BTreeMap<String, String>) -> String {
    let mut text = text.to_owned();
    for _ in 0..ROUNDS {
        if !text.contains('$') || text.len() > LONGEST {
            break;
        }
        let expanded = expand_once(&text, variables);
        if expanded == text {
            break;
        }
        text = expanded;
    }
    text
}

fn expand_once(text: &str, variables: &BTreeMap<String, String>) -> String {
    let mut parts = text.split('$');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = match part
            .strip_prefix('{')
            .and_then(|inner| inner.split_once('}'))
        {
            Some(found) => found,
            None => {
                let end = part
                    .find(|character: char| {
                        !(character.is_ascii_alphanumeric() || character == '_')
                    })
                    .unwrap_or(part.len());
                part.split_at_checked(end).unwrap_or((part, ""))
            }
        };
        match variables.get(name) {
            Some(value) => {
                out.push_str(value);
                out.push_str(rest);
            }
            None => {
                out.push('$');
                out.push_str(part);
            }
        }
    }
    out
}
