//! Rows of the table `chain`: one operation with its origin, token, role, policies and owner.

use hashbrown::HashMap;

use super::Error;
use super::context::Context;
use super::fact_rows::EvidenceColumns;
use super::ownership::owner_match;
use crate::identity::{Facts, MountClass, Session};
use crate::model::{Band, Confidence, Key};
use crate::table::row::half::Field;
use crate::table::row::operation::Told;
use crate::table::row::{Batch, NONE, Sym, Translation, chain};

/// The texts that tell of an origin: the same for all operations of one token.
type Text = fn(&Facts) -> &str;
const FACTS: [(usize, Text); 15] = [
    (chain::ORIGIN_KIND, |facts| facts.origin_kind),
    (chain::ORIGIN_ID, |facts| &facts.origin_id),
    (chain::JOB_ID, |facts| &facts.job_id),
    (chain::PROJECT_ID, |facts| &facts.project_id),
    (chain::PROJECT_PATH, |facts| &facts.project_path),
    (chain::GIT_REF, |facts| &facts.git_ref),
    (chain::ENVIRONMENT, |facts| &facts.environment),
    (chain::TIER, |facts| &facts.tier),
    (chain::SERVICE_ID, |facts| &facts.service_id),
    (chain::PERSON_ID, |facts| &facts.person_id),
    (chain::LOGIN_ID, |facts| &facts.login_id),
    (chain::LOGIN_ADDRESS, |facts| &facts.address),
    (chain::MOUNT, |facts| &facts.mount),
    (chain::MOUNT_ID, |facts| &facts.mount_id),
    (chain::MOUNT_CLASS, |facts| {
        facts.mount_class.map_or("", MountClass::as_str)
    }),
];

/// What the records say.
const TEXTS: [(usize, Field); 5] = [
    (chain::PRINCIPAL, Field::Principal),
    (chain::OPERATION, Field::Operation),
    (chain::PATH, Field::Path),
    (chain::OBJECT, Field::Object),
    (chain::REMOTE_ADDRESS, Field::RemoteAddress),
];

/// The rows that are not handed on yet.
pub(super) struct ChainRows<'f> {
    pub(super) batch: Batch,
    files: &'f [String],
    /// The texts of the current block of operations.
    said: Translation,
    known: HashMap<(u32, Key), [Sym; FACTS.len()]>,
}

impl<'f> ChainRows<'f> {
    pub(super) fn new(files: &'f [String]) -> ChainRows<'f> {
        ChainRows {
            batch: Batch::new(&chain::SCHEMA),
            files,
            said: Translation::default(),
            known: HashMap::new(),
        }
    }

    /// Hands on what there is.
    pub(super) fn take(&mut self) -> Batch {
        self.said.clear();
        self.known.clear();
        self.batch.take()
    }

    /// Writes the row of an operation.
    pub(super) fn add(&mut self, told: Told<'_>, context: &Context) -> Result<(), Error> {
        let record = told.record;
        let (facts, location) = (&context.facts, &context.location);
        let origin = self.origin(context.known_by, facts);
        let symbols = self.batch.symbols_mut();
        let mut of = |sym| self.said.of(sym, told.symbols, symbols);
        let texts = TEXTS.map(|(column, field)| (column, of(record.sym(field))));
        let band = facts.confidence.and_then(Confidence::band);
        let mut row = self.batch.row();
        for ((column, _), sym) in FACTS.iter().zip(origin) {
            row.sym(*column, sym);
        }
        for (column, sym) in texts {
            row.sym(column, sym);
        }
        if record.sym(Field::Principal) == NONE {
            row.clean(chain::PRINCIPAL, &context.credential_id);
        }
        row.unique(chain::EVENT_ID, &context.event_id)
            .int(chain::AT, record.at.0)
            .clean(chain::SYSTEM, record.system.as_str())
            .clean(chain::KIND, record.kind.as_str())
            .int(chain::REF_PROTECTED, facts.ref_protected.map(i64::from))
            .int(chain::JOB_STARTED_AT, facts.job_started_at.map(|at| at.0))
            .int(chain::JOB_FINISHED_AT, facts.job_finished_at.map(|at| at.0))
            .int(chain::CANDIDATES, i64::try_from(facts.candidates).ok())
            .clean(chain::CREDENTIAL_ID, &context.credential_id)
            .clean(chain::ROLE_ID, &context.role_id)
            .clean(chain::OWNER, &location.owner)
            .clean(chain::OWNER_ENVIRONMENT, &location.owner_environment)
            .clean(chain::OWNER_MATCH, owner_match(facts, &location.owner))
            .clean(chain::OUTCOME, record.outcome.as_str())
            .int(
                chain::CONFIDENCE,
                facts.confidence.map(|found| i64::from(found.0)),
            )
            .clean(chain::BAND, band.map_or("", Band::as_str));
        for policy in told.symbols.items(record.policies) {
            row.item(chain::POLICIES, policy);
        }
        EvidenceColumns(chain::SOURCE_FILE).fill_place(&mut row, record.place, self.files)
    }

    /// The texts of an origin, looked up once for every login.
    fn origin(&mut self, session: Option<Session>, facts: &Facts) -> [Sym; FACTS.len()] {
        let key = session.map(|session| (session.login, session.key));
        if let Some(known) = key.and_then(|key| self.known.get(&key)) {
            return *known;
        }
        let symbols = self.batch.symbols_mut();
        let syms = FACTS.map(|(_, text)| symbols.add(text(facts)));
        if let Some(key) = key {
            self.known.insert(key, syms);
        }
        syms
    }
}
