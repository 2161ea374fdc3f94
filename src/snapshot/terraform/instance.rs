//! How often a resource or module stands: `count` and `for_each`.

use hcl_edit::structure::Block;

use super::scope::Scope;
use super::value::Value;

/// Instances beyond which `count` is left to Terraform.
const MOST: i64 = 10_000;

/// One instance.
pub(super) struct Instance<'m> {
    /// Its key; `None` for a block that stands once, and where the keys are not known.
    pub(super) key: Option<String>,
    /// Where its attributes are evaluated.
    pub(super) scope: Scope<'m>,
}

impl Instance<'_> {
    /// `["key"]`, or nothing.
    pub(super) fn suffix(&self) -> String {
        match &self.key {
            Some(key) => format!("[{key:?}]"),
            None => String::new(),
        }
    }
}

impl<'m> Scope<'m> {
    /// The instances of a block. Where only Terraform can know them, it is one whose `each` and
    /// `count` stay unresolved.
    pub(super) fn instances(&self, block: &Block) -> Vec<Instance<'m>> {
        let keyed = |(key, name, value): (String, &str, Value)| Instance {
            scope: self.with(name, value),
            key: Some(key),
        };
        self.keys(block).map_or_else(
            || {
                vec![Instance {
                    key: None,
                    scope: self.clone(),
                }]
            },
            |keys| keys.into_iter().map(keyed).collect(),
        )
    }

    /// Key, `each` or `count`, and what that name holds.
    fn keys(&self, block: &Block) -> Option<Vec<(String, &'static str, Value)>> {
        if let Some(count) = block.body.get_attribute("count") {
            let count = self.value(&count.value).integer()?;
            let numbers = (count <= MOST).then_some(0..count)?;
            let object = |n: i64| Value::Map(vec![("index".to_owned(), Value::number(n))]);
            return Some(
                numbers
                    .map(|n| (n.to_string(), "count", object(n)))
                    .collect(),
            );
        }
        let each = |key: String, value: Value| {
            let pair = vec![
                ("key".to_owned(), Value::text(key.as_str())),
                ("value".to_owned(), value),
            ];
            (key, "each", Value::Map(pair))
        };
        match self.value(&block.body.get_attribute("for_each")?.value) {
            Value::Map(entries) => Some(
                entries
                    .into_iter()
                    .map(|(key, value)| each(key, value))
                    .collect(),
            ),
            Value::List(items) => {
                let items = items
                    .into_iter()
                    .map(|item| Some(each(item.known()?, item)));
                items.collect()
            }
            _ => None,
        }
    }
}
