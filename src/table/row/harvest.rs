//! What one block of records said: the sink that parsers push into.

use super::Symbols;
use super::half::Half;
use crate::model::{
    Attribute, Event, Exposure, Grant, Job, Pipeline, PolicyText, Service, Sink, SourceText,
};

/// Everything the records of one block said, in their order.
#[derive(Debug, Default)]
pub struct Harvest {
    /// Texts of `halves`.
    pub symbols: Symbols,
    /// Operations and parts of operations.
    pub halves: Vec<Half>,
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

impl Sink for Harvest {
    fn event(&mut self, event: &Event<'_>) {
        let half = Half::new(event, &mut self.symbols);
        self.halves.push(half);
    }
    fn job(&mut self, job: Job) {
        self.jobs.push(job);
    }
    fn pipeline(&mut self, pipeline: Pipeline) {
        self.pipelines.push(pipeline);
    }
    fn service(&mut self, service: Service) {
        self.services.push(service);
    }
    fn attribute(&mut self, attribute: Attribute) {
        self.attributes.push(attribute);
    }
    fn policy(&mut self, policy: PolicyText) {
        self.policies.push(policy);
    }
    fn grant(&mut self, grant: Grant) {
        self.grants.push(grant);
    }
    fn exposure(&mut self, exposure: Exposure) {
        self.exposures.push(exposure);
    }
    fn source_text(&mut self, text: SourceText) {
        self.texts.push(text);
    }
}
