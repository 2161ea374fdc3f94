//! How the proxies of a mesh are told to write their access logs.

/// A format that a policy of the mesh writes out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AccessLogFormat {
    /// The mesh whose proxies write it.
    pub mesh: String,
    /// What a line looks like.
    pub line: AccessLogLine,
}

/// What a line of an access log looks like, with the commands of Envoy and Kuma between percent
/// signs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AccessLogLine {
    /// A text.
    Plain(String),
    /// An object: its keys, each with what it holds.
    Json(Vec<(String, String)>),
}
