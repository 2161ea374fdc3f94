//! What is fuzzed: for every parser one function that takes any bytes and must come back.
//!
//! A file goes the whole way that a run's input goes: decompression, wrappers, detection, cutting,
//! parsing, accounting. `cargo fuzz` runs these under libFuzzer (`fuzz_targets/`), and the project's
//! tests feed them the seeds and mutations on a stable compiler (`tests/it/parsers.rs`).

use std::cell::OnceCell;
use std::fs;
use std::num::NonZeroUsize;

use piperoll::config::{BUILT_IN, Settings};
use piperoll::estate::formats;
use piperoll::model::{Event, Export, Sink, secret};
use piperoll::policy::{Acl, AclContext, Dialect, Operation, Request, parse};
use piperoll::source::{InputFile, Output, ingest};

/// One parser: the name of its target and of its folder of seeds, and its entry.
pub type Target = (&'static str, fn(&[u8]));

/// Every parser, by name.
pub const TARGETS: &[Target] = &[
    ("audit_line", audit_line),
    ("ci_yaml", ci_yaml),
    ("cloudtrail_record", cloudtrail_record),
    ("gitlab_job", gitlab_job),
    ("google_entry", google_entry),
    ("google_export", google_export),
    ("hoop_session", hoop_session),
    ("mesh_call", mesh_call),
    ("mesh_resource", mesh_resource),
    ("okta_event", okta_event),
    ("piperoll_toml", piperoll_toml),
    ("policy_text", policy_text),
    ("rule_file", rule_file),
    ("secret_text", secret_text),
    ("terraform", terraform),
    ("trace", trace),
    ("vault_export", vault_export),
    ("wrappers", wrappers),
];

/// A Vault audit log.
pub fn audit_line(bytes: &[u8]) {
    file("vault/audit.log", bytes);
}

/// An export of Google's logs.
pub fn google_entry(bytes: &[u8]) {
    file("gcp/logging-read.json", bytes);
}

/// Google's configuration.
pub fn google_export(bytes: &[u8]) {
    file("gcp/projects/shop/iam-policy.json", bytes);
    file("gcp/run/service.json", bytes);
}

/// AWS CloudTrail.
pub fn cloudtrail_record(bytes: &[u8]) {
    file("aws/cloudtrail/records.json", bytes);
}

/// The Okta System Log.
pub fn okta_event(bytes: &[u8]) {
    file("okta/logs.json", bytes);
}

/// Access logs of a Kuma mesh.
pub fn mesh_call(bytes: &[u8]) {
    file("kuma/logs/access.log", bytes);
}

/// Resources of a Kuma mesh.
pub fn mesh_resource(bytes: &[u8]) {
    file("kuma/resources.yaml", bytes);
}

/// Sessions and configuration of the proxy.
pub fn hoop_session(bytes: &[u8]) {
    file("hoop/sessions.json", bytes);
}

/// Lists of GitLab's API.
pub fn gitlab_job(bytes: &[u8]) {
    file("gitlab/projects/101/jobs.json", bytes);
}

/// A job's log.
pub fn trace(bytes: &[u8]) {
    file("gitlab/projects/101/jobs/1/trace.log", bytes);
}

/// A CI file.
pub fn ci_yaml(bytes: &[u8]) {
    file("gitlab/projects/101/.gitlab-ci.yml", bytes);
}

/// A Terraform file, in its own language and in JSON.
pub fn terraform(bytes: &[u8]) {
    file("vault/main.tf", bytes);
    file("vault/main.tf.json", bytes);
}

/// Vault's configuration.
pub fn vault_export(bytes: &[u8]) {
    file("vault/auth/gitlab/role/orders.json", bytes);
    file("vault/auth-list.json", bytes);
}

/// Whatever wraps a log: shippers, arrays, compression.
pub fn wrappers(bytes: &[u8]) {
    file("vault/audit.log", bytes);
    file("export.bin", bytes);
}

/// `piperoll.toml`.
pub fn piperoll_toml(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = Settings::parse("piperoll.toml", text, &BUILT_IN).map_err(|all| all.to_string());
    }
}

/// A rule file.
pub fn rule_file(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = piperoll::rule::parse("VLT-EVT-001.toml", text);
    }
}

/// Any text in which secrets may stand, in any spelling: their places lie in it, in order.
pub fn secret_text(bytes: &[u8]) {
    let found = secret::find(bytes);
    let mut end = 0;
    for secret in &found {
        assert!(secret.range.start >= end && secret.range.end <= bytes.len());
        end = secret.range.end;
        let _ = secret.redacted(bytes);
    }
    let mut end = 0;
    for secret in secret::spelled(bytes) {
        assert!(secret.range.start >= end && secret.range.start < secret.range.end);
        end = secret.range.end;
        assert!(end <= bytes.len());
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        let once = secret::redact(text);
        let _ = secret::redact(&once);
    }
}

/// A policy text: every span lies within it, and whatever is accepted can be asked.
pub fn policy_text(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    for dialect in [Dialect::Vault, Dialect::OpenBao] {
        let (policy, errors) = parse(text, dialect);
        for error in &errors {
            assert!(
                text.get(error.span.start..error.span.end).is_some(),
                "{error:?}"
            );
        }
        for stanza in &policy.stanzas {
            assert!(text.get(stanza.span.start..stanza.span.end).is_some());
        }
        let context = AclContext {
            dialect,
            ..AclContext::default()
        };
        let acl = Acl::new(&[("p", &policy)], context);
        for stanza in policy.stanzas.iter().take(50) {
            let _ = acl.decide(&Request::new(Operation::List, &stanza.path));
        }
    }
}

/// A sink that keeps nothing but the number of what it was given.
#[derive(Default)]
struct Taken(u64);

impl Sink for Taken {
    fn event(&mut self, _: &Event<'_>) {
        self.0 += 1;
    }
    fn export(&mut self, _: Export) {
        self.0 += 1;
    }
}

/// Reads bytes as a file of that name; every unit is accounted for, and the file ends once.
fn file(name: &str, bytes: &[u8]) {
    thread_local! {
        static FOLDER: OnceCell<tempfile::TempDir> = const { OnceCell::new() };
    }
    FOLDER.with(|folder| {
        let folder = folder.get_or_init(|| tempfile::tempdir().unwrap());
        let path = folder.path().join("input");
        fs::write(&path, bytes).unwrap();
        let input = InputFile::at(name, &path);
        let (mut ends, mut units, mut kept) = (0, 0, 0);
        ingest(
            &[input],
            &formats(),
            NonZeroUsize::MIN,
            Taken::default,
            |output| match output {
                Output::Block {
                    tally, kept: taken, ..
                } => {
                    let skipped: u64 = tally.skipped.values().sum();
                    units +=
                        tally.parsed + skipped + tally.rejected.len() as u64 + tally.rejected_more;
                    kept += taken.0;
                }
                Output::End { .. } => ends += 1,
            },
        );
        assert_eq!(ends, 1, "{name}");
        assert!(
            units > 0 || kept == 0,
            "{name}: something came from no unit"
        );
    });
}
