#!/bin/sh
# Makes a Debian package of a built piperoll: the program, its manual, what shells complete.
#
#   deploy/package/debian.sh BINARY DIR
#
# BINARY is what `cargo build --release` made; DIR gets piperoll_VERSION_ARCH.deb. Needs `dpkg-deb`
# and, for what libraries the program needs, `objdump`. The same binary gives the same bytes.
set -eu
[ $# -eq 2 ] || { echo "usage: $0 BINARY DIR" >&2; exit 2; }
binary=$1 out=$2
here=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
version=$("$binary" --version | cut -d' ' -f2)
arch=$(dpkg --print-architecture)

install -D -m 755 "$binary" "$root/usr/bin/piperoll"
install -d -m 755 "$root/usr/share/man/man1"
"$binary" man | gzip -9n > "$root/usr/share/man/man1/piperoll.1.gz"
for command in $("$binary" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z][a-z]*\).*/\1/p'); do
  [ "$command" = help ] || "$binary" man "$command" | gzip -9n > "$root/usr/share/man/man1/piperoll-$command.1.gz"
done
completions() {
  install -d -m 755 "$root/$(dirname "$2")"
  "$binary" completions "$1" > "$root/$2"
}
completions bash usr/share/bash-completion/completions/piperoll
completions zsh usr/share/zsh/vendor-completions/_piperoll
completions fish usr/share/fish/vendor_completions.d/piperoll.fish
install -D -m 644 "$here/LICENSE" "$root/usr/share/doc/piperoll/copyright"
install -D -m 755 "$here/docs/reperform.py" "$root/usr/share/piperoll/reperform.py"
for page in README.md CHANGELOG.md; do
  install -m 644 "$here/$page" "$root/usr/share/doc/piperoll/$page"
done
find "$root" -type f -path '*/share/*' ! -name '*.py' -exec chmod 644 {} +

# A static program needs no library; another one needs the C library that it was linked with.
depends=
if objdump -p "$binary" 2>/dev/null | grep -q 'NEEDED.*libc\.so'; then
  least=$(objdump -T "$binary" | sed -n 's/.*GLIBC_\([0-9.]*\).*/\1/p' | sort -V | tail -n 1)
  depends="Depends: libc6 (>= $least), libgcc-s1
"
fi
mkdir "$root/DEBIAN"
cat > "$root/DEBIAN/control" <<END
Package: piperoll
Version: $version
Architecture: $arch
Maintainer: piperoll
Section: admin
Priority: optional
${depends}Description: evidence from access logs that an auditor can re-perform
 Joins the audit logs of Vault, the job logs of GitLab and the audit logs of
 Google Cloud on identity, and writes what was found with its evidence.
END
mkdir -p "$out"
export SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH:-0}"
dpkg-deb --root-owner-group --build "$root" "$out/piperoll_${version}_$arch.deb"
