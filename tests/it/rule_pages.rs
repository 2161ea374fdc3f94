//! SARIF links each rule in the box to its page, where the configuration says where the pages are.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::product::run_in;
use super::vault_log::folder;

#[test]
fn sarif_links_the_rules_in_the_box_to_their_pages() {
    let box_of = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/vault/VLT-POL-004.toml");
    let own = fs::read_to_string(box_of)
        .unwrap()
        .replace("VLT-POL-004", "OWN-001");
    let dir = folder(&[
        (
            "a.hcl",
            b"path \"secret/*\" { capabilities = [\"read\"] }\n",
        ),
        ("rules/OWN-001.toml", own.as_bytes()),
        (
            "pages.toml",
            b"[output]\nrule_pages = \"https://docs.example.com/rules/{rule}.html\"\n",
        ),
    ]);
    let links = |more: &[&str]| {
        let words = ["lint", "a.hcl", "--format", "sarif", "--rules", "rules"];
        let ran = run_in(dir.path(), &[&words, more].concat());
        let report: Value =
            serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{}", ran.err));
        let rules = report["runs"][0]["tool"]["driver"]["rules"]
            .as_array()
            .unwrap()
            .clone();
        let of = |id: &str| rules.iter().find(|rule| rule["id"] == id).unwrap()["helpUri"].clone();
        (of("VLT-POL-004"), of("OWN-001"))
    };
    assert_eq!(links(&[]), (Value::Null, Value::Null));
    let page = Value::from("https://docs.example.com/rules/VLT-POL-004.html");
    assert_eq!(links(&["-c", "pages.toml"]), (page, Value::Null));
}

#[test]
fn an_address_that_leads_to_no_page_is_refused() {
    for address in [
        "docs/{rule}.md",
        "https://docs.example.com/rules",
        "https:///{rule}",
        "https://x.example/{rule}/{id}",
        "https://x.example/{rule}\\\"><b>",
    ] {
        let text = format!("[output]\nrule_pages = \"{address}\"\n");
        let dir = folder(&[("piperoll.toml", text.as_bytes())]);
        let ran = run_in(dir.path(), &["config", "check"]);
        assert_eq!(ran.code, 2, "{address}");
        assert!(
            ran.err
                .contains("piperoll.toml:2:14: `output.rule_pages` is no address"),
            "{}",
            ran.err
        );
    }
}
