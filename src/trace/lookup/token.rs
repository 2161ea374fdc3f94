//! Tokens: by any device's hash of their accessor or of themselves, by their login, or by a request made with them.

use std::collections::{BTreeMap, BTreeSet};

use super::{Found, ambiguous, unknown, unknown_but};
use crate::estate::JoinedEstate;
use crate::model::id;
use crate::table::engine::EngineError;
use crate::table::row::{NONE, Sym, event};
use crate::trace::ask::{Ask, TraceError};
use crate::trace::token::Token;

/// Digits of a hash that must be given at least.
pub(in crate::trace) const DIGITS: usize = 8;
/// What every device writes before a hash.
const HASH: &str = "hmac-sha256:";

pub(super) fn find(estate: &mut JoinedEstate, ask: &Ask<'_>) -> Result<Found, TraceError> {
    let login = id::login_of_vault(ask.id);
    let named = login.or_else(|| ask.id.strip_prefix("vault:request/"));
    let request = named.unwrap_or(ask.id);
    let ledger = &estate.identity.ledger;
    let mut logins = (0u32..).zip(&ledger.logins);
    if let Some((position, login)) = logins.find(|(_, login)| ledger.text(login.id) == request) {
        let accessor = login.accessor;
        return Ok(issued(estate, position, accessor));
    }
    let accessor = ask.id.strip_prefix("vault:accessor/");
    // The digits of a hash have no hyphen, a request id has.
    if accessor.is_none()
        && (named.is_some() || request.contains('-'))
        && let Some(op) = operation(estate, request)?
    {
        if let Some(session) = estate.identity.session(op) {
            let login = estate.identity.login(session.login);
            let accessor = login.map_or(NONE, |login| login.accessor);
            return Ok(issued(estate, session.login, accessor));
        }
        let op = estate.identity.ledger.ops.get(op as usize);
        if let Some(accessor) = op.map(|op| op.accessor).filter(|found| *found != NONE) {
            return Ok(of_handle(estate, accessor));
        }
    }
    if named.is_some() {
        let ledger = &estate.identity.ledger;
        let known = ledger.logins.iter().map(|login| ledger.text(login.id));
        return Err(unknown(ask, request, known));
    }
    by_hash(estate, ask, accessor.unwrap_or(ask.id))
}

/// The number of a request.
fn operation(estate: &JoinedEstate, request: &str) -> Result<Option<u32>, EngineError> {
    let wanted = id::vault_request(request);
    let mut number = 0u32;
    for batch in estate.tabled.store.scan(&event::SCHEMA) {
        let batch = batch?;
        for row in 0..batch.len() {
            if batch.text(row, event::EVENT_ID) == wanted {
                return Ok(Some(number));
            }
            number += 1;
        }
    }
    Ok(None)
}

/// The token of one login.
fn issued(estate: &mut JoinedEstate, position: u32, accessor: Sym) -> Found {
    let known = Some(accessor).filter(|accessor| *accessor != NONE);
    Found::Token(Token {
        id: estate.identity.issued_id(position, &estate.names),
        logins: vec![position],
        handles: known.into_iter().collect(),
        wraps: Vec::new(),
    })
}

/// Every hash in the logs, of accessors and of tokens, by the handle that stands for the token.
/// The handle is an accessor's where the logs show the two together.
fn handles(estate: &mut JoinedEstate) -> BTreeMap<Sym, BTreeSet<Sym>> {
    let ledger = &mut estate.identity.ledger;
    let ops = ledger.ops.iter().map(|op| (op.accessor, op.token));
    let logins = ledger
        .logins
        .iter()
        .map(|login| (login.accessor, login.token));
    let wrappings = ledger
        .wrappings
        .iter()
        .map(|wraps| (wraps.accessor, wraps.token));
    let pairs: BTreeSet<(Sym, Sym)> = ops.chain(logins).chain(wrappings).collect();
    let mut all: BTreeSet<Sym> = ledger.handles.linked().into_iter().collect();
    let mut accessors: BTreeMap<Sym, Sym> = BTreeMap::new();
    for (accessor, token) in pairs {
        all.extend([accessor, token]);
        if accessor != NONE && token != NONE {
            let token = ledger.handles.root(token);
            accessors.insert(token, ledger.handles.root(accessor));
        }
    }
    all.remove(&NONE);
    let mut by_token: BTreeMap<Sym, BTreeSet<Sym>> = BTreeMap::new();
    for handle in all {
        let root = ledger.handles.root(handle);
        let root = accessors.get(&root).copied().unwrap_or(root);
        by_token.entry(root).or_default().insert(handle);
    }
    by_token
}

/// The token that `handle` is one hash of.
fn of_handle(estate: &mut JoinedEstate, handle: Sym) -> Found {
    let known = handles(estate);
    let same = known.into_iter().find(|(_, same)| same.contains(&handle));
    let (root, same) = same.unwrap_or_else(|| (handle, BTreeSet::from([handle])));
    let holds = |sym: Sym| sym != NONE && same.contains(&sym);
    let ledger = &estate.identity.ledger;
    let logins = (0u32..).zip(&ledger.logins);
    let logins = logins.filter(|(_, login)| holds(login.accessor) || holds(login.token));
    let logins: Vec<u32> = logins.map(|(position, _)| position).collect();
    let wraps = ledger.wrappings.iter();
    let wraps = wraps.filter(|wraps| holds(wraps.accessor) || holds(wraps.token));
    let wraps = wraps.map(|wraps| wraps.op).collect();
    Found::Token(Token {
        id: match logins.as_slice() {
            // A token without accessor is named by its login.
            &[login] => estate.identity.issued_id(login, &estate.names),
            _ => estate.identity.credential_id(root, &estate.names),
        },
        logins,
        handles: same,
        wraps,
    })
}

fn by_hash(estate: &mut JoinedEstate, ask: &Ask<'_>, bare: &str) -> Result<Found, TraceError> {
    let digits = bare.strip_prefix(HASH).unwrap_or(bare).to_lowercase();
    let hexadecimal = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let prefix = hexadecimal && digits.len() >= DIGITS;
    let known = handles(estate);
    let names = &estate.names;
    let ledger = &mut estate.identity.ledger;
    let matches = |handle: Sym| {
        let text = ledger.text(handle);
        let hash = text.strip_prefix(HASH);
        text == bare || prefix && hash.is_some_and(|hash| hash.starts_with(&digits))
    };
    let roots: BTreeSet<Sym> = known
        .iter()
        .filter(|(_, handles)| handles.iter().any(|&handle| matches(handle)))
        .map(|(&root, _)| root)
        .collect();
    let mut in_order = roots.iter();
    match (in_order.next(), in_order.next()) {
        (Some(&root), None) => Ok(of_handle(estate, root)),
        (Some(_), Some(_)) => {
            let ids = roots
                .iter()
                .map(|&root| estate.identity.credential_id(root, names));
            Err(ambiguous(ask, ids))
        }
        (None, _) if hexadecimal && digits.len() < DIGITS => Err(unknown_but(ask, Vec::new())),
        (None, _) => {
            // Hashes are compared by as many digits as were given.
            let known = known.values().flatten().map(|&handle| {
                let text = ledger.text(handle);
                let hash = text.strip_prefix(HASH).unwrap_or(text);
                let length = digits.len().max(DIGITS);
                hash.chars().take(length).collect()
            });
            let known: BTreeSet<String> = known.collect();
            Err(unknown(ask, &digits, known.iter().map(String::as_str)))
        }
    }
}
