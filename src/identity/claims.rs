//! What GitLab's subject says of a job: its project, its ref, itself.

/// What GitLab's `sub`, or a subject mapped from other claims, names.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Claims<'s> {
    pub(super) job_id: Option<u64>,
    pub(super) project_id: Option<u64>,
    pub(super) project_path: Option<&'s str>,
    pub(super) git_ref: Option<&'s str>,
}

impl<'s> Claims<'s> {
    /// `project_path:{path}:ref_type:{type}:ref:{ref}` in any selection; the legacy `job_{id}`.
    pub(super) fn read(subject: &'s str) -> Claims<'s> {
        let mut claims = Claims::default();
        let legacy = subject.strip_prefix("job_").map(str::parse);
        if let Some(Ok(job)) = legacy {
            claims.job_id = Some(job);
            return claims;
        }
        let value = |name: &str| {
            let start = if subject.starts_with(name) {
                0
            } else {
                subject.find(&format!(":{name}"))? + 1
            };
            let rest = subject.get(start + name.len()..)?;
            // A ref may hold colons nowhere, a path neither; the next name ends the value.
            Some(rest.split(':').next().unwrap_or(rest)).filter(|value| !value.is_empty())
        };
        claims.job_id = value("job_id:").and_then(|text| text.parse().ok());
        claims.project_id = value("project_id:").and_then(|text| text.parse().ok());
        claims.project_path = value("project_path:");
        claims.git_ref = value("ref:");
        claims
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gitlabs_subject_names_project_and_ref() {
        let claims = Claims::read("project_path:acme/shop:ref_type:branch:ref:feature/x");
        assert_eq!(claims.project_path, Some("acme/shop"));
        assert_eq!(claims.git_ref, Some("feature/x"));
        assert_eq!(claims.job_id, None);
    }

    #[test]
    fn a_subject_may_name_the_job() {
        assert_eq!(Claims::read("job_77").job_id, Some(77));
        assert_eq!(Claims::read("project_id:4:job_id:77").job_id, Some(77));
        assert_eq!(Claims::read("job_id:77").job_id, Some(77));
    }
}
