//! What resources and data sources of Google's say that none of their attributes does: the policy of
//! `google_iam_policy`, the names of accounts and pools; and what stands in blocks inside of them.

use hcl_edit::structure::Block;

use super::scope::Scope;
use super::value::{Piece, Text, Value};

/// How the address of an account of a project ends.
pub(super) const ACCOUNTS: &str = ".iam.gserviceaccount.com";

impl Scope<'_> {
    /// What a block says under a name that is no attribute of it.
    pub(super) fn googles(&self, block: &Block, name: &str) -> Option<Value> {
        let text = |pieces| {
            Value::Text(Text {
                pieces,
                place: None,
            })
        };
        match (block.labels.first()?.as_str(), name) {
            ("google_iam_policy", "policy_data") => {
                let bindings = Value::List(self.nested(block, "binding"));
                Some(Value::Map(vec![("bindings".to_owned(), bindings)]))
            }
            ("google_service_account", "email" | "member" | "name" | "id") => {
                self.account(block, name).map(text)
            }
            // Google's own name of it has the project's number.
            ("google_iam_workload_identity_pool", "name" | "id") => {
                let id = &block.body.get_attribute("workload_identity_pool_id")?.value;
                let Value::Text(id) = self.value(id) else {
                    return None;
                };
                let mut pieces = vec![
                    Piece::Known("projects/".to_owned()),
                    Piece::Hole("number".to_owned()),
                    Piece::Known("/locations/global/workloadIdentityPools/".to_owned()),
                ];
                pieces.extend(id.pieces);
                Some(text(pieces))
            }
            _ => None,
        }
    }

    /// A name of a service account.
    fn account(&self, block: &Block, name: &str) -> Option<Vec<Piece>> {
        let written = |name: &str| Some(self.value(&block.body.get_attribute(name)?.value));
        let Value::Text(account) = written("account_id")? else {
            return None;
        };
        let mut email = account.pieces;
        let is_address = email.iter().any(|piece| match piece {
            Piece::Known(text) => text.contains('@'),
            Piece::Hole(_) => false,
        });
        let project = match written("project") {
            Some(Value::Text(text)) => text.pieces,
            Some(Value::Unresolved(expression)) => vec![Piece::Hole(expression)],
            _ => vec![known_or_hole(self.default_project())],
        };
        if !is_address {
            email.push(Piece::Known("@".to_owned()));
            email.extend(project.clone());
            email.push(Piece::Known(ACCOUNTS.to_owned()));
        }
        let mut pieces = match name {
            "email" => Vec::new(),
            "member" => vec![Piece::Known("serviceAccount:".to_owned())],
            _ => {
                let mut before = vec![Piece::Known("projects/".to_owned())];
                before.extend(project);
                before.push(Piece::Known("/serviceAccounts/".to_owned()));
                before
            }
        };
        pieces.extend(email);
        Some(pieces)
    }

    /// The project of resources that name none: the one of the module's only provider.
    pub(super) fn default_project(&self) -> String {
        let mut providers = self.module.blocks("provider").filter(|provider| {
            let label = provider.node.labels.first().map(|label| label.as_str());
            matches!(label, Some("google" | "google-beta"))
                && !provider.node.body.has_attribute("alias")
        });
        let project = providers.next().and_then(|provider| {
            let written = provider.node.body.get_attribute("project")?;
            match self.in_file(provider.file).value(&written.value) {
                Value::Text(text) => Some(text.shown()),
                Value::Unresolved(expression) => Some(format!("${{{expression}}}")),
                _ => None,
            }
        });
        project.unwrap_or_else(|| "-".to_owned())
    }

    /// The blocks of a name inside of another, each as a map; those of `dynamic` are not known.
    pub(super) fn nested(&self, block: &Block, name: &str) -> Vec<Value> {
        let mut found = items(
            block
                .body
                .get_attribute(name)
                .map(|written| self.value(&written.value)),
        );
        for inner in block.body.blocks() {
            let ident = inner.ident.as_str();
            let label = inner.labels.first().map(|label| label.as_str());
            if ident == "dynamic" && label == Some(name) {
                found.push(Value::Unresolved(format!("dynamic {name}")));
            } else if ident == name {
                let attributes = inner.body.attributes();
                let mut members: Vec<(String, Value)> = attributes
                    .map(|one| (one.key.as_str().to_owned(), self.value(&one.value)))
                    .collect();
                let conditions = inner.body.get_blocks("condition").next();
                if conditions.is_some() {
                    let conditions = self.nested(inner, "condition");
                    members.push(("condition".to_owned(), Value::List(conditions)));
                }
                found.push(Value::Map(members));
            }
        }
        found
    }
}

/// The elements of a list; what is none is its own element.
pub(super) fn items(value: Option<Value>) -> Vec<Value> {
    match value {
        None => Vec::new(),
        Some(Value::Plain(text)) if text == "null" => Vec::new(),
        Some(Value::List(items)) => items,
        Some(other) => vec![other],
    }
}

/// A project as `default_project` shows it.
fn known_or_hole(project: String) -> Piece {
    let inside = project
        .strip_prefix("${")
        .and_then(|rest| rest.strip_suffix('}'));
    match inside {
        Some(expression) => Piece::Hole(expression.to_owned()),
        None if project == "-" => Piece::Hole("project".to_owned()),
        None => Piece::Known(project),
    }
}
