//! Policies and requests made from bytes, so that a shrunk byte string is a simpler case.

use piperoll::policy::{Dialect, Operation};
use serde_json::{Map, Value, json};

/// A policy set and requests to it.
#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) dialect: Dialect,
    pub(crate) namespace: &'static str,
    /// Name and stanzas of each policy.
    pub(crate) policies: Vec<(String, Vec<StanzaText>)>,
    pub(crate) requests: Vec<Asked>,
}

/// A stanza to write down.
#[derive(Debug, Clone)]
pub(crate) struct StanzaText {
    pub(crate) path: String,
    pub(crate) attributes: Vec<String>,
}

/// A request to make.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) operation: Operation,
    pub(crate) path: String,
    pub(crate) parameters: Option<Map<String, Value>>,
    pub(crate) wrap_ttl: Option<i64>,
}

impl StanzaText {
    /// The stanza in HCL.
    pub(crate) fn hcl(&self) -> String {
        format!(
            "path {:?} {{\n  {}\n}}\n",
            self.path,
            self.attributes.join("\n  ")
        )
    }
}

impl Case {
    /// Each policy's name and text.
    pub(crate) fn texts(&self) -> Vec<(String, String)> {
        let text = |stanzas: &[StanzaText]| stanzas.iter().map(StanzaText::hcl).collect::<String>();
        self.policies
            .iter()
            .map(|(name, stanzas)| (name.clone(), text(stanzas) + "#\n"))
            .collect()
    }
}

struct Bytes<'b>(std::slice::Iter<'b, u8>);

impl Bytes<'_> {
    fn below(&mut self, bound: usize) -> usize {
        usize::from(self.0.next().copied().unwrap_or(0)) % bound
    }

    fn one_of<'t>(&mut self, choices: &[&'t str]) -> &'t str {
        choices[self.below(choices.len())]
    }

    fn chance(&mut self, one_in: usize) -> bool {
        self.below(one_in) == one_in - 1
    }
}

const WORDS: [&str; 8] = ["a", "b", "ab", "abc", "foo", "team-1", "", "x"];
const PROTECTED: [&str; 8] = [
    "sys/auth/*",
    "sys/audit",
    "sys/leases",
    "sys/rotate/root",
    "sys/+/gitlab",
    "auth/token/accessors/",
    "sys/seal",
    "sys/*",
];

/// Makes a case of some requests from bytes.
pub(crate) fn case(bytes: &[u8]) -> Case {
    let mut bytes = Bytes(bytes.iter());
    let dialect = if bytes.chance(2) {
        Dialect::Vault
    } else {
        Dialect::OpenBao
    };
    let namespace = if bytes.chance(6) { "ns/" } else { "" };
    let mut policies = Vec::new();
    for index in 0..=bytes.below(3) {
        let stanzas = (0..=bytes.below(4))
            .map(|_| stanza(&mut bytes, dialect))
            .collect();
        policies.push((format!("p{index}"), stanzas));
    }
    let paths: Vec<String> = policies
        .iter()
        .flat_map(|(_, stanzas): &(String, Vec<StanzaText>)| stanzas.iter().map(|s| s.path.clone()))
        .collect();
    let requests = (0..8).map(|_| asked(&mut bytes, &paths)).collect();
    Case {
        dialect,
        namespace,
        policies,
        requests,
    }
}

fn pattern(bytes: &mut Bytes<'_>) -> String {
    if bytes.chance(10) {
        return bytes.one_of(&PROTECTED).to_owned();
    }
    let mut path = if bytes.chance(8) {
        "/s".to_owned()
    } else {
        "s".to_owned()
    };
    if bytes.chance(12) {
        path = "+".to_owned();
    }
    for _ in 0..bytes.below(4) {
        path.push('/');
        let segment = match bytes.below(10) {
            0..=2 => "+",
            3 => "*",
            4 => "+a",
            _ => bytes.one_of(&WORDS),
        };
        path.push_str(segment);
    }
    path.push_str(bytes.one_of(&["", "", "*", "/", "/*", "/+"]));
    path.replace("+*", "+")
}

fn stanza(bytes: &mut Bytes<'_>, dialect: Dialect) -> StanzaText {
    let path = pattern(bytes);
    let mut names = vec![
        "read", "list", "create", "update", "delete", "patch", "sudo",
    ];
    names.push(if dialect == Dialect::OpenBao {
        "scan"
    } else {
        "recover"
    });
    names.retain(|_| bytes.chance(2));
    if bytes.chance(10) {
        names.push("deny");
    }
    let names: Vec<String> = names.iter().map(|name| format!("{name:?}")).collect();
    let mut attributes = vec![format!("capabilities = [{}]", names.join(", "))];
    if bytes.chance(10) {
        let shorthand = bytes.one_of(&["read", "write", "sudo", "deny"]);
        attributes.push(format!("policy = {shorthand:?}"));
    }
    for (key, one_in) in [("allowed_parameters", 5), ("denied_parameters", 6)] {
        if bytes.chance(one_in) {
            let name = bytes.one_of(&["k", "y", "\"*\"", "K"]);
            let values =
                bytes.one_of(&["[]", "[\"v*\"]", "[\"v\", \"w\"]", "[1, true]", "[\"*1\"]"]);
            attributes.push(format!("{key} = {{ {name} = {values} }}"));
        }
    }
    if bytes.chance(8) {
        attributes.push(format!(
            "required_parameters = [{:?}]",
            bytes.one_of(&["k", "Y"])
        ));
    }
    if bytes.chance(8) {
        attributes.push(format!(
            "min_wrapping_ttl = {:?}",
            bytes.one_of(&["30s", "1m", "90"])
        ));
    }
    if bytes.chance(8) {
        attributes.push(format!(
            "max_wrapping_ttl = {:?}",
            bytes.one_of(&["2m", "5m", "1h"])
        ));
    }
    StanzaText { path, attributes }
}

fn asked(bytes: &mut Bytes<'_>, paths: &[String]) -> Asked {
    let operation = Operation::ALL[bytes.below(Operation::ALL.len())];
    let pattern = &paths[bytes.below(paths.len())];
    let mut path = String::new();
    for (index, segment) in pattern.trim_start_matches('/').split('/').enumerate() {
        if index > 0 {
            path.push('/');
        }
        match segment {
            "+" if !bytes.chance(8) => path.push_str(bytes.one_of(&WORDS)),
            _ if bytes.chance(8) => path.push_str(bytes.one_of(&WORDS)),
            segment => path.push_str(segment),
        }
    }
    if let Some(stem) = path.strip_suffix('*').filter(|_| !bytes.chance(8)) {
        path = format!("{stem}{}", bytes.one_of(&["", "a", "a/b", "/", "x/"]));
    }
    match bytes.below(8) {
        0 => path.push('/'),
        1 => path.push_str("/x"),
        2 => path = path.trim_end_matches('/').to_owned(),
        _ => {}
    }
    let parameters = bytes.chance(2).then(|| {
        let mut map = Map::new();
        for key in ["k", "y", "K"] {
            if bytes.chance(3) {
                let values = [json!("v"), json!("v1"), json!("w"), json!(1), json!(true)];
                map.insert(key.to_owned(), values[bytes.below(5)].clone());
            }
        }
        map
    });
    let wrap_ttl = [None, None, Some(30), Some(90), Some(600)][bytes.below(5)];
    Asked {
        operation,
        path,
        parameters,
        wrap_ttl,
    }
}
