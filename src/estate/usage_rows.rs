//! Second pass: what the Vault records say of the policies that were read.

use std::collections::BTreeSet;

use crate::config::Settings;
use crate::identity::{Identity, Scope};
use crate::model::{Attribute, EventKind, Evidence, Outcome, Period, PolicyText, Timestamp};
use crate::posture::{Posture, Stated};
use crate::rule::Facts;
use crate::table::row::{Batch, event};
use crate::usage::{Asked, Observer, Operation, Usage};

/// What of the exports decides how policies are used.
pub(super) struct Exported {
    attributes: Vec<Attribute>,
    facts: Facts,
}

impl Exported {
    /// Keeps what is said of Vault; `None` where nothing is, and no use needs to be watched.
    pub(super) fn new(
        attributes: &[Attribute],
        policies: &[PolicyText],
        settings: &Settings,
    ) -> Option<Exported> {
        let vault = attributes.iter().filter(|a| a.kind.starts_with("vault-"));
        let attributes: Vec<Attribute> = vault.cloned().collect();
        let nothing = attributes.is_empty() && policies.is_empty();
        (!nothing).then(|| Exported {
            attributes,
            facts: Facts::new(BTreeSet::new(), settings),
        })
    }

    /// The configuration that requests are held against.
    pub(super) fn configuration<'c>(
        &'c self,
        policies: &'c [PolicyText],
        files: &'c [String],
        settings: &'c Settings,
        as_of: Timestamp,
    ) -> Posture<'c> {
        Posture::new(Stated {
            settings,
            facts: &self.facts,
            attributes: &self.attributes,
            policies,
            services: &[],
            grants: &[],
            texts: &[],
            files,
            as_of,
        })
    }
}

/// Watches the rows of the second pass.
pub(super) struct UsageRows<'a, 'c> {
    observer: Observer<'a, 'c>,
    seen: bool,
}

impl<'a, 'c> UsageRows<'a, 'c> {
    pub(super) fn new(input: &'a Posture<'c>, period: Period) -> UsageRows<'a, 'c> {
        UsageRows {
            observer: Observer::new(input, Some(period)),
            seen: false,
        }
    }

    /// Takes one row; `credential` is the id of the caller's token.
    pub(super) fn row(&mut self, batch: &Batch, row: usize, op: u32, credential: &str) {
        let text = |column| batch.text(row, column);
        if text(event::SYSTEM) != "vault" {
            return;
        }
        self.seen = true;
        let (policies, granting) = (
            batch.texts(row, event::POLICIES),
            batch.texts(row, event::GRANTING_POLICIES),
        );
        let kind = match text(event::KIND) {
            "login" => EventKind::Login,
            "renewal" => EventKind::Renewal,
            "token-create" => EventKind::TokenCreate,
            _ => EventKind::Request,
        };
        let outcome = match text(event::OUTCOME) {
            "allowed" => Outcome::Allowed,
            "denied" => Outcome::Denied,
            "failed" => Outcome::Failed,
            _ => Outcome::Unknown,
        };
        let operation = Operation {
            op,
            kind,
            at: Timestamp(batch.int(row, event::AT).unwrap_or(0)),
            mount: text(event::MOUNT),
            role: text(event::ROLE),
            display_name: text(event::DISPLAY_NAME),
            credential: credential
                .strip_prefix("vault:accessor/")
                .unwrap_or(credential),
            asked: Asked {
                namespace: text(event::NAMESPACE),
                policies: &policies,
                granting: &granting,
                entity: text(event::ENTITY_ID),
                operation: text(event::OPERATION),
                path: text(event::PATH),
                outcome,
            },
        };
        let whole = |column| u64::try_from(batch.int(row, column).unwrap_or(0)).unwrap_or(0);
        self.observer.operation(&operation, || Evidence {
            file: text(event::SOURCE_FILE).to_owned(),
            line: whole(event::SOURCE_LINE),
            byte: whole(event::SOURCE_BYTE),
            sha256: text(event::SOURCE_SHA256).to_owned(),
        });
    }

    /// What was seen; `None` without a Vault record.
    pub(super) fn finish(self, identity: &Identity, declared: &Scope<'_>) -> Option<Usage> {
        self.seen.then(|| self.observer.finish(identity, declared))
    }
}
