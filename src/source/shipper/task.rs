//! What tools that run a command on hosts answer: the lines that the command printed.

use serde_json::Value;

use super::queue::decoded;
use super::{Contents, Inner, Members, has, object, text};

/// The lines in an answer of one of them.
pub(super) fn of_task(record: &Members) -> Option<Contents> {
    if let Some(file) = slurped(record) {
        return Some(file);
    }
    let found = callback(record).or_else(|| {
        let printed = result(record).or_else(|| invocation(record))?;
        Some(lines(printed))
    })?;
    (!found.is_empty()).then_some(Ok(found))
}

fn lines(printed: &str) -> Vec<Inner> {
    let lines = printed.lines().filter(|line| !line.trim().is_empty());
    lines.map(|line| Inner::Text(line.to_owned())).collect()
}

/// What a command printed, as Ansible registers it (`ansible.builtin.command`).
fn result(answer: &Members) -> Option<&str> {
    let ran = has(answer, &["rc"]) && has(answer, &["changed", "cmd"]);
    ran.then(|| text(answer, "stdout"))?
}

/// Ansible's callbacks `json` (plays, tasks, hosts) and `jsonl` (the hosts of a task).
fn callback(answer: &Members) -> Option<Vec<Inner>> {
    let hosts = |task: &Members| -> Vec<Inner> {
        let hosts = object(task, "hosts").into_iter().flatten();
        let printed = hosts.filter_map(|(_, answer)| result(answer.as_object()?));
        printed.flat_map(lines).collect()
    };
    if has(answer, &["task"]) && has(answer, &["hosts"]) {
        return Some(hosts(answer));
    }
    let list = |of: &Value, name: &str| of.get(name).and_then(Value::as_array).cloned();
    let plays = answer.get("plays")?.as_array()?;
    let tasks = plays
        .iter()
        .filter_map(|play| list(play, "tasks"))
        .flatten();
    Some(
        tasks
            .flat_map(|task| task.as_object().map_or_else(Vec::new, hosts))
            .collect(),
    )
}

/// A file that Ansible's `slurp` took from a host.
fn slurped(answer: &Members) -> Option<Contents> {
    let packed = text(answer, "encoding") == Some("base64") && has(answer, &["source"]);
    let content = packed.then(|| text(answer, "content"))??;
    let file = decoded(content, "the content of the file is not base64");
    let lines = |inner: Inner| match inner {
        Inner::Text(text) => lines(&text),
        other => vec![other],
    };
    Some(file.map(|file| file.into_iter().flat_map(lines).collect()))
}

/// What a command printed that Systems Manager of AWS ran (`get-command-invocation`).
fn invocation(answer: &Members) -> Option<&str> {
    let told = has(answer, &["CommandId"]) && has(answer, &["InstanceId"]);
    told.then(|| text(answer, "StandardOutputContent"))?
}
