//! The tables and keys of `piperoll.toml`, and its thresholds, one row each.

use super::{Key, Kind, Table};

const fn key(
    name: &'static str,
    kind: Kind,
    default: &'static str,
    example: &'static str,
    about: &'static str,
) -> Key {
    Key {
        name,
        kind,
        default,
        example,
        about,
    }
}

const NONE: &str = "none";

/// Every table but `[thresholds]`, whose keys are those of the rules.
#[rustfmt::skip] // A row is a line.
pub const TABLES: &[Table] = &[
    Table {
        name: "input",
        repeated: false,
        about: "What is read when the command line names nothing.",
        keys: &[
            key("paths", Kind::Texts, NONE, "[\"exports/\"]", "Files, directories (recursive) and globs, from the directory the command runs in."),
        ],
    },
    Table {
        name: "period",
        repeated: false,
        about: "The period that findings and populations are about. Half-open, in UTC; `--from`, `--to` and `--as-of` override it. Records outside it serve joins only.",
        keys: &[
            key("from", Kind::Time, "the first record", "\"2026-09-01\"", "The first moment inside."),
            key("to", Kind::Time, "just after the last record", "\"2026-10-01\"", "The first moment after."),
            key("as_of", Kind::Time, "the end of the period", "\"2026-10-01T00:00:00Z\"", "The moment at which waivers, ages and policy `expiration` are judged."),
        ],
    },
    Table {
        name: "vault",
        repeated: false,
        about: "Who logs in where. A mount matches in every namespace unless it is written with one: `team/auth/gitlab/`.",
        keys: &[
            key("ci_mounts", Kind::Texts, NONE, "[\"auth/gitlab/\"]", "Auth mounts where CI jobs log in."),
            key("workload_mounts", Kind::Texts, NONE, "[\"auth/run/\"]", "Auth mounts where services and machines log in."),
            key("human_mounts", Kind::Texts, NONE, "[\"auth/oidc/\"]", "Auth mounts where people log in."),
            key("dialect", Kind::Choice(&["vault", "openbao"]), "\"vault\"", "\"openbao\"", "The server whose policy language holds."),
        ],
    },
    Table {
        name: "owner",
        repeated: true,
        about: "Whose secret a path is. Paths are logical: without `data/` or `metadata/`, and with their namespace outside root. The longest match wins.",
        keys: &[
            key("prefix", Kind::Text, NONE, "\"secret/ci/shop/\"", "The path and all below it. Either this or `pattern`."),
            key("pattern", Kind::Text, NONE, "\"secret/ci/{project}/{environment}/\"", "A path with placeholders: `{project}` the project's last path segment, `{project_path}` its whole path, `{service}`, `{environment}`."),
            key("project", Kind::Text, NONE, "\"mill/shop\"", "The GitLab project, by its full path."),
            key("service", Kind::Text, NONE, "\"shop-api\"", "The Cloud Run service."),
            key("environment", Kind::Text, NONE, "\"prod\"", "The environment, as `[environments]` names it."),
            key("shared", Kind::Flag, "false", "true", "Everybody may use it; the owner only keeps it."),
        ],
    },
    Table {
        name: "environments",
        repeated: false,
        about: "Which names of environments mean which tier. A tier that is written has exactly the names given; `prod/eu` counts as `prod`.",
        keys: &[
            key("prod", Kind::Texts, "[\"prod\", \"production\", \"live\"]", "[\"prod\", \"production\", \"live\"]", "Production."),
            key("staging", Kind::Texts, "[\"staging\", \"stage\"]", "[\"staging\", \"stage\"]", "Staging."),
            key("dev", Kind::Texts, "[\"dev\", \"development\"]", "[\"dev\", \"development\"]", "Development."),
            key("<qa>", Kind::Texts, NONE, "[\"qa\", \"test\"]", "A tier of your own."),
        ],
    },
    Table {
        name: "network",
        repeated: false,
        about: "Address ranges, in CIDR notation, or single addresses.",
        keys: &[
            key("runner_cidrs", Kind::Texts, NONE, "[\"10.10.4.0/24\"]", "Where CI runners call from."),
            key("egress_cidrs", Kind::Texts, NONE, "[\"203.0.113.7\"]", "Where services call from."),
        ],
    },
    Table {
        name: "people",
        repeated: false,
        about: "Who may do more. Each entry is a person's name, a principal id (`gitlab:project/109`, `gcp:sa/deploy@mill.iam.gserviceaccount.com`, `vault:role/gitlab/vault-config`) or the name of a policy.",
        keys: &[
            key("admins", Kind::Texts, NONE, "[\"ada\", \"gitlab:project/106\"]", "Administrators: they are not judged where administration is their work."),
            key("break_glass", Kind::Texts, NONE, "[\"hanna\"]", "Who may break the glass; what they do is listed, not accused."),
            key("bots", Kind::Texts, NONE, "[\"gitlab:user/renovate\"]", "Accounts that are no person."),
        ],
    },
    Table {
        name: "people.aliases",
        repeated: false,
        about: "One person's names in several systems, by principal id.",
        keys: &[
            key("<ada>", Kind::Texts, NONE, "[\"gitlab:user/ada\", \"gcp:user/ada@mill.example\"]", "A person, with the ids that are theirs."),
        ],
    },
    Table {
        name: "mesh.service_map",
        repeated: false,
        about: "Which Cloud Run service a service of the mesh is.",
        keys: &[
            key("<shop>", Kind::Text, NONE, "\"shop-api\"", "A mesh service, with its Cloud Run service."),
        ],
    },
    Table {
        name: "rules",
        repeated: false,
        about: "Which rules are asked, by ids (`VLT-POL-001`) or their beginnings (`VLT-`). A rule that is left out was not assessed, and so are the controls that rest on it.",
        keys: &[
            key("select", Kind::Texts, "all rules", "[\"VLT-\", \"JOI-003\"]", "The rules that are asked; `--select` replaces it."),
            key("ignore", Kind::Texts, NONE, "[\"VLT-MNT-\"]", "Rules that are not asked, also where they are selected; `--ignore` adds to it."),
        ],
    },
    Table {
        name: "rules.severity",
        repeated: false,
        about: "What findings of a rule are called instead of what the rule says; of several names the longest decides. A finding that rests on a weak join is still called milder.",
        keys: &[
            key("<VLT-POL-007>", Kind::Choice(&["crit", "high", "med", "low", "info"]), "what the rule says", "\"low\"", "A rule, or the beginning of ids, with the severity of its findings."),
        ],
    },
    Table {
        name: "rules.disabled",
        repeated: false,
        about: "Rules that are switched off. The reason stands in the pack.",
        keys: &[
            key("<VLT-POL-013>", Kind::Text, NONE, "\"every mount is KV version 1 until March\"", "A rule, or the beginning of ids, with the reason."),
        ],
    },
    Table {
        name: "waiver",
        repeated: true,
        about: "A finding that somebody accepts until a date. It stays in the pack and stays an exception of its control. Named by `fingerprint`, or by `subject` and `object`.",
        keys: &[
            key("rule", Kind::Text, "required", "\"JOI-003\"", "The rule."),
            key("fingerprint", Kind::Text, NONE, "\"3f0c9a1b2c3d4e5f\"", "`finding_id` of findings.csv."),
            key("subject", Kind::Text, NONE, "\"gitlab:project/103\"", "The finding's subject."),
            key("object", Kind::Text, NONE, "\"vault:path/secret/ci/orders/prod/db\"", "The finding's object."),
            key("reason", Kind::Text, "required", "\"one database until the split\"", "Why it is accepted."),
            key("owner", Kind::Text, "required", "\"platform team\"", "Who accepts it."),
            key("expires", Kind::Time, "required", "\"2026-12-01\"", "From then on the finding is open again."),
            key("ticket", Kind::Text, NONE, "\"SEC-12\"", "Where it is followed."),
            key("approved_by", Kind::Text, NONE, "\"ada\"", "Who approved it."),
            key("approved_on", Kind::Time, NONE, "\"2026-09-15\"", "When it was approved."),
        ],
    },
    Table {
        name: "source",
        repeated: true,
        about: "How inputs were collected, for the files that a glob names.",
        keys: &[
            key("path", Kind::Text, "required", "\"vault/audit*.log\"", "Glob over input paths."),
            key("system", Kind::Text, NONE, "\"vault\"", "The system that exported them."),
            key("instance", Kind::Text, NONE, "\"eu\"", "The instance, where there are several of one system."),
            key("environment", Kind::Text, NONE, "\"prod\"", "The environment they come from."),
            key("command", Kind::Text, NONE, "\"deploy/export/vault.sh exports/vault\"", "The command or job that collected them."),
            key("collected_at", Kind::Time, NONE, "\"2026-10-01T06:00:00Z\"", "When they were collected."),
            key("collected_by", Kind::Text, NONE, "\"evidence job 4711\"", "Who collected them."),
            key("expect_records", Kind::Count, NONE, "12345", "How many records they must have."),
            key("continuous", Kind::Flag, "as the source is", "true", "Whether records come without pause, so that silence is a gap."),
            key("required", Kind::Flag, "false", "true", "Whether a report is incomplete without them."),
        ],
    },
    Table {
        name: "control",
        repeated: true,
        about: "A control as the audited entity numbers it. It stands first in the control matrix and in the map from rules to controls.",
        keys: &[
            key("id", Kind::Text, "required", "\"AC-07\"", "Its number."),
            key("title", Kind::Text, "required", "\"Access to production is reviewed\"", "Its title."),
            key("from", Kind::Texts, "required", "[\"CC6.3\", \"5.18\"]", "Ids of SOC 2 and ISO 27001 that it answers to: a rule that names one speaks about it."),
        ],
    },
    Table {
        name: "proposed",
        repeated: false,
        about: "What `piperoll init` proposed and nobody has confirmed. A rule that needs such a setting does not pass: what it finds is suspected, and without a finding it is not assessed.",
        keys: &[
            key("keys", Kind::Texts, NONE, "[\"vault.ci_mounts\", \"owner\"]", "Tables and keys of this file. Take out what you have looked through."),
        ],
    },
    Table {
        name: "output",
        repeated: false,
        about: "What the pack is called and shows.",
        keys: &[
            key("framework", Kind::TextOrTexts, "all", "[\"soc2-2017\", \"nist80053-r5\"]", "Frameworks whose controls are shown."),
            key("entity", Kind::Text, NONE, "\"Mill Ltd\"", "The audited entity's name."),
            key("environment", Kind::Text, NONE, "\"production\"", "The environment that the pack is about, on its cover."),
            key("prepared_by", Kind::Text, NONE, "\"Platform security, ada@mill.example\"", "Who prepared the pack, on its cover; the account that ran it stands in `run.json`."),
            key("redaction", Kind::Text, NONE, "\"default\"", "Name of the redaction profile."),
            key("rule_pages", Kind::Text, NONE, "\"https://docs.example.com/piperoll/rules/{rule}.html\"", "Where the pages of `docs/rules/` can be read, with `{rule}` for the id: SARIF links each rule in the box to its page (`helpUri`)."),
        ],
    },
];

/// What each threshold decides, by name.
#[rustfmt::skip] // A row is a line.
pub const THRESHOLDS: &[(&str, &str)] = &[
    ("attack_denials", "Pushes that a user denies from which a sign-on after them is an attack that worked."),
    ("attack_failures", "Refused sign-ons of a user from which one that succeeds after them is an attack that worked."),
    ("attack_window", "The time in which refused sign-ons count together with the one that succeeds."),
    ("audience_failures", "Refused logins for another audience from which a role counts as misused."),
    ("blast_permissions", "Grants in Google Cloud that one identity may reach before its reach is wide."),
    ("blast_secrets", "Places of secrets that one identity may reach before its reach is wide."),
    ("bulk_delete_window", "The time in which deleted objects count together."),
    ("bulk_deletes", "Objects of a bucket that one principal may delete in a short time."),
    ("ci_lifetime", "Longest life of a token of a CI job."),
    ("cloud_denied_methods", "Distinct methods from which refused calls to Google Cloud are a burst."),
    ("cloud_denied_services", "Distinct services from which refused calls to Google Cloud are a burst."),
    ("cloud_denied_window", "The time in which six refused calls to Google Cloud are a burst."),
    ("consumer_window", "How far back a service counts as a consumer of a secret."),
    ("cut_over", "How long a secret may be used from two places while it moves."),
    ("decide_days", "Days within which somebody decides about a finding of severity high or above."),
    ("dynamic_lease", "Longest lease of a dynamic secret."),
    ("expiry_failures", "Failures with an expired credential from which work counts as going on."),
    ("grace", "How long after its job or its person's end a token may still be used."),
    ("grant_delay", "How long after a grant a refused call is blamed on its delay."),
    ("highest_lifetime", "Longest life of any token of a role."),
    ("hourly_requests", "Requests an hour from which reads are compared with requests."),
    ("idp_session", "How long a sign-on at the identity provider stands behind what a person does."),
    ("in_flight", "How long a request may wait for its response at the end of a log."),
    ("join_coverage", "Percentage of logins that must be traced to what made them."),
    ("keep_days", "Days for which logs must be kept."),
    ("key_age", "Longest life of a service account's key."),
    ("leeway", "How long after its expiry a role may take a token."),
    ("manual_runs", "Runs of a production job by hand that one user may start in a short time."),
    ("manual_window", "The time in which runs by hand count together."),
    ("mesh_certificate", "Longest life of a certificate of a workload in the mesh."),
    ("mesh_empty_percent", "Percentage of the access log's lines about one service that may leave a field empty."),
    ("mesh_soak", "How long a permission of the mesh stands in staging, or on trial, before production gets it."),
    ("metadata_delete_window", "The time in which such deletions count together."),
    ("metadata_deletes", "Secrets of which one caller may delete all versions in a short time."),
    ("mfa_window", "How long after a second factor is removed a sign-on from a new device is suspicious."),
    ("proxy_grace", "How long after its person's end a session of the proxy may still begin."),
    ("review_days", "Days within which every row of access is reviewed."),
    ("rotation", "Longest time between two rotations of a key or secret."),
    ("rotation_overlap", "How long a consumer may use the old version after a rotation."),
    ("service_lifetime", "Longest life of a token of a service."),
    ("session", "Longest session of a person who was blocked."),
    ("silence", "A source silent for longer before the period's end makes the pack INTERIM."),
    ("skew", "How far clocks may differ when times of two systems are compared."),
    ("sweep_ratio", "How many times the average of its role's tokens a token must read to be a sweep."),
    ("sweep_secrets", "Distinct secrets that one token may read in a short time."),
    ("sweep_window", "The time in which secrets that a token reads count together."),
    ("terraform_lifetime", "Longest life of the child tokens that Terraform makes."),
    ("token_days", "Longest life of a GitLab token that can write, in days."),
    ("token_ttl_human", "Longest life of a person's token."),
    ("token_ttl_other", "Longest life of a token whose holder is not known."),
    ("unused_role", "Time without use from which a granted role counts as unused."),
    ("version_overlap", "How long an old version of a secret may stay enabled or in use."),
    ("min_sessions", "Logins below which rules on use call nothing unused."),
    ("window_days", "Days of log that rules on use look back over."),
];
