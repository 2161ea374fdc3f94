//! Hand-written records (synthetic) in every shape they arrive in.

use serde_json::{Value, json};

use super::{CloudTrail, Digests};
use crate::model::{Format, Kept, Sample, Verdict};

fn read(value: &Value) -> (Verdict, Vec<String>) {
    let (verdict, kept) = Kept::of(&CloudTrail, "trail.json", value.to_string());
    (verdict, kept.events)
}

fn record() -> Value {
    json!({
        "eventVersion": "1.08", "eventID": "e-1", "eventTime": "2026-03-02T10:00:00Z",
        "eventSource": "iam.amazonaws.com", "eventName": "AttachRolePolicy", "awsRegion": "us-east-1",
        "sourceIPAddress": "198.51.100.7", "userAgent": "aws-cli", "readOnly": false,
        "eventType": "AwsApiCall", "managementEvent": true, "recipientAccountId": "111122223333",
        "userIdentity": {
            "type": "AssumedRole", "principalId": "AROAX:deploy-1001", "accountId": "111122223333",
            "arn": "arn:aws:sts::111122223333:assumed-role/shop-deploy/deploy-1001", "accessKeyId": "ASIAQ",
            "sessionContext": {
                "sessionIssuer": {"type": "Role", "userName": "shop-deploy", "accountId": "111122223333"},
                "attributes": {"creationDate": "2026-03-02T09:59:00Z", "mfaAuthenticated": "false"}
            }
        },
        "requestParameters": {"roleName": "shop-app", "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"},
        "responseElements": null
    })
}

fn exchange() -> Value {
    let provider = "arn:aws:iam::111122223333:oidc-provider/gitlab.com";
    let sub = "project_path:mill/shop:ref_type:branch:ref:main";
    json!({
        "eventID": "e-2", "eventTime": "2026-03-02T09:59:00Z", "eventSource": "sts.amazonaws.com",
        "eventName": "AssumeRoleWithWebIdentity", "awsRegion": "us-east-1", "readOnly": true,
        "sourceIPAddress": "10.10.4.5", "recipientAccountId": "111122223333",
        "userIdentity": {"type": "WebIdentityUser", "principalId": format!("{provider}:sts.amazonaws.com:{sub}"), "userName": sub, "identityProvider": provider},
        "requestParameters": {"roleArn": "arn:aws:iam::111122223333:role/ci/shop-deploy", "roleSessionName": "deploy-1001", "principalTags": {"job": "1001"}},
        "responseElements": {
            "subjectFromWebIdentityToken": sub, "audience": "https://gitlab.com", "provider": provider,
            "assumedRoleUser": {"arn": "arn:aws:sts::111122223333:assumed-role/shop-deploy/deploy-1001"},
            "credentials": {"accessKeyId": "ASIAQ", "sessionToken": "x", "expiration": "Mar 2, 2026, 10:59:00 AM"}
        }
    })
}

fn says(value: &Value, parts: &[&str]) {
    let (verdict, events) = read(value);
    assert_eq!(verdict, Verdict::Parsed);
    let event = events.join("");
    for part in parts {
        assert!(event.contains(part), "{part} is not in {event}");
    }
}

#[test]
fn a_copy_under_another_operation_hands_out_no_key() {
    says(&exchange(), &[r#"target_account: Some("ASIAQ")"#]);
    let mut copy = exchange();
    copy["eventName"] = json!("DescribeRegions");
    says(&copy, &["target_account: None"]);
}

#[test]
fn a_record_says_who_did_what_to_what() {
    says(
        &record(),
        &[
            r#"id: "e-1""#,
            r#"operation: "AttachRolePolicy""#,
            r#"service: Some("iam.amazonaws.com")"#,
            r#"principal: Some("aws:role/111122223333/shop-deploy")"#,
            r#"object: "aws:role/111122223333/shop-app""#,
            r#"display_name: Some("deploy-1001")"#,
            r#"key_name: Some("ASIAQ")"#,
            r#"project: Some("111122223333")"#,
            r#"remote_address: Some("198.51.100.7")"#,
            "outcome: Allowed",
            r#"("grants", "administrator")"#,
            r#"("iam", "permission")"#,
            r#"("type", "AssumedRole")"#,
        ],
    );
}

#[test]
fn an_exchange_says_whose_token_opened_which_session() {
    says(
        &exchange(),
        &[
            r#"principal: Some("aws:web-identity/gitlab.com/project_path:mill/shop:ref_type:branch:ref:main")"#,
            r#"object: "aws:role/111122223333/shop-deploy""#,
            r#"target_account: Some("ASIAQ")"#,
            r#"display_name: Some("deploy-1001")"#,
            r#"("provider", "gitlab.com")"#,
            r#"("expires", "2026-03-02T10:59:00"#,
            r#"("tag.job", "1001")"#,
        ],
    );
    let mut older = exchange();
    older["responseElements"]["credentials"]["expiration"] = json!("Mar 2, 2026 10:59:00 AM");
    older["responseElements"]["provider"] = json!("gitlab.com");
    older["userIdentity"]["identityProvider"] = json!("gitlab.com");
    assert_eq!(read(&older).1, read(&exchange()).1);
}

#[test]
fn every_arrival_gives_the_same_event() {
    let expected = read(&record()).1;
    let lower = json!({
        "eventid": "e-1", "eventtime": "2026-03-02T10:00:00Z", "eventsource": "iam.amazonaws.com",
        "eventname": "AttachRolePolicy", "awsregion": "us-east-1", "sourceipaddress": "198.51.100.7",
        "useragent": "aws-cli", "readonly": "false", "eventtype": "AwsApiCall",
        "recipientaccountid": "111122223333",
        "useridentity": record()["userIdentity"].to_string().to_lowercase().replace("asiaq", "ASIAQ").replace("assumedrole", "AssumedRole"),
        "requestparameters": record()["requestParameters"].to_string(), "responseelements": "null"
    });
    for value in [
        json!({"version": "0", "detail-type": "AWS API Call via CloudTrail", "detail": record()}),
        json!({"EventId": "e-1", "EventTime": 1.5, "ReadOnly": "false", "CloudTrailEvent": record().to_string()}),
        json!({"Records": [record()]}),
        json!({"Events": [{"CloudTrailEvent": record().to_string()}], "NextToken": "n"}),
        lower,
    ] {
        let sample = Sample {
            path: "x",
            value: Some(&value),
            head: b"",
        };
        assert!(CloudTrail.recognises(&sample), "{value}");
        let (verdict, events) = read(&value);
        assert_eq!(verdict, Verdict::Parsed, "{value}");
        let plain = |events: &[String]| events.join("").to_lowercase();
        assert_eq!(plain(&events), plain(&expected), "{value}");
    }
}

#[test]
fn what_is_no_record_of_a_call_is_said() {
    let digest = json!({"awsAccountId": "1", "digestStartTime": "2026-03-02T10:00:00Z", "digestS3Bucket": "b", "logFiles": []});
    assert_eq!(read(&digest).0, Verdict::Foreign);
    let (verdict, _) = Kept::of(&Digests, "digest.json", digest.to_string());
    assert!(matches!(verdict, Verdict::Skipped(why) if why.contains("digest")));
    let mut insight = record();
    insight["eventCategory"] = json!("Insight");
    assert!(matches!(read(&insight).0, Verdict::Skipped(why) if why.contains("Insights")));
    assert_eq!(
        read(&json!({"detail": {"eventType": "x"}})).0,
        Verdict::Foreign
    );
}

#[test]
fn a_damaged_record_is_counted_and_loses_no_other() {
    for (member, value, reason) in [
        ("eventID", json!(null), "eventID"),
        ("eventTime", json!("yesterday"), "time"),
        ("userIdentity", json!("{type=Root}"), "userIdentity"),
        ("requestParameters", json!("{"), "requestParameters"),
    ] {
        let mut damaged = record();
        damaged[member] = value;
        let (verdict, events) = read(&json!({"Records": [record(), damaged, record()]}));
        assert!(
            matches!(&verdict, Verdict::Rejected(why) if why.contains(reason)),
            "{member}: {verdict:?}"
        );
        assert_eq!(events.len(), 2, "{member}");
    }
}

#[test]
fn callers_of_every_type_are_named() {
    for (identity, principal) in [
        (
            json!({"type": "Root", "accountId": "1", "arn": "arn:aws:iam::1:root"}),
            "aws:root/1",
        ),
        (
            json!({"type": "IAMUser", "accountId": "1", "userName": "ada"}),
            "aws:user/1/ada",
        ),
        (
            json!({"type": "AWSService", "invokedBy": "s3.amazonaws.com"}),
            "aws:service/s3.amazonaws.com",
        ),
        (
            json!({"invokedBy": "s3.amazonaws.com"}),
            "aws:service/s3.amazonaws.com",
        ),
        (
            json!({"type": "AWSAccount", "accountId": "2"}),
            "aws:account/2",
        ),
        (
            json!({"type": "SAMLUser", "userName": "ada@x.example"}),
            "aws:saml-user/ada@x.example",
        ),
        (
            json!({"type": "IdentityCenterUser", "onBehalfOf": {"userId": "u"}}),
            "aws:identity-center-user/u",
        ),
    ] {
        let mut value = record();
        value["userIdentity"] = identity;
        says(&value, &[&format!("principal: Some(\"{principal}\")")]);
    }
    let mut nobody = record();
    nobody["userIdentity"] = json!({"type": "Unknown"});
    says(&nobody, &["principal: None"]);
}

#[test]
fn refusals_and_failures_are_told_apart() {
    for (code, outcome) in [
        ("AccessDenied", "outcome: Denied"),
        ("Client.UnauthorizedOperation", "outcome: Denied"),
        ("ExpiredTokenException", "outcome: Denied"),
        ("NoSuchEntityException", "outcome: Failed"),
    ] {
        let mut value = record();
        value["errorCode"] = json!(code);
        value["errorMessage"] = json!("quotes what was sent");
        says(&value, &[outcome, code]);
        assert!(!read(&value).1.join("").contains("quotes"));
    }
    for (result, outcome) in [
        ("Success", "outcome: Allowed"),
        ("Failure", "outcome: Denied"),
    ] {
        let mut value = record();
        value["eventName"] = json!("ConsoleLogin");
        value["responseElements"] = json!({"ConsoleLogin": result});
        says(&value, &[outcome]);
    }
}

/// Calls of CloudTrail, and what they change.
fn trail_changes() -> Vec<(&'static str, Value, Option<&'static str>)> {
    let management = |fields: Value| json!({"trailName": "main", "advancedEventSelectors": [{"fieldSelectors": fields}]});
    vec![
        (
            "StopLogging",
            json!({"name": "arn:aws:cloudtrail:us-east-1:111122223333:trail/main"}),
            Some("stopped"),
        ),
        (
            "UpdateTrail",
            json!({"name": "main", "isMultiRegionTrail": false}),
            Some("narrowed"),
        ),
        (
            "UpdateTrail",
            json!({"name": "main", "s3BucketName": "b"}),
            Some("moved"),
        ),
        (
            "UpdateTrail",
            json!({"name": "main", "isMultiRegionTrail": true}),
            Some("changed"),
        ),
        (
            "PutEventSelectors",
            json!({"trailName": "main", "eventSelectors": [{"readWriteType": "WriteOnly", "includeManagementEvents": true}]}),
            Some("narrowed"),
        ),
        (
            "PutEventSelectors",
            json!({"trailName": "main", "eventSelectors": [{"readWriteType": "All", "includeManagementEvents": true, "excludeManagementEventSources": []}]}),
            Some("changed"),
        ),
        (
            "PutEventSelectors",
            management(json!([{"field": "eventCategory", "equals": ["Management"]}])),
            Some("changed"),
        ),
        (
            "PutEventSelectors",
            management(json!([{"field": "eventCategory", "equals": ["Data"]}])),
            Some("narrowed"),
        ),
        ("StartLogging", json!({"name": "main"}), None),
    ]
}

#[test]
fn a_change_of_the_trail_says_whether_it_records_less() {
    for (name, request, expected) in trail_changes() {
        let mut value = record();
        value["eventSource"] = json!("cloudtrail.amazonaws.com");
        value["eventName"] = json!(name);
        value["requestParameters"] = request;
        let said = read(&value).1.join("");
        assert!(
            said.contains(r#"object: "aws:trail/111122223333/main""#),
            "{said}"
        );
        match expected {
            Some(word) => assert!(
                said.contains(&format!("(\"trail\", \"{word}\")")),
                "{name} {said}"
            ),
            None => assert!(!said.contains("(\"trail\""), "{said}"),
        }
    }
}

#[test]
fn a_call_of_iam_says_whether_it_gives_power() {
    let open = json!({"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity", "Principal": {"Federated": "arn:aws:iam::1:oidc-provider/gitlab.com"}}]}).to_string();
    let all = json!({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}).to_string();
    for (name, request, part) in [
        (
            "PutRolePolicy",
            json!({"roleName": "r", "policyName": "p", "policyDocument": all}),
            r#"("grants", "administrator")"#,
        ),
        (
            "UpdateAssumeRolePolicy",
            json!({"roleName": "r", "policyDocument": open}),
            r#"("grants", "anybody")"#,
        ),
        (
            "CreatePolicyVersion",
            json!({"policyArn": "arn:aws:iam::1:policy/p", "setAsDefault": true}),
            r#"("iam", "permission")"#,
        ),
        (
            "CreateAccessKey",
            json!({"userName": "bob"}),
            r#"("iam", "key")"#,
        ),
        (
            "UpdateOpenIDConnectProviderThumbprint",
            json!({"openIDConnectProviderArn": "arn:aws:iam::1:oidc-provider/gitlab.com"}),
            r#"object: "aws:oidc-provider/1/gitlab.com""#,
        ),
    ] {
        let mut value = record();
        value["eventName"] = json!(name);
        value["requestParameters"] = request;
        says(&value, &[part]);
    }
    for (name, request) in [
        (
            "CreatePolicyVersion",
            json!({"policyArn": "arn:aws:iam::1:policy/p", "setAsDefault": false}),
        ),
        ("ListRoles", json!({})),
        (
            "GetOpenIDConnectProvider",
            json!({"openIDConnectProviderArn": "a"}),
        ),
    ] {
        let mut value = record();
        value["eventName"] = json!(name);
        value["requestParameters"] = request;
        assert!(!read(&value).1.join("").contains("(\"iam\""), "{name}");
    }
    let mut own = record();
    own["userIdentity"] = json!({"type": "IAMUser", "accountId": "1", "userName": "bob"});
    own["eventName"] = json!("CreateAccessKey");
    own["requestParameters"] = json!({"userName": "bob"});
    assert!(!read(&own).1.join("").contains("(\"iam\""));
}
