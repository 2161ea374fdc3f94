//! The page: complete, inert, and safe whatever a log says.

use super::*;
use crate::model::Severity;
use crate::report::sample::{Sample, finding};

fn page(sample: &Sample) -> String {
    let mut out = Vec::new();
    Html.write(&sample.report(), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// What stands between `<` and `>`, in order, outside style and script.
fn tags(page: &str) -> Vec<String> {
    let body = page.replace(style(), "").replace(script(), "");
    body.split('<')
        .skip(1)
        .map(|rest| rest.split('>').next().unwrap().to_owned())
        .collect()
}

#[test]
fn hostile_text_stays_text() {
    let page = page(&Sample::new());
    assert!(page.contains("vault:path/⟨U+202E⟩&lt;/script&gt;&lt;script&gt;alert(1)"));
    assert!(page.contains("⟨U+2066⟩&quot;onmouseover=alert(1) x=&quot;"));
    assert!(page.contains("Acme &amp; Sons"));
    assert!(!page.contains('\u{202E}') && !page.contains('\u{2066}'));
    assert_eq!(page.matches("<script>").count(), 1);
    assert_eq!(page.matches("</script>").count(), 1);
}

#[test]
fn hostile_text_in_every_field_leaves_the_same_tags() {
    const EVIL: &str = "\"'></script><img src=x onerror=alert(1)>\u{202E}\u{0}&{{ 7*7 }}{% raw %}";
    let plain = Sample::new();
    let mut evil = Sample::new();
    let finding = &mut evil.findings[1];
    let rejected = &mut evil.rejected[0];
    let file = &mut evil.coverage[1];
    for text in [
        &mut finding.title,
        &mut finding.subject,
        &mut finding.object,
        &mut finding.message,
        &mut finding.evidence[0].file,
        &mut rejected.reason,
        &mut rejected.path,
        &mut evil.rules[2].logic,
        &mut evil.controls[0].lacking[0].what,
        &mut file.path,
        &mut file.source,
        &mut evil.notes[0],
        &mut evil.settings[0].1,
        &mut evil.readiness[0].remedy,
        &mut evil.pictures[1][1].id,
    ] {
        *text = EVIL.to_owned();
    }
    let page = page(&evil);
    // No value stands in a tag of its own making: the elements are the same ones.
    let names = |sample: &Sample| -> Vec<String> {
        tags(&self::page(sample))
            .iter()
            .map(|tag| tag.split([' ', '\n']).next().unwrap().to_owned())
            .collect()
    };
    assert_eq!(names(&evil), names(&plain));
    assert!(!page.contains("<img") && !page.contains("49{") && !page.contains('\u{0}'));
    assert!(page.contains("{{ 7*7 }}"));
}

#[test]
fn the_page_asks_for_nothing_and_runs_nothing_but_its_own() {
    let page = page(&Sample::new());
    for tag in tags(&page) {
        for attribute in [" src=", " style=", " href=\"http", " on"] {
            assert!(!tag.contains(attribute), "<{tag}>");
        }
        assert!(
            !tag.starts_with("link") && !tag.starts_with("iframe"),
            "<{tag}>"
        );
    }
    assert!(!style().contains("url(h") && !style().contains("@import"));
    assert!(!page.contains("http://") && !page.contains("https://"));
}

#[test]
fn the_policy_names_the_bytes_that_stand_in_the_page() {
    let page = page(&Sample::new());
    let between = |open: &str, close: &str| {
        let start = page.find(open).unwrap() + open.len();
        let end = start + page[start..].find(close).unwrap();
        STANDARD.encode(Sha256::digest(&page.as_bytes()[start..end]))
    };
    let meta = page
        .lines()
        .find(|line| line.contains("Content-Security-Policy"))
        .unwrap();
    assert!(meta.contains("default-src 'none'"), "{meta}");
    assert!(meta.contains(&format!(
        "style-src 'sha256-{}'",
        between("<style>", "</style>")
    )));
    assert!(meta.contains(&format!(
        "script-src 'sha256-{}'",
        between("<script>", "</script>")
    )));
}

#[test]
fn every_cap_says_what_it_leaves_out() {
    let mut sample = Sample::new();
    for index in 0..40 {
        let mut more = finding(
            "VLT-EVT-001",
            Severity::Low,
            &format!("gitlab:job/7/{index}"),
            1,
        );
        more.id = format!("more{index}");
        sample.findings.push(more);
    }
    sample.pictures.resize(sample.findings.len(), Vec::new());
    let page = page(&sample);
    assert!(page.contains("7 more records: all 12 are in <code>data/finding_evidence.csv</code>"));
    assert!(page.contains("17 more findings of VLT-EVT-001 are not on this page: all 42"));
    assert_eq!(page.matches("<details class=\"finding\"").count(), 25 + 1);
}

#[test]
fn a_line_of_a_megabyte_is_cut_and_says_so() {
    let mut sample = Sample::new();
    sample.findings[0].message = "x".repeat(1 << 20);
    sample.findings[0].object = "/".repeat(1 << 20);
    let page = page(&sample);
    assert!(page.len() < 400_000, "{}", page.len());
    assert!(page.contains("all 1\u{202F}048\u{202F}576 characters are in data/findings.csv"));
}

#[test]
fn the_page_has_landmarks_one_heading_and_a_caption_for_every_table() {
    let page = page(&Sample::new());
    assert!(page.starts_with("<!doctype html>\n<html lang=\"en\">"));
    for once in ["<h1>", "<main ", "<nav ", "class=\"skip\"", "<footer>"] {
        assert_eq!(page.matches(once).count(), 1, "{once}");
    }
    assert_eq!(
        page.matches("<table").count(),
        page.matches("<caption>").count()
    );
    assert_eq!(
        page.matches("<th ").count() + page.matches("<th>").count(),
        page.matches("<th scope=").count()
    );
}

#[test]
fn every_id_is_unique_and_every_link_has_a_target() {
    let page = page(&Sample::new());
    let values = |name: &str| -> Vec<String> {
        page.match_indices(name)
            .map(|(at, _)| {
                page[at + name.len()..]
                    .split('"')
                    .next()
                    .unwrap()
                    .to_owned()
            })
            .collect()
    };
    let ids = values(" id=\"");
    let unique: std::collections::BTreeSet<_> = ids.iter().collect();
    assert_eq!(unique.len(), ids.len(), "{ids:?}");
    for target in values(" href=\"#") {
        assert!(unique.contains(&target), "#{target}");
    }
}

#[test]
fn interim_is_a_ribbon_and_an_empty_run_is_still_a_page() {
    let mut sample = Sample::new();
    assert!(!page(&sample).contains("class=\"ribbon\""));
    sample.interim = Some("as of 2026-09-01, before the period's end".into());
    sample.findings.clear();
    sample.pictures.clear();
    sample.coverage.clear();
    sample.rejected.clear();
    sample.rules.clear();
    sample.controls.clear();
    sample.readiness.clear();
    sample.notes.clear();
    sample.settings.clear();
    let page = page(&sample);
    assert!(page.contains("<strong>Interim</strong> as of 2026-09-01"));
    assert!(page.contains("No rule that could be assessed found anything."));
}

#[test]
fn the_page_never_concludes() {
    let page = page(&Sample::new()).to_lowercase();
    for word in ["compliant", "score", "gauge", "passed cc"] {
        assert!(!page.contains(word), "{word}");
    }
}

#[test]
fn a_worst_finding_below_the_cap_is_linked_by_its_rule() {
    let mut sample = Sample::new();
    let mut waived = sample.findings.remove(2);
    waived.rule_id = "VLT-EVT-001".into();
    let mut findings: Vec<_> = (0..30)
        .map(|index| {
            let mut one = waived.clone();
            one.id = format!("waived{index}");
            one
        })
        .collect();
    findings.push(finding("VLT-EVT-001", Severity::High, "gitlab:job/1/2", 1));
    sample.findings = findings;
    sample.pictures.clear();
    let page = page(&sample);
    assert!(page.contains("<a href=\"#r-VLT-EVT-001\">CI job reads"));
    assert!(page.contains(" id=\"r-VLT-EVT-001\""));
}

#[test]
fn thousands_of_findings_stay_one_small_page() {
    let mut sample = Sample::new();
    let one = sample.findings[1].clone();
    for index in 0..20_000 {
        let mut more = one.clone();
        more.id = format!("{index:016x}");
        more.rule_id = format!("VLT-EVT-{:03}", index % 40);
        sample.findings.push(more);
    }
    let page = page(&sample);
    assert!(page.len() < 2_000_000, "{} bytes", page.len());
    assert!(page.contains("491 more findings of VLT-EVT-002 are not on this page: all 500"));
}

#[test]
fn the_page_of_a_small_report_is_known_to_the_letter() {
    let page = page(&Sample::new())
        .replace(style(), "(style.css)")
        .replace(script(), "(script.js)")
        .replace(
            &policy(&[style(), &paper("8d5e0123456789abcdef")], &[script()]).replace('\'', "&#39;"),
            "(policy)",
        )
        .replace(
            &policy(&[style(), &paper("8d5e0123456789abcdef")], &[script()]),
            "(policy)",
        );
    insta::assert_snapshot!("small_report", page);
}

fn style() -> &'static str {
    shipped("style.css")
}

fn script() -> &'static str {
    shipped("script.js")
}

fn shipped(name: &str) -> &'static str {
    let mut all = Templates::shipped();
    all.find(|(known, _)| *known == name).unwrap().1
}

/// A template that somebody writes can name what the page of its documents says, and no less.
#[test]
fn every_value_that_a_template_sees_is_documented() {
    let sample = Sample::new();
    let page = Page::new(&sample.report()).unwrap();
    let page = serde_json::to_value(page).unwrap();
    let text = include_str!("../../../docs/templates.md");
    for name in page.as_object().unwrap().keys() {
        assert!(text.contains(&format!("`{name}`")), "{name}");
    }
}

#[test]
fn somebodys_own_file_stands_in_place_of_the_programs() {
    let own = |name: &str, text: &str| {
        Templates::with([(name.to_owned(), text.to_owned())].into_iter().collect())
    };
    let mut sample = Sample::new();
    sample.templates = own("cover.html", "<h1>Mill: {{ entity }}</h1>").unwrap();
    let page = page(&sample);
    assert!(page.contains("<h1>Mill: Acme &amp; Sons</h1>"), "escaped");
    assert!(page.contains("id=\"findings\""));
    let style = "body{color:red}";
    sample.templates = own("style.css", style).unwrap();
    let page = self::page(&sample);
    let digest = STANDARD.encode(Sha256::digest(style.as_bytes()));
    assert!(page.contains(&digest) && page.contains(style));
    let names: Vec<String> = sample.templates.settings().map(|(name, _)| name).collect();
    assert_eq!(names, ["template.style.css"]);
    assert!(own("cover.htm", "").is_err());
    assert!(own("trace.html", "").is_err());
    let error = own("cover.html", "{% if %}").unwrap_err().to_string();
    assert!(error.contains("cover.html"), "{error}");
}
