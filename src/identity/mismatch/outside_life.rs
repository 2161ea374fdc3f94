//! IM-8: use outside the life of a job or of a credential, and clocks that disagree.

use super::{Facts, Identity, Mismatch, MismatchKind, Seen, Session};
use crate::identity::Scope;
use crate::identity::cloud_lease::Life;
use crate::identity::skew::CLOCKS_AGREE;
use crate::model::{Confidence, Key};

/// Clock difference from which joins by time are unreliable (INT-004), in microseconds.
const CLOCKS_UNRELIABLE: i64 = 30_000_000;

impl Identity {
    /// A request with a job's token after the end of every job that fits. Where too few jobs tell
    /// whether the clocks agree, a clock may be off by as much as the login lies behind its job.
    pub(super) fn after_end(
        &self,
        subject: &str,
        facts: &Facts,
        session: Session,
        seen: Seen<'_>,
        declared: &Scope<'_>,
    ) -> Option<Mismatch> {
        let limit = declared.grace_micros() - self.least_shift;
        let end = facts
            .job_finished_at
            .filter(|end| end.plus_micros(limit) < seen.at)?;
        let doubted = !self.compared && self.by_a_clock_ahead(facts, session, seen, limit);
        let most = match doubted {
            true => Confidence::SUSPECTED,
            false => Confidence::CERTAIN,
        };
        let confidence = facts.ended_before(seen.at.plus_micros(-limit))?;
        Some(
            Mismatch::new(
                MismatchKind::UseAfterJobEnd,
                (subject, seen.object),
                (format!("no use after {end}"), seen.at.to_string()),
                (seen.at, seen.place),
            )
            .with_confidence(confidence.min(most)),
        )
    }

    /// Whether the token's login lies after the end of its job already, or so long after the job's
    /// start that Vault's clock may be ahead by what puts the use before that end.
    fn by_a_clock_ahead(
        &self,
        facts: &Facts,
        session: Session,
        seen: Seen<'_>,
        limit: i64,
    ) -> bool {
        let end = facts.job_finished_at.map(|end| end.plus_micros(limit));
        let login = self.login(self.root(session).login);
        end.zip(login).is_some_and(|(end, login)| {
            let started = facts.job_started_at.unwrap_or(login.at);
            let ahead = login.at.0.saturating_sub(started.0).max(0);
            end < login.at || seen.at.plus_micros(-ahead) <= end
        })
    }

    /// A Google event by an account that Vault issues credentials for: after the life of every
    /// credential that it had issued, or (IM-10) with none issued before at all.
    pub(super) fn outside_life(
        &self,
        principal: &str,
        seen: Seen<'_>,
        declared: &Scope<'_>,
    ) -> Option<Mismatch> {
        let life = self
            .cloud_leases
            .life(principal, seen.at, declared.skew_micros())?;
        let (kind, expected, observed) = match life {
            Life::Alive => return None,
            Life::EndedAt(end) => (
                MismatchKind::OutsideCredentialLife,
                format!("no use after {end}"),
                seen.at.to_string(),
            ),
            Life::NeverIssued => (
                MismatchKind::NoIssue,
                "an issue by Vault before".to_owned(),
                "none".to_owned(),
            ),
        };
        let since = self.cloud_leases.oldest_issue(principal, seen.at);
        let said = (expected, observed);
        let fact = Mismatch::new(kind, (principal, seen.object), said, (seen.at, seen.place));
        Some(Mismatch {
            since,
            ..fact.with_confidence(Key::K3.confidence())
        })
    }

    /// IM-8: Vault's clock against GitLab's, by logins that name their job. The difference is the
    /// smallest that puts them inside their jobs, so a queue before a job is none.
    pub(super) fn clock_offset(&self) -> Vec<Mismatch> {
        if self.shift.abs() <= CLOCKS_AGREE {
            return Vec::new();
        }
        let stray = self
            .ledger
            .logins
            .iter()
            .zip(0u32..)
            .filter(|(login, _)| !login.child)
            .find(|(login, position)| {
                let jobs = self
                    .origin(*position)
                    .and_then(|origin| origin.jobs.as_ref());
                let job = jobs
                    .filter(|jobs| jobs.key == Key::K1)
                    .and_then(|jobs| jobs.only())
                    .and_then(|number| self.directory.job(number));
                job.is_some_and(|job| {
                    job.started_at.is_some_and(|start| login.at < start)
                        || job.finished_at.is_some_and(|end| end < login.at)
                })
            });
        let Some((login, _)) = stray else {
            return Vec::new();
        };
        let kind = if self.shift.abs() > CLOCKS_UNRELIABLE {
            MismatchKind::ClocksUnreliable
        } else {
            MismatchKind::ClockOffset
        };
        let observed = format!("{} ms", -self.shift / 1_000);
        let names = ("source:vault".to_owned(), "source:gitlab-jobs".to_owned());
        let expected = "at most 5000 ms".to_owned();
        vec![self.about_login(login, kind, names.0, names.1, (expected, observed))]
    }
}

#[cfg(test)]
mod tests {
    use crate::identity::sample::{Sample, World, caller, minute, networks, of, seen, subjects};
    use crate::model::{Confidence, EventKind};

    const ACCOUNT: &str = "gcp:sa/x@p.iam.gserviceaccount.com";

    fn used_at(at: i64, jobs: &[(u64, i64, i64)]) -> Vec<(String, Confidence)> {
        let mut sample = Sample::default();
        for &(id, from, to) in jobs {
            sample.job(7, id, from, to);
        }
        sample.login("l", "auth/gitlab/", 10, "10.1.0.1", &[("project_id", "7")]);
        let op = sample.request("r", "l", at);
        let world = networks();
        let identity = sample.join(&world);
        let (session, facts) = of(&identity, op, &world);
        let seen = seen("vault:path/secret/data/x", "10.1.0.1", at);
        let found = identity.request_mismatches(&facts, session, seen, &world.scope());
        found
            .into_iter()
            .map(|mismatch| (mismatch.kind.as_str().to_owned(), mismatch.confidence))
            .collect()
    }

    #[test]
    fn use_after_the_end_of_the_job_is_a_fact() {
        let found = used_at(27, &[(1, 5, 20)]);
        assert_eq!(found, [("use-after-job-end".to_owned(), Confidence(80))]);
    }

    /// One login five minutes after the start of its job is one of a clock that is as much ahead.
    #[test]
    fn a_use_that_one_login_lets_lie_within_its_job_is_suspected() {
        let suspected = Confidence::SUSPECTED;
        let kind = "use-after-job-end".to_owned();
        assert_eq!(used_at(24, &[(1, 5, 20)]), [(kind, suspected)]);
    }

    #[test]
    fn use_within_the_job_or_its_grace_is_none() {
        assert_eq!(used_at(20, &[(1, 5, 20)]), []);
        assert_eq!(used_at(21, &[(1, 5, 20)]), []);
    }

    /// The fact holds for every candidate or not at all, and keeps the undivided confidence.
    #[test]
    fn of_two_candidate_jobs_the_later_end_counts() {
        assert_eq!(used_at(25, &[(1, 5, 20), (2, 5, 40)]), []);
        let found = used_at(47, &[(1, 5, 20), (2, 5, 40)]);
        assert_eq!(found, [("use-after-job-end".to_owned(), Confidence(80))]);
    }

    /// A second record of the job neither hides a use after its end, nor makes one certain.
    #[test]
    fn of_two_records_of_one_job_the_earlier_end_counts_and_is_doubted() {
        let late = |confidence| vec![("use-after-job-end".to_owned(), Confidence(confidence))];
        let used = |at, (from, to)| used_at(at, &[(1, 5, 20), (1, from, to)]);
        let before = 2 * 31 * 24 * 60;
        assert_eq!(used(25, (5, 40)), late(40));
        assert_eq!(used(47, (5, 40)), late(80));
        assert_eq!(used(15, (5, 12)), late(40));
        // It cannot have run so early: Vault takes no ID token that is over.
        assert_eq!(used(27, (5 - before, 20 - before)), late(80));
        assert_eq!(used(15, (5 - before, 20 - before)), []);
    }

    /// What a login long after its job shows may be the clock, unless others tell that it is right.
    #[test]
    fn a_login_after_its_job_accuses_for_certain_only_where_the_clocks_were_compared() {
        let used = |others: u64| {
            let mut sample = Sample::default();
            sample.job(7, 1, 5, 20);
            sample.login("l", "auth/gitlab/", 40, "10.1.0.1", &[("job_id", "1")]);
            let op = sample.request("r", "l", 42);
            let ids = ["2", "3", "4", "5"];
            for (number, id) in (2..).zip(ids).take(others as usize) {
                sample.job(7, number, 5, 20);
                sample.login(id, "auth/gitlab/", 10, "10.1.0.1", &[("job_id", id)]);
            }
            let world = networks();
            let identity = sample.join(&world);
            let (session, facts) = of(&identity, op, &world);
            let seen = seen("vault:path/secret/data/x", "10.1.0.1", 42);
            let found = identity.request_mismatches(&facts, session, seen, &world.scope());
            found.into_iter().map(|it| it.confidence).next()
        };
        assert_eq!(used(0), Some(Confidence::SUSPECTED));
        assert!(used(4) > Some(Confidence::SUSPECTED), "{:?}", used(4));
    }

    /// The clock may be further off than the least that puts the logins into their jobs.
    #[test]
    fn a_use_within_the_job_by_the_clock_that_the_logins_allow_is_none() {
        let mut sample = Sample::default();
        for (number, id) in (1..).zip(["1", "2", "3"]) {
            sample.job(7, number, 5, 20);
            sample.login(id, "auth/gitlab/", 28, "10.1.0.1", &[("job_id", id)]);
        }
        let op = sample.request("r", "3", 38);
        let world = networks();
        let identity = sample.join(&world);
        let (session, facts) = of(&identity, op, &world);
        let used = |at| {
            let seen = seen("vault:path/secret/data/x", "10.1.0.1", at);
            let found = identity.request_mismatches(&facts, session, seen, &world.scope());
            found.len()
        };
        // Eight to 23 minutes ahead.
        assert_eq!((used(38), used(43), used(45)), (0, 0, 1));
    }

    #[test]
    fn a_login_without_a_job_has_no_end() {
        assert_eq!(used_at(25, &[]), []);
    }

    fn google(ttl: &str, secret: &str, mint: &str, silent: bool, at: i64) -> Vec<&'static str> {
        let mut sample = Sample::default();
        let account = "vault:path/gcp/roleset/x";
        let email = "x@p.iam.gserviceaccount.com";
        sample.says("vault-gcp-account", account, "service_account_email", email);
        sample.says("vault-gcp-account", account, "ttl", ttl);
        sample.says("vault-gcp-account", account, "secret_type", secret);
        sample.mint("m", mint, 600);
        sample.busy(0, if silent { 601 } else { 2_000 });
        of_account(sample, at)
    }

    /// What there is against the use of the account at `at`.
    fn of_account(sample: Sample, at: i64) -> Vec<&'static str> {
        let world = World::default();
        let identity = sample.join(&world);
        let used = seen("gcp:resource/b", "", at);
        let found = identity.cloud_mismatches(caller(ACCOUNT, ""), used, &world.scope());
        found.iter().map(|fact| fact.kind.as_str()).collect()
    }

    #[test]
    fn a_token_used_after_its_accounts_own_life_is_a_fact() {
        let token = "gcp/roleset/x/token";
        let used = |ttl, at| google(ttl, "access_token", token, false, at);
        assert_eq!(used("3600", 650), [""; 0]);
        assert_eq!(used("3600", 670), ["outside-credential-life"]);
        // The account's ttl, not the usual hour.
        assert_eq!(used("7200", 670), [""; 0]);
        assert_eq!(used("600", 640), ["outside-credential-life"]);
        assert_eq!(used("3600", 500), ["no-issue"]);
    }

    /// Vault may revoke the lease and the token that got it: Google knows nothing of either.
    #[test]
    fn an_access_token_of_google_lives_as_long_as_the_answer_says() {
        let used = |leased: bool, ttl: Option<i64>, ends: &'static str, at: i64| {
            let mut sample = Sample::default();
            let account = "vault:path/gcp/roleset/x";
            let email = "x@p.iam.gserviceaccount.com";
            sample.says("vault-gcp-account", account, "service_account_email", email);
            sample.login("l", "auth/gitlab/", 599, "10.1.0.1", &[]);
            sample.vault(EventKind::Request, "m", 600, |event| {
                event.caller.accessor = Some("accessor-l".into());
                event.service = Some("gcp".into());
                event.path = "gcp/roleset/x/token".into();
                event.issued = Some(crate::model::Issued {
                    lease_id: leased.then(|| "gcp/roleset/x/token/1".into()),
                    ttl_seconds: ttl,
                    ..crate::model::Issued::default()
                });
            });
            sample.vault(EventKind::Request, "r", 610, |event| {
                event.caller.accessor = Some("accessor-l".into());
                event.path = ends.into();
                event.request_lease_id = Some("gcp/roleset/x/token/1".into());
            });
            sample.busy(0, 2_000);
            of_account(sample, at)
        };
        let (token, lease) = ("auth/token/revoke-self", "sys/leases/revoke");
        for ends in [token, lease, "sys/leases/renew"] {
            assert_eq!(used(true, None, ends, 630), [""; 0], "{ends}");
            assert_eq!(used(false, None, ends, 630), [""; 0], "{ends}");
            assert_eq!(used(true, None, ends, 670), ["outside-credential-life"]);
        }
        // The life that the answer states, shorter or longer than the account's.
        assert_eq!(
            used(false, Some(600), token, 615),
            ["outside-credential-life"]
        );
        assert_eq!(used(false, Some(7_200), token, 670), [""; 0]);
    }

    #[test]
    fn where_the_log_cannot_tell_nothing_is_said() {
        let token = "gcp/roleset/x/token";
        // Before the log covers one life.
        let nothing = [""; 0];
        assert_eq!(google("3600", "access_token", token, false, 30), nothing);
        // While Vault's log is silent.
        assert_eq!(google("3600", "access_token", token, true, 1_200), nothing);
        // Keys may be older than the log.
        let key = "gcp/roleset/x/key";
        assert_eq!(
            google("", "service_account_key", key, false, 1_900),
            nothing
        );
    }

    /// Who asks for a child token writes its metadata.
    #[test]
    fn metadata_of_child_tokens_moves_no_clock() {
        let mut sample = Sample::default();
        for (number, id) in [(1, "1"), (2, "2"), (3, "3")] {
            sample.job(7, number, 5, 20);
            sample.login(id, "auth/gitlab/", 600, "10.1.0.1", &[("job_id", id)]);
            let login = sample.ledger.logins.last_mut().unwrap();
            login.child = true;
        }
        let world = World::default();
        let identity = sample.join(&world);
        assert_eq!(identity.shift, 0);
        assert!(identity.clock_offset().is_empty());
    }

    #[test]
    fn clocks_are_compared_by_logins_that_name_their_job() {
        let ids = ["1", "2", "3"];
        let offset = |mount: &'static str, times: &[i64]| {
            let mut sample = Sample::default();
            for ((id, at), number) in ids.iter().zip(times).zip(1..) {
                sample.job(7, number, 5, 20);
                sample.login(id, mount, *at, "10.1.0.1", &[("job_id", id)]);
            }
            let world = World::default();
            subjects(
                &sample.join(&world).mismatches_ever(&world),
                "clocks-unreliable",
            )
            .len()
        };
        let ci = "auth/gitlab/";
        assert_eq!(offset(ci, &[10, 10, 10]), 0);
        assert_eq!((offset(ci, &[4, 4, 4]), offset(ci, &[22, 22, 22])), (1, 1));
        // One or two logins out of their time are no clock, nor is what nobody signed.
        assert_eq!((offset(ci, &[22]), offset(ci, &[22, 22])), (0, 0));
        assert_eq!(offset("auth/userpass/", &[22, 22, 22]), 0);
        assert_eq!(minute(1).0, 60_000_000);
        let mut sample = Sample::default();
        sample.vault(EventKind::Request, "r", 3, |_| {});
        let world = World::default();
        assert!(sample.join(&world).mismatches_ever(&world).is_empty());
    }
}
