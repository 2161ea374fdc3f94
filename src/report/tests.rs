//! The columns and cells of every CSV file, to the letter.

use super::sample::Sample;
use super::*;

fn lines(format: &dyn ReportFormat) -> (Vec<String>, Written) {
    let sample = Sample::new();
    let mut out = Vec::new();
    let written = format.write(&sample.report(), &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    assert!(text.ends_with("\r\n") && !text.replace("\r\n", "").contains(['\r', '\n']));
    (
        text.split_terminator("\r\n").map(str::to_owned).collect(),
        written,
    )
}

#[test]
fn every_header_is_the_contract() {
    for (format, header) in [
        (
            &Findings as &dyn ReportFormat,
            "finding_id,rule_id,severity,confidence,band,title,subject,object,first_seen,last_seen,count,status,soc2,iso27001,message,evidence_file,evidence_line,evidence_sha256,evidence_byte,evidence_end,evidence_kind",
        ),
        (
            &FindingEvidence,
            "finding_id,file,line,byte,end,kind,sha256",
        ),
        (&Rules, "rule_id,title,outcome,reason,population,findings"),
        (
            &IdentityEdges,
            "edge,left_id,right_id,key,confidence,band,alternatives,left_evidence,right_evidence,left_byte,right_byte",
        ),
        (
            &IdentityChains,
            "time,origin_kind,origin_id,person_id,login_id,credential_id,role,policies,operation,object,owner,outcome,confidence,band,evidence_file,evidence_line,evidence_byte",
        ),
        (
            &Coverage,
            "source,file,first_at,last_at,lines,parsed,skipped,rejected,duplicates,bytes,sha256,longest_silence_s,in_period,outside_period",
        ),
        (&RejectedLines, "file,line,byte,reason"),
        (
            &ControlMatrix,
            "framework,control,title,state,population,findings,coverage,evidence_files,not_shown,rules_mapped,rules_assessed,waived,severities",
        ),
    ] {
        let (lines, written) = lines(format);
        assert_eq!(lines[0], header, "{}", format.path());
        assert_eq!(
            written.rows,
            Some(lines.len() as u64 - 1),
            "{}",
            format.path()
        );
    }
}

#[test]
fn a_finding_row_has_sorted_lists_exact_times_and_its_first_evidence() {
    let (lines, written) = lines(&Findings);
    let sha = "ab".repeat(32);
    assert_eq!(
        lines[2],
        format!(
            "{},VLT-EVT-001,high,0.95,established,CI job reads a secret owned by another project,\
             gitlab:job/42/1001,vault:path/secret/data/payments/prod/db,\
             2026-07-02T03:04:05.000006Z,2026-09-29T23:00:00.000000Z,2,open,CC6.1;CC6.3,5.15;8.2,\
             A job of acme/shop read a secret that belongs to acme/payments.,vault/audit.log,1,{sha},900,1799,line",
            Sample::new().findings[1].id
        )
    );
    assert!(lines[1].contains(",'=cmd|'/C calc'!A0,"), "{}", lines[1]);
    assert!(
        lines[1].contains("vault:path/⟨U+202E⟩</script>"),
        "{}",
        lines[1]
    );
    assert_eq!(written.guarded, 1);
}

#[test]
fn every_piece_of_evidence_is_listed() {
    let (lines, _) = lines(&FindingEvidence);
    assert_eq!(lines.len(), 1 + 12 + 2 + 2);
    assert!(lines[12].ends_with(&format!(
        ",vault/audit.log,12,10800,11699,line,{}",
        "ab".repeat(32)
    )));
}

#[test]
fn an_unknown_origin_leaves_confidence_and_band_empty() {
    let (lines, _) = lines(&IdentityChains);
    assert!(lines[1].ends_with(
        ",read,vault:path/secret/data/payments/prod/db,acme/payments,allowed,,,vault/audit.log,8,7200"
    ));
    assert!(lines[1].contains(",default;shop,"));
}

#[test]
fn an_edge_lists_its_other_candidates_sorted() {
    let (lines, _) = lines(&IdentityEdges);
    assert_eq!(
        lines[1],
        "job-login,gitlab:job/42/1001,vault:login/r1,K1,1.00,established,\
         gitlab:job/42/1002;gitlab:job/42/9,gitlab/projects/42/jobs.json:3,vault/audit.log:7,1800,6300"
    );
}

#[test]
fn a_rule_that_could_not_look_says_why() {
    let (lines, _) = lines(&Rules);
    assert!(
        lines[3].ends_with(",not-assessed,needs gitlab-jobs,0,0"),
        "{}",
        lines[3]
    );
}

#[test]
fn a_finding_without_evidence_is_an_error_not_a_row() {
    let mut sample = Sample::new();
    sample.findings[0].evidence.clear();
    let error = Findings
        .write(&sample.report(), &mut Vec::new())
        .unwrap_err();
    assert!(error.to_string().contains("no evidence"));
}

#[test]
fn the_list_of_formats_is_complete_and_sorted() {
    let paths: Vec<_> = FORMATS.iter().map(|format| format.path()).collect();
    assert!(paths.is_sorted(), "{paths:?}");
    // Every file of this folder that implements the trait is in the list.
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/report");
    let implemented: usize = walkdir::WalkDir::new(folder)
        .into_iter()
        .filter_map(|entry| std::fs::read_to_string(entry.unwrap().path()).ok())
        .map(|source| source.matches("\nimpl ReportFormat for ").count())
        .sum();
    // One type writes every population.
    let populations = Sample::new().populations.len();
    assert_eq!(implemented, FORMATS.len() - populations + 1);
}
