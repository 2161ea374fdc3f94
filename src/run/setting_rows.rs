//! Rows of the table `config` that no export states: settings that rules ask for, and how well
//! logins can be joined.

use super::fact_rows::EvidenceColumns;
use crate::config::Settings;
use crate::identity::{Directory, MountClass, Readiness};
use crate::table::row::{Batch, config};

/// One row per declared person, mount and address range, under the name of its key.
pub(super) fn setting_rows(settings: &Settings, file: &str) -> Batch {
    let mut batch = Batch::new(&config::SCHEMA);
    let mut add = |name: &str, value: &str| {
        batch
            .row()
            .text(config::KIND, "setting")
            .text(config::OBJECT, "piperoll.toml")
            .text(config::NAME, name)
            .text(config::VALUE, value)
            .text(config::SOURCE_FILE, file)
            .int(config::SOURCE_LINE, 1)
            .int(config::SOURCE_BYTE, 0);
    };
    let people = &settings.people;
    people.admins().for_each(|who| add("people.admins", who));
    people
        .break_glass()
        .for_each(|who| add("people.break_glass", who));
    people.bots().for_each(|who| add("people.bots", who));
    batch
}

/// Numbers of logins per role. A class of logins whose partners were not exported at all is left
/// out: no export is no evidence of a bad join.
pub(super) fn readiness_rows(
    roles: &[Readiness],
    directory: &Directory,
    files: &[String],
) -> Batch {
    let mut batch = Batch::new(&config::SCHEMA);
    for role in roles {
        let judged = match role.class {
            Some(MountClass::Ci) => !directory.jobs.is_empty(),
            Some(MountClass::Workload) => !directory.services.is_empty(),
            _ => false,
        };
        if !judged {
            continue;
        }
        for (name, value) in [
            ("logins", role.logins),
            ("established", role.established),
            ("ambiguous", role.ambiguous),
            ("unjoined", role.unjoined),
        ] {
            let mut row = batch.row();
            row.text(config::KIND, "join-readiness")
                .text(config::OBJECT, &role.role)
                .text(config::NAME, name)
                .text(config::VALUE, &value.to_string());
            EvidenceColumns(config::SOURCE_FILE).fill(&mut row, role.place, files);
        }
    }
    batch
}
