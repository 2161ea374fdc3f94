//! What Google's audit log says of service accounts: who made tokens of them, and which were
//! restored after their deletion.
//!
//! Making a token is logged only where the Data Access log of `iamcredentials.googleapis.com` is
//! on. A deleted account can be restored within 30 days and keeps its unique id.

use std::collections::BTreeSet;

use crate::model::Timestamp;

/// What happened to an account.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AccountEvent {
    /// Somebody made a token of it, or signed as it.
    Minted {
        /// When.
        at: Timestamp,
        /// `gcp:sa/<email>`.
        account: String,
        /// Who did.
        by: String,
    },
    /// It was restored after its deletion.
    Restored {
        /// When.
        at: Timestamp,
        /// Its unique id.
        unique_id: String,
    },
}

/// Calls that make a token of an account, or sign as it.
const MINTING: [&str; 4] = [
    "GenerateIdToken",
    "GenerateAccessToken",
    "SignJwt",
    "SignBlob",
];
const RESTORING: &str = "UndeleteServiceAccount";

/// Whether an operation is one that [`AccountEvent::read`] may read.
pub(super) fn is_of_account(operation: &str) -> bool {
    operation == RESTORING || MINTING.contains(&operation)
}

/// How long a token that was made for an account can be used.
const TOKEN_LIFE: i64 = 3_600_000_000;

impl AccountEvent {
    /// Reads a successful call; `None` when it is another one. `path` is its resource name.
    pub(super) fn read(
        at: Timestamp,
        operation: &str,
        path: &str,
        account: &str,
        by: &str,
    ) -> Option<AccountEvent> {
        if MINTING.contains(&operation) {
            // An account that signs as itself tells nothing new.
            let told = account.starts_with("gcp:sa/") && !by.is_empty() && by != account;
            return told.then(|| AccountEvent::Minted {
                at,
                account: account.to_owned(),
                by: by.to_owned(),
            });
        }
        if operation != RESTORING {
            return None;
        }
        let (_, rest) = path.split_once("serviceAccounts/")?;
        let number = rest.split(['/', ':']).next()?;
        let whole = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        whole.then(|| AccountEvent::Restored {
            at,
            unique_id: number.to_owned(),
        })
    }
}

/// Who made tokens of an account that could still be used at `at`, sorted.
pub(super) fn minters(
    events: &[AccountEvent],
    account: &str,
    at: Timestamp,
    skew: i64,
) -> BTreeSet<String> {
    let fits = |event: &AccountEvent| match event {
        AccountEvent::Minted {
            at: made,
            account: whose,
            by,
        } => {
            let usable = made.plus_micros(-skew) <= at && at <= made.plus_micros(TOKEN_LIFE + skew);
            (usable && whose.eq_ignore_ascii_case(account)).then(|| by.clone())
        }
        AccountEvent::Restored { .. } => None,
    };
    events.iter().filter_map(fits).collect()
}

/// Whether the account of a unique id was restored before `at`: then it is the one of the name.
pub(super) fn restored(events: &[AccountEvent], unique_id: &str, at: Timestamp) -> bool {
    events.iter().any(|event| match event {
        AccountEvent::Restored {
            at: when,
            unique_id: whose,
        } => *when <= at && whose == unique_id,
        AccountEvent::Minted { .. } => false,
    })
}
