//! Compiles a set of policies.

use std::collections::HashMap;

use super::context::AclContext;
use super::rule::Rule;
use super::table::Table;
use super::{Acl, State};
use crate::policy::pattern::Pattern;
use crate::policy::stanza::{Policy, Stanza, Substitutions};
use crate::policy::template::{self, TemplateError};

impl Acl {
    /// Compiles the policies of a token, in the order of its list; a name given twice counts once.
    #[must_use]
    pub fn new(policies: &[(&str, &Policy)], context: AclContext<'_>) -> Acl {
        let mut builder = Builder::new(context);
        for (name, policy) in policies {
            if builder.acl.policies.iter().any(|known| known == name) {
                continue;
            }
            builder.policy(name, policy);
        }
        builder.finish()
    }
}

struct Builder<'a> {
    acl: Acl,
    context: AclContext<'a>,
    known: HashMap<Pattern, usize>,
}

impl<'a> Builder<'a> {
    fn new(context: AclContext<'a>) -> Builder<'a> {
        let mut namespace = context.namespace.trim_matches('/').to_owned();
        if !namespace.is_empty() {
            namespace.push('/');
        }
        let acl = Acl {
            dialect: context.dialect,
            namespace,
            policies: Vec::new(),
            rules: Vec::new(),
            table: Table::default(),
            protected: context.protected.to_vec(),
            state: State::Ordinary,
        };
        Builder {
            acl,
            context,
            known: HashMap::new(),
        }
    }

    fn policy(&mut self, name: &str, policy: &Policy) {
        let id = u32::try_from(self.acl.policies.len()).unwrap_or(u32::MAX);
        self.acl.policies.push(name.to_owned());
        for stanza in &policy.stanzas {
            self.stanza(id, stanza, policy.substitutions);
        }
    }

    fn stanza(&mut self, policy: u32, stanza: &Stanza, allowed: Substitutions) {
        // The server fills templates in before it looks at the expiration.
        let Some(label) = self.label(&stanza.path, allowed) else {
            return;
        };
        if stanza.has_expired(self.context.as_of) {
            return;
        }
        // A value can make `+*`, which fails the reading of the whole policy.
        let filled_in = label != stanza.path;
        if filled_in && label.contains("+*") {
            self.acl.state = State::TemplateForbidden;
            return;
        }
        let pattern = Pattern::new(&label, &self.acl.namespace);
        match self
            .known
            .get(&pattern)
            .and_then(|id| self.acl.rules.get_mut(*id))
        {
            Some(rule) => rule.merge(policy, stanza),
            None => {
                self.known.insert(pattern.clone(), self.acl.rules.len());
                self.acl.rules.push(Rule::new(pattern, policy, stanza));
            }
        }
    }

    /// The path label with its templates resolved; `None` drops the stanza, as the server does.
    fn label(&mut self, path: &str, allowed: Substitutions) -> Option<String> {
        if self.context.keep_templates || !path.contains("{{") {
            return Some(path.to_owned());
        }
        match template::resolve(path, &self.context, allowed) {
            Ok(label) => Some(label),
            Err(TemplateError::Forbidden(_)) => {
                self.acl.state = State::TemplateForbidden;
                None
            }
            Err(TemplateError::NotFound(_) | TemplateError::Unbalanced) => None,
        }
    }

    fn finish(mut self) -> Acl {
        if self.acl.policies.iter().any(|name| name == "root") {
            self.acl.state = if self.acl.policies.len() == 1 {
                State::Root
            } else {
                State::RootMixed
            };
        }
        self.acl.table = Table::new(&self.acl.rules);
        self.acl
    }
}
