//! Tests of jobs, pipelines and audit events.
