//! Tests of the whole configuration.

use super::*;

fn settings(text: &str) -> Settings {
    match Settings::parse("piperoll.toml", text, &[]) {
        Ok(settings) => settings,
        Err(problems) => panic!("{problems}"),
    }
}

fn faults(text: &str) -> Vec<String> {
    match Settings::parse("piperoll.toml", text, &[]) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.0.iter().map(Problem::to_string).collect(),
    }
}

#[test]
fn an_empty_file_is_the_defaults() {
    let settings = settings("");
    assert_eq!(settings.environments.tier("Production"), Some("prod"));
    assert_eq!(settings.thresholds.micros("grace"), Some(60_000_000));
    assert_eq!(settings.thresholds.number("window_days"), Some(90.0));
    assert!(!settings.is_set("vault") && !settings.is_set("owner"));
    assert!(settings.owners.is_empty() && settings.waivers.is_empty());
}

#[test]
fn what_is_set_is_known_by_dotted_name() {
    let settings = settings(
        "[vault]\nci_mounts = [\"ci\"]\n[[owner]]\nprefix = \"a\"\nshared = true\n\
         [people.aliases]\nann = [\"gitlab:user/ann\"]\n[thresholds]\ngrace = \"1m\"\n",
    );
    for key in [
        "vault",
        "vault.ci_mounts",
        "owner",
        "owner.shared",
        "people.aliases",
        "thresholds.grace",
    ] {
        assert!(settings.is_set(key), "{key}");
    }
    for key in [
        "vault.human_mounts",
        "owner.project",
        "people.admins",
        "thresholds.skew",
    ] {
        assert!(!settings.is_set(key), "{key}");
    }
}

#[test]
fn a_placeholder_sets_the_key_that_it_fills() {
    let settings = settings("[[owner]]\npattern = \"secret/{project_path}/{environment}/\"\n");
    assert!(settings.is_set("owner.project") && settings.is_set("owner.environment"));
    assert!(!settings.is_set("owner.service"));
}

#[test]
fn every_fault_is_reported_in_the_order_of_the_file() {
    let text = "\
[perod]
from = \"2026-01-01\"

[vault]
ci_mount = [\"auth/gitlab/\"]
dialect = \"openboa\"
human_mounts = \"auth/userpass/\"

[network]
runner_cidrs = [\"10.0.0.0/33\", 7]

[thresholds]
grace = 60
slience = \"24h\"
window_days = \"90d\"
skew = \"30 parsecs\"
";
    let faults = faults(text);
    let expected = [
        "piperoll.toml:1:2: unknown key `perod`\n  help: did you mean `period`?",
        "piperoll.toml:5:1: unknown key `vault.ci_mount`\n  help: did you mean `ci_mounts`? valid keys: `ci_mounts`, `workload_mounts`, `human_mounts`, `dialect`",
        "piperoll.toml:6:11: `vault.dialect` cannot be \"openboa\"\n  help: did you mean `openbao`?",
        "piperoll.toml:7:16: `vault.human_mounts` is a string, not a list",
        "piperoll.toml:10:17: `network.runner_cidrs` has no address range: \"10.0.0.0/33\"",
        "piperoll.toml:10:32: `network.runner_cidrs` is a whole number, not a list of strings only",
        "piperoll.toml:13:9: `thresholds.grace` is a plain number, not a length of time",
        "piperoll.toml:14:1: unknown key `thresholds.slience`\n  help: did you mean `silence`?",
        "piperoll.toml:15:15: `thresholds.window_days` is a length of time, not a plain number",
        "piperoll.toml:16:8: `thresholds.skew` cannot be \"30 parsecs\"",
    ];
    assert_eq!(faults.len(), expected.len(), "{faults:#?}");
    for (fault, start) in faults.iter().zip(expected) {
        assert!(fault.starts_with(start), "{fault}\nexpected {start}");
    }
}

#[test]
fn a_syntax_error_is_reported_beside_other_faults() {
    let faults = faults("[vault]\ndialect = \nhuman_mounts = 3\n[[waiver]]\nrule = \n[outptu]\n");
    let lines: Vec<&str> = faults
        .iter()
        .filter_map(|fault| fault.split(':').nth(1))
        .collect();
    assert_eq!(lines, ["2", "3", "5", "6"], "{faults:#?}");
}

#[test]
fn a_period_reads_dates_times_and_toml_times_and_must_not_be_empty() {
    let period = settings(
        "[period]\nfrom = 2026-01-01\nto = \"2026-02-01T01:00:00+01:00\"\nas_of = 2026-02-03T00:00:00Z",
    )
    .period;
    let show = |time: Option<crate::model::Timestamp>| time.map(|time| time.to_string());
    assert_eq!(
        show(period.from).as_deref(),
        Some("2026-01-01T00:00:00.000000Z")
    );
    assert_eq!(
        show(period.to).as_deref(),
        Some("2026-02-01T00:00:00.000000Z")
    );
    assert_eq!(
        show(period.as_of).as_deref(),
        Some("2026-02-03T00:00:00.000000Z")
    );
    assert!(faults("[period]\nfrom = \"2026-02-01\"\nto = \"2026-02-01\"")[0].contains(":3:"));
    // A local time has no place on the line of time.
    assert!(faults("[period]\nfrom = 2026-01-01T00:00:00")[0].contains("is no time"));
}

#[test]
fn a_mount_matches_in_every_namespace_unless_written_with_one() {
    let mounts = settings(
        "[vault]\nci_mounts = [\"auth/gitlab/\", \"team/auth/jwt\"]\nhuman_mounts = [\"/userpass\", \"jwt\"]",
    )
    .mounts;
    assert_eq!(mounts.class(None, "auth/gitlab/"), Some(MountClass::Ci));
    assert_eq!(mounts.class(Some("team/"), "gitlab"), Some(MountClass::Ci));
    assert_eq!(
        mounts.class(Some("team"), "auth/jwt/"),
        Some(MountClass::Ci)
    );
    assert_eq!(mounts.class(None, "auth/jwt/"), Some(MountClass::Human));
    assert_eq!(mounts.class(Some("other"), "jwt"), Some(MountClass::Human));
    assert_eq!(mounts.class(None, "auth/userpass"), Some(MountClass::Human));
    assert_eq!(mounts.class(None, "auth/gitlab2/"), None);
    let twice = faults("[vault]\nci_mounts = [\"auth/a/\"]\nhuman_mounts = [\"a\"]");
    assert!(
        twice[0].contains("both `ci_mounts` and `human_mounts`"),
        "{twice:#?}"
    );
}

#[test]
fn a_tier_replaces_its_names_and_leaves_the_others() {
    let environments =
        settings("[environments]\nprod = [\"Prd\", \"stage\"]\nqa = [\"test\"]").environments;
    assert_eq!(environments.tier("PRD/eu"), Some("prod"));
    assert_eq!(environments.tier("stage"), Some("prod"));
    assert_eq!(environments.tier("staging"), Some("staging"));
    assert_eq!(environments.tier("production"), None);
    assert_eq!(environments.tier("test"), Some("qa"));
    assert_eq!(environments.tier("review/prd"), None);
    assert_eq!(
        faults("[environments]\nprod = [\"x\"]\nqa = [\"X\"]").len(),
        1
    );
}

#[test]
fn a_tier_under_another_name_is_a_slip() {
    assert!(
        faults("[environments]\nproduction = [\"prod\"]")[0].contains("name of the tier `prod`")
    );
    let settings = settings("[environments]\nprdo = [\"x\"]\nqa = [\"y\"]");
    assert_eq!(settings.warnings.len(), 1);
    assert!(
        settings.warnings[0]
            .to_string()
            .contains("did you mean `prod`?")
    );
}

#[test]
fn an_address_is_in_its_range_however_it_is_logged() {
    let network = settings(
        "[network]\nrunner_cidrs = [\"10.8.3.1/16\", \"192.0.2.7\"]\negress_cidrs = [\"2001:db8::/32\"]",
    )
    .network;
    let runner = |ip: &str| ip.parse().is_ok_and(|ip| network.is_runner(ip));
    assert!(runner("10.8.200.1") && runner("::ffff:10.8.0.1") && runner("192.0.2.7"));
    assert!(!runner("10.9.0.1") && !runner("192.0.2.8") && !runner("2001:db8::1"));
    assert!("2001:db8::1".parse().is_ok_and(|ip| network.is_egress(ip)));
}

#[test]
fn a_list_of_ranges_without_a_range_is_not_set() {
    let settings = settings("[network]\nrunner_cidrs = []\negress_cidrs = [\"192.0.2.7\"]");
    assert!(!settings.is_set("network.runner_cidrs"));
    assert!(settings.is_set("network.egress_cidrs"));
}

#[test]
fn a_list_of_mounts_without_a_mount_is_not_set() {
    let settings = settings("[vault]\nci_mounts = []\nhuman_mounts = [\"auth/oidc/\"]");
    assert!(!settings.is_set("vault.ci_mounts"));
    assert!(settings.is_set("vault.human_mounts"));
}

#[test]
fn people_are_known_by_name_id_policy_and_alias() {
    let people = settings(
        "[people]\nadmins = [\"ada\", \"okta:user/Bob@acme.example\", \"vault-admin\", \"gitlab:project/109\"]\n\
         [people.aliases]\nbob = [\"gitlab:user/bobby\", \"okta:user/bob@acme.example\"]",
    )
    .people;
    for who in [
        "ada",
        "gitlab:user/ada",
        "gitlab:user/bobby",
        "bob",
        "okta:user/bob@ACME.example",
        "vault:policy/vault-admin",
        "vault-admin",
        "gitlab:project/109",
    ] {
        assert!(people.is_admin(who), "{who}");
    }
    for who in [
        "adam",
        "gitlab:user/bob2",
        "gitlab:project/10",
        "okta:user/ada",
    ] {
        assert!(!people.is_admin(who), "{who}");
    }
    assert_eq!(people.person_of("gitlab:user/bobby"), Some("bob"));
    assert_eq!(people.person_of("gitlab:user/ada"), None);
    let twice = faults("[people.aliases]\na = [\"x:y\"]\nb = [\"x:y\", \"z\"]");
    assert_eq!(twice.len(), 2, "{twice:#?}");
}

#[test]
fn rule_thresholds_are_accepted_by_name_and_kind() {
    let rules = [
        ("burst_reads", Threshold::Number(50.0)),
        ("idle", Threshold::Duration(1)),
    ];
    let text = "[thresholds]\nburst_reads = 1_000\nidle = \"1h30m\"";
    let settings = Settings::parse("p", text, &rules);
    let thresholds = settings.map(|settings| settings.thresholds);
    assert_eq!(
        thresholds
            .as_ref()
            .ok()
            .and_then(|t| t.number("burst_reads")),
        Some(1000.0)
    );
    assert_eq!(
        thresholds.as_ref().ok().and_then(|t| t.micros("idle")),
        Some(5_400_000_000)
    );
    assert!(faults(text)[0].contains("unknown key `thresholds.burst_reads`"));
    assert!(Settings::parse("p", "[thresholds]\nidle = -1", &rules).is_err());
}

#[test]
fn a_waiver_says_where_it_stands_and_must_end() {
    let text = "\n[[waiver]]\nrule = \"VLT-POL-001\"\nsubject = \"s\"\nobject = \"o\"\nreason = \"r\"\nowner = \"ann\"\nexpires = \"2026-12-31\"\n";
    let waivers = settings(text).waivers;
    assert_eq!(waivers.len(), 1);
    assert_eq!(waivers[0].declared_at, "piperoll.toml:2");
    assert_eq!(waivers[0].expires.date(), "2026-12-31");
    let lacking = faults("[[waiver]]\nrule = \"A\"\nreason = \"r\"\n");
    for what in ["`owner`", "`expires`", "no finding"] {
        assert!(
            lacking.iter().any(|fault| fault.contains(what)),
            "{what}: {lacking:#?}"
        );
    }
    assert!(faults("[waiver]\nrule = \"A\"")[0].contains("[[waiver]]"));
}

#[test]
fn the_remaining_tables_are_kept() {
    let settings = settings(
        "[input]\npaths = [\"exports/\"]\n[mesh.service_map]\n\"shop_web\" = \"web\"\n\
         [[source]]\npath = \"vault/*\"\nsystem = \"vault\"\nexpect_records = 12\ncollected_at = \"2026-01-02\"\ncontinuous = true\n\
         [output]\nframework = \"soc2\"\nentity = \"Fen Ltd\"",
    );
    assert_eq!(settings.input_paths, ["exports/"]);
    assert_eq!(
        settings.mesh_services.get("shop_web").map(String::as_str),
        Some("web")
    );
    assert_eq!(settings.exports[0].expect_records, Some(12));
    assert_eq!(settings.exports[0].continuous, Some(true));
    assert_eq!(settings.output.frameworks, ["soc2"]);
    assert_eq!(settings.output.entity.as_deref(), Some("Fen Ltd"));
}

#[test]
fn a_secret_is_a_fault_wherever_it_stands_and_is_never_repeated() {
    let token = format!("glpat-{}", "Zq8xKp3mWv7nRt2LbYc4");
    for text in [
        "[vault]\nci_mounts = [\"$\"]",
        "[vault]\n$ = 1",
        "[$]\na = 1",
        "[period]\nfrom = \"$\"",
        "[people.aliases]\nada = [\"$\"]",
        "[thresholds]\ngrace = \"$\"",
        "[[waiver]]\nrule = \"$\"",
        "[[source]]\npath = \"a\"\nsystem = \"vault\"\ncommand = \"curl -H PRIVATE-TOKEN:$\"",
        "[rules.disabled]\nINT-001 = \"$\"",
        "# $",
        "a = \"$",
    ] {
        let found = faults(&text.replace('$', &token));
        assert_eq!(found.len(), 1, "{text}");
        assert!(
            found[0].contains("gitlab-personal-access-token"),
            "{found:?}"
        );
        assert!(!found[0].contains(&token[6..]), "{found:?}");
    }
    let key = format!(
        "[people.aliases]\nada = [\"aws:key/AKIA{}\"]",
        "Z3MGPTQL5XWVB2NC"
    );
    assert!(faults(&key).is_empty());
}
