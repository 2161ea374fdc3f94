//! Where sources push what they read.

use super::{
    Attribute, Event, Export, Exposure, Extent, Grant, Job, Pipeline, PolicyText, Service,
    SourceText,
};

/// Takes what a format reads out of one record; a record may yield any number of calls.
///
/// Events are borrowed from the record and must be copied by the sink; the other nouns are rare
/// enough to be owned.
pub trait Sink {
    /// Takes one audited operation, or one part of it.
    fn event(&mut self, event: &Event<'_>);
    /// Is told what the events that follow stand in.
    fn extent(&mut self, _extent: Extent) {}
    /// Takes one thing that is no event.
    fn export(&mut self, export: Export);
    /// Takes one GitLab job.
    fn job(&mut self, job: Job) {
        self.export(Export::Job(job));
    }
    /// Takes one GitLab pipeline.
    fn pipeline(&mut self, pipeline: Pipeline) {
        self.export(Export::Pipeline(pipeline));
    }
    /// Takes one Cloud Run service or revision.
    fn service(&mut self, service: Service) {
        self.export(Export::Service(service));
    }
    /// Takes one attribute of a configured thing.
    fn attribute(&mut self, attribute: Attribute) {
        self.export(Export::Attribute(attribute));
    }
    /// Takes the text of one Vault policy.
    fn policy(&mut self, policy: PolicyText) {
        self.export(Export::Policy(policy));
    }
    /// Takes one access that a policy grants.
    fn grant(&mut self, grant: Grant) {
        self.export(Export::Grant(grant));
    }
    /// Takes what looks like a secret in a job trace, redacted.
    fn exposure(&mut self, exposure: Exposure) {
        self.export(Export::Exposure(exposure));
    }
    /// Takes the text of a configuration file that checks read as a whole.
    fn source_text(&mut self, text: SourceText) {
        self.export(Export::Text(text));
    }
}
