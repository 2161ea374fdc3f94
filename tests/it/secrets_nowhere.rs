//! No secret reaches an output: every form of the one list in every spelling stands in every text of
//! every source, and neither a pack nor a screen shows a piece of one.

use std::cell::Cell;
use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::product::{Pack, fixture, run_in};
use crate::vault_log::{folder, put};

/// Stands in the middle of every secret, so that its piece is known wherever it turns up.
const MARK: &str = "Zq7RwX2k";
const UPPER_MARK: &str = "ZQ7RWX2K";
/// Telling beginnings, and how many characters follow.
const TYPED: [(&str, usize); 21] = [
    ("hvs.", 40),
    ("hvb.", 60),
    ("hvr.", 40),
    ("s.", 24),
    ("b.", 40),
    ("glpat-", 20),
    ("glptt-", 40),
    ("gldt-", 20),
    ("glrt-", 20),
    ("GR1348941", 20),
    ("glcbt-", 24),
    ("gloas-", 64),
    ("ya29.", 60),
    ("AIza", 35),
    ("GOCSPX-", 28),
    ("AKIA", 16),
    ("ghp_", 36),
    ("github_pat_", 40),
    ("xoxb-", 40),
    ("glagent-", 50),
    ("glsoat-", 20),
];
const SPELLINGS: usize = 9;

/// Secrets that are different each time.
#[derive(Default)]
struct Secrets(Cell<u64>);

impl Secrets {
    fn letters(&self, count: usize, letters: &[u8]) -> String {
        let mut text = String::new();
        for _ in 0..count {
            let next = self.0.get().wrapping_mul(6_364_136_223_846_793_005);
            self.0.set(next.wrapping_add(1_442_695_040_888_963_407));
            let at = (self.0.get() >> 33) as usize % letters.len();
            text.push(char::from(letters[at]));
        }
        text
    }

    /// `length` characters with the mark among them.
    fn body(&self, length: usize, upper: bool) -> String {
        let letters: &[u8] = if upper {
            b"ABCDEFGHJKMNPQRSTUVWYZ23456789"
        } else {
            b"ABCDEFGHJKMNPQRSTUVWYZabcdefghijkmnpqrstuvwyz23456789"
        };
        let mark = if upper { UPPER_MARK } else { MARK };
        let before = (length - mark.len()) / 2;
        let head = self.letters(before, letters);
        let tail = self.letters(length - mark.len() - before, letters);
        format!("{head}{mark}{tail}")
    }

    fn plain(&self, number: usize) -> String {
        if let Some((prefix, length)) = TYPED.get(number % (TYPED.len() + 3)) {
            return format!("{prefix}{}", self.body(*length, *prefix == "AKIA"));
        }
        let long = || self.body(64, false);
        match number % (TYPED.len() + 3) - TYPED.len() {
            0 => {
                let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
                let (head, claims) = (part("{\"alg\":\"RS256\"}"), part("{\"sub\":\"somebody\"}"));
                format!("{head}.{claims}.{}", self.body(43, false))
            }
            1 => {
                let (first, second) = (long(), long());
                format!(
                    "-----BEGIN RSA {0}-----\n{first}\n{second}\n-----END RSA {0}-----",
                    "PRIVATE KEY"
                )
            }
            _ => format!(
                "{{\"type\":\"service_account\",\"private_key\":\"{}\\n\"}}",
                long()
            ),
        }
    }

    /// The secret of a number in a spelling.
    fn spelled(&self, number: usize, spelling: usize) -> String {
        let plain = self.plain(number);
        let cut = |by: char| {
            let at = plain.len() / 3;
            format!("{}{by}{}", &plain[..at], &plain[at..])
        };
        let each = |spell: fn(u8) -> String| plain.bytes().map(spell).collect();
        match spelling % SPELLINGS {
            0 => plain,
            1 => STANDARD.encode(plain),
            2 => STANDARD.encode(format!("user:{plain}")),
            3 => each(|byte| match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
                _ => format!("%{byte:02X}"),
            }),
            4 => each(|byte| format!("%{byte:02X}")),
            5 => cut('\r'),
            6 => cut('\u{200b}'),
            7 => cut('\u{9b}'),
            _ => each(|byte| format!("\\u{byte:04x}")),
        }
    }
}

/// Pieces of the mark as every spelling has them.
fn pieces() -> Vec<String> {
    let mut pieces = vec![MARK.to_owned(), UPPER_MARK.to_owned()];
    for offset in 0..3 {
        let encoded = STANDARD.encode(format!("{}{MARK}", "\0".repeat(offset)));
        let (from, to) = ((offset * 8).div_ceil(6), (offset + MARK.len()) * 8 / 6);
        pieces.push(encoded[from..to].to_owned());
    }
    for spell in [
        |byte| format!("%{byte:02X}"),
        |byte| format!("\\u{byte:04x}"),
    ] {
        pieces.push(MARK.bytes().map(spell).collect());
    }
    pieces
}

/// Every place of a text in a value, as a path of JSON.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::String(_) => found.push(at.to_owned()),
        Value::Array(items) => {
            for (number, item) in items.iter().enumerate() {
                places(item, &format!("{at}/{number}"), found);
            }
        }
        Value::Object(fields) => {
            for (key, value) in fields {
                let key = key.replace('~', "~0").replace('/', "~1");
                places(value, &format!("{at}/{key}"), found);
            }
        }
        _ => {}
    }
}

/// What makes a record one of its own.
fn renew(record: &mut Value, number: usize) {
    for (at, text) in [
        (
            "/request/id",
            format!("{number:08x}-0000-4000-8000-0000000000aa"),
        ),
        ("/insertId", format!("i{number}")),
        ("/uuid", format!("u{number}")),
    ] {
        if let Some(id) = record.pointer_mut(at) {
            *id = json!(text);
        }
    }
    if let Some(id) = record.get_mut("id").filter(|id| id.is_u64()) {
        *id = json!(1_000_000 + number);
    }
}

/// The records, and one for every text and spelling in which the text is a secret or holds one.
fn poisoned(records: &[Value], secrets: &Secrets, count: &mut usize) -> Vec<Value> {
    let mut all = records.to_vec();
    let mut seen = std::collections::BTreeSet::new();
    for record in records {
        let mut found = Vec::new();
        places(record, "", &mut found);
        for place in found {
            let shape: String = place.chars().filter(|c| !c.is_ascii_digit()).collect();
            if !seen.insert((
                shape,
                record["type"].to_string(),
                record["request"]["operation"].to_string(),
            )) {
                continue;
            }
            for spelling in 0..SPELLINGS {
                *count += 1;
                let mut changed = record.clone();
                renew(&mut changed, *count);
                let secret = secrets.spelled(*count, spelling);
                let text = changed.pointer_mut(&place).unwrap();
                *text = match count.is_multiple_of(2) {
                    true => json!(secret),
                    false => json!(format!("{} {secret}", text.as_str().unwrap())),
                };
                all.push(changed);
            }
        }
        if let Some(labels) = record.pointer("/auth/metadata").and_then(Value::as_object) {
            let mut changed = record.clone();
            *count += 1;
            renew(&mut changed, *count);
            let mut labels = labels.clone();
            for spelling in 0..SPELLINGS {
                labels.insert(secrets.spelled(*count + spelling, spelling), json!("x"));
            }
            changed["auth"]["metadata"] = json!(labels);
            all.push(changed);
        }
    }
    all
}

/// The inputs of the cases, poisoned, and texts of every kind.
fn inputs() -> tempfile::TempDir {
    let (secrets, mut count) = (Secrets::default(), 0);
    let out = folder(&[]);
    for case in ["vault-gitlab", "okta", "gcp-only"] {
        let root = fixture("cases").join(case).join("input");
        for (name, bytes) in crate::product::tree(&root) {
            let text = String::from_utf8(bytes).unwrap();
            let to = format!("in/{case}/{name}");
            let poisoned = match serde_json::from_str::<Value>(&text) {
                Ok(Value::Array(records)) => {
                    json!(poisoned(&records, &secrets, &mut count)).to_string()
                }
                Ok(whole) => whole.to_string(),
                Err(_) => {
                    let records = text
                        .lines()
                        .filter_map(|line| serde_json::from_str(line).ok());
                    let records: Vec<Value> = records.take(40).collect();
                    crate::vault_log::lines(&poisoned(&records, &secrets, &mut count))
                }
            };
            put(out.path(), &to, poisoned.as_bytes());
        }
    }
    texts(out.path(), &secrets);
    out
}

/// Traces, CI files, Terraform, policies, names of files and configuration.
fn texts(root: &Path, secrets: &Secrets) {
    let (mut trace, mut ci, mut terraform) = (String::new(), json!({}), String::new());
    for number in 0..(TYPED.len() + 3) * SPELLINGS {
        let spelling = number % SPELLINGS;
        let next = |more: usize| secrets.spelled(number / SPELLINGS + more, spelling);
        trace.push_str(&format!("$ echo {}\nTOKEN={}\n", next(0), next(1)));
        ci[format!("job {}", next(2))] = json!({
            "script": [format!("echo {}", next(3))],
            "variables": {"DB_PASSWORD": next(4), "X": next(5)},
            "image": next(6), "environment": next(7),
            "id_tokens": {"VAULT_ID_TOKEN": {"aud": next(8)}},
        });
        let quoted = |more: usize| {
            json!(next(more))
                .to_string()
                .replace("${", "$${")
                .replace("%{", "%%{")
        };
        terraform.push_str(&format!(
            "resource \"vault_policy\" \"p{number}\" {{\n  name = {}\n  policy = \"path \\\"*\\\" {{ capabilities = [\\\"sudo\\\"] }}\"\n}}\n\
             resource \"vault_jwt_auth_backend_role\" \"r{number}\" {{\n  backend = \"gitlab\"\n  role_name = {}\n  user_claim = \"sub\"\n  token_policies = [{}]\n  bound_claims = {{ project_id = {} }}\n}}\n\
             resource \"vault_policy\" \"q{number}\" {{\n  name = \"q\"\n  policy = foo({})\n}}\nmodule \"m{number}\" {{\n  source = {}\n}}\n",
            quoted(0), quoted(1), quoted(2), quoted(3), quoted(4), quoted(5)
        ));
        policies(root, number, &next);
    }
    put(
        root,
        "in/vault-gitlab/gitlab/projects/101/jobs/88145/trace.log",
        trace.as_bytes(),
    );
    put(
        root,
        "in/gitlab/projects/101/.gitlab-ci.yml",
        ci.to_string().as_bytes(),
    );
    put(root, "in/terraform/main.tf", terraform.as_bytes());
}

/// Policies that hold secrets, or are called by one.
fn policies(root: &Path, number: usize, next: &dyn Fn(usize) -> String) {
    // As a string of the language holds it.
    let line = |more: usize| {
        let quoted = json!(next(more)).to_string();
        quoted.trim_matches('"').to_owned()
    };
    let policy = |capability: &str| {
        format!(
            "path \"secret/{}/*\" {{ capabilities = [\"read\", \"{}\"] }}\npath \"a/{}/*\" {{ capabilities = [\"sudo\"] }} # piperoll:waive VLT-POL-001 until=2030-01-01 by={} reason={}\n",
            line(0),
            capability,
            line(2),
            line(3),
            line(4)
        )
    };
    for (name, capability) in [("p", line(1)), ("o", "list".to_owned())] {
        let text = policy(&capability);
        put(
            root,
            &format!("in/policies/{name}{number}.hcl"),
            text.as_bytes(),
        );
    }
    let name = next(6).replace(['/', '\n', '\0'], "");
    // No name of a file is longer.
    if name.len() <= 200 {
        let open = b"path \"*\" { capabilities = [\"sudo\"] }\n";
        put(root, &format!("in/policies/{name}.hcl"), open);
    }
}

fn shows(what: &str, shown: &[u8], leaks: &mut Vec<String>) {
    for piece in pieces() {
        for at in memchr::memmem::find_iter(shown, piece.as_bytes()).take(3) {
            let from = at.saturating_sub(100);
            let part =
                String::from_utf8_lossy(&shown[from..(at + 20).min(shown.len())]).into_owned();
            leaks.push(format!("{what}: {part}"));
        }
    }
}

/// Looks at what is said of the inputs in every other way.
fn screens(root: &Path, leaks: &mut Vec<String>) {
    let mut say = |words: &[&str]| {
        let said = run_in(root, words);
        assert!([0, 1, 3].contains(&said.code), "{words:?}: {}", said.err);
        let said = format!("{}{}", said.out, said.err);
        shows(&words.join(" "), said.as_bytes(), leaks);
    };
    for (format, table) in [
        ("text", "event"),
        ("csv", "config"),
        ("json", "job"),
        ("ndjson", "rejected_line"),
    ] {
        let sql = format!("SELECT * FROM {table}");
        say(&[
            "query",
            &sql,
            "in/vault-gitlab",
            "in/okta",
            "--format",
            format,
        ]);
    }
    for format in ["text", "timeline", "json", "html"] {
        say(&[
            "trace",
            "job",
            "101/88002",
            "in/vault-gitlab",
            "--format",
            format,
        ]);
    }
    let linted = ["in/policies", "in/terraform", "in/gitlab"];
    for format in [
        "text",
        "json",
        "ndjson",
        "sarif",
        "codequality",
        "gl-sast",
        "github",
        "junit",
        "csv",
        "markdown",
    ] {
        let words = [&["lint", "-v", "--format", format][..], &linted].concat();
        say(&words);
    }
}

#[test]
fn no_secret_in_any_spelling_reaches_any_output() {
    let place = inputs();
    let settings = fs::read_to_string(fixture("cases/vault-gitlab/piperoll.toml")).unwrap();
    put(place.path(), "piperoll.toml", settings.as_bytes());
    let mut leaks = Vec::new();
    let said = run_in(place.path(), &["report", "in", "-o", "pack"]);
    shows(
        "report",
        format!("{}{}", said.out, said.err).as_bytes(),
        &mut leaks,
    );
    let pack = Pack::read(&place.path().join("pack"));
    let chains = pack.rows("identity_chains").len();
    assert!(chains > 500, "{chains} chains: the records are not read");
    for (name, bytes) in &pack.files {
        shows(name, bytes, &mut leaks);
    }
    screens(place.path(), &mut leaks);
    assert!(
        leaks.is_empty(),
        "{} leaks:\n{}",
        leaks.len(),
        leaks.join("\n")
    );
}
