#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Whatever is in git is in the tarball, too: a room's fragment that forgets a file would make a package
# that does not build, or lacks a page of its documents.
set -u
root=${PLATEN_SRC:-$(dirname "$(readlink -f "$0")")/..}
build=${PLATEN_BUILD:-$root/build}

# tracked files that a tarball has no use for
not_packed='^\.gitignore$'

if ! tracked=$(git -C "$root" ls-files 2>/dev/null) || [ -z "$tracked" ]; then
	echo "1..0 # SKIP these sources are no git clone"
	exit 77
fi
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS make -s -C "$build" list-packed >"$work/packed" || exit 99

# lost PACKED: tracked files that it lacks, one a line
lost() {
	grep -vE "$not_packed" <<<"$tracked" | sort | comm -23 - <(sort -u "$1")
}

echo "1..2"
status=0
missing=$(lost "$work/packed")
if [ -z "$missing" ]; then
	echo "ok 1 - every file in git is in the tarball"
else
	echo "not ok 1 - every file in git is in the tarball"
	sed 's/^/# name it in EXTRA_DIST of its room.mk: /' <<<"$missing"
	status=1
fi
grep -vxF docs/map.md "$work/packed" >"$work/short"
if [ "$(lost "$work/short")" = "${missing:+$missing$'\n'}docs/map.md" ] || [ -n "$missing" ]; then
	echo "ok 2 - a file that is forgotten is named"
else
	echo "not ok 2 - a file that is forgotten is named"
	status=1
fi
exit $status
