//! IM-7: use from a place the principal cannot be.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::{Caller, Declared, Facts, Identity, Login, Mismatch, MountClass, Seen};
use crate::model::{Key, id};

/// Parts of the names of accounts that Google itself acts as.
const AGENTS: [&str; 5] = [
    "@gcp-sa-",
    "@serverless-robot-prod.",
    "@cloudservices.",
    "@system.gserviceaccount.com",
    "@cloudbuild.gserviceaccount.com",
];

impl Identity {
    /// A CI token used from an address that is neither its login's nor a runner's. Rests on the
    /// token's handle alone: which job it belongs to does not matter.
    pub(super) fn moved(
        &self,
        subject: &str,
        facts: &Facts,
        seen: Seen<'_>,
        key: Key,
        declared: &dyn Declared,
    ) -> Option<Mismatch> {
        let ci = facts.mount_class == Some(MountClass::Ci);
        let moved =
            !facts.address.is_empty() && !seen.address.is_empty() && facts.address != seen.address;
        if !ci
            || !moved
            || self.behind_proxy
            || !declared.knows_runners()
            || declared.is_runner(seen.address)
        {
            return None;
        }
        Some(Mismatch {
            class: "IM-7",
            detail: "other-origin",
            subject: subject.to_owned(),
            object: format!("address:{}", seen.address),
            expected: facts.address.clone(),
            observed: format!("{} for {}", seen.address, seen.object),
            at: seen.at,
            confidence: key.confidence(),
            place: seen.place,
            of_configuration: false,
        })
    }

    /// A Google machine identity at work from where no machine of ours is: a public address
    /// outside the declared networks, a person's terminal, or a private address that is not
    /// declared, which says something only where a person acted from it too.
    pub(super) fn machine_elsewhere(
        &self,
        caller: Caller<'_>,
        seen: Seen<'_>,
        declared: &dyn Declared,
    ) -> Option<Mismatch> {
        let principal = caller.principal;
        let machine =
            principal.starts_with("gcp:sa/") || principal.contains("/workloadIdentityPools/");
        let exempt = caller
            .delegation
            .iter()
            .chain([&principal])
            .any(|who| declared.is_exempt(who));
        if !machine || AGENTS.iter().any(|agent| principal.contains(agent)) {
            return None;
        }
        let interactive = caller.user_agent.contains("interactive/True");
        let shell = caller.user_agent.contains("environment/devshell");
        let address: Option<IpAddr> = seen.address.parse().ok();
        let foreign = address.filter(|ip| {
            declared.knows_egress()
                && declared.knows_runners()
                && !declared.is_own_network(seen.address)
                && !is_google(*ip)
        });
        let (detail, expected) = match foreign {
            _ if exempt && shell => return None,
            Some(ip) if !is_private(ip) => {
                ("machine-elsewhere", "an address of the declared networks")
            }
            _ if interactive => ("machine-at-a-terminal", "a program"),
            Some(_) => (
                "machine-at-a-private-address",
                "an address of the declared networks",
            ),
            None => return None,
        };
        let address = if seen.address.is_empty() {
            "unknown"
        } else {
            seen.address
        };
        Some(Mismatch {
            class: "IM-7",
            detail,
            subject: principal.to_owned(),
            object: format!("address:{address}"),
            expected: expected.to_owned(),
            observed: if detail == "machine-at-a-terminal" {
                "gcloud at a terminal".to_owned()
            } else {
                address.to_owned()
            },
            at: seen.at,
            confidence: Key::K1.confidence(),
            place: seen.place,
            of_configuration: false,
        })
    }

    /// IM-7: a job whose id logged in from several addresses, at least one of which is no
    /// runner's. The token names the job (K1); a change of address inside the declared pool is
    /// how runners behind several gateways look.
    pub(super) fn reused_jobs(&self, declared: &dyn Declared) -> Vec<Mismatch> {
        if !declared.knows_runners() {
            return Vec::new();
        }
        let mut by_job: BTreeMap<u32, Vec<&Login>> = BTreeMap::new();
        for (login, position) in self.ledger.logins.iter().zip(0u32..) {
            let jobs = self
                .origin(position)
                .and_then(|origin| origin.jobs.as_ref());
            let job = jobs
                .filter(|jobs| jobs.key == Key::K1)
                .and_then(|jobs| jobs.only());
            if let Some(job) = job {
                by_job.entry(job).or_default().push(login);
            }
        }
        let mut found = Vec::new();
        for (number, logins) in by_job {
            let addresses: BTreeSet<&str> = logins
                .iter()
                .map(|login| self.ledger.text(login.address))
                .filter(|address| !address.is_empty())
                .collect();
            let Some(job) = self.directory.job(number).filter(|_| addresses.len() > 1) else {
                continue;
            };
            for login in logins {
                let address = self.ledger.text(login.address);
                if address.is_empty() || declared.is_runner(address) {
                    continue;
                }
                let others: Vec<&str> = addresses
                    .iter()
                    .copied()
                    .filter(|other| *other != address)
                    .collect();
                found.push(self.about_login(
                    login,
                    ("IM-7", "job-identity-reused"),
                    id::gitlab_job(job.project_id, job.id),
                    format!("address:{address}"),
                    (others.join(";"), address.to_owned()),
                ));
            }
        }
        found
    }
}

/// Addresses that Google's own machines call from (`2600:1900::/28`, its cloud's IPv6 range).
fn is_google(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(_) => false,
        IpAddr::V6(ip) => {
            let [first, second, ..] = ip.segments();
            first == 0x2600 && second & 0xfff0 == 0x1900
        }
    }
}

/// Addresses that nobody outside can call from.
fn is_private(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => {
            let [first, second, ..] = ip.octets();
            ip.is_private()
                || ip.is_loopback()
                || ip.is_link_local()
                || (first == 100 && second & 0xc0 == 64)
        }
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::{is_google, is_private};
    use crate::identity::sample::{Sample, World, caller, networks, of, seen, subjects};
    use crate::model::Confidence;

    const ACCOUNT: &str = "gcp:sa/x@p.iam.gserviceaccount.com";

    fn machine(principal: &'static str, address: &'static str, agent: &'static str) -> Vec<String> {
        let world = World {
            exempt: vec!["gcp:sa/admin@p.iam.gserviceaccount.com"],
            ..networks()
        };
        let identity = Sample::default().join(&world);
        let seen = seen("gcp:resource/b", address, 1);
        let found = identity.machine_elsewhere(caller(principal, agent), seen, &world);
        found
            .into_iter()
            .map(|mismatch| mismatch.detail.to_owned())
            .collect()
    }

    #[test]
    fn a_machine_from_the_internet_or_at_a_terminal_is_a_fact() {
        let federated = "gcp:principal/principal://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/gl/subject/job_1";
        assert_eq!(machine(ACCOUNT, "203.0.113.9", ""), ["machine-elsewhere"]);
        assert_eq!(machine(federated, "203.0.113.9", ""), ["machine-elsewhere"]);
        let gcloud = "google-cloud-sdk gcloud/531 environment/None interactive/True";
        assert_eq!(
            machine(ACCOUNT, "10.2.0.1", gcloud),
            ["machine-at-a-terminal"]
        );
        assert_eq!(
            machine(ACCOUNT, "10.9.9.9", ""),
            ["machine-at-a-private-address"]
        );
    }

    #[test]
    fn own_networks_google_and_people_are_silent() {
        let nothing = Vec::<String>::new();
        for address in [
            "10.1.0.1",
            "10.2.0.1",
            "private",
            "gce-internal-ip",
            "",
            "2600:1900::1",
        ] {
            assert_eq!(machine(ACCOUNT, address, ""), nothing, "{address}");
        }
        let person = "gcp:principal/user:eve@x.example";
        assert_eq!(machine(person, "203.0.113.9", ""), nothing);
        let agent = "gcp:sa/service-1@gcp-sa-logging.iam.gserviceaccount.com";
        assert_eq!(machine(agent, "203.0.113.9", ""), nothing);
        let shell = "gcloud/531 environment/devshell interactive/True";
        let admin = "gcp:sa/admin@p.iam.gserviceaccount.com";
        assert_eq!(machine(admin, "203.0.113.9", shell), nothing);
        let script = "google-cloud-sdk gcloud/531 interactive/False from-script/True";
        assert_eq!(machine(ACCOUNT, "10.1.0.1", script), nothing);
    }

    #[test]
    fn without_declared_networks_an_address_says_nothing() {
        let world = World::default();
        let identity = Sample::default().join(&world);
        let seen = seen("gcp:resource/b", "203.0.113.9", 1);
        assert!(
            identity
                .machine_elsewhere(caller(ACCOUNT, ""), seen, &world)
                .is_none()
        );
    }

    #[test]
    fn ranges_are_told_apart() {
        assert!(
            is_private("10.0.0.1".parse().unwrap())
                && is_private("::ffff:10.0.0.1".parse().unwrap())
        );
        assert!(
            is_private("fd00::1".parse().unwrap()) && is_private("100.64.0.1".parse().unwrap())
        );
        assert!(
            !is_private("203.0.113.9".parse().unwrap())
                && !is_private("2001:db8::1".parse().unwrap())
        );
        assert!(
            is_google("2600:190f::1".parse().unwrap())
                && !is_google("2600:1800::1".parse().unwrap())
        );
    }

    fn moved(
        login_from: &'static str,
        used_from: &'static str,
        job: bool,
        world: &World,
    ) -> Vec<(String, Confidence)> {
        let mut sample = Sample::default();
        if job {
            sample.job(7, 1, 5, 20);
        }
        sample.login("l", "auth/gitlab/", 10, login_from, &[("project_id", "7")]);
        sample.login("m", "auth/gitlab/", 11, login_from, &[("project_id", "7")]);
        let op = sample.request("r", "l", 12);
        let identity = sample.join(world);
        let (session, facts) = of(&identity, op, world);
        let seen = seen("vault:path/secret/data/x", used_from, 12);
        let found = identity.request_mismatches(&facts, session, seen, world);
        found
            .into_iter()
            .map(|mismatch| (mismatch.object, mismatch.confidence))
            .collect()
    }

    #[test]
    fn a_token_used_elsewhere_is_a_fact_with_or_without_its_job() {
        let expected = [("address:203.0.113.9".to_owned(), Confidence(95))];
        assert_eq!(
            moved("10.1.0.1", "203.0.113.9", true, &networks()),
            expected
        );
        assert_eq!(
            moved("10.1.0.1", "203.0.113.9", false, &networks()),
            expected
        );
    }

    #[test]
    fn another_runner_of_the_pool_and_a_proxy_are_silent() {
        assert_eq!(moved("10.1.0.1", "10.1.0.2", true, &networks()), []);
        assert_eq!(moved("10.1.0.1", "10.1.0.1", true, &networks()), []);
        // All logins come from one address that is no runner's.
        assert_eq!(moved("198.51.100.1", "198.51.100.2", true, &networks()), []);
        assert_eq!(
            moved("10.1.0.1", "203.0.113.9", true, &World::default()),
            []
        );
    }

    fn reused(metadata: &[(&'static str, &'static str)], second: &'static str) -> usize {
        let mut sample = Sample::default();
        sample.job(7, 1, 5, 20);
        sample.job(7, 2, 5, 20);
        sample.login("l", "auth/gitlab/", 10, "10.1.0.1", metadata);
        sample.login("m", "auth/gitlab/", 11, second, metadata);
        let world = networks();
        subjects(
            &sample.join(&world).mismatches(&world),
            "job-identity-reused",
        )
        .len()
    }

    /// JOI-011 rests on K1 alone: candidates by window never carry it.
    #[test]
    fn one_job_id_from_two_places_is_a_fact_only_when_the_token_names_it() {
        assert_eq!(reused(&[("job_id", "1")], "203.0.113.9"), 1);
        assert_eq!(reused(&[("job_id", "1")], "10.1.0.2"), 0);
        assert_eq!(reused(&[("project_id", "7")], "203.0.113.9"), 0);
    }
}
