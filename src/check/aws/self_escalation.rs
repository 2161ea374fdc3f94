//! AWS-TRU-007: a holder that can give itself more.
//!
//! The classes are Cloudsplaining's methods of privilege escalation.

use super::permission::{self, Holder, reaches_out};
use super::{Check, Known, Verdict};
use crate::model::Severity;
use crate::model::aws_policy::Statement;
use crate::posture::Posture;

pub(in crate::check) struct SelfEscalation;

/// Actions of which one is enough.
const ALONE: [&str; 17] = [
    "iam:CreatePolicyVersion",
    "iam:SetDefaultPolicyVersion",
    "iam:AttachUserPolicy",
    "iam:AttachGroupPolicy",
    "iam:AttachRolePolicy",
    "iam:PutUserPolicy",
    "iam:PutGroupPolicy",
    "iam:PutRolePolicy",
    "iam:UpdateAssumeRolePolicy",
    "iam:CreateAccessKey",
    "iam:CreateLoginProfile",
    "iam:UpdateLoginProfile",
    "iam:AddUserToGroup",
    "lambda:UpdateFunctionCode",
    "lambda:UpdateFunctionConfiguration",
    "glue:UpdateDevEndpoint",
    "codestar:CreateProject",
];

/// What runs as a role that is passed to it: every action is needed, of the second ones any.
const WITH_A_ROLE: [(&[&str], &[&str]); 10] = [
    (&["ec2:RunInstances"], &[]),
    (
        &["lambda:CreateFunction"],
        &[
            "lambda:InvokeFunction",
            "lambda:AddPermission",
            "lambda:CreateEventSourceMapping",
        ],
    ),
    (&["cloudformation:CreateStack"], &[]),
    (&["glue:CreateDevEndpoint"], &[]),
    (&["glue:CreateJob", "glue:StartJobRun"], &[]),
    (&["datapipeline:CreatePipeline"], &[]),
    (&["codebuild:CreateProject", "codebuild:StartBuild"], &[]),
    (
        &["ecs:RegisterTaskDefinition"],
        &["ecs:RunTask", "ecs:CreateService"],
    ),
    (&["sagemaker:CreateNotebookInstance"], &[]),
    (&["apprunner:CreateService"], &[]),
];

impl Check for SelfEscalation {
    fn name(&self) -> &'static str {
        "aws-self-escalation"
    }

    fn run(&self, input: &Posture<'_>, _: &Known<'_>) -> Verdict {
        permission::look(input, escalation)
    }
}

/// The first class as an object, all of them in words; nothing of whoever may everything already.
fn escalation(holder: &Holder<'_>) -> Option<(String, String, Severity)> {
    if holder.may_everything() {
        return None;
    }
    let found = classes(holder);
    let object = format!("action:{}", found.first()?);
    Some((object, found.join("; "), Severity::High))
}

/// The classes whose every action is allowed, beyond what is the holder's own.
fn classes(holder: &Holder<'_>) -> Vec<String> {
    let project = holder.project.as_deref();
    let beyond = |statement: &Statement| reaches_out(statement, project);
    // Most of what runs with a role takes no resource before it is made.
    let anything = |_: &Statement| true;
    let alone = ALONE.iter().filter(|action| holder.may(action, &beyond));
    let mut found: Vec<String> = alone.map(|action| (*action).to_owned()).collect();
    if !holder.may("iam:PassRole", &beyond) {
        return found;
    }
    for (all, any) in WITH_A_ROLE {
        let second = any.iter().find(|action| holder.may(action, &anything));
        if all.iter().all(|action| holder.may(action, &anything))
            && (any.is_empty() || second.is_some())
        {
            let mut actions = vec!["iam:PassRole"];
            actions.extend(all);
            actions.extend(second);
            found.push(actions.join(" + "));
        }
    }
    found
}
