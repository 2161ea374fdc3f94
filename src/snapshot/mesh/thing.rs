//! The attributes of one resource, as they are pushed.

use super::resource::Resource;
use crate::model::{Attribute, Place, Sink};

/// Pushes the attributes of one thing.
pub(super) struct Thing<'s> {
    kind: &'static str,
    object: String,
    place: Place,
    sink: &'s mut dyn Sink,
}

impl<'s> Thing<'s> {
    /// Begins with the mesh and the labels.
    pub(super) fn new(
        kind: &'static str,
        object: String,
        resource: &Resource<'_>,
        place: Place,
        sink: &'s mut dyn Sink,
    ) -> Thing<'s> {
        let mut thing = Thing {
            kind,
            object,
            place,
            sink,
        };
        thing.say("mesh", resource.mesh);
        for (key, value) in &resource.labels {
            thing.say(&format!("label.{key}"), value);
        }
        thing
    }

    /// Pushes one attribute.
    pub(super) fn say(&mut self, name: &str, value: &str) {
        self.sink.attribute(Attribute {
            kind: self.kind,
            object: self.object.clone(),
            name: name.to_owned(),
            value: value.to_owned(),
            valid_from: None,
            place: self.place,
        });
    }

    /// Pushes all that a policy says, of which kind it is, and since when.
    pub(super) fn say_policy(mut self, resource: &Resource<'_>, said: &[(String, String)]) {
        self.say("policy", resource.kind);
        for (name, time) in resource.times {
            self.say_some(name, time);
        }
        for (name, value) in said {
            self.say(name, value);
        }
    }

    /// Pushes one attribute where there is a value.
    pub(super) fn say_some(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.say(name, value);
        }
    }
}
