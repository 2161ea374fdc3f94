//! The policy language of AWS: statements of a trust or permission policy, read strictly.
//!
//! A statement's members may be a text or a list; several operators and keys of a condition all
//! have to hold, several values of one key are alternatives; names of actions and of operators know
//! no case.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// One statement of a policy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statement {
    /// `Sid`, where there is one.
    pub sid: String,
    /// Whether it allows; else it denies.
    pub allows: bool,
    /// `Action`.
    pub actions: Vec<String>,
    /// `NotAction`: every action but these.
    pub not_actions: Vec<String>,
    /// `Resource`.
    pub resources: Vec<String>,
    /// `NotResource`: every resource but these.
    pub not_resources: Vec<String>,
    /// `Principal` by its kind: `AWS`, `Federated`, `Service`, `CanonicalUser`. A bare `*` is `AWS`.
    pub principals: BTreeMap<String, Vec<String>>,
    /// Whether it says `NotPrincipal`.
    pub not_principal: bool,
    /// What must hold.
    pub conditions: Vec<Condition>,
}

/// One key of one operator of a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// `StringEquals`, `ForAnyValue:StringLike`, ...
    pub operator: String,
    /// The key, `gitlab.com:sub`.
    pub key: String,
    /// The values, of which one has to match.
    pub values: Vec<String>,
}

/// Why a document is no policy that AWS takes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NoPolicy(pub String);

/// The statements of a policy document.
///
/// # Errors
///
/// When AWS would refuse the document, with the member that is wrong.
pub fn statements(document: &Value) -> Result<Vec<Statement>, NoPolicy> {
    let statements = document
        .get("Statement")
        .ok_or_else(|| fault("a policy without `Statement`"))?;
    let list: Vec<&Value> = match statements {
        Value::Array(list) => list.iter().collect(),
        object @ Value::Object(_) => vec![object],
        _ => return Err(fault("`Statement` is neither an object nor a list")),
    };
    list.into_iter().map(statement).collect()
}

fn fault(words: &str) -> NoPolicy {
    NoPolicy(words.to_owned())
}

fn statement(value: &Value) -> Result<Statement, NoPolicy> {
    const KNOWN: [&str; 9] = [
        "Sid",
        "Effect",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Principal",
        "NotPrincipal",
        "Condition",
    ];
    let members = value
        .as_object()
        .ok_or_else(|| fault("a statement that is no object"))?;
    if let Some(unknown) = members.keys().find(|name| !KNOWN.contains(&name.as_str())) {
        return Err(fault(&format!("`{unknown}` is no member of a statement")));
    }
    let allows = match members.get("Effect").and_then(Value::as_str) {
        Some("Allow") => true,
        Some("Deny") => false,
        _ => return Err(fault("`Effect` is neither \"Allow\" nor \"Deny\"")),
    };
    let (actions, not_actions) = (texts(members, "Action")?, texts(members, "NotAction")?);
    if actions.is_empty() == not_actions.is_empty() {
        return Err(fault("a statement needs one of `Action` and `NotAction`"));
    }
    // Of what a policy allows, who or what is one: a trust names principals, all others resources.
    let named = ["NotPrincipal", "NotResource", "Principal", "Resource"];
    if !named.iter().any(|name| members.contains_key(*name)) {
        return Err(fault(
            "a statement needs one of `Resource`, `NotResource`, `Principal` and `NotPrincipal`",
        ));
    }
    Ok(Statement {
        sid: members
            .get("Sid")
            .and_then(Value::as_str)
            .unwrap_or("")
            .to_owned(),
        allows,
        actions,
        not_actions,
        resources: texts(members, "Resource")?,
        not_resources: texts(members, "NotResource")?,
        principals: principals(members.get("Principal"))?,
        not_principal: members.contains_key("NotPrincipal"),
        conditions: conditions(members.get("Condition"))?,
    })
}

/// A text or a list of texts; numbers and flags as text.
fn alternatives(value: &Value, name: &str) -> Result<Vec<String>, NoPolicy> {
    let one = |value: &Value| match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(flag) => Ok(flag.to_string()),
        _ => Err(fault(&format!(
            "`{name}` holds neither a text nor a list of texts"
        ))),
    };
    match value {
        Value::Array(list) => list.iter().map(one).collect(),
        value => Ok(vec![one(value)?]),
    }
}

fn texts(members: &Map<String, Value>, name: &str) -> Result<Vec<String>, NoPolicy> {
    let value = members.get(name);
    value.map_or_else(|| Ok(Vec::new()), |value| alternatives(value, name))
}

fn principals(value: Option<&Value>) -> Result<BTreeMap<String, Vec<String>>, NoPolicy> {
    match value {
        None => Ok(BTreeMap::new()),
        Some(Value::String(text)) if text == "*" => {
            Ok(BTreeMap::from([("AWS".to_owned(), vec![text.clone()])]))
        }
        Some(Value::Object(kinds)) => kinds
            .iter()
            .map(|(kind, value)| Ok((kind.clone(), alternatives(value, kind)?)))
            .collect(),
        Some(_) => Err(fault("`Principal` is neither \"*\" nor an object")),
    }
}

fn conditions(value: Option<&Value>) -> Result<Vec<Condition>, NoPolicy> {
    let Some(value) = value else {
        return Ok(Vec::new());
    };
    let operators = value
        .as_object()
        .ok_or_else(|| fault("`Condition` is no object"))?;
    let mut found = Vec::new();
    for (operator, keys) in operators {
        let keys = keys
            .as_object()
            .ok_or_else(|| fault(&format!("`{operator}` holds no object of keys")))?;
        for (key, value) in keys {
            found.push(Condition {
                operator: operator.clone(),
                key: key.clone(),
                values: alternatives(value, key)?,
            });
        }
    }
    Ok(found)
}

impl Statement {
    /// Whether it says whom it is about, as a policy of trust must.
    #[must_use]
    pub fn names_somebody(&self) -> bool {
        !self.principals.is_empty() || self.not_principal
    }

    /// Whether an action falls under it.
    #[must_use]
    pub fn covers(&self, action: &str) -> bool {
        let any = |patterns: &[String]| {
            patterns
                .iter()
                .any(|pattern| is_like(pattern, action, true))
        };
        match self.not_actions.is_empty() {
            true => any(&self.actions),
            false => !any(&self.not_actions),
        }
    }

    /// Whether it is about every resource, and no condition narrows it.
    #[must_use]
    pub fn is_everywhere(&self) -> bool {
        let all = self.resources.iter().any(|resource| resource == "*");
        (all || !self.not_resources.is_empty()) && self.conditions.is_empty()
    }

    /// Whether it allows every action on every resource.
    #[must_use]
    pub fn allows_everything(&self) -> bool {
        let all = |action: &String| matches!(action.as_str(), "*" | "*:*");
        self.allows && self.is_everywhere() && self.actions.iter().any(all)
    }
}

/// Whether a text matches a pattern in which `*` is any run of characters and `?` any one.
#[must_use]
pub fn is_like(pattern: &str, text: &str, any_case: bool) -> bool {
    let fold = |text: &str| -> Vec<char> {
        match any_case {
            true => text.to_ascii_lowercase().chars().collect(),
            false => text.chars().collect(),
        }
    };
    let (pattern, text) = (fold(pattern), fold(text));
    let (mut at, mut from) = (0, 0);
    // Where the last `*` stands, and what it took so far.
    let mut star: Option<(usize, usize)> = None;
    while let Some(&character) = text.get(from) {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, from));
                at += 1;
            }
            Some(&wanted) if wanted == '?' || wanted == character => {
                at += 1;
                from += 1;
            }
            _ => {
                let Some((back, taken)) = star else {
                    return false;
                };
                star = Some((back, taken + 1));
                at = back + 1;
                from = taken + 1;
            }
        }
    }
    pattern.iter().skip(at).all(|&rest| rest == '*')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn texts_and_lists_say_the_same() {
        let one = json!({"Statement": {"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}});
        let list =
            json!({"Statement": [{"Effect": "Allow", "Action": ["s3:Get*"], "Resource": ["*"]}]});
        assert_eq!(statements(&one), statements(&list));
        let read = statements(&one).unwrap();
        assert!(read[0].covers("s3:getobject") && !read[0].covers("s3:PutObject"));
        assert!(read[0].is_everywhere() && !read[0].allows_everything());
    }

    #[test]
    fn a_document_that_aws_refuses_says_why() {
        for (document, words) in [
            (json!({}), "without `Statement`"),
            (
                json!({"Statement": [{"Effect": "allow", "Action": "*"}]}),
                "`Effect`",
            ),
            (json!({"Statement": [{"Effect": "Allow"}]}), "`Action`"),
            (
                json!({"Statement": [{"Effect": "Allow", "Action": "*", "Pricipal": "*"}]}),
                "`Pricipal`",
            ),
            (
                json!({"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"StringEquals": "x"}}]}),
                "`StringEquals`",
            ),
            (
                json!({"Statement": [{"Effect": "Allow", "Action": "*"}]}),
                "`Resource`",
            ),
            (json!({"Statement": [7]}), "no object"),
        ] {
            let refused = statements(&document).unwrap_err().to_string();
            assert!(refused.contains(words), "{refused}");
        }
    }

    #[test]
    fn patterns_take_slashes_and_colons() {
        assert!(is_like(
            "project_path:lark/*:ref:main",
            "project_path:lark/a/b:ref:main",
            false
        ));
        assert!(is_like("a*b?d", "axxbcd", false) && !is_like("a*b?d", "axxbd", false));
        assert!(is_like("IAM:*", "iam:PassRole", true) && !is_like("IAM:*", "iam:PassRole", false));
        assert!(!is_like("", "a", false) && is_like("*", "", false));
    }
}
