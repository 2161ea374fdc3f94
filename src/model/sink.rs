//! Where sources push what they read.

use super::{Attribute, Event, Exposure, Grant, Job, Pipeline, PolicyText, Service, SourceText};

/// Takes what a format reads out of one record; a record may yield any number of calls.
///
/// Events are borrowed from the record and must be copied by the sink; the other nouns are rare
/// enough to be owned.
pub trait Sink {
    /// Takes one audited operation, or one part of it.
    fn event(&mut self, event: &Event<'_>);
    /// Takes one GitLab job.
    fn job(&mut self, job: Job);
    /// Takes one GitLab pipeline.
    fn pipeline(&mut self, pipeline: Pipeline);
    /// Takes one Cloud Run service or revision.
    fn service(&mut self, service: Service);
    /// Takes one attribute of a configured thing.
    fn attribute(&mut self, attribute: Attribute);
    /// Takes the text of one Vault policy.
    fn policy(&mut self, policy: PolicyText);
    /// Takes one access that a policy grants.
    fn grant(&mut self, grant: Grant);
    /// Takes what looks like a secret in a job trace, redacted.
    fn exposure(&mut self, exposure: Exposure);
    /// Takes the text of a configuration file that checks read as a whole.
    fn source_text(&mut self, text: SourceText);
}

/// A sink that keeps everything, for tests of formats.
#[cfg(test)]
#[derive(Default)]
pub(crate) struct Kept {
    /// Debug text of each event, since events borrow from their record.
    pub(crate) events: Vec<String>,
    pub(crate) jobs: Vec<Job>,
    pub(crate) pipelines: Vec<Pipeline>,
    pub(crate) services: Vec<Service>,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) policies: Vec<PolicyText>,
    pub(crate) grants: Vec<Grant>,
    pub(crate) exposures: Vec<Exposure>,
    pub(crate) texts: Vec<SourceText>,
}

#[cfg(test)]
impl Sink for Kept {
    fn event(&mut self, event: &Event<'_>) {
        self.events.push(format!("{event:?}"));
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
