//! Second pass: what the Vault records say of the policies that were read.

use super::Error;
use super::fact_rows::file_name;
use crate::identity::{Identity, Scope};
use crate::model::{Evidence, Period, System};
use crate::posture::Posture;
use crate::table::row::half::{Field, Listed};
use crate::table::row::operation::Told;
use crate::usage::{Asked, Observer, Operation, Usage};

/// Watches the operations of the second pass.
pub(super) struct UsageRows<'a, 'c> {
    observer: Observer<'a, 'c>,
    seen: bool,
}

impl<'a, 'c> UsageRows<'a, 'c> {
    /// `None` where nothing is stated of Vault, and no use needs to be watched.
    pub(super) fn new(input: &'a Posture<'c>, period: Period) -> Option<UsageRows<'a, 'c>> {
        let stated = input.has_kind("vault-policy") || input.things.speak_of("vault-");
        stated.then(|| UsageRows {
            observer: Observer::new(input, Some(period)),
            seen: false,
        })
    }

    /// Takes one operation; `credential` is the id of the caller's token.
    pub(super) fn operation(
        &mut self,
        told: Told<'_>,
        credential: &str,
        files: &[String],
    ) -> Result<(), Error> {
        let record = told.record;
        if record.system != System::Vault {
            return Ok(());
        }
        self.seen = true;
        let policies = told.policies();
        let granting = told.list(Listed::GrantingPolicies);
        let operation = Operation {
            op: record.number,
            kind: record.kind,
            at: record.at,
            mount: told.text(Field::Mount),
            role: told.text(Field::Role),
            display_name: told.text(Field::DisplayName),
            credential: credential
                .strip_prefix("vault:accessor/")
                .unwrap_or(credential),
            asked: Asked {
                namespace: told.text(Field::Namespace),
                policies: &policies,
                granting: &granting,
                entity: told.text(Field::EntityId),
                operation: told.text(Field::Operation),
                path: told.text(Field::Path),
                outcome: record.outcome,
            },
        };
        let file = file_name(files, record.place)?;
        self.observer.operation(&operation, || Evidence {
            file: file.to_owned(),
            line: record.place.line,
            byte: record.place.byte,
            sha256: record.place.sha256.to_string(),
        });
        Ok(())
    }

    /// What was seen; `None` without a Vault record.
    pub(super) fn finish(self, identity: &Identity, declared: &Scope<'_>) -> Option<Usage> {
        self.seen.then(|| self.observer.finish(identity, declared))
    }
}
