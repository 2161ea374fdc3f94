#!/usr/bin/env python3
"""Writes the bill of materials of piperoll: every crate that its binary is built from.

    deploy/package/sbom.py > piperoll.cdx.json          CycloneDX 1.5; [--no-default-features]

Asks `cargo metadata --locked --offline` and takes what the normal dependencies of the target lead
to; crates for tests and for the build alone are left out. Needs Python 3.9 and its standard
library. The same Cargo.lock gives the same bytes.
"""
import json
import re
import subprocess
import sys

target = re.search(r"host: (.*)", subprocess.run(["rustc", "-vV"], check=True, capture_output=True, text=True).stdout)[1]
asked = ["cargo", "metadata", "--format-version", "1", "--locked", "--offline", "--filter-platform", target]
metadata = json.loads(subprocess.run(asked + sys.argv[1:], check=True, capture_output=True).stdout)
packages = {package["id"]: package for package in metadata["packages"]}
nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
root = metadata["resolve"]["root"]
sums = {}
with open(metadata["workspace_root"] + "/Cargo.lock", encoding="utf-8") as lock:
    for name, version, rest in re.findall(r'\[\[package\]\]\nname = "(.*)"\nversion = "(.*)"\n((?:.+\n)*)', lock.read()):
        found = re.search(r'checksum = "([0-9a-f]{64})"', rest)
        if found:
            sums[name, version] = found[1]


def normal(node):
    """What a crate needs when it runs."""
    return sorted(found["pkg"] for found in node["deps"] if any(kind["kind"] is None for kind in found["dep_kinds"]))


def purl(package):
    return f"pkg:cargo/{package['name']}@{package['version']}"


needed, todo = set(), [root]
while todo:
    one = todo.pop()
    if one not in needed:
        needed.add(one)
        todo.extend(normal(nodes[one]))


def component(package):
    said = {"type": "library", "bom-ref": purl(package), "name": package["name"], "version": package["version"], "purl": purl(package)}
    if package.get("license"):
        said["licenses"] = [{"expression": package["license"].replace("/", " OR ")}]
    found = sums.get((package["name"], package["version"]))
    if found:
        said["hashes"] = [{"alg": "SHA-256", "content": found}]
    return said


order = sorted(needed - {root}, key=lambda one: purl(packages[one]))
own = component(packages[root]) | {"type": "application"}
json.dump({
    "bomFormat": "CycloneDX",
    "specVersion": "1.5",
    "version": 1,
    "metadata": {"component": own},
    "components": [component(packages[one]) for one in order],
    "dependencies": [
        {"ref": purl(packages[one]), "dependsOn": sorted(purl(packages[on]) for on in normal(nodes[one]))}
        for one in [root, *order]
    ],
}, sys.stdout, indent=1, ensure_ascii=True)
print()
