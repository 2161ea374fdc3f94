//! The table `job`: one row per GitLab job.

use super::schema::table;

table!("job", "one row per GitLab job.", {
    JOB_ID "job_id" Text "`gitlab:job/<project>/<job>`.",
    PROJECT_ID "project_id" Text "`gitlab:project/<id>`.",
    PROJECT_PATH "project_path" Text "Full path of the project.",
    NAME "name" Text "Job name.",
    STAGE "stage" Text "Stage.",
    STATUS "status" Text "`success`, `failed`, `running`, ...",
    FAILURE_REASON "failure_reason" Text "Why it failed: `script_failure`, `runner_system_failure`, ...; NULL where nothing says.",
    GIT_REF "git_ref" Text "Branch or tag.",
    TAG "tag" Int "1 when the ref is a tag.",
    REF_PROTECTED "ref_protected" Int "1 when its ref was protected when it ran, by the exported protection and what GitLab audited, 0 when not, NULL when nothing says.",
    SHA "sha" Text "Commit.",
    CREATED_AT "created_at" Time "Created.",
    STARTED_AT "started_at" Time "Started on a runner.",
    FINISHED_AT "finished_at" Time "Ended; NULL while running.",
    USER_ID "user_id" Text "`gitlab:user/<username>` the job ran as.",
    PIPELINE_ID "pipeline_id" Int "Pipeline id.",
    PIPELINE_SOURCE "pipeline_source" Text "`push`, `schedule`, ...",
    ENVIRONMENT "environment" Text "Environment the job declares.",
    TIER "tier" Text "`prod`, `staging` or `dev` by `[environments]`; NULL when the environment is in none.",
    RUNNER_ID "runner_id" Int "Runner id.",
    RUNNER_ADDRESSES "runner_addresses" Texts "Addresses of the runner and its manager.",
    IN_PERIOD "in_period" Int "1 when any part of the run lies inside the period, else 0.",
    SOURCE_FILE "source_file" Text "Evidence: file.",
    SOURCE_LINE "source_line" Int "Evidence: line, from 1.",
    SOURCE_BYTE "source_byte" Int "Evidence: byte offset, from 0.",
    SOURCE_SHA256 "source_sha256" Text "Evidence: SHA-256 of the record.",
});
