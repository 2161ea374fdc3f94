//! Which Cloud Run service a service of the mesh is: by `[mesh.service_map]`, else by its name.

use std::collections::{BTreeMap, BTreeSet};

use super::edge::{Candidates, Edge};
use super::edges::{End, candidates};
use super::resolve::Identity;
use super::scope::Scope;
use crate::model::{Key, Place, Timestamp};

impl Identity {
    /// One edge from each Cloud Run service that a service of the mesh is. `called` are the services
    /// that calls name, with the first moment and line; what only dataplanes state holds at `end`.
    #[must_use]
    pub fn mesh_edges(
        &self,
        called: &BTreeMap<String, (Timestamp, Place)>,
        end: Timestamp,
        declared: &Scope<'_>,
    ) -> Vec<Edge> {
        let mut known: BTreeMap<String, (Timestamp, Place)> = BTreeMap::new();
        for attribute in self.directory.attributes.iter() {
            if attribute.kind != "mesh-dataplane" || attribute.name != "service" {
                continue;
            }
            let mesh = attribute.object.strip_prefix("mesh:dataplane/");
            if let Some((mesh, _)) = mesh.and_then(|object| object.split_once('/')) {
                let id = format!("mesh:service/{mesh}/{}", attribute.value);
                known.entry(id).or_insert((end, attribute.place));
            }
        }
        for (id, moment) in called {
            known.insert(id.clone(), *moment);
        }
        let mut edges = Vec::new();
        for (right, (at, place)) in known {
            let Some(found) = self.run_services(&right, declared) else {
                continue;
            };
            let end = End { right, place, at };
            let name = |number: u32| {
                let service = self.directory.services.get(number as usize)?;
                Some((service.id.clone(), service.place, at))
            };
            candidates("run-mesh", &found, &end, name, &mut edges);
        }
        edges
    }

    /// The Cloud Run services that a service of the mesh may be, each once.
    fn run_services(&self, id: &str, declared: &Scope<'_>) -> Option<Candidates> {
        let within = id.strip_prefix("mesh:service/")?;
        let (_, service) = within.split_once('/')?;
        let map = &declared.settings.mesh_services;
        let mapped = map.get(within).or_else(|| map.get(service));
        let (wanted, key_name) = match mapped {
            Some(wanted) => (wanted.as_str(), "[mesh.service_map]"),
            None => (service, "service name = service name"),
        };
        let mut ids = BTreeSet::new();
        let mut found = Vec::new();
        for (service, number) in self.directory.services.iter().zip(0..) {
            let is_it = service.name == wanted || service.id == wanted;
            if is_it && ids.insert(service.id.as_str()) {
                found.push(number);
            }
        }
        (!found.is_empty()).then_some(Candidates {
            found,
            key: Key::K3,
            key_name,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::config::Settings;
    use crate::identity::sample::{Sample, World, minute, place};
    use crate::identity::scope::Scope;

    /// Edges of Cloud Run services `web` and `api` and what `said` states of dataplanes.
    fn edges(said: &[(&str, &str)], map: &str) -> Vec<(String, String, &'static str, u8)> {
        let mut sample = Sample::default();
        for name in ["web", "api"] {
            sample.service(name, &format!("{name}@p.iam.gserviceaccount.com"));
        }
        for (object, service) in said {
            sample.says("mesh-dataplane", object, "service", service);
        }
        let identity = sample.join(&World::default());
        let text = format!("[mesh.service_map]\n{map}");
        let settings = Settings::parse("piperoll.toml", &text, &[]).unwrap();
        let scope = Scope {
            settings: &settings,
            as_of: minute(9),
        };
        let called = BTreeMap::from([("mesh:service/shop/api".to_owned(), (minute(1), place(1)))]);
        let found = identity.mesh_edges(&called, minute(5), &scope);
        found
            .into_iter()
            .map(|edge| (edge.left, edge.right, edge.key_name, edge.confidence.0))
            .collect()
    }

    #[test]
    fn a_declared_name_goes_before_the_same_name() {
        let said = [
            ("mesh:dataplane/shop/web-1", "frontend"),
            ("mesh:dataplane/shop/x", "other"),
        ];
        let found = edges(&said, "frontend = \"web\"");
        let same = found
            .iter()
            .find(|edge| edge.1 == "mesh:service/shop/api")
            .unwrap();
        assert!(same.0.ends_with("/api") && same.2 == "service name = service name");
        let declared = found
            .iter()
            .find(|edge| edge.1 == "mesh:service/shop/frontend")
            .unwrap();
        assert!(declared.0.ends_with("/web") && declared.2 == "[mesh.service_map]");
        assert_eq!((found.len(), declared.3), (2, 80));
    }

    #[test]
    fn a_declared_name_that_is_no_service_joins_nothing() {
        assert_eq!(edges(&[], "api = \"gone\""), []);
    }
}
