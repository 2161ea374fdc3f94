//! The table `readiness`: one row per auth mount and UTC day: how many logins could be joined to what made them.

use super::schema::table;

table!("readiness", "one row per auth mount and UTC day: how many logins could be joined to what made them.", {
    MOUNT_ID "mount_id" Text "`vault:mount/<mount>`.",
    MOUNT_CLASS "mount_class" Text "`ci`, `workload` or `human`.",
    DAY "day" Text "UTC date.",
    DAY_AT "day_at" Time "Start of the day.",
    LOGINS "logins" Int "Successful logins.",
    ESTABLISHED "established" Int "Logins with one established origin.",
    AMBIGUOUS "ambiguous" Int "Logins with several candidates, or a weaker key.",
    UNJOINED "unjoined" Int "Logins with no origin.",
    UNLISTED "unlisted" Int "Of these, logins that name a job or a project whose job is not among those exported.",
    LOGIN_ID "login_id" Text "One login that has no single established origin, where there is one.",
    SOURCE_FILE "source_file" Text "Evidence: file of that login, else of the first.",
    SOURCE_LINE "source_line" Int "Evidence: line, from 1.",
    SOURCE_BYTE "source_byte" Int "Evidence: byte offset, from 0.",
    SOURCE_SHA256 "source_sha256" Text "Evidence: SHA-256 of the record.",
});
