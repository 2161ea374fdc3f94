//! What the resources of a module state.

use hcl_edit::Span as _;

use super::aws;
use super::google;
use super::module::address;
use super::resource::{Resource, granting, not_read};
use super::scope::Scope;
use crate::model::Sink;

/// Emits what the resources of a module state. `call` is the address of the module's call with a dot
/// behind it, empty for a root module.
pub(super) fn emit(scope: &Scope<'_>, call: &str, sink: &mut dyn Sink) {
    for block in scope.module.blocks("resource") {
        let kind = block.node.labels.first().map(|label| label.as_str());
        let known = [
            aws::ROLE,
            "vault_generic_endpoint",
            "vault_generic_secret",
            "vault_policy",
            "vault_jwt_auth_backend_role",
            "vault_gcp_auth_backend_role",
            "vault_jwt_auth_backend",
        ];
        let read = |kind: &&str| known.contains(kind) || google::reads(kind);
        let Some(kind) = kind.filter(read) else {
            let granting = granting(kind.unwrap_or_default());
            let granted = granting
                .iter()
                .find(|name| block.node.body.has_attribute(name));
            if let Some(granted) = granted {
                let address = format!("{call}{}", address(block.node));
                let byte = block.node.span().map_or(0, |span| span.start);
                let at = scope.module.place(block.file, byte);
                not_read(&address, granted, at, sink);
            }
            continue;
        };
        for instance in scope.in_file(block.file).instances(block.node) {
            let address = format!("{call}{}{}", address(block.node), instance.suffix());
            let resource = Resource {
                block: block.node,
                address,
                scope: instance.scope,
            };
            match kind {
                "vault_policy" => resource.policy(sink),
                "vault_generic_endpoint" | "vault_generic_secret" => resource.endpoint(sink),
                "vault_jwt_auth_backend_role" => resource.role("role_name", "jwt", sink),
                "vault_gcp_auth_backend_role" => resource.role("role", "gcp", sink),
                "vault_jwt_auth_backend" => resource.method(sink),
                aws::ROLE => aws::emit(&resource, sink),
                _ => google::emit(&resource, kind, sink),
            }
        }
    }
}
