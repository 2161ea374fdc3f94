//! What a record says as a whole, in two numbers: compared with a repetition, and not kept.

use std::hash::{BuildHasher as _, Hash, Hasher, RandomState};
use std::sync::LazyLock;

use super::packed::Packed;
use crate::model::{Event, Handles, System, TAKEN_OUT, Text, is_silent};

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

    /// Whether it is of a text that stands where somebody took one out.
    #[must_use]
    pub fn stands_for_another(self) -> bool {
        static MARKS: LazyLock<[Mark; TAKEN_OUT.len()]> = LazyLock::new(|| TAKEN_OUT.map(Mark::of));
        MARKS.contains(&self)
    }

    /// Whether both are known and differ.
    #[must_use]
    pub fn contradicts(self, other: Mark) -> bool {
        self.0 != 0 && other.0 != 0 && self != other
    }
}

impl Packed for Mark {
    fn write(&self, to: &mut Vec<u8>) {
        self.0.write(to);
    }
    fn read(from: &mut &[u8]) -> Option<Mark> {
        u32::read(from).map(Mark)
    }
}

/// What a whole record says but for its id, its place and its time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Content {
    /// Everything, to compare with what the same device writes.
    pub whole: Mark,
    /// Whose token it was, which every device writes in the clear.
    pub whose: Whose,
    /// At which mount and of what kind, which every device writes in the clear too.
    pub mount: [Mark; 2],
    /// Which fields it says anything in.
    pub said: Said,
}

/// The fields that a record says anything in, in half a mark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Said(u16);

impl Said {
    /// Whether two records say something in other fields: one of them may have lost some.
    #[must_use]
    pub fn in_other_fields(self, other: Said) -> bool {
        self != other
    }

    fn of(event: &Event<'_>) -> Said {
        let lists = [
            event.policies.is_empty(),
            event.granting_policies.is_empty(),
            event.request_keys.is_empty(),
            event.permissions.is_empty(),
            event.denied_permissions.is_empty(),
            event.delegation.is_empty(),
            event.deltas.is_empty(),
            is_silent(&event.path),
            is_silent(&event.operation),
        ];
        let numbers = [
            event.status.is_none(),
            event.secret_version.is_none(),
            event.token_issued_at.is_none(),
            event.ends_at.is_none(),
            event.token_ttl_seconds.is_none(),
        ];
        let mark = Mark::of_all((
            event.optional_texts().map(|text| is_silent(said(text))),
            lists,
            numbers,
            said_keys(&event.metadata),
            given_fields(event),
        ));
        Said((mark.0 >> 16) as u16)
    }
}

/// Which fields of what is handed out are empty, and how many keys its metadata has; none where
/// nothing is.
fn given_fields(event: &Event<'_>) -> Option<([bool; 9], usize)> {
    let issued = event.issued.as_ref()?;
    let texts = [
        &issued.handles.accessor,
        &issued.handles.token,
        &issued.wrapping_accessor,
        &issued.entity_id,
        &issued.display_name,
        &issued.token_type,
        &issued.lease_id,
    ];
    let [a, b, c, d, e, f, g] = texts.map(|text| is_silent(said(text)));
    let none = issued.ttl_seconds.is_none();
    let policies = issued.policies.is_empty();
    Some((
        [a, b, c, d, e, f, g, none, policies],
        said_keys(&issued.metadata),
    ))
}

impl Packed for Said {
    fn write(&self, to: &mut Vec<u8>) {
        self.0.write(to);
    }
    fn read(from: &mut &[u8]) -> Option<Said> {
        u16::read(from).map(Said)
    }
}

/// How many keys of some metadata say anything.
fn said_keys(metadata: &[(Text<'_>, Text<'_>)]) -> usize {
    metadata
        .iter()
        .filter(|(_, value)| !is_silent(value))
        .count()
}

/// Whose token a record bears and hands out: policies and metadata of each, in half a mark. A
/// device that leaves one of them out says nothing of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Whose {
    policies: [u16; 2],
    metadata: [u16; 2],
    /// How many keys the metadata has.
    keys: [u8; 2],
}

impl Packed for Whose {
    fn write(&self, to: &mut Vec<u8>) {
        self.policies.write(to);
        self.metadata.write(to);
        self.keys.write(to);
    }
    fn read(from: &mut &[u8]) -> Option<Whose> {
        Some(Whose {
            policies: Packed::read(from)?,
            metadata: Packed::read(from)?,
            keys: Packed::read(from)?,
        })
    }
}

impl Whose {
    fn of(policies: [Mark; 2], metadata: [Mark; 2], keys: [usize; 2]) -> Whose {
        // The upper half; no mark is 0.
        let half = |mark: Mark| match mark {
            Mark(0) => 0,
            Mark(mark) => ((mark >> 16) as u16).max(1),
        };
        Whose {
            policies: policies.map(half),
            metadata: metadata.map(half),
            keys: keys.map(|count| u8::try_from(count).unwrap_or(u8::MAX)),
        }
    }

    /// Whether something of both is known and differs.
    #[must_use]
    pub fn contradicts(self, other: Whose) -> bool {
        unlike(self.policies, other.policies) || unlike(self.metadata, other.metadata)
    }

    /// Whether a contradiction is in metadata alone that differ in how many keys they have: one of
    /// the devices may have lost some.
    #[must_use]
    pub fn may_lack_keys(self, other: Whose) -> bool {
        let mut metadata = self.metadata.into_iter().zip(other.metadata);
        let mut keys = self.keys.into_iter().zip(other.keys);
        let explained = metadata.all(|(one, two)| {
            let same_count = keys.next().is_none_or(|(one, two)| one == two);
            one == 0 || two == 0 || one == two || !same_count
        });
        !unlike(self.policies, other.policies) && explained
    }
}

/// Whether two of the same place are known and differ.
fn unlike(one: [u16; 2], other: [u16; 2]) -> bool {
    let mut both = one.into_iter().zip(other);
    both.any(|(one, two)| one != 0 && two != 0 && one != two)
}

impl Content {
    /// What an event says. What is absent and what is empty are the same.
    #[must_use]
    pub fn of(event: &Event<'_>) -> Content {
        let issued = event.issued.as_ref();
        let handed = issued.map(|issued| whose(&issued.policies, &issued.metadata));
        let [policies, metadata] = whose(&event.policies, &event.metadata);
        let [given_policies, given_metadata] = handed.unwrap_or_default();
        let whose = [policies, metadata, given_policies, given_metadata];
        let given_keys = issued.map_or(0, |issued| said_keys(&issued.metadata));
        let keys = [said_keys(&event.metadata), given_keys];
        let parts = [
            Mark::of_all(whose),
            matter(event),
            caller(event),
            given(event),
        ];
        Content {
            whole: Mark::of_all(parts),
            whose: Whose::of([policies, given_policies], [metadata, given_metadata], keys),
            mount: [&event.mount, &event.service]
                .map(|text| Mark::of(text.as_deref().unwrap_or_default())),
            said: Said::of(event),
        }
    }
}

/// Policies and metadata of a token.
fn whose(policies: &[Text<'_>], metadata: &[(Text<'_>, Text<'_>)]) -> [Mark; 2] {
    let known = |empty: bool, mark: Mark| if empty { Mark::default() } else { mark };
    [
        known(policies.is_empty(), Mark::of_all(Items(policies))),
        known(metadata.is_empty(), Mark::of_all(sorted(metadata))),
    ]
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
            changed(event),
        ),
    ))
}

/// What a policy changed in, in whatever order it is listed.
fn changed<'e>(event: &'e Event<'_>) -> Vec<[&'e str; 5]> {
    let changes = event.deltas.iter().map(|delta| {
        [
            &*delta.action,
            &*delta.role,
            &*delta.member,
            &*delta.condition,
            said(&delta.audit_service),
        ]
    });
    let mut changes: Vec<_> = changes.collect();
    changes.sort_unstable();
    changes
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
            event.ends_at,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{EventKind, Place, System, Timestamp};

    fn of(policies: &[&'static str], metadata: &[(&'static str, &'static str)]) -> Whose {
        let (system, kind) = (System::Vault, EventKind::Request);
        let mut event = Event::new(system, kind, "a".into(), Place::of_line(1), Timestamp(1));
        event.policies = policies.iter().map(|text| (*text).into()).collect();
        let pairs = metadata.iter();
        event.metadata = pairs
            .map(|(key, value)| ((*key).into(), (*value).into()))
            .collect();
        Content::of(&event).whose
    }

    #[test]
    fn what_a_device_leaves_out_contradicts_nothing_and_what_it_says_does() {
        let whole = of(&["ci"], &[("role", "app")]);
        for less in [of(&["ci"], &[]), of(&[], &[("role", "app")]), of(&[], &[])] {
            assert!(!whole.contradicts(less) && !less.contradicts(whole));
        }
        for other in [of(&["root"], &[]), of(&["ci"], &[("role", "admin")])] {
            assert!(whole.contradicts(other) && other.contradicts(whole));
            assert!(!whole.may_lack_keys(other) && !other.may_lack_keys(whole));
        }
    }

    #[test]
    fn what_was_taken_out_says_as_little_as_what_is_absent() {
        let whole = of(&["ci"], &[("job_id", "7"), ("role", "app")]);
        for mark in TAKEN_OUT {
            let less = of(&["ci"], &[("job_id", mark), ("role", "app")]);
            assert!(
                whole.contradicts(less) && whole.may_lack_keys(less),
                "{mark}"
            );
            assert!(Mark::of(mark).stands_for_another(), "{mark}");
        }
        assert!(
            !Mark::of("secret/data/a").stands_for_another()
                && !Mark::default().stands_for_another()
        );
    }

    #[test]
    fn metadata_of_fewer_keys_may_have_lost_some() {
        let whole = of(&["ci"], &[("job_id", "7"), ("role", "app")]);
        let less = of(&["ci"], &[("role", "app")]);
        assert!(whole.contradicts(less) && whole.may_lack_keys(less) && less.may_lack_keys(whole));
        let other = of(&["root"], &[("role", "app")]);
        assert!(!whole.may_lack_keys(other));
        // What is empty and what is absent are the same.
        let blank = of(&["ci"], &[("job_id", ""), ("role", "app")]);
        assert!(whole.may_lack_keys(blank) && blank.may_lack_keys(whole));
    }
}
