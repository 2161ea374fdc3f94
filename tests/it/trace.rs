//! `piperoll trace` over the estate, as a user sees it.

use std::path::Path;

use piperoll::model::Timestamp;
use serde_json::Value;

use crate::product::{Ran, fixture, run_in};

const SECRET: &str = "secret/ci/orders/prod/db";

fn trace(arguments: &[&str]) -> Ran {
    let mut words = vec!["trace"];
    words.extend(arguments);
    words.extend(["fixtures/estate", "-c", "fixtures/estate/piperoll.toml"]);
    run_in(Path::new(env!("CARGO_MANIFEST_DIR")), &words)
}

fn text(arguments: &[&str]) -> String {
    let ran = trace(arguments);
    assert_eq!(ran.code, 0, "{}", ran.err);
    ran.out
}

fn json(arguments: &[&str]) -> Value {
    let mut words = arguments.to_vec();
    words.extend(["--format", "json"]);
    serde_json::from_str(&text(&words)).unwrap()
}

/// Every node of a tree, depth first.
fn nodes(of: &Value) -> Vec<&Value> {
    let below = of["roots"].as_array().or_else(|| of["children"].as_array());
    below
        .unwrap()
        .iter()
        .flat_map(|node| std::iter::once(node).chain(nodes(node)))
        .collect()
}

fn of_kind<'v>(all: &[&'v Value], kind: &str) -> Vec<&'v Value> {
    all.iter()
        .copied()
        .filter(|node| node["kind"] == kind)
        .collect()
}

#[test]
fn times_are_shown_as_a_clock_elsewhere_shows_them() {
    let log = fixture("cases/vault-gitlab/input");
    let folder = tempfile::tempdir().unwrap();
    let run = |tz: &[&str]| {
        let input = log.to_str().unwrap();
        let words = ["trace", "--list", "token", input, "--limit", "3"];
        run_in(folder.path(), &[&words[..], tz].concat())
    };
    let (utc, there) = (run(&[]), run(&["--tz", "-05:30"]));
    assert_eq!((utc.code, there.code), (0, 0), "{}{}", utc.err, there.err);
    let times = |out: &str| -> Vec<Timestamp> {
        let words = out.split_whitespace();
        words.filter_map(Timestamp::parse).collect()
    };
    assert!(times(&utc.out).len() > 3, "{}", utc.out);
    assert_eq!(times(&utc.out), times(&there.out), "the same moments");
    assert!(there.out.contains("-05:30"), "{}", there.out);
    let json = run(&["--tz", "+02:00", "--format", "json"]);
    assert_eq!(json.code, 2, "{}", json.err);
    assert_eq!(run(&["--tz", "Berlin"]).code, 2);
}

#[test]
fn a_job_is_followed_from_the_person_to_its_requests() {
    assert_eq!(
        text(&["job", "88089"]),
        "\
job gitlab:job/101/88089
period 2026-09-01T00:00:00.000000Z to 2026-10-01T00:00:00.000000Z, as of 2026-10-01T00:00:00.000000Z

person  gitlab:user/dimitra
│  gitlab/users.json:5
└─ 2026-09-07T16:22:46.136000Z to 2026-09-07T16:28:07.136000Z  job  gitlab:job/101/88089
   │  name deploy, project mill/orders, ref main, protected yes, environment production, pipeline source push, status success
   │  person-job K1 1.00: job.user.username
   │  gitlab/projects/101/jobs.json:63
   ├─ 2026-09-07T16:22:57.253393Z  login  vault:login/8b524055-2ae4-4da3-af98-7d1bc7ad029a
   │  │  mount auth/gitlab/, role vault:role/gitlab/orders, address 10.10.4.20
   │  │  job-login K1 1.00: metadata.job_id = job.id
   │  │  vault/file/audit.log.1.gz:680
   │  └─ 2026-09-07T16:22:57.253393Z  token  vault:accessor/hmac-sha256:8c5acaf9aa7699dc358b0b731e0661dd2ced1e6a8dbd46593370b02175820e71
   │     │  kind token, display name gitlab-mill/orders, policies ci-orders, default, expires 2026-09-07T16:39:57.178428Z, revoked 2026-09-07T16:28:03.145726Z, renewals 1, uses 5, last used 2026-09-07T16:28:03.145726Z
   │     │  vault/file/audit.log.1.gz:680
   │     ├─ 2026-09-07T16:22:58.273492Z  read  vault:path/secret/data/ci/orders/prod/db  allowed  owner same  [K2 0.95]  vault/file/audit.log.1.gz:682
   │     ├─ 2026-09-07T16:22:59.255231Z  read  vault:path/secret/data/ci/orders/prod/signing  allowed  owner same  [K2 0.95]  vault/file/audit.log.1.gz:684
   │     │     answer wrapped for 60 s
   │     ├─ 2026-09-07T16:22:59.581124Z  update  vault:path/sys/wrapping/unwrap  allowed  [K2 0.95]  vault/file/audit.log.1.gz:686
   │     ├─ 2026-09-07T16:24:57.178428Z  update  vault:path/auth/token/renew-self  allowed  [K2 0.95]  vault/file/audit.log.1.gz:688
   │     │     kind renewal
   │     └─ 2026-09-07T16:28:03.145726Z  update  vault:path/auth/token/revoke-self  allowed  [K2 0.95]  vault/file/audit.log.1.gz:690
   └─ 2026-09-07T16:24:16.136797Z  ReplaceService  gcp:resource/run.googleapis.com/namespaces/mill-prod/services/orders-api  allowed  [K3 0.80]  gcp/sink/cloudaudit.googleapis.com/activity/2026/09/S0.json:28
         kind admin-activity, principal gcp:sa/deployer@mill-prod.iam.gserviceaccount.com
"
    );
    for same in [
        "gitlab:job/101/88089",
        "mill/orders/88089",
        "https://gitlab.mill.example/mill/orders/-/jobs/88089",
    ] {
        assert_eq!(text(&["job", same]), text(&["job", "88089"]));
    }
}

#[test]
fn a_lease_hangs_on_its_request_and_a_child_below_its_parent() {
    let job = json(&["job", "105/88026"]);
    let all = nodes(&job);
    let request = of_kind(&all, "request")
        .into_iter()
        .find(|request| request["children"][0]["kind"] == "lease")
        .unwrap();
    assert_eq!(
        request["facts"]["object"],
        "vault:path/gcp/impersonated-account/reports-export/token"
    );
    let lease = &request["children"][0];
    assert_eq!(lease["edge"]["edge"], "request-lease");
    let objects: Vec<&str> = lease["children"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["facts"]["object"].as_str().unwrap())
        .collect();
    assert_eq!(objects.len(), 2);
    for (number, object) in objects.iter().enumerate() {
        let name = format!("/buckets/mill-reports/objects/2026/{number}.csv");
        assert!(object.ends_with(&name), "{object}");
    }
    // Each stands below the lease only, and names the edge of the job beside.
    let events = of_kind(&all, "event");
    assert_eq!(events.len(), 2);
    for event in events {
        assert_eq!(event["edge"]["edge"], "lease-cloud");
        assert_eq!(event["also"][0]["edge"], "job-cloud");
    }

    let token = json(&["token", "576b19057f142328"]);
    let all = nodes(&token);
    let tokens = of_kind(&all, "token");
    assert_eq!(tokens.len(), 2);
    assert_eq!(tokens[1]["edge"]["edge"], "token-child");
    assert_eq!(
        tokens[1]["evidence"],
        serde_json::json!(["vault/file/audit.log.1.gz:186"])
    );
}

#[test]
fn a_job_that_only_a_token_names_is_shown_as_missing() {
    let shown = text(&["job", "990001"]);
    assert!(shown.contains("job  no evidence: the token names a job that the export of its project should hold and does not (named-job-missing)"), "{shown}");
    assert!(shown.contains("vault:login/c1253352-9477-452b-a367-a82320de2057"));
}

#[test]
fn a_token_is_one_by_the_hash_of_either_device_and_by_its_login() {
    let first = text(&["token", "8c5acaf9aa76"]);
    let hash = "9933ed6a401638b5a7d877133cf7fc9e816fd867e5fe0a55f2e420a2917adfe2";
    let accessor = format!("vault:accessor/hmac-sha256:{hash}");
    let login = "vault:login/8b524055-2ae4-4da3-af98-7d1bc7ad029a";
    let request = "vault:request/8b524055-2ae4-4da3-af98-7d1bc7ad029a";
    for same in [hash, &accessor, login, request] {
        assert_eq!(text(&["token", same]), first);
    }
    assert!(first.contains("person  gitlab:user/dimitra"), "{first}");
    let root = text(&["token", "182e11668d7ce550"]);
    assert!(root.contains("login  no evidence: the token was issued before or outside the logs"));
    assert!(root.contains("vault:path/sys/mounts"), "{root}");
}

#[test]
fn the_logical_and_the_api_path_are_the_same_secret() {
    let logical = text(&["secret", SECRET]);
    for same in [
        "secret/data/ci/orders/prod/db",
        "secret/metadata/ci/orders/prod/db",
        "/v1/secret/data/ci/orders/prod/db",
    ] {
        assert_eq!(text(&["secret", same]), logical);
    }
    assert!(logical.contains("requests 28, origins 25"), "{logical}");
}

#[test]
fn a_secret_tells_who_read_it_in_the_period_and_no_other() {
    let day = [
        "secret",
        SECRET,
        "--from",
        "2026-09-10",
        "--to",
        "2026-09-11",
    ];
    let found = json(&day);
    let all = nodes(&found);
    let touched = of_kind(&all, "touched");
    assert!(!touched.is_empty());
    for node in &touched {
        assert!(node["at"].as_str().unwrap().starts_with("2026-09-10"));
    }
    // JOI-003: a job of another project.
    let other = of_kind(&all, "job")
        .into_iter()
        .find(|job| job["children"][0]["facts"]["owner_match"] == "other")
        .unwrap();
    assert_eq!(other["facts"]["project"], "mill/billing");
    assert_eq!(other["edge"]["key"], "K1");
}

#[test]
fn candidates_are_all_named_and_none_is_chosen() {
    let found = json(&[
        "secret",
        "secret/ci/catalog/prod/db",
        "--from",
        "2026-09-23",
        "--to",
        "2026-09-24",
    ]);
    let origin = &found["roots"][0]["children"][0];
    assert_eq!(origin["id"], Value::Null);
    assert_eq!(origin["no_evidence"]["reason"], "ambiguous");
    assert_eq!(origin["edge"]["alternatives"].as_array().unwrap().len(), 4);
    assert_eq!(origin["children"][0]["facts"]["count"], "4");
}

#[test]
fn nothing_in_the_period_is_said_and_is_no_error() {
    for question in [
        ["secret", SECRET],
        ["job", "88089"],
        ["service", "mailer"],
        ["person", "carla"],
    ] {
        let mut words = question.to_vec();
        words.extend(["--from", "2025-01-01", "--to", "2025-01-02"]);
        let shown = text(&words);
        assert!(shown.contains("no evidence of it in the period"), "{shown}");
    }
}

#[test]
fn a_person_is_found_by_alias_and_user_name() {
    let carla = text(&["person", "carla"]);
    assert_eq!(text(&["person", "gitlab:user/carla"]), carla);
    assert!(carla.contains("known as gitlab:user/carla"), "{carla}");
    let emil = json(&["person", "emil"]);
    assert_eq!(emil["id"], "gitlab:user/emil");
    let groups: Vec<&str> = emil["roots"][0]["children"]
        .as_array()
        .unwrap()
        .iter()
        .map(|group| group["kind"].as_str().unwrap())
        .collect();
    assert_eq!(groups, ["jobs", "logins", "elsewhere"]);
    assert_eq!(
        json(&["person", "Emil@mill.example"])["roots"],
        emil["roots"]
    );
    // What Google knows by e-mail address only.
    let elsewhere = &emil["roots"][0]["children"][2]["children"][0];
    assert_eq!(elsewhere["id"], "gcp:principal/user:emil@mill.example");
    assert_eq!(elsewhere["edge"]["key"], "K3");
    assert_eq!(
        elsewhere["children"][0]["facts"]["operation"],
        "SetIamPolicy"
    );
    let all = nodes(&emil);
    let laptop = "vault:path/secret/data/people/emil/laptop";
    assert!(
        of_kind(&all, "touched")
            .iter()
            .any(|node| node["id"] == laptop)
    );
}

#[test]
fn a_service_shows_its_secrets_logins_and_tokens() {
    let whole = json(&["service", "run:service/mill-prod/europe-north1/mailer"]);
    let account = "mailer@mill-prod.iam.gserviceaccount.com";
    assert_eq!(json(&["service", account]), whole);
    let elsewhere = &whole["roots"][0]["children"][2]["children"][0];
    assert_eq!(elsewhere["id"], format!("gcp:sa/{account}"));
    assert_eq!(elsewhere["edge"]["confidence"], "1.00");
    let foreign = "/secrets/billing-api-config/versions/3";
    assert!(nodes(elsewhere).iter().any(|node| {
        node["id"].as_str().unwrap().ends_with(foreign) && node["facts"]["count"] == "1"
    }));
    let secrets = &whole["roots"][0]["children"][0];
    assert_eq!(secrets["kind"], "secrets");
    let read = &secrets["children"][0];
    assert_eq!(read["id"], "vault:path/secret/data/run/mailer/prod/db");
    assert_eq!(read["facts"]["count"], "59");
    let all = nodes(&whole);
    assert_eq!(of_kind(&all, "login").len(), 59);
    assert_eq!(of_kind(&all, "token").len(), 59);
}

#[test]
fn an_unknown_id_exits_2_and_names_those_written_alike() {
    for (kind, id, alike) in [
        ("job", "88098x", "88098"),
        ("job", "101/8808", "101/88089"),
        ("token", "8c5acaf9aa77", "8c5acaf9aa76"),
        ("secret", "secret/data/ci/orders/prod/dd", SECRET),
        ("secret", "secret/ci", "secret/ci/billing/prod/db"),
        ("person", "emill", "emil"),
        ("service", "orders-ap", "orders-api"),
    ] {
        let ran = trace(&[kind, id]);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{id}");
        assert!(
            ran.err.contains(&format!("no {kind} `{id}`")),
            "{}",
            ran.err
        );
        let help = ran.err.lines().find(|line| line.contains("written alike"));
        let help = help.unwrap_or_else(|| panic!("{}", ran.err));
        assert!(help.contains(alike), "{help}");
        assert!(help.matches(", ").count() < 5, "{help}");
    }
    let ran = trace(&["person", "101/88089"]);
    let hint = "a job has this id: piperoll trace job 101/88089";
    assert!(ran.code == 2 && ran.err.contains(hint), "{}", ran.err);
    let ran = trace(&["person", "\u{1b}[31mx\u{202e}"]);
    assert_eq!(ran.code, 2);
    assert!(!ran.err.contains(['\u{1b}', '\u{202e}']), "{:?}", ran.err);
}

#[test]
fn the_timeline_holds_what_the_tree_holds_in_order() {
    let shown = text(&["job", "105/88252", "--format", "timeline"]);
    let lines: Vec<&str> = shown.lines().skip(3).collect();
    assert!(lines.is_sorted_by_key(|line| line.split("  ").next()));
    // JOI-005: the token is used after the end of its job.
    let place = |words: &str| lines.iter().rposition(|line| line.contains(words)).unwrap();
    assert!(place("gitlab:job/105/88252  ended") < place("secret/data/ci/reports/prod/db"));
    let tree = json(&["job", "105/88252"]);
    for node in nodes(&tree) {
        let place = node["evidence"].as_array().unwrap().first();
        let at = node["at"].as_str();
        if let (Some(place), Some(at)) = (place, at) {
            let place = place.as_str().unwrap();
            assert!(lines.iter().any(|l| l.starts_with(at) && l.contains(place)));
        }
    }
}

#[test]
fn a_limit_counts_what_it_leaves_out() {
    let shown = text(&["job", "88089", "--limit", "2"]);
    assert!(
        shown.contains("└─ and 3 more, left out by --limit"),
        "{shown}"
    );
    assert!(!shown.contains("revoke-self"));
    let found = json(&["job", "88089", "--limit", "2"]);
    let all = nodes(&found);
    assert_eq!(of_kind(&all, "token")[0]["left_out"], 3);
}

#[test]
fn no_format_holds_an_escape_code_or_a_canary() {
    for format in ["text", "json", "html"] {
        for question in [
            ["job", "105/88026"],
            ["secret", SECRET],
            ["person", "carla"],
        ] {
            let mut words = question.to_vec();
            words.extend(["--format", format]);
            let shown = text(&words);
            assert!(!shown.contains('\u{1b}') && !shown.contains("Canary"));
        }
    }
}

#[test]
fn the_page_is_self_contained_and_says_the_same() {
    use base64::Engine as _;
    use sha2::Digest as _;

    let page = text(&["job", "88089", "--format", "html"]);
    let policy = page.split("Content-Security-Policy\" content=\"").nth(1);
    let policy = policy.unwrap().split('"').next().unwrap();
    assert!(policy.contains("default-src 'none'") && policy.contains("script-src 'none'"));
    let styles: Vec<&str> = page
        .split("<style>")
        .skip(1)
        .map(|rest| rest.split("</style>").next().unwrap())
        .collect();
    assert_eq!(styles.len(), 2);
    for style in styles {
        let digest = base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(style));
        assert!(policy.contains(&digest), "{policy}");
    }
    assert!(!page.contains("<script") && !page.contains("http://") && !page.contains("src="));
    let found = json(&["job", "88089"]);
    assert_eq!(found["schema"], "piperoll/trace/1");
    for node in nodes(&found) {
        assert!(page.contains(node["id"].as_str().unwrap()), "{node}");
        for place in node["evidence"].as_array().unwrap() {
            assert!(page.contains(place.as_str().unwrap()), "{place}");
        }
    }
}
