//! The folder of the server that an export is of.

/// The folder that holds a file and everything else of its server, with its final slash: the one above
/// the first of `below`, which are folders of an export.
pub(super) fn server_folder<'f>(file: &'f str, below: &[&str]) -> &'f str {
    let end = file.rfind('/').map_or(0, |slash| slash + 1);
    let folder = file.get(..end).unwrap_or_default();
    let own = folder
        .split_inclusive('/')
        .take_while(|part| !below.contains(&part.trim_end_matches('/')));
    let end = own.map(str::len).sum();
    folder.get(..end).unwrap_or_default()
}
