//! What the author of a merge request may write so that the gate passes over a policy that opens
//! everything: each is a finding, or the file is named as one that could not be judged.

use crate::lint::{estate, lint};

const OPEN: &str = "path \"*\" { capabilities = [\"sudo\", \"read\"] }\n";

/// What `lint` says of one file beside a sound policy: its exit code and its text.
fn judged(name: &str, text: &str) -> (i32, String) {
    let sound = "path \"secret/data/a\" {\n  capabilities = [\"read\"]\n}\n";
    let dir = estate(&[(name, text), ("policies/sound.hcl", sound)]);
    let (code, out, err) = lint(dir.path(), &[]);
    (code, format!("{out}{err}"))
}

#[test]
fn a_placeholder_hides_nothing_of_a_policy() {
    let read = "{ capabilities = [\"read\"] }\n";
    let texts = [
        format!("path \"secret/${{x}}\" {read}{OPEN}"),
        format!("path \"secret/{{{{ .Tenant }}}}\" {read}{OPEN}"),
        format!("{OPEN}path \"a\" {{ capabilities = [\"${{what}}\"] }}\n"),
        format!("name = \"${{x}}\"\n{OPEN}"),
        format!("${{x}}\n{OPEN}"),
        format!("%{{ if x }}\n{OPEN}%{{ endif }}\n"),
        "# ${x}\npath = { \"*\" = { capabilities = [\"sudo\"] } }\n".to_owned(),
    ];
    for text in texts {
        let (code, said) = judged("policies/a.hcl", &text);
        assert_ne!(code, 0, "{text}\n{said}");
        let (code, said) = judged(
            "sys/policies/acl/a.json",
            &serde_json::json!({"data": {"name": "a", "policy": text}}).to_string(),
        );
        assert_ne!(code, 0, "{text}\n{said}");
    }
}

#[test]
fn what_a_placeholder_stands_for_is_said_to_be_unknown() {
    let text = "path \"secret/data/${team}\" { capabilities = [\"read\"] }\n";
    let (code, said) = judged("policies/a.hcl", text);
    assert_eq!(code, 0, "{said}");
    let note = "policies/a.hcl: policy `a`: its placeholders were taken for text";
    assert!(said.contains(note), "{said}");
    // A template by name and by text is what no server reads as it is.
    let (code, said) = judged("policies/a.hcl.tpl", &format!("{text}%{{ if x }}\n"));
    assert_eq!(code, 0, "{said}");
    assert!(
        said.contains("a template: what the server would read"),
        "{said}"
    );
}

#[test]
fn the_form_of_a_policy_hides_nothing_of_it() {
    let utf_8 = |text: &str| ("policies/a.hcl", text.to_owned());
    let json = |text: &str| ("policies/a.json", text.to_owned());
    let rule = "{ capabilities = [\"sudo\"] }\n";
    for (name, text) in [
        utf_8(&format!("\u{feff}{OPEN}")),
        utf_8(&OPEN.replace(' ', "\r\n")),
        utf_8(&format!("\0{OPEN}")),
        utf_8(&format!("\u{a0}{OPEN}")),
        utf_8(&format!("/* x */ path /* y */ \"*\" /* {{ */ {rule}")),
        utf_8(&format!("path <<EOT\n*\nEOT\n {rule}")),
        utf_8("path \"*\" { capabilities = [<<EOT\nsudo\nEOT\n] }\n"),
        utf_8("path \"\\u002a\" { capabilities = [\"\\u0073udo\"] }\n"),
        utf_8(&format!("path \"/*\" {rule}")),
        utf_8(&format!("path \"+/*\" {rule}")),
        utf_8("path \"*\" { policy = \"sudo\" }\n"),
        utf_8("path \"*\" { capabilities = \"sudo\" }\n"),
        utf_8(&format!("path \"*\" = {rule}")),
        utf_8(&format!("\"path\" \"*\" {rule}")),
        utf_8(&format!("PATH \"*\" {rule}")),
        utf_8("{\"path\":{\"*\":{\"capabilities\":[\"sudo\"]}}}"),
        json(
            "{\"path\":{\"secret/a\":{\"capabilities\":[\"read\"]}},\"path\":{\"*\":{\"capabilities\":[\"sudo\"]}}}",
        ),
        json(
            "{\"path\":{\"*\":{\"capabilities\":[\"sudo\"]}},\"path\":{\"secret/a\":{\"capabilities\":[\"read\"]}}}",
        ),
        json("{\"path\":{\"*\":{\"capabilities\":[\"sudo\"],}},}"),
        json("{\"p\\u0061th\":{\"*\":{\"capabilities\":[\"sudo\"]}}}"),
        json("// x\n{\"path\":{\"*\":{\"capabilities\":[\"sudo\"]}}}"),
        json(OPEN),
        ("policies/a.HCL", OPEN.to_owned()),
        ("policies/a.hcl.bak", OPEN.to_owned()),
        ("policies/a", OPEN.to_owned()),
        (".hidden/a.txt", OPEN.to_owned()),
    ] {
        let (code, said) = judged(name, &text);
        assert_ne!(code, 0, "{name} {text:?}\n{said}");
    }
}
