//! What the ledger keeps of one operation of Vault: logins, wrapped answers, leases, tokens without
//! accessor, and what ends or prolongs a credential.

use super::ledger::{Bearer, Change, Lease, Ledger, Login, Mint, Wrapping};
use super::op::Op;
use super::pending::Pending;
use crate::model::{EventKind, Outcome};
use crate::table::row::half::{Field, Half, Listed, Mapped};
use crate::table::row::{NONE, Sym, Translated};

/// Where a token ends itself.
pub const REVOKE_SELF: &str = "auth/token/revoke-self";

/// One operation of Vault on its way into the ledger.
struct VaultRecord<'r, 'h> {
    /// Its number.
    number: u32,
    /// What every operation has.
    op: Op,
    half: &'r Half,
    /// Its texts, on their way into the ledger's dictionary.
    said: Translated<'h>,
}

impl Ledger {
    /// Keeps what joins need of an operation of Vault.
    pub(super) fn record_vault(&mut self, number: u32, op: Op, half: &Half, said: Translated<'_>) {
        let record = VaultRecord {
            number,
            op,
            half,
            said,
        };
        record.keep(self);
    }
}

impl VaultRecord<'_, '_> {
    /// Adds all of it to the ledger.
    fn keep(mut self, ledger: &mut Ledger) {
        let path = self.get(Field::Path, ledger);
        self.issue(path, ledger);
        self.wrapping(ledger);
        let lease = self.get(Field::Lease, ledger);
        let namespace = self.get(Field::Namespace, ledger);
        let engine = self.get(Field::Service, ledger);
        if lease != NONE {
            let lease = self.lease(lease, path, ledger);
            ledger.leases.push(lease);
        }
        self.bearer(ledger);
        ledger.hours.insert(self.half.at.hour());
        self.mint([lease, namespace, engine, path], ledger);
        self.end(path, ledger);
        let Op {
            accessor, token, ..
        } = self.op;
        ledger.check_token(accessor, token, self.half.place.file);
    }

    fn get(&mut self, field: Field, ledger: &mut Ledger) -> Sym {
        self.said.text(field, &mut ledger.symbols)
    }

    fn done(&self) -> bool {
        self.half.outcome == Outcome::Allowed
    }

    /// A token that is handed out, or that will be when the second factor is there.
    fn issue(&mut self, path: Sym, ledger: &mut Ledger) {
        let half = self.half;
        let issues_token = matches!(half.kind, EventKind::Login | EventKind::TokenCreate);
        if half.issues && issues_token && self.done() {
            let login = self.login(path, ledger);
            let (accessor, token) = (login.accessor, login.token);
            ledger.logins.push(login);
            ledger.hands_out(accessor, token);
        } else if half.kind == EventKind::Login && half.outcome == Outcome::Unknown {
            let pending = Pending {
                at: half.at,
                namespace: self.get(Field::Namespace, ledger),
                mount: self.get(Field::Mount, ledger),
                mount_type: self.get(Field::Service, ledger),
                address: self.op.address,
            };
            ledger.pending.push(pending);
        } else if half.issues && self.done() {
            // An unwrapped token: older servers show its hash only now.
            let accessor = self.get(Field::IssuedAccessor, ledger);
            let token = self.get(Field::IssuedToken, ledger);
            ledger.hands_out(accessor, token);
        }
    }

    fn login(&mut self, path: Sym, ledger: &mut Ledger) -> Login {
        let half = self.half;
        let child = half.kind == EventKind::TokenCreate;
        let keys = self.said.list(Listed::RequestKeys, &mut ledger.symbols);
        let orphan = ledger.symbols.items(keys).any(|key| key == "no_parent");
        let path = ledger.symbols.get(path);
        let tied = child && path == "auth/token/create" && !orphan;
        let validated = path == "sys/mfa/validate";
        let policies = self.said.list(Listed::IssuedPolicies, &mut ledger.symbols);
        let metadata = self.said.map(Mapped::IssuedMetadata, &mut ledger.symbols);
        Login {
            op: self.number,
            child,
            tied,
            at: half.at,
            id: self.get(Field::Id, ledger),
            namespace: self.get(Field::Namespace, ledger),
            mount: self.get(Field::Mount, ledger),
            mount_type: self.get(Field::Service, ledger),
            validated,
            role: self.get(Field::Role, ledger),
            accessor: self.get(Field::IssuedAccessor, ledger),
            token: self.get(Field::IssuedToken, ledger),
            entity: self.get(Field::IssuedEntity, ledger),
            display_name: self.get(Field::IssuedDisplayName, ledger),
            policies,
            metadata,
            token_type: self.get(Field::IssuedType, ledger),
            ttl_s: half.issued_ttl,
            address: self.op.address,
            caller_accessor: self.op.accessor,
            caller_token: self.op.token,
            place: half.place,
        }
    }

    fn wrapping(&mut self, ledger: &mut Ledger) {
        let wrapping = Wrapping {
            op: self.number,
            accessor: self.get(Field::WrappingAccessor, ledger),
            token: self.get(Field::WrappingToken, ledger),
        };
        if wrapping.accessor != NONE || wrapping.token != NONE {
            ledger.wrappings.push(wrapping);
        }
    }

    fn lease(&mut self, id: Sym, path: Sym, ledger: &mut Ledger) -> Lease {
        Lease {
            op: self.number,
            id,
            request_id: self.get(Field::Id, ledger),
            namespace: self.get(Field::Namespace, ledger),
            mount: self.get(Field::Mount, ledger),
            path,
            engine: self.get(Field::Service, ledger),
            display_name: self.get(Field::DisplayName, ledger),
            access_key: self.get(Field::TargetAccount, ledger),
            place: self.half.place,
        }
    }

    /// A token that is known by its hash alone.
    fn bearer(&mut self, ledger: &mut Ledger) {
        let display_name = self.get(Field::DisplayName, ledger);
        if self.op.accessor == NONE && self.op.token != NONE {
            let issued_at = self.half.token_issued_at;
            let bearer = issued_at.map(|issued_at| Bearer {
                display_name,
                issued_at,
            });
            ledger.bears(self.number, bearer, self.half.place.file);
        }
    }

    /// A credential of Google's that was handed out.
    fn mint(&self, [lease, namespace, engine, path]: [Sym; 4], ledger: &mut Ledger) {
        let of_google = matches!(ledger.symbols.get(engine), "gcp" | "");
        let asked = ledger.symbols.get(path);
        let asked = asked.ends_with("/token") || asked.ends_with("/key");
        if self.done() && self.half.kind == EventKind::Request && of_google && asked {
            ledger.mints.push(Mint {
                op: self.number,
                namespace,
                path,
                lease,
                ttl_s: self.half.issued_ttl,
            });
        }
    }

    /// What prolongs or ends the caller's own token, or a lease.
    fn end(&mut self, path: Sym, ledger: &mut Ledger) {
        let ended = self.get(Field::RequestLease, ledger);
        if !self.done() {
            return;
        }
        let path = ledger.symbols.get(path);
        let change = |ttl_s| Change {
            op: self.number,
            ttl_s,
        };
        if self.half.kind == EventKind::Renewal && path.ends_with("renew-self") {
            ledger
                .changes
                .push(change(self.half.issued_ttl.or(Some(0))));
        } else if path == REVOKE_SELF {
            ledger.changes.push(change(None));
        } else if ended != NONE && path.contains("revoke") {
            ledger.lease_ends.push((ended, self.half.at));
        }
    }
}
