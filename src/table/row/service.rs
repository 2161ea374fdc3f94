//! The table `service`: one row per Cloud Run revision, or service where no revision is named.

use super::schema::table;

table!("service", "one row per Cloud Run revision, or service where no revision is named.", {
    SERVICE_ID "service_id" Text "`run:service/<project>/<region>/<name>`.",
    PROJECT "project" Text "Google project.",
    REGION "region" Text "Region.",
    NAME "name" Text "Service name.",
    REVISION "revision" Text "Revision name.",
    SERVICE_ACCOUNT "service_account" Text "`gcp:sa/<email>`; NULL means the default compute account.",
    DEFAULT_ACCOUNT "default_account" Int "1 when it runs as the default compute account, else 0.",
    IMAGES "images" Texts "Container images.",
    INGRESS "ingress" Text "Ingress setting.",
    CREATED_AT "created_at" Time "Created.",
    UPDATED_AT "updated_at" Time "Last changed.",
    DEPLOYED_BY "deployed_by" Text "Who deployed it last.",
    LABELS "labels" Texts "Labels, `key=value`.",
    FAMILY "family" Text "What services with the same labels have in common (blue and green of one service); the service itself without labels.",
    SOURCE_FILE "source_file" Text "Evidence: file.",
    SOURCE_LINE "source_line" Int "Evidence: line, from 1.",
    SOURCE_BYTE "source_byte" Int "Evidence: byte offset, from 0.",
    SOURCE_SHA256 "source_sha256" Text "Evidence: SHA-256 of the record.",
});
