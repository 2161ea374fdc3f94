//! Accounts that Google's own services act as: service agents.
//!
//! A project decides the names of its accounts, so a name says nothing (`service-77@...`). The part
//! behind the `@` is the project that an account belongs to, and only Google makes accounts in its
//! own. The projects are those of "Service agents" in Google's IAM reference
//! (docs.cloud.google.com/iam/docs/service-agents), as of July 2026; one that Google adds later is
//! taken for anybody's until it is added here.

/// Projects of agents, without the `gcp-sa-` before each.
const SERVICE_ACCOUNT_PROJECTS: &str = "accessapproval adsdatahub agentgateway aiplatform aiplatform-cc aiplatform-ft aiplatform-is \
    aiplatform-pie aiplatform-re aiplatform-vm alloydb anthos anthosaudit anthosconfigmanagement \
    anthosidentityservice anthospolicycontroller anthossupport apigateway apigateway-mgmt apigee \
    apigeeregistry apihub apikeys apim appdevexperience apphub appoptimize artifactregistry \
    asm-hpsa assuredoss assuredworkloads audit-manager autoannotate automl backupdr backupdr-pr \
    backupdr-run biglakerestcatalog bigquery-condel bigquery-consp bigqueryconnection \
    bigquerydatatransfer bigqueryri bigqueryspark bigquerytardis bigtable binaryauthorization bms \
    bne bqms bundles ccai-cmek ccaip ccinsights-cmek certificatemanager ces chronicle \
    chronicle-soar cloud-cw cloud-cw-cmek cloud-ekg cloud-sql cloud-trace cloudaicompanion \
    cloudasset cloudbatch cloudbuild clouddeploy cloudkms cloudoptim cloudscheduler cloudtasks \
    compute-usage config configdelivery connectedsheets connectors contactcenterinsights \
    containerscanning containersec crashlytics csc-hpsa dataconnectors dataform datafusion \
    datalabeling datamigration datapipelines dataplex dataprocrmnode datastream datastudio \
    datastudio-cmek dep designcenter devconnect diagon dialogflow dialogflow-cmek discoveryengine \
    dns edgecontainer edgecontainercluster edgecontainergcr effectivepolicy ekms endpoints \
    eventarc firebase firebaseappcheck firebaseapphosting firebasedatabase firebasedataconnect \
    firebaseml firebasemods firebasestorage firebasevertexai firestore firewallinsights fs-spanner \
    geminicodeassistmp geminidataanalytics generativelanguage gkebackup gkedataplanev2 gkehub \
    gkemulticloud gkemulticloudcontainer gkemulticloudcpmachine gkemulticloudnpmachine gkenode \
    gkeonprem global-spanner gsuiteaddons healthcare hypercomputecluster iap identitytoolkit \
    integrations ivs krmapihosting krmapihosting-dataplane ktd-control ktd-hpsa livestream logging \
    looker lustre managedflink managedkafka mcmetering mcsd memorystore meshconfig \
    meshcontrolplane meshdataplane metastore mi migcenter modelarmor monitoring \
    monitoring-notification multiclusteringress netapp networkactions networkconnectivity \
    networkmanagement networksecurity notebooks notebooks-vm notebooksecurityscanner ns-authz \
    nss-hpsa observability oci ondemandscanning osconfig osconfig-rollout othercloudcfg pam \
    parallelstore pm privateca prod-bigqueryomni prod-dai-core progrollout pubsub pubsublite rbe \
    recommendationengine remotebuild retail rma routeoptim run-ai runapps saasservicemgmt \
    scc-notification scc-vmtd secretmanager securewebproxy securitycenter servicedirectory \
    servicemesh sourcemanager spanner spectrumsas speech storage-search storageinsights stream tpu \
    transcoder transferappliance translation vectorsearch vertex-agent vertex-bp vertex-es \
    vertex-eval vertex-ex vertex-ex-cc vertex-logging vertex-mm vertex-moss-ft vertex-nb vertex-op \
    vertex-rag vertex-sandbox vertex-shtune vertex-telemetry vertex-tune vertex-vtc visionai \
    vmmigration vmwareengine vpcaccess vs-cmek websecurityscanner workflows workloadmanager \
    workstations workstationsvm";

/// Projects of agents with older names.
const OTHER_PROJECTS: &str = "bigquery-encryption cloud-filer cloud-memcache-sa cloud-ml cloud-redis cloud-tpu \
    cloudcomposer-accounts compute-system container-analysis container-engine-robot \
    containerregistry dataflow-service-producer-prod dataproc-accounts dlp-api endpoints-portal \
    firebase-rules firebase-sa-management gae-api-prod gcf-admin-robot gcp-gae-service \
    gcp-ri-aiplatform gcp-ri-contactcenterinsights gcp-ri-identitypool gs-project-accounts \
    remotebuildexecution security-center-api serverless-robot-prod service-consumer-management \
    service-networking sourcerepo-service-accounts storage-transfer-service trifacta-gcloud-prod";

/// Domains in which Google names accounts after the number of the customer's project.
const NUMBERED: [&str; 2] = [
    "cloudbuild.gserviceaccount.com",
    "cloudservices.gserviceaccount.com",
];

/// Domain of accounts that stand for Google's systems themselves (`cloud-logs@`).
const SYSTEM: &str = "system.gserviceaccount.com";

/// Whether an account, by its e-mail address, is one that Google's own services act as.
#[must_use]
pub fn is_google_agent(email: &str) -> bool {
    let email = email.to_ascii_lowercase();
    let Some((name, domain)) = email.split_once('@') else {
        return false;
    };
    if domain == SYSTEM {
        return true;
    }
    if NUMBERED.contains(&domain) {
        return !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit());
    }
    let Some(project) = domain.strip_suffix(".iam.gserviceaccount.com") else {
        return false;
    };
    // Projects of Google's own organization carry its domain, which nobody else can.
    let project = project.strip_suffix(".google.com").unwrap_or(project);
    let listed = |list: &str, name: &str| list.split(' ').any(|known| known == name);
    match project.strip_prefix("gcp-sa-") {
        Some(service) => listed(SERVICE_ACCOUNT_PROJECTS, service),
        None => listed(OTHER_PROJECTS, project),
    }
}

/// The number of the project whose people say what an agent does: it builds or deploys what they ask.
///
/// None for the rest of them, which do what Google lets them.
#[must_use]
pub fn asked_by(email: &str) -> Option<&str> {
    let (name, domain) = email.split_once('@')?;
    let asked = NUMBERED
        .iter()
        .any(|known| known.eq_ignore_ascii_case(domain));
    (asked && is_google_agent(email)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agents_are_known_by_googles_projects() {
        for agent in [
            "service-123456789012@gcp-sa-pubsub.iam.gserviceaccount.com",
            "service-123456789012@compute-system.iam.gserviceaccount.com",
            "service-123456789012@gae-api-prod.google.com.iam.gserviceaccount.com",
            "service-org-1@gcp-sa-logging.iam.gserviceaccount.com",
            "service-p1@gcp-sa-accessapproval.iam.gserviceaccount.com",
            "project-123456789012@storage-transfer-service.iam.gserviceaccount.com",
            "bq-123456789012@bigquery-encryption.iam.gserviceaccount.com",
            "123456789012@cloudservices.gserviceaccount.com",
            "123456789012@CloudBuild.gserviceaccount.com",
            "cloud-logs@system.gserviceaccount.com",
        ] {
            assert!(is_google_agent(agent), "{agent}");
        }
    }

    #[test]
    fn who_is_asked_for_builds_and_deployments_is_told() {
        for account in [
            "77@cloudbuild.gserviceaccount.com",
            "77@CloudServices.gserviceaccount.com",
        ] {
            assert_eq!(asked_by(account), Some("77"));
        }
        for account in [
            "service-77@gcp-sa-pubsub.iam.gserviceaccount.com",
            "mine@cloudbuild.gserviceaccount.com",
            "cloud-logs@system.gserviceaccount.com",
        ] {
            assert_eq!(asked_by(account), None, "{account}");
        }
    }

    #[test]
    fn a_name_that_a_project_chooses_makes_no_agent() {
        for account in [
            "service-77@mill-prod.iam.gserviceaccount.com",
            "project-77@mill-prod.iam.gserviceaccount.com",
            "service-77@gcp-sa-mine.iam.gserviceaccount.com",
            "service-77@gcp-sa-pubsub.mine.iam.gserviceaccount.com",
            "service-77@gcp-sa-pubsub.iam.gserviceaccount.com.example",
            "cloudservices@mill-prod.iam.gserviceaccount.com",
            "mine@cloudservices.gserviceaccount.com",
            "123-compute@developer.gserviceaccount.com",
            "service-77",
            "",
        ] {
            assert!(!is_google_agent(account), "{account}");
        }
    }
}
