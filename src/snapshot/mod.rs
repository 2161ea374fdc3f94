//! Configuration exports: policies, roles, mounts, IAM, services, projects.
