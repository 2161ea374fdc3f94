//! Who called whom in a service mesh, as the access logs of its proxies tell it.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Outcome, Place, Timestamp};

/// Calls between services, and how much of them the lines tell.
#[derive(Clone, Debug, Default)]
pub struct Calls {
    /// Calls that reached their service, by caller and called.
    pub pairs: BTreeMap<Pair, Called>,
    /// Lines by what was called: a service, or the mesh where the line names none.
    pub lines: BTreeMap<String, Lines>,
}

/// Who called whom: ids of services of one mesh.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pair {
    /// The caller, `mesh:service/<mesh>/<name>`.
    pub from: String,
    /// The called.
    pub to: String,
}

/// What is known of the calls of a pair.
#[derive(Clone, Debug)]
pub struct Called {
    /// How many lines tell one.
    pub count: u64,
    /// The first, and where it stands.
    pub first: (Timestamp, Place),
    /// The last.
    pub last: (Timestamp, Place),
    /// URIs of callers' certificates, where the log has them.
    pub peers: BTreeSet<String>,
}

/// How many lines there are, and what they leave empty.
#[derive(Clone, Debug, Default)]
pub struct Lines {
    /// All of them.
    pub all: u64,
    /// Those without caller or called.
    pub nameless: u64,
    /// Requests without an id of request or trace.
    pub untraced: u64,
    /// Where the first of each stands.
    pub first_nameless: Option<Place>,
    /// The same of those that cannot be followed.
    pub first_untraced: Option<Place>,
}

/// One line of an access log.
#[derive(Clone, Copy, Debug)]
pub struct Call<'c> {
    /// Id of the caller, empty where the line names none.
    pub from: &'c str,
    /// Id of what was called.
    pub to: &'c str,
    /// How it ended.
    pub outcome: Outcome,
    /// When.
    pub at: Timestamp,
    /// Where the line stands.
    pub place: Place,
    /// Whether it is a request, not a connection.
    pub is_request: bool,
    /// Whether the line has an id of request or trace.
    pub is_traced: bool,
    /// What Envoy flagged: whether the proxy, not the service, answered.
    pub is_flagged: bool,
    /// URIs of the caller's certificate, joined by commas.
    pub peer: &'c str,
}

impl Call<'_> {
    /// Whether it came through to the service: what the service answered, refusals of rights left
    /// out, for nothing tells whose they are.
    fn is_through(&self) -> bool {
        match self.outcome {
            Outcome::Allowed => true,
            Outcome::Failed => self.is_request && !self.is_flagged,
            _ => false,
        }
    }
}

impl Calls {
    /// Whether there is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Services that called or were called, with the first moment and line.
    #[must_use]
    pub fn services(&self) -> BTreeMap<String, (Timestamp, Place)> {
        let mut services = BTreeMap::new();
        for (pair, called) in &self.pairs {
            for service in [&pair.from, &pair.to] {
                let first = services.entry(service.clone()).or_insert(called.first);
                *first = called.first.min(*first);
            }
        }
        services
    }

    /// Adds a line.
    pub fn add(&mut self, call: Call<'_>) {
        let named = !call.from.is_empty() && call.to.starts_with("mesh:service/");
        let lines = match self.lines.get_mut(call.to) {
            Some(lines) => lines,
            None => self.lines.entry(call.to.to_owned()).or_default(),
        };
        lines.all += 1;
        if !named {
            lines.nameless += 1;
            lines.first_nameless.get_or_insert(call.place);
        }
        if call.is_request && !call.is_traced {
            lines.untraced += 1;
            lines.first_untraced.get_or_insert(call.place);
        }
        if !named || !call.is_through() {
            return;
        }
        let pair = Pair {
            from: call.from.to_owned(),
            to: call.to.to_owned(),
        };
        let moment = (call.at, call.place);
        let called = self.pairs.entry(pair).or_insert_with(|| Called {
            count: 0,
            first: moment,
            last: moment,
            peers: BTreeSet::new(),
        });
        called.count += 1;
        called.first = called.first.min(moment);
        called.last = called.last.max(moment);
        let peers = call.peer.split(',').map(str::trim);
        for peer in peers.filter(|peer| !peer.is_empty()) {
            if !called.peers.contains(peer) {
                called.peers.insert(peer.to_owned());
            }
        }
    }
}
