//! `piperoll policy` as a user sees it.

use std::path::Path;

use clap::Parser;
use piperoll::cli::policy::{PolicyArgs, run};

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    policy: PolicyArgs,
}

/// Exit code, stdout and stderr of a run inside `dir`.
pub(crate) fn policy(args: &[&str]) -> (u8, String, String) {
    let cli = Cli::try_parse_from(std::iter::once(&"policy").chain(args)).unwrap();
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let code = run(&cli.policy, &mut stdout, &mut stderr);
    (
        code,
        String::from_utf8(stdout).unwrap(),
        String::from_utf8(stderr).unwrap(),
    )
}

pub(crate) fn estate(files: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    dir
}

fn at(dir: &Path, name: &str) -> String {
    dir.join(name).display().to_string()
}

#[test]
fn decides_line_by_line_in_order_and_names_the_stanza() {
    let dir = estate(&[
        (
            "p/a.hcl",
            "# app\n\npath \"secret/data/*\" {\n  capabilities = [\"read\"]\n}\n",
        ),
        (
            "p/team/b.json",
            r#"{"path":{"secret/data/x":{"capabilities":["deny"]}}}"#,
        ),
        (
            "requests.ndjson",
            concat!(
                r#"{"policies":["a"],"operation":"read","path":"secret/data/x"}"#,
                "\n\n",
                r#"{"policies":["a","b"],"operation":"read","path":"secret/data/x","more":1}"#,
                "\n",
                r#"{"policies":["a","gone"],"operation":"list","path":"other/"}"#,
                "\n",
                r#"{"policies":["root"],"operation":"delete","path":"sys/audit/x"}"#,
                "\n",
            ),
        ),
    ]);
    let (policies, requests) = (at(dir.path(), "p"), at(dir.path(), "requests.ndjson"));
    let (code, stdout, stderr) =
        policy(&["decide", "--policies", &policies, "--requests", &requests]);
    assert_eq!(
        stdout,
        concat!(
            r#"{"allowed":true,"granting":["a"],"rule":"secret/data/*","file":"a.hcl","line":3}"#,
            "\n",
            r#"{"allowed":false,"granting":[],"rule":"secret/data/x","file":"team/b.json","line":1}"#,
            "\n",
            r#"{"allowed":false,"granting":[],"rule":null,"file":null,"line":null}"#,
            "\n",
            r#"{"allowed":true,"granting":["root"],"rule":null,"file":null,"line":null}"#,
            "\n",
        )
    );
    assert_eq!(stderr, "warning: no policy \"gone\": it grants nothing\n");
    assert_eq!(code, 0);
}

#[test]
fn a_name_that_holds_a_zero_byte_decides_nothing_for_two_others() {
    let dir = estate(&[
        ("p/a.hcl", "path \"x\" { capabilities = [\"read\"] }"),
        ("p/b.hcl", "path \"y\" { capabilities = [\"read\"] }"),
        (
            "r.ndjson",
            concat!(
                r#"{"policies":["a\u0000b"],"operation":"read","path":"x"}"#,
                "\n",
                r#"{"policies":["a","b"],"operation":"read","path":"x"}"#,
                "\n",
            ),
        ),
    ]);
    let (policies, requests) = (at(dir.path(), "p"), at(dir.path(), "r.ndjson"));
    let (code, stdout, _) = policy(&["decide", "--policies", &policies, "--requests", &requests]);
    let allowed: Vec<bool> = stdout
        .lines()
        .map(|line| line.contains("\"allowed\":true"))
        .collect();
    assert_eq!((code, allowed), (0, vec![false, true]), "{stdout}");
}

#[test]
fn a_refused_text_shows_every_fault_and_decides_nothing() {
    let bad = "path \"a\" {\n  capabilities = [\"reed\"]\n}\n\
               path \"b\" {\n  capability = [\"read\"]\n}\n";
    let dir = estate(&[
        ("p/bad.hcl", bad),
        ("p/good.hcl", "path \"a\" { capabilities = [\"read\"] }"),
        (
            "r.ndjson",
            "{\"policies\":[\"good\"],\"operation\":\"read\",\"path\":\"a\"}\n",
        ),
    ]);
    let (policies, requests) = (at(dir.path(), "p"), at(dir.path(), "r.ndjson"));
    let (code, stdout, stderr) =
        policy(&["decide", "--policies", &policies, "--requests", &requests]);
    assert_eq!((code, stdout.as_str()), (2, ""));
    assert!(stderr.contains("bad.hcl:2:19"), "{stderr}");
    assert!(stderr.contains("did you mean `read`?"), "{stderr}");
    assert!(stderr.contains("bad.hcl:5:3"), "{stderr}");
    assert!(stderr.contains("did you mean `capabilities`?"), "{stderr}");
}

#[test]
fn the_dialect_decides_what_is_refused() {
    let dir = estate(&[("p/s.hcl", "path \"a\" { capabilities = [\"scan\"] }")]);
    let policies = at(dir.path(), "p");
    let (code, _, stderr) = policy(&["decide", "--policies", &policies]);
    assert_eq!(code, 2);
    assert!(
        stderr.contains("not a capability of the vault dialect"),
        "{stderr}"
    );
    let (code, stdout, stderr) =
        policy(&["decide", "--policies", &policies, "--dialect", "openbao"]);
    assert_eq!((code, stdout.as_str(), stderr.as_str()), (0, "", ""));
}

#[test]
fn a_faulty_request_ends_the_run_and_is_named() {
    let dir = estate(&[
        ("p/a.hcl", "path \"a\" { capabilities = [\"read\"] }"),
        (
            "r.ndjson",
            "{\"policies\":[\"a\"],\"operation\":\"read\",\"path\":\"a\"}\n\
             {\"policies\":[\"a\"],\"operation\":\"reed\",\"path\":\"a\"}\n",
        ),
    ]);
    let (policies, requests) = (at(dir.path(), "p"), at(dir.path(), "r.ndjson"));
    let (code, stdout, stderr) =
        policy(&["decide", "--policies", &policies, "--requests", &requests]);
    assert_eq!(code, 2);
    assert_eq!(stdout.lines().count(), 1);
    assert!(
        stderr.contains("r.ndjson:2: `reed` is no operation"),
        "{stderr}"
    );
}

#[test]
fn namespaces_templates_wrapping_and_expiry_enter_the_decision() {
    let text = "path \"s/{{identity.entity.name}}/*\" { capabilities = [\"read\"] }\n\
                path \"w\" { capabilities = [\"read\"] min_wrapping_ttl = \"1m\" }\n\
                path \"old\" { capabilities = [\"read\"] expiration = \"2020-01-01T00:00:00Z\" }\n";
    let requests = [
        r#"{"policies":["p"],"operation":"read","path":"s/shop/x","entity":{"name":"shop"}}"#,
        r#"{"policies":["p"],"operation":"read","path":"s/shop/x"}"#,
        r#"{"policies":["p"],"operation":"read","path":"w","wrap_ttl":60,"namespace":"team"}"#,
        r#"{"policies":["p"],"operation":"read","path":"w"}"#,
        r#"{"policies":["p"],"operation":"read","path":"old"}"#,
    ];
    let dir = estate(&[("p/p.hcl", text), ("r", &requests.join("\n"))]);
    let (policies, requests) = (at(dir.path(), "p"), at(dir.path(), "r"));
    let decide = ["decide", "--dialect", "openbao", "--policies", &policies];
    let mut args = decide.to_vec();
    args.extend(["--requests", &requests, "--as-of", "2024-01-01"]);
    let (code, stdout, _) = policy(&args);
    let allowed: Vec<bool> = stdout
        .lines()
        .map(|line| line.starts_with(r#"{"allowed":true"#))
        .collect();
    assert_eq!((code, allowed), (0, vec![true, false, true, false, false]));
    assert!(stdout.contains(r#""rule":"s/shop/*""#), "{stdout}");
}

#[test]
fn diff_shows_the_shortest_request_of_each_change() {
    let dir = estate(&[
        (
            "old/app.hcl",
            "path \"secret/data/app/*\" { capabilities = [\"read\"] }",
        ),
        (
            "new/app.hcl",
            "path \"secret/data/*\" { capabilities = [\"read\"] }",
        ),
    ]);
    let (before, after) = (at(dir.path(), "old"), at(dir.path(), "new"));
    let (code, stdout, _) = policy(&[
        "diff", "--before", &before, "--after", &after, "--format", "ndjson",
    ]);
    assert_eq!(
        stdout,
        concat!(
            r#"{"policies":["app"],"path":"secret/data/","gained":["read"],"lost":[],"#,
            r#""conditions":[],"before":null,"after":"secret/data/*"}"#,
            "\n"
        )
    );
    assert_eq!(code, 0);
    let (_, stdout, _) = policy(&["diff", "--before", &before, "--after", &before]);
    assert_eq!(stdout, "");
}

#[test]
fn breadth_gives_the_terms_with_the_score() {
    let dir = estate(&[
        (
            "p/wide.hcl",
            "path \"secret/*\" { capabilities = [\"read\", \"update\"] }",
        ),
        (
            "p/narrow.hcl",
            "path \"secret/data/shop/db\" { capabilities = [\"read\"] }",
        ),
        (
            "r",
            r#"{"policies":["narrow"],"operation":"read","path":"secret/data/shop/db"}"#,
        ),
    ]);
    let (policies, requests) = (at(dir.path(), "p"), at(dir.path(), "r"));
    let mut args = vec!["breadth", "--policies", &policies, "--requests", &requests];
    args.extend([
        "--mount",
        "secret=kv2",
        "--owner",
        "secret/shop/=shop",
        "--holder",
        "shop",
    ]);
    args.extend([
        "--sessions",
        "40",
        "--window-days",
        "90",
        "--format",
        "ndjson",
    ]);
    let (code, stdout, stderr) = policy(&args);
    assert_eq!((code, stderr.as_str()), (0, ""));
    let lines: Vec<serde_json::Value> = stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines[0]["policies"], serde_json::json!(["narrow"]));
    assert_eq!(lines[0]["over_privilege"], 0.0);
    assert_eq!(lines[0]["overly_broad"], false);
    assert_eq!(lines[1]["rulings"], serde_json::json!(["R1", "R3", "R4"]));
    assert_eq!(lines[1]["openness"], 4);
    assert_eq!(lines[1]["unused_bound"], 0.075);
}

/// Which of `names` a directory holds, by asking for each.
fn known<'n>(policies: &str, dir: &Path, names: &[&'n str]) -> Vec<&'n str> {
    let held = |name: &&&str| {
        let request =
            format!("{{\"policies\":[{name:?}],\"operation\":\"read\",\"path\":\"a\"}}\n");
        std::fs::write(dir.join("asked"), request).unwrap();
        let asked = at(dir, "asked");
        let (code, stdout, _) = policy(&["decide", "--policies", policies, "--requests", &asked]);
        assert_eq!(code, 0);
        stdout.starts_with("{\"allowed\":true")
    };
    names.iter().filter(held).copied().collect()
}

#[test]
fn a_policy_is_named_by_its_path_below_the_policies_else_by_its_file() {
    let text = "path \"a\" { capabilities = [\"read\"] }";
    let odd = "-x y%2F?#+.v1";
    let dir = estate(&[
        ("export/policies/team/db-admin.hcl", text),
        (&format!("export/policies/{odd}.hcl"), text),
        ("plain/team/b.hcl", text),
        ("api/v1/team/sys/policies/acl/x/y.json", text),
    ]);
    let names = [
        "team/db-admin",
        "db-admin",
        odd,
        "-x y%2F?#+",
        "team/b",
        "b",
    ];
    for root in ["export", "export/policies"] {
        let found = known(&at(dir.path(), root), dir.path(), &names);
        assert_eq!(found, ["team/db-admin", odd], "{root}");
    }
    let plain = known(&at(dir.path(), "plain"), dir.path(), &names);
    assert_eq!(plain, ["team/b", "b"]);
    let api = at(dir.path(), "api");
    let request = concat!(
        "{\"policies\":[\"x/y\"],\"operation\":\"read\",\"path\":\"a\",\"namespace\":\"team\"}\n",
        "{\"policies\":[\"x/y\"],\"operation\":\"read\",\"path\":\"a\"}\n",
    );
    std::fs::write(dir.path().join("asked"), request).unwrap();
    let asked = at(dir.path(), "asked");
    let (_, stdout, _) = policy(&["decide", "--policies", &api, "--requests", &asked]);
    let allowed: Vec<bool> = stdout
        .lines()
        .map(|line| line.contains("\"allowed\":true"))
        .collect();
    assert_eq!(allowed, [true, false]);
}

#[test]
fn settings_of_a_stored_policy_let_a_template_bring_in_slashes() {
    let stored = |slashes: bool| {
        format!(
            "{{\"name\":\"p\",\"policy\":\"path \\\"s/{{{{identity.entity.name}}}}\\\" {{ capabilities = [\\\"read\\\"] }}\",\"allow_slashes_in_identity_templates\":{slashes}}}"
        )
    };
    let request = r#"{"policies":["p"],"operation":"read","path":"s/a/b","entity":{"name":"a/b"}}"#;
    for (slashes, allowed) in [(true, true), (false, false)] {
        let dir = estate(&[("p/p.json", &stored(slashes)), ("r", request)]);
        let (policies, asked) = (at(dir.path(), "p"), at(dir.path(), "r"));
        let mut args = vec!["decide", "--dialect", "openbao", "--policies", &policies];
        args.extend(["--requests", &asked]);
        let (code, stdout, stderr) = policy(&args);
        assert_eq!((code, stderr.as_str()), (0, ""));
        assert_eq!(stdout.contains("\"allowed\":true"), allowed, "{stdout}");
    }
}
