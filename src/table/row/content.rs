//! What a record says as a whole, in two numbers: compared with a repetition, and not kept.

use std::hash::{BuildHasher as _, Hash, Hasher, RandomState};
use std::sync::LazyLock;

use crate::model::{Event, Handles, System, Text};

/// Stands for a text that is compared and not kept; the default for one that is absent.
///
/// The hash is another in every run, so that nobody can write a text with a mark of his choice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Mark(u32);

impl Mark {
    /// The mark of a text.
    #[must_use]
    pub fn of(text: &str) -> Mark {
        static HASH: LazyLock<RandomState> = LazyLock::new(RandomState::new);
        if text.is_empty() {
            return Mark::default();
        }
        // The upper half of the hash.
        let hash = (HASH.hash_one(text) >> 32) as u32;
        Mark(hash.max(1))
    }

    /// The mark of several values together; lists and texts keep their ends.
    fn of_all(values: impl Hash) -> Mark {
        static HASH: LazyLock<hashbrown::DefaultHashBuilder> =
            LazyLock::new(hashbrown::DefaultHashBuilder::default);
        let hash = (HASH.hash_one(values) >> 32) as u32;
        Mark(hash.max(1))
    }

    /// Whether both are known and differ.
    #[must_use]
    pub fn contradicts(self, other: Mark) -> bool {
        self.0 != 0 && other.0 != 0 && self != other
    }
}

/// What a whole record says but for its id, its place and its time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Content {
    /// Everything, to compare with what the same device writes.
    pub whole: Mark,
    /// Whose token it was: policies and metadata, which every device writes in the clear.
    pub whose: Mark,
    /// At which mount and of what kind, which every device writes in the clear too.
    pub mount: [Mark; 2],
}

impl Content {
    /// What an event says. What is absent and what is empty are the same.
    #[must_use]
    pub fn of(event: &Event<'_>) -> Content {
        let issued = event.issued.as_ref();
        let whose = (
            Items(&event.policies),
            sorted(&event.metadata),
            issued.map(|issued| (Items(&issued.policies), sorted(&issued.metadata))),
        );
        let nobody = event.policies.is_empty() && event.metadata.is_empty() && issued.is_none();
        let whose = Mark::of_all(whose);
        let parts = [whose, matter(event), caller(event), given(event)];
        Content {
            whole: Mark::of_all(parts),
            whose: if nobody { Mark::default() } else { whose },
            mount: [&event.mount, &event.service]
                .map(|text| Mark::of(text.as_deref().unwrap_or_default())),
        }
    }
}

/// What was done to what, and how it ended.
fn matter(event: &Event<'_>) -> Mark {
    Mark::of_all((
        (
            event.system,
            event.kind as u8,
            event.outcome as u8,
            event.status,
        ),
        (
            &event.operation,
            said(&event.method),
            said(&event.service),
            said(&event.namespace),
        ),
        (
            said(&event.mount),
            &event.path,
            &event.object,
            said(&event.error),
        ),
        (
            said(&event.request_lease_id),
            said(&event.key_name),
            // Of Vault's it is a key that one device logs in clear and another hashed.
            (event.system != System::Vault).then(|| said(&event.target_account)),
        ),
        (
            Items(&event.request_keys),
            said(&event.project),
            event.secret_version,
            event.deltas.len(),
        ),
    ))
}

/// Who did it, from where, and what allowed it.
fn caller(event: &Event<'_>) -> Mark {
    Mark::of_all((
        (
            said(&event.principal),
            said(&event.display_name),
            said(&event.entity_id),
            said(&event.role),
        ),
        (
            said(&event.remote_address),
            said(&event.user_agent),
            said(&event.network),
            said(&event.device),
            event.token_issued_at,
        ),
        (
            Items(&event.granting_policies),
            Items(&event.permissions),
            Items(&event.denied_permissions),
        ),
        (Items(&event.delegation), handles(&event.caller)),
    ))
}

/// What was handed out.
fn given(event: &Event<'_>) -> Mark {
    Mark::of_all(event.issued.as_ref().map(|issued| {
        (
            handles(&issued.handles),
            (
                said(&issued.wrapping_accessor),
                said(&issued.wrapping_token),
                said(&issued.wrapping_path),
            ),
            (
                said(&issued.entity_id),
                said(&issued.display_name),
                said(&issued.token_type),
            ),
            (said(&issued.lease_id), issued.ttl_seconds),
        )
    }))
}

fn said<'t>(text: &'t Option<Text<'_>>) -> &'t str {
    text.as_deref().unwrap_or("")
}

fn handles<'h>(handles: &'h Handles<'_>) -> [&'h str; 2] {
    [said(&handles.accessor), said(&handles.token)]
}

/// A list, whose empty items say nothing.
struct Items<'i>(&'i [Text<'i>]);

impl Hash for Items<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let items = self.0.iter().filter(|item| !item.is_empty());
        state.write_usize(items.clone().count());
        items.for_each(|item| item.hash(state));
    }
}

/// A map whatever the order in which it was written.
fn sorted<'m>(map: &'m [(Text<'_>, Text<'_>)]) -> Vec<(&'m str, &'m str)> {
    let mut entries: Vec<(&str, &str)> =
        map.iter().map(|(key, value)| (&**key, &**value)).collect();
    entries.sort_unstable();
    entries
}
