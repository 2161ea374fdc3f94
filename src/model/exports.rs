//! What records say that is no event: jobs, configured things, policies, texts.

use super::{Attribute, Exposure, Grant, Job, Pipeline, PolicyText, Service, SourceText};

/// One thing that a record says and that is no event.
#[derive(Debug)]
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
}
