//! Services and projects that Google's logs name, and that an export should hold.
//!
//! Only what happened proves a name: a refused call may name anything.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::listed;
use crate::model::{Attribute, EventKind, Hole, Outcome, Service, System, Timestamp};
use crate::table::row::Symbols;
use crate::table::row::half::{Field, Half, Mapped};

/// When a service was last at work, and last deleted.
#[derive(Clone, Copy, Debug, Default)]
struct Life {
    worked: Option<Timestamp>,
    deleted: Option<Timestamp>,
}

/// What Google's logs name.
#[derive(Debug, Default)]
pub(in crate::estate) struct Named {
    services: BTreeMap<String, Life>,
    /// Projects whose audit log holds something.
    projects: BTreeSet<String>,
}

impl Named {
    /// Keeps what a record of Google names.
    pub(in crate::estate) fn record(&mut self, half: &Half, symbols: &Symbols) {
        if half.system != System::Gcp {
            return;
        }
        let text = |field| symbols.get(half.sym(field));
        let request = half.kind == EventKind::HttpRequest;
        if !request && !text(Field::Project).is_empty() {
            keep(&mut self.projects, text(Field::Project));
        }
        let service = match request {
            true => text(Field::Object),
            false => symbols.value(half.map(Mapped::Metadata), "run_service"),
        };
        if half.outcome != Outcome::Allowed || Place::of(service).is_none() {
            return;
        }
        if !self.services.contains_key(service) {
            self.services.insert(service.to_owned(), Life::default());
        }
        let Some(life) = self.services.get_mut(service) else {
            return;
        };
        let at = match text(Field::Operation).starts_with("Delete") {
            true => &mut life.deleted,
            false => &mut life.worked,
        };
        *at = (*at).max(Some(half.at));
    }

    /// Services at work that no export describes; nothing where none was exported at all.
    fn services(
        &self,
        exported: &[Service],
        numbers: &BTreeMap<String, String>,
    ) -> BTreeSet<String> {
        let exported: Vec<Place<'_>> = exported
            .iter()
            .filter_map(|service| Place::of(&service.id))
            .collect();
        if exported.is_empty() {
            return BTreeSet::new();
        }
        let missing = self.services.iter().filter(|(id, life)| {
            let there = life.worked > life.deleted;
            let own = Place::of(id).map(|place| place.known_by(numbers));
            there && own.is_some_and(|own| !exported.iter().any(|other| own.is(*other)))
        });
        missing.map(|(id, _)| id.clone()).collect()
    }

    /// Projects with an audit log whose IAM policy no export holds; nothing where none was exported
    /// at all.
    fn projects(
        &self,
        attributes: &[Attribute],
        numbers: &BTreeMap<String, String>,
    ) -> BTreeSet<String> {
        let policies = attributes
            .iter()
            .filter(|it| matches!(it.kind, "iam-policy" | "audit-config"));
        let projects = policies.filter_map(|policy| {
            let (_, project) = policy.object.rsplit_once("projects/")?;
            (!project.contains('/')).then_some(project)
        });
        let name = |project: &str| numbers.get(project).cloned().unwrap_or(project.to_owned());
        let exported: BTreeSet<String> = projects.map(name).collect();
        if exported.is_empty() {
            return BTreeSet::new();
        }
        let all: BTreeSet<String> = self.projects.iter().map(|project| name(project)).collect();
        all.difference(&exported).cloned().collect()
    }

    /// The holes that these names show.
    pub(in crate::estate) fn holes(
        &self,
        exported: &[Service],
        attributes: &[Attribute],
        numbers: &BTreeMap<String, String>,
    ) -> Vec<Hole> {
        let services = self.services(exported, numbers);
        let projects = self.projects(attributes, numbers);
        let mut holes = Vec::new();
        if !services.is_empty() {
            let words = format!(
                "Google's logs show Cloud Run services that were not exported: {}",
                listed(&services)
            );
            holes.push(Hole::somewhere("run-service", words));
        }
        if !projects.is_empty() {
            let words = format!(
                "Google's logs are of projects whose IAM policy was not exported: {}",
                listed(&projects)
            );
            holes.push(Hole::somewhere("iam-policy", words));
        }
        holes
    }
}

fn keep(names: &mut BTreeSet<String>, name: &str) {
    if !names.contains(name) {
        names.insert(name.to_owned());
    }
}

/// The parts of `run:service/<project>/<region>/<name>`.
#[derive(Clone, Copy, Debug)]
struct Place<'s> {
    project: &'s str,
    region: &'s str,
    name: &'s str,
}

impl<'s> Place<'s> {
    fn of(id: &'s str) -> Option<Place<'s>> {
        let mut parts = id.strip_prefix("run:service/")?.split('/');
        let (project, region, name) = (parts.next()?, parts.next()?, parts.next()?);
        (!name.is_empty()).then_some(Place {
            project,
            region,
            name,
        })
    }

    /// With its project by id, where only its number was logged and both are known.
    fn known_by(self, numbers: &'s BTreeMap<String, String>) -> Place<'s> {
        let project = numbers
            .get(self.project)
            .map_or(self.project, String::as_str);
        Place { project, ..self }
    }

    /// Whether both may be one service: a part that one of them does not state proves nothing, nor
    /// a project by its number.
    fn is(self, other: Place<'_>) -> bool {
        let same = |a: &str, b: &str| a == b || a.is_empty() || b.is_empty();
        let number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        self.name == other.name
            && same(self.region, other.region)
            && (same(self.project, other.project) || number(self.project) || number(other.project))
    }
}
