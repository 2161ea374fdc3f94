//! What a record says as a whole, in two numbers: compared with a repetition, and not kept.

use std::hash::{BuildHasher as _, Hash, RandomState};
use std::sync::LazyLock;

use crate::model::{Event, Handles, Text};

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
    /// What an event says.
    #[must_use]
    pub fn of(event: &Event<'_>) -> Content {
        let issued = event.issued.as_ref();
        let whose = (
            &event.policies,
            sorted(&event.metadata),
            issued.map(|issued| (&issued.policies, sorted(&issued.metadata))),
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
            &event.method,
            &event.service,
            &event.namespace,
        ),
        (&event.mount, &event.path, &event.object, &event.error),
        (
            &event.request_lease_id,
            &event.key_name,
            &event.target_account,
        ),
        (
            &event.request_keys,
            &event.project,
            event.secret_version,
            event.deltas.len(),
        ),
    ))
}

/// Who did it, from where, and what allowed it.
fn caller(event: &Event<'_>) -> Mark {
    Mark::of_all((
        (
            &event.principal,
            &event.display_name,
            &event.entity_id,
            &event.role,
        ),
        (
            &event.remote_address,
            &event.user_agent,
            &event.network,
            &event.device,
            event.token_issued_at,
        ),
        (
            &event.granting_policies,
            &event.permissions,
            &event.denied_permissions,
        ),
        (&event.delegation, handles(&event.caller)),
    ))
}

/// What was handed out.
fn given(event: &Event<'_>) -> Mark {
    Mark::of_all(event.issued.as_ref().map(|issued| {
        (
            handles(&issued.handles),
            (
                &issued.wrapping_accessor,
                &issued.wrapping_token,
                &issued.wrapping_path,
            ),
            (&issued.entity_id, &issued.display_name, &issued.token_type),
            (&issued.lease_id, issued.ttl_seconds),
        )
    }))
}

fn handles<'h>(handles: &'h Handles<'_>) -> [Option<&'h str>; 2] {
    [handles.accessor.as_deref(), handles.token.as_deref()]
}

/// A map whatever the order in which it was written.
fn sorted<'m>(map: &'m [(Text<'_>, Text<'_>)]) -> Vec<(&'m str, &'m str)> {
    let mut entries: Vec<(&str, &str)> =
        map.iter().map(|(key, value)| (&**key, &**value)).collect();
    entries.sort_unstable();
    entries
}
