//! The product reads the estate: its configuration without a fault, its Vault side record by record.

#![allow(clippy::unwrap_used)]

use piperoll::config::Settings;
use piperoll::model::{Event, Export, Format, Sink};
use piperoll::source::{Links, Output, expand, ingest};
use piperoll::{snapshot, source};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// Counts what a block says.
#[derive(Default)]
struct Count {
    events: usize,
    configured: usize,
    policies: usize,
}

impl Sink for Count {
    fn event(&mut self, _: &Event<'_>) {
        self.events += 1;
    }
    fn export(&mut self, export: Export) {
        match export {
            Export::Attribute(_) => self.configured += 1,
            Export::Policy(_) => self.policies += 1,
            _ => {}
        }
    }
}

#[test]
fn the_configuration_has_no_fault() {
    let text = fs::read_to_string(fixtures().join("estate/piperoll.toml")).unwrap();
    let settings = Settings::parse("piperoll.toml", &text, &[]).unwrap();
    assert!(settings.warnings.is_empty(), "{:?}", settings.warnings);
    assert!(settings.people.is_admin("vault:role/gitlab/vault-config"));
    assert!(settings.environments.is_production("live"));
}

#[test]
fn every_vault_record_is_read_but_the_one_cut_off() {
    let folder = fixtures().join("estate/vault");
    let files = expand(&[folder.to_str().unwrap().to_owned()], &[], Links::Followed).unwrap();
    let formats: Vec<&dyn Format> = source::vault::FORMATS
        .iter()
        .chain(snapshot::vault::FORMATS)
        .copied()
        .collect();
    let mut parsed: BTreeMap<String, u64> = BTreeMap::new();
    let (mut rejected, mut policies, mut configured) = (Vec::new(), 0, 0);
    ingest(
        &files,
        &formats,
        NonZeroUsize::MIN,
        Count::default,
        |output| {
            if let Output::Block { file, tally, kept } = output {
                let found = files.iter().find(|input| input.id == file).unwrap();
                let name = found.path.as_ref().unwrap().strip_prefix(&folder).unwrap();
                let name = format!("vault/{}", name.to_str().unwrap().replace('\\', "/"));
                *parsed.entry(name.clone()).or_default() += tally.parsed;
                rejected.extend(
                    tally
                        .rejected
                        .iter()
                        .map(|damage| format!("{name}:{}", damage.place.line)),
                );
                assert!(tally.skipped.is_empty(), "{name}: {:?}", tally.skipped);
                policies += kept.policies;
                configured += kept.configured;
            }
        },
    );
    let truth = fs::read(fixtures().join("truth/estate.json")).unwrap();
    let truth: Value = serde_json::from_slice(&truth).unwrap();
    let cut = "vault/socket/audit-2026-09-01.log.zst";
    for (name, counts) in truth["files"].as_object().unwrap() {
        if name.starts_with("vault/") {
            let expected = counts["records"].as_u64().unwrap() - u64::from(name == cut);
            assert_eq!(parsed.get(name), Some(&expected), "{name}");
        }
    }
    let last = truth["files"][cut]["lines"].as_u64().unwrap();
    assert_eq!(rejected, [format!("{cut}:{last}")]);
    assert!(
        policies > 10 && configured > 50,
        "{policies} policies, {configured} attributes"
    );
}
