//! Rows of the table `config` that no export states: settings that rules ask for.

use crate::config::Settings;
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
    // A person declared by name is declared under every alias.
    for who in people.admins() {
        add("people.admins", who);
        people.ids_of(who).for_each(|id| add("people.admins", id));
    }
    people
        .break_glass()
        .for_each(|who| add("people.break_glass", who));
    people.bots().for_each(|who| add("people.bots", who));
    batch
}
