//! The lists of mounts of every server that was read, by the folder they speak for.

use std::collections::{BTreeMap, BTreeSet};

use super::export_root;
use super::mounts::{Mounts, kind};
use crate::model::FileId;
use crate::posture::{Thing, Things};

/// Mounts by the root of their list and by namespace.
#[derive(Debug, Default)]
pub(crate) struct MountLists {
    by_root: BTreeMap<String, BTreeMap<String, Mounts>>,
}

/// What a file is told to which no list belongs.
static ALONE: Mounts = empty(false);
/// What a file is told whose lists have no mount in its namespace.
static NONE_LISTED: Mounts = empty(true);

impl MountLists {
    /// Sorts what is listed; `name` tells the name of a file.
    pub(crate) fn new<'f>(things: &Things<'_>, name: impl Fn(FileId) -> &'f str) -> MountLists {
        let mut lists = MountLists::default();
        for thing in things.of("vault-secret-mount") {
            if let Some((mounts, path)) = lists.place(&thing, &name) {
                mounts.listed.insert(path.to_owned(), kind(&thing));
                let engine = thing.value("type").unwrap_or_default();
                mounts.types.insert(path.to_owned(), engine.to_owned());
            }
        }
        for thing in things.of("vault-auth-mount") {
            if let Some((mounts, path)) = lists.place(&thing, &name) {
                mounts.auth.insert(path.to_owned());
            }
        }
        lists
    }

    /// The mounts of a namespace, by the lists that belong to the file at `path`.
    pub(crate) fn of(&self, namespace: &str, path: &str) -> &Mounts {
        let Some((_, namespaces)) = export_root::of(path, &self.by_root) else {
            return &ALONE;
        };
        namespaces.get(namespace).unwrap_or(&NONE_LISTED)
    }

    /// Where a listed mount belongs, and its path.
    fn place<'f, 't>(
        &mut self,
        thing: &Thing<'t>,
        name: &impl Fn(FileId) -> &'f str,
    ) -> Option<(&mut Mounts, &'t str)> {
        let list = thing.place().map_or("", |place| name(place.file));
        let root = self.by_root.entry(export_root::of_list(list).to_owned());
        let namespaces = root.or_default();
        let path = thing.value("path")?;
        let id = thing.object.strip_prefix("vault:mount/")?;
        let namespace = id.strip_suffix(path)?.trim_end_matches('/');
        let mounts = namespaces.entry(namespace.to_owned());
        Some((mounts.or_insert_with(|| empty(true)), path))
    }
}

const fn empty(belongs: bool) -> Mounts {
    Mounts {
        listed: BTreeMap::new(),
        types: BTreeMap::new(),
        auth: BTreeSet::new(),
        belongs,
    }
}
