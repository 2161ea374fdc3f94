//! What every resource of Kuma has: kind, name, mesh, labels and specification, in the spelling of
//! its own API (`type`, `name`, `mesh`) or of Kubernetes (`apiVersion`, `kind`, `metadata`).

use serde_json::{Map, Value};

use super::member::{object, text};

/// The namespace of Kuma's own resources: a policy elsewhere is about that namespace alone.
const SYSTEM: &str = "kuma-system";
/// Prefixes and names that no other API gives to `type`.
const KINDS: [&str; 19] = [
    "Mesh",
    "Dataplane",
    "Traffic",
    "Zone",
    "HostnameGenerator",
    "Workload",
    "GlobalSecret",
    "Secret",
    "CircuitBreaker",
    "ExternalService",
    "FaultInjection",
    "HealthCheck",
    "ProxyTemplate",
    "RateLimit",
    "Retry",
    "Timeout",
    "VirtualOutbound",
    "ServiceInsight",
    "ContainerPatch",
];
/// Of those, the ones that are whole names.
const WHOLE: usize = 6;

/// One resource.
pub(super) struct Resource<'v> {
    /// Its kind, for messages.
    pub(super) kind: &'v str,
    /// Its name; on Kubernetes with the namespace behind a dot, as Kuma itself names it, unless
    /// that is Kuma's own.
    pub(super) name: String,
    /// The mesh it belongs to; of a mesh its own name.
    pub(super) mesh: &'v str,
    /// The namespace that it is about alone.
    pub(super) namespace: Option<&'v str>,
    /// Labels, in key order.
    pub(super) labels: Vec<(&'v str, &'v str)>,
    /// When it was made and last changed, where the server's export says so.
    pub(super) times: [(&'static str, Option<&'v str>); 2],
    /// What it specifies: `spec`, or the resource itself where its schema knows none.
    pub(super) spec: &'v Map<String, Value>,
}

/// That a resource was pushed, or why it is damaged.
pub(super) type Pushed = Result<(), String>;

/// The resources of a document: itself, or the elements of a list answer.
pub(super) fn listed(value: &Value) -> impl Iterator<Item = &Value> {
    let list = value.get("items").and_then(Value::as_array);
    let list = list.filter(|_| value.get("spec").is_none());
    let lone = list.is_none().then_some(value);
    list.into_iter().flatten().chain(lone)
}

/// Whether a value is a resource of Kuma.
pub(super) fn is_one(value: &Value) -> bool {
    kind(value).is_some()
}

/// The kind of a resource of Kuma; `None` where it is none.
pub(super) fn kind(value: &Value) -> Option<&str> {
    let word = |name: &str| value.get(name).and_then(Value::as_str);
    if let Some(group) = word("apiVersion") {
        let secret = word("kind") == Some("Secret")
            && word("type").is_some_and(|kind| kind.starts_with("system.kuma.io/"));
        let ours = group.starts_with("kuma.io/") || secret;
        return word("kind").filter(|_| ours);
    }
    let named = word("name").is_some() || word("mesh").is_some();
    let (prefixes, whole) = KINDS.split_at(WHOLE);
    word("type").filter(|kind| {
        let known = prefixes.iter().any(|prefix| kind.starts_with(prefix)) || whole.contains(kind);
        named && known && kind.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

impl<'v> Resource<'v> {
    /// Reads the head of a resource.
    pub(super) fn of(value: &'v Value) -> Result<Resource<'v>, String> {
        let kind = kind(value).ok_or("a resource without kind")?;
        let whole = value.as_object().ok_or("a resource that is no object")?;
        let kubernetes = whole.contains_key("apiVersion");
        let metadata = object(whole, "metadata")?;
        let head = match metadata {
            Some(metadata) if kubernetes => metadata,
            None if kubernetes => return Err(format!("{kind} without `metadata`")),
            _ => whole,
        };
        let written = text(head, "name")?.ok_or_else(|| format!("{kind} without a name"))?;
        let labels = strings(head, "labels")?;
        let label = |key: &str| labels.iter().find(|(name, _)| *name == key);
        let mesh = text(whole, "mesh")?.or(label("kuma.io/mesh").map(|(_, mesh)| *mesh));
        let mesh = if kind == "Mesh" { Some(written) } else { mesh };
        let own = |namespace: &&str| *namespace != SYSTEM && kubernetes;
        let namespace = text(head, "namespace")?.filter(own);
        let name = match namespace {
            Some(namespace) => format!("{written}.{namespace}"),
            None => written.to_owned(),
        };
        // A resource that was never stored has the zero of its server's clock.
        let time = |written: Option<&'v str>| written.filter(|time| !time.starts_with("0001-"));
        let created = text(whole, "creationTime")?.or(text(head, "creationTimestamp")?);
        let modified = text(whole, "modificationTime")?;
        Ok(Resource {
            kind,
            name,
            times: [("created", time(created)), ("modified", time(modified))],
            // What Kuma takes where none is named.
            mesh: mesh.unwrap_or("default"),
            namespace,
            spec: object(whole, "spec")?.unwrap_or(whole),
            labels,
        })
    }

    /// Its id, `mesh:<word>/<mesh>/<name>`.
    pub(super) fn id(&self, word: &str) -> String {
        format!("mesh:{word}/{}/{}", self.mesh, self.name)
    }
}

/// The texts of a map, in key order.
pub(super) fn strings<'v>(
    fields: &'v Map<String, Value>,
    name: &str,
) -> Result<Vec<(&'v str, &'v str)>, String> {
    let mut pairs = Vec::new();
    for (key, value) in object(fields, name)?.into_iter().flatten() {
        let value = value.as_str();
        let value = value.ok_or_else(|| format!("an entry of `{name}` is no text"))?;
        pairs.push((key.as_str(), value));
    }
    pairs.sort_unstable();
    Ok(pairs)
}
