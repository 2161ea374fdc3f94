//! Hand-written exports (synthetic).

use serde_json::{Value, json};

use super::FORMATS;
use crate::model::{Kept, Sample, Verdict};

fn read(path: &str, value: &Value) -> (Verdict, Vec<String>) {
    let sample = Sample {
        path,
        value: Some(value),
        head: b"",
    };
    let format = FORMATS.iter().find(|format| format.recognises(&sample));
    let (verdict, kept) = Kept::of(*format.unwrap(), path, value.to_string());
    let said = kept.exports.attributes.into_iter();
    let said = said.map(|found| format!("{} {} {}", found.object, found.name, found.value));
    (verdict, said.collect())
}

fn trust() -> Value {
    json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
        "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/gitlab.com"},
        "Condition": {"StringEquals": {"gitlab.com:sub": "project_path:mill/shop:ref_type:branch:ref:main"}}
    }]})
}

#[test]
fn a_role_is_read_from_every_export_that_holds_it() {
    let role = json!({
        "RoleName": "shop", "Arn": "arn:aws:iam::111122223333:role/ci/shop", "Path": "/ci/",
        "AssumeRolePolicyDocument": trust(), "Tags": [{"Key": "environment", "Value": "prod"}],
        "AttachedManagedPolicies": [{"PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}]
    });
    let encoded = trust()
        .to_string()
        .replace('{', "%7B")
        .replace('}', "%7D")
        .replace('"', "%22");
    let mut sent = role.clone();
    sent["AssumeRolePolicyDocument"] = json!(encoded);
    for value in [
        json!({"RoleDetailList": [role], "UserDetailList": [], "GroupDetailList": [], "Policies": []}),
        json!({"Role": role}),
        json!({"Roles": [sent]}),
    ] {
        let (verdict, said) = read("aws/x.json", &value);
        assert_eq!(verdict, Verdict::Parsed, "{value}");
        for part in [
            "aws:role/111122223333/shop tag.environment prod",
            "aws:role/111122223333/shop path /ci/",
            "aws:role/111122223333/shop attached arn:aws:iam::aws:policy/ReadOnlyAccess",
        ] {
            assert!(said.iter().any(|said| said == part), "{said:?}");
        }
        assert!(
            said.iter()
                .any(|said| said.contains(" trust {") && said.contains("gitlab.com:sub"))
        );
    }
}

#[test]
fn a_document_by_itself_is_the_trust_of_the_role_it_is_named_after() {
    let (_, said) = read("infra/shop.json", &trust());
    assert!(
        said.iter()
            .any(|said| said == "aws:role/111122223333/shop name shop"),
        "{said:?}"
    );
    let policy = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}});
    let (_, said) = read("aws/444455556666/s3.json", &policy);
    assert!(
        said.iter()
            .any(|said| said.starts_with("aws:policy/444455556666/s3 statement")),
        "{said:?}"
    );
}

#[test]
fn a_provider_is_of_the_account_of_its_folder() {
    let provider =
        json!({"Url": "gitlab.com", "ClientIDList": ["https://gitlab.com"], "ThumbprintList": []});
    let (_, said) = read(
        "aws/111122223333/open-id-connect-providers/gitlab.com.json",
        &provider,
    );
    assert!(said.contains(
        &"aws:oidc-provider/111122223333/gitlab.com client_id https://gitlab.com".to_owned()
    ));
}

#[test]
fn a_damaged_document_is_told_and_loses_no_other_role() {
    let broken = json!({"Statement": [{"Effect": "allow", "Action": "x"}]});
    let (verdict, _) = read("a/trust.json", &broken);
    assert!(matches!(verdict, Verdict::Rejected(why) if why.contains("Effect")));
    let value = json!({"RoleDetailList": [
        {"RoleName": "a", "Arn": "arn:aws:iam::1:role/a", "AssumeRolePolicyDocument": broken},
        {"RoleName": "b", "Arn": "arn:aws:iam::1:role/b", "AssumeRolePolicyDocument": trust()}
    ]});
    let (verdict, said) = read("a/b.json", &value);
    assert!(matches!(verdict, Verdict::Rejected(why) if why.starts_with("role a: ")));
    assert!(
        said.iter()
            .any(|said| said.starts_with("aws:role/1/b trust"))
    );
}

#[test]
fn a_role_that_lost_a_part_that_the_api_always_gives_is_damage_or_said() {
    let role = |role: Value| json!({"RoleDetailList": [role]});
    let whole = json!({
        "RoleName": "shop", "Arn": "arn:aws:iam::111122223333:role/shop",
        "AssumeRolePolicyDocument": trust(), "AttachedManagedPolicies": [], "RolePolicyList": []
    });
    let listed = "aws:role/111122223333/shop permissions listed".to_owned();
    let (verdict, said) = read("aws/x.json", &role(whole.clone()));
    assert!(verdict == Verdict::Parsed && said.contains(&listed));
    for part in ["AttachedManagedPolicies", "RolePolicyList"] {
        let mut less = whole.clone();
        less.as_object_mut().unwrap().remove(part);
        let (verdict, said) = read("aws/x.json", &role(less));
        assert!(verdict == Verdict::Parsed && !said.contains(&listed));
    }
    let mut inline = whole.clone();
    inline["RolePolicyList"] = json!([{"PolicyName": "x"}]);
    let mut nobody = whole;
    let statement = nobody["AssumeRolePolicyDocument"]["Statement"][0].as_object_mut();
    statement.unwrap().remove("Principal");
    for damaged in [inline, nobody] {
        let (verdict, _) = read("aws/x.json", &role(damaged));
        assert!(matches!(verdict, Verdict::Rejected(_)));
    }
}
