//! The table `credential`: one row per token, lease, key or federated exchange issued.

use super::schema::table;

table!("credential", "one row per token, lease, key or federated exchange issued.", {
    CREDENTIAL_ID "credential_id" Text "`vault:accessor/<smallest hash>`, `vault:lease/<id>`, `vault:login/<request id>` for tokens without an accessor, or a Google key name.",
    KIND "kind" Text "`token`, `batch-token`, `wrapped-token`, `child-token`, `lease` or `key`.",
    ISSUED_AT "issued_at" Time "When it was issued.",
    TTL_S "ttl_s" Int "Lifetime at issue, in seconds.",
    EXPIRES_AT "expires_at" Time "Last known end: issue plus lifetime, extended by renewals.",
    REVOKED_AT "revoked_at" Time "When it was revoked, if seen.",
    LAST_USED_AT "last_used_at" Time "When it was last used, if seen.",
    USES "uses" Int "Requests made with it.",
    LOGIN_ID "login_id" Text "The login (or creating request) that issued it.",
    PARENT_ID "parent_id" Text "The credential that asked for it.",
    HOLDER "holder" Text "The entity or account it stands for.",
    DISPLAY_NAME "display_name" Text "Display name of the token.",
    MOUNT "mount" Text "Auth or secret mount that issued it.",
    MOUNT_ID "mount_id" Text "The mount as an id, with its namespace: `vault:mount/[<namespace>/]<mount>`.",
    MOUNT_CLASS "mount_class" Text "`ci`, `workload` or `human` by configuration.",
    ROLE_ID "role_id" Text "Vault role.",
    POLICIES "policies" Texts "Policies of a token.",
    ORIGIN_KIND "origin_kind" Text "`job`, `service` or `person` when all candidates agree on the kind.",
    ORIGIN_ID "origin_id" Text "The job, service or person when there is one candidate only.",
    ORIGIN_END_AT "origin_end_at" Time "When the origin job ended.",
    RESIDUAL_S "residual_s" Int "Seconds for which it could still be used when its job had ended: until it was revoked or expired, 0 when that came first; NULL without a job or a known end.",
    RESIDUAL_MINUTES "residual_minutes" Int "The same in minutes, a started one counted whole.",
    CONFIDENCE "confidence" Real "Weakest edge from the origin.",
    IN_PERIOD "in_period" Int "1 when issued inside the period, else 0.",
    SOURCE_FILE "source_file" Text "Evidence: file.",
    SOURCE_LINE "source_line" Int "Evidence: line, from 1.",
    SOURCE_BYTE "source_byte" Int "Evidence: byte offset, from 0.",
    SOURCE_SHA256 "source_sha256" Text "Evidence: SHA-256 of the record.",
});
