//! What records say that is no event: jobs, configured things, policies, texts.

use serde::{Deserialize, Serialize};

use super::{Attribute, Exposure, Grant, Job, Pipeline, Place, PolicyText, Service, SourceText};

/// One thing that a record says and that is no event.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Export {
    /// One GitLab job.
    Job(Job),
    /// One GitLab pipeline.
    Pipeline(Pipeline),
    /// One Cloud Run service or revision.
    Service(Service),
    /// One attribute of a configured thing.
    Attribute(Attribute),
    /// The text of one Vault policy.
    Policy(PolicyText),
    /// One access that a policy grants.
    Grant(Grant),
    /// What looks like a secret in a job trace, redacted.
    Exposure(Exposure),
    /// The text of a configuration file that checks read as a whole.
    Text(SourceText),
}

impl Export {
    /// Where it was read.
    #[must_use]
    pub fn place(&self) -> &Place {
        match self {
            Export::Job(one) => &one.place,
            Export::Pipeline(one) => &one.place,
            Export::Service(one) => &one.place,
            Export::Attribute(one) => &one.place,
            Export::Policy(one) => &one.place,
            Export::Grant(one) => &one.place,
            Export::Exposure(one) => &one.place,
            Export::Text(one) => &one.place,
        }
    }

    /// The same, to be put right where files have other numbers now.
    pub fn place_mut(&mut self) -> &mut Place {
        match self {
            Export::Job(one) => &mut one.place,
            Export::Pipeline(one) => &mut one.place,
            Export::Service(one) => &mut one.place,
            Export::Attribute(one) => &mut one.place,
            Export::Policy(one) => &mut one.place,
            Export::Grant(one) => &mut one.place,
            Export::Exposure(one) => &mut one.place,
            Export::Text(one) => &mut one.place,
        }
    }
}

/// Everything but events that some records said, in their order.
#[derive(Debug, Default)]
pub struct Exports {
    /// GitLab jobs.
    pub jobs: Vec<Job>,
    /// GitLab pipelines.
    pub pipelines: Vec<Pipeline>,
    /// Cloud Run services and revisions.
    pub services: Vec<Service>,
    /// Attributes of configured things.
    pub attributes: Vec<Attribute>,
    /// Vault policies.
    pub policies: Vec<PolicyText>,
    /// Accesses that policies grant.
    pub grants: Vec<Grant>,
    /// What looks like a secret in a trace.
    pub exposures: Vec<Exposure>,
    /// Texts of configuration files.
    pub texts: Vec<SourceText>,
}

impl Exports {
    /// Adds one thing.
    pub fn add(&mut self, export: Export) {
        match export {
            Export::Job(one) => self.jobs.push(one),
            Export::Pipeline(one) => self.pipelines.push(one),
            Export::Service(one) => self.services.push(one),
            Export::Attribute(one) => self.attributes.push(one),
            Export::Policy(one) => self.policies.push(one),
            Export::Grant(one) => self.grants.push(one),
            Export::Exposure(one) => self.exposures.push(one),
            Export::Text(one) => self.texts.push(one),
        }
    }

    /// Adds what later records said.
    pub fn extend(&mut self, more: Exports) {
        self.jobs.extend(more.jobs);
        self.pipelines.extend(more.pipelines);
        self.services.extend(more.services);
        self.attributes.extend(more.attributes);
        self.policies.extend(more.policies);
        self.grants.extend(more.grants);
        self.exposures.extend(more.exposures);
        self.texts.extend(more.texts);
    }

    /// Each thing by itself, those of a kind in their order.
    pub fn into_each(self) -> impl Iterator<Item = Export> {
        let jobs = self.jobs.into_iter().map(Export::Job);
        let pipelines = self.pipelines.into_iter().map(Export::Pipeline);
        let services = self.services.into_iter().map(Export::Service);
        let attributes = self.attributes.into_iter().map(Export::Attribute);
        let policies = self.policies.into_iter().map(Export::Policy);
        let grants = self.grants.into_iter().map(Export::Grant);
        let exposures = self.exposures.into_iter().map(Export::Exposure);
        let texts = self.texts.into_iter().map(Export::Text);
        let first = jobs.chain(pipelines).chain(services).chain(attributes);
        first
            .chain(policies)
            .chain(grants)
            .chain(exposures)
            .chain(texts)
    }
}
