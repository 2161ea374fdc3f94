//! Rows of the table `config` that no export states: settings that rules ask for.

use crate::identity::{IdpUsers, Scope};
use crate::table::row::{Batch, config};

/// One row per declared person, mount and address range, under the name of its key. A person is
/// declared under every name that the same person has: alias, account of GitLab, of the identity
/// provider.
pub(super) fn setting_rows(scope: Scope<'_>, idp: &IdpUsers, file: &str) -> Batch {
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
    let people = &scope.settings.people;
    let mut each = |key: &str, declared: &mut dyn Iterator<Item = &str>| {
        for who in declared {
            let names = idp.names_of(who, &scope);
            names.iter().for_each(|name| add(key, name));
        }
    };
    each("people.admins", &mut people.admins());
    each("people.break_glass", &mut people.break_glass());
    each("people.bots", &mut people.bots());
    batch
}
