//! `lint` over resources of a mesh: sound, damaged, hostile, and beside what is none of ours.

#![allow(clippy::unwrap_used)]

use super::lint::{estate, lint};

const OPEN: &str = "type: MeshTrafficPermission\nname: open\nmesh: shop\nspec:\n  from:\n  - targetRef: {kind: Mesh}\n    default: {action: Allow}\n";

#[test]
fn a_permission_for_everybody_ends_the_gate() {
    let wide = estate(&[("mesh/open.yaml", OPEN)]);
    let (code, out, _) = lint(wide.path(), &["."]);
    assert_eq!(code, 1, "{out}");
    assert!(
        out.contains("KMA-004") && out.contains("mesh/open.yaml:1"),
        "{out}"
    );
    let narrow = OPEN.replace("{kind: Mesh}", "{kind: MeshService, name: web}");
    let narrow = estate(&[("mesh/open.yaml", &narrow)]);
    let (code, out, _) = lint(narrow.path(), &["."]);
    assert_eq!(code, 0, "{out}");
}

#[test]
fn what_is_damaged_is_named_and_all_else_is_linted() {
    for (text, reason) in [
        ("type: Mesh\nname: shop\nmtls: 5\n", "`mtls` is no object"),
        ("type: Mesh\nmesh: shop\n", "Mesh without a name"),
        (
            "type: Mesh\nname: shop\nmtls:\n  enabledBackend: a\n  backends: [{name: a, dpCert: {rotation: {expiration: 1h30m}}}]\n",
            "is not one number and one unit",
        ),
        (
            "apiVersion: kuma.io/v1alpha1\nkind: MeshTLS\nspec: {}\n",
            "MeshTLS without `metadata`",
        ),
        (
            "type: MeshTrafficPermission\nname: a\nspec: {from: [{default: {action: Perhaps}}]}\n",
            "`action` is none that Kuma knows",
        ),
        (
            "type: Mesh\nname: shop\nmtls: {enabledBackend: [\n",
            "invalid YAML",
        ),
    ] {
        let both = estate(&[("mesh/bad.yaml", text), ("mesh/open.yaml", OPEN)]);
        let (code, out, err) = lint(both.path(), &["."]);
        assert_eq!(code, 3, "{text}\n{out}{err}");
        assert!(
            out.contains(reason) && out.contains("mesh/bad.yaml:"),
            "{out}"
        );
        assert!(out.contains("KMA-004"), "{out}");
    }
}

#[test]
fn a_secret_of_the_mesh_is_never_shown() {
    const VALUE: &str = "bm90IGEga2V5LCBidXQgbmV2ZXIga2VwdA==";
    let kubernetes = format!(
        "apiVersion: v1\nkind: Secret\ntype: system.kuma.io/secret\nmetadata: {{name: a}}\ndata: {{value: {VALUE}}}\n"
    );
    let own = format!("type: GlobalSecret\nname: a\ndata: {VALUE}\n");
    let files = estate(&[("a.yaml", &kubernetes), ("b.yaml", &own), ("c.yaml", OPEN)]);
    for format in ["text", "json", "sarif", "csv"] {
        let (code, out, err) = lint(files.path(), &[".", "--format", format, "--verbose"]);
        assert_eq!(code, 1, "{out}{err}");
        assert!(!out.contains(VALUE) && !err.contains(VALUE), "{out}{err}");
    }
}

#[test]
fn an_empty_list_and_other_manifests_state_nothing() {
    let files = estate(&[
        (
            "kuma/none.json",
            r#"{"total": 0, "items": [], "next": null}"#,
        ),
        (
            "app.yaml",
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n",
        ),
        ("open.yaml", OPEN),
    ]);
    let (code, out, err) = lint(files.path(), &["."]);
    assert_eq!(code, 1, "{out}{err}");
    assert!(out.contains("1 open"), "{out}");
}

#[test]
fn a_template_of_a_resource_is_no_damage_and_is_told() {
    let template = "apiVersion: kuma.io/v1alpha1\nkind: Mesh\nmetadata:\n  name: {{ .Values.mesh }}\n{{- if .Values.mtls }}\nspec: {}\n{{- end }}\n";
    let files = estate(&[("chart/templates/mesh.yaml", template), ("open.yaml", OPEN)]);
    let (code, out, err) = lint(files.path(), &["."]);
    assert_eq!(code, 1, "{out}{err}");
    assert!(
        format!("{out}{err}").contains("chart/templates/mesh.yaml: a template"),
        "{out}{err}"
    );
}

#[test]
fn what_a_mesh_is_born_with_is_suspected_where_its_environment_is_misspelt() {
    let born = "type: TrafficPermission\nname: allow-all-dev\nmesh: dev\nsources: [{match: {kuma.io/service: '*'}}]\ndestinations: [{match: {kuma.io/service: '*'}}]\n";
    let over = |settings: &str| {
        let files = [("mesh/born.yaml", born), ("piperoll.toml", settings)];
        let (_, out, _) = lint(estate(&files).path(), &["."]);
        out
    };
    let declared = over("[environments]\ndev = [\"dev\"]\n");
    assert!(!declared.contains("KMA-004"), "{declared}");
    let misspelt = over("[environments]\ndev = [\"dex\", \"development\"]\n");
    assert!(misspelt.contains("KMA-004"), "{misspelt}");
    assert!(misspelt.to_lowercase().contains("suspected"), "{misspelt}");
    let production = over("[environments]\nprod = [\"dev\"]\ndev = [\"test\"]\n");
    assert!(production.contains("KMA-004"), "{production}");
    assert!(
        !production.to_lowercase().contains("suspected"),
        "{production}"
    );
}
