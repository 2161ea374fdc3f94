//! What a shell and `man` are given: completions, pages, colours.

use std::process::{Command, Stdio};

use super::product::{binary, piperoll, run_in};
use super::skipped::skipped;

/// The commands that `--help` lists.
fn commands() -> Vec<String> {
    let help = piperoll(&["--help"]).out;
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    listed
        .take_while(|line| !line.is_empty())
        // A description that goes on stands further in.
        .filter(|line| !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next().map(str::to_owned))
        .collect()
}

#[test]
fn every_shell_completes_every_command() {
    let commands = commands();
    assert!(commands.len() > 12, "{commands:?}");
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ran = piperoll(&["completions", shell]);
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{shell}");
        for command in &commands {
            assert!(ran.out.contains(command.as_str()), "{shell} {command}");
        }
    }
    assert_eq!(piperoll(&["completions", "tcsh"]).code, 2);
}

/// What bash completes `word` to, after `before` on the line of `piperoll report`; none where there is
/// no bash.
fn completed(before: &str, word: &str) -> Option<String> {
    let completions = piperoll(&["completions", "bash"]).out;
    let (at, previous) = match before {
        "" => (2, "report"),
        option => (3, option),
    };
    let script = format!(
        "{completions}\nCOMP_WORDS=(piperoll report {before} \"{word}\"); COMP_CWORD={at}\n\
         _piperoll piperoll \"{word}\" {previous}\necho \"${{COMPREPLY[@]}}\"\n"
    );
    let ran = Command::new("bash")
        .args(["--norc", "-c", &script])
        .stdin(Stdio::null())
        .output();
    ran.ok().map(|ran| String::from_utf8(ran.stdout).unwrap())
}

#[test]
fn bash_completes_an_option_of_a_command_and_what_it_takes() {
    let (Some(option), Some(severity)) = (completed("", "--read"), completed("--fail-on", ""))
    else {
        skipped(
            "bash_completes_an_option_of_a_command_and_what_it_takes",
            "no bash",
        );
        return;
    };
    assert!(option.contains("--readable-by"), "{option}");
    assert_eq!(severity.trim(), "crit high med low info none");
}

#[test]
fn every_command_has_a_page_of_the_manual() {
    for command in commands() {
        let ran = piperoll(&["man", &command]);
        assert_eq!(ran.code, 0, "{command}: {}", ran.err);
        let page = ran.out.replace("\\-", "-");
        assert!(page.contains(&format!("piperoll-{command}")), "{page}");
        assert!(page.contains(".SH SYNOPSIS"), "{command}");
        let program = concat!("\"piperoll ", env!("CARGO_PKG_VERSION"), "\"");
        assert!(page.contains(program), "{command}: {page}");
    }
    let whole = piperoll(&["man"]).out.replace("\\-", "-");
    assert!(whole.contains("piperoll-report(1)"), "{whole}");
    assert!(
        piperoll(&["man", "policy", "decide"])
            .out
            .contains("SYNOPSIS")
    );
    let wrong = piperoll(&["man", "reprot"]);
    assert_eq!(wrong.code, 2);
    assert!(wrong.err.contains("report"), "{}", wrong.err);
}

#[test]
fn colours_are_forced_and_declined_by_the_environment() {
    let folder = super::vault_log::folder(&[(
        "p/policies/all.hcl",
        b"path \"*\" { capabilities = [\"sudo\"] }\n",
    )]);
    let out = |set: &[(&str, &str)]| {
        let mut command = binary(folder.path());
        command
            .args(["lint", "p"])
            .env_remove("NO_COLOR")
            .env_remove("CLICOLOR_FORCE");
        command.envs(set.iter().copied());
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    };
    assert!(!out(&[]).contains('\u{1b}'));
    assert!(out(&[("CLICOLOR_FORCE", "1")]).contains('\u{1b}'));
    assert!(!out(&[("CLICOLOR_FORCE", "0")]).contains('\u{1b}'));
    assert!(!out(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]).contains('\u{1b}'));
}

#[test]
fn a_policy_is_named_by_its_path_below_the_policies_whatever_is_named() {
    let text = b"path \"*\" { capabilities = [\"sudo\"] }\n";
    let folder = super::vault_log::folder(&[("policies/team/db-admin.hcl", text)]);
    for (from, input) in [
        ("", "policies"),
        ("", "policies/team"),
        ("", "policies/team/db-admin.hcl"),
        ("policies", "."),
        ("policies/team", "db-admin.hcl"),
    ] {
        let here = folder.path().join(from);
        let lint = run_in(&here, &["lint", input, "--format", "json"]).out;
        let out = folder.path().join("out");
        let _ = std::fs::remove_dir_all(&out);
        run_in(&here, &["report", input, "-o", &out.display().to_string()]);
        let findings = std::fs::read_to_string(out.join("data/findings.csv")).unwrap();
        // The gate names files from where it stands.
        let from_above = from.is_empty().then_some(lint);
        for said in from_above.into_iter().chain([findings]) {
            assert!(
                said.contains("vault:policy/team/db-admin"),
                "{from} {input}: {said}"
            );
        }
    }
}
