//! What comes into the program: crates of crates.io alone, and no second way to a network.

use std::collections::BTreeSet;
use std::fs;

use super::{accept, root};

/// Who may depend on a crate that opens connections; `deny.toml` says the same to `cargo deny`.
const CLIENTS: [(&str, &[&str]); 4] = [
    ("reqwest", &["object_store", "polars-io"]),
    ("object_store", &["polars-error", "polars-io"]),
    ("ureq", &[]),
    ("openssl-sys", &[]),
];

fn packages() -> Vec<toml::Value> {
    let lock = fs::read_to_string(root().join("Cargo.lock")).unwrap();
    let lock: toml::Value = toml::from_str(&lock).unwrap();
    lock["package"].as_array().unwrap().clone()
}

#[test]
fn every_crate_comes_from_the_registry_with_its_digest() {
    let mut faults = Vec::new();
    for package in packages() {
        let name = package["name"].as_str().unwrap().to_owned();
        let source = package.get("source").and_then(toml::Value::as_str);
        let sound = source == Some("registry+https://github.com/rust-lang/crates.io-index")
            && package.get("checksum").is_some();
        if name != "piperoll" && !sound {
            faults.push(format!("{name}: {source:?}"));
        }
    }
    accept("every crate comes from crates.io", &faults);
}

#[test]
fn nobody_but_the_table_engine_brings_a_network_client() {
    let rules = fs::read_to_string(root().join("deny.toml")).unwrap();
    let mut faults = Vec::new();
    for (client, allowed) in CLIENTS {
        if !rules.contains(&format!("crate = \"{client}\"")) {
            faults.push(format!("deny.toml does not name {client}"));
        }
        let allowed: BTreeSet<&str> = allowed.iter().copied().collect();
        for package in packages() {
            let name = package["name"].as_str().unwrap().to_owned();
            let needs = package.get("dependencies").and_then(toml::Value::as_array);
            let needs = needs.into_iter().flatten().filter_map(toml::Value::as_str);
            let uses = needs.filter(|need| need.split(' ').next() == Some(client));
            if uses.count() > 0 && !allowed.contains(name.as_str()) {
                faults.push(format!("{name} depends on {client}"));
            }
        }
    }
    accept("no second network client", &faults);
}
