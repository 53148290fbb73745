#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Reads the #include lines of the product and fails with a sentence that names the wrong arrow: a room
# that may not know another, a library that has another doorman, or a pure room that reaches for the
# world. The tables below are the rule; docs/map.md draws them.
set -u
here=$(dirname "$(readlink -f "$0")")
root=${1:-${PLATEN_SRC:-$here/..}}

# room: the rooms it may include, besides itself
arrows() {
	cat <<'TABLE'
base
rules base
wire base rules
ports base rules wire
farm base rules wire ports
desk base rules wire ports farm
main base rules wire ports farm desk
colour base rules wire
render base rules wire colour
worker base rules wire colour render drivers
drivers base rules wire
sim base rules wire ports farm
orders base rules wire ports
cli base rules wire
TABLE
}

# header, as a pattern of its whole name; the only files that may include it
doormen() {
	cat <<'TABLE'
uv\.h ^src/ports/
sqlite3\.h ^src/(ports/db|sim/vfs)
curl/.* ^(src/ports/cloud|drivers/ipp|src/cli/http\.c)
(microhttpd\.h|gnutls/.*) ^src/ports/listen
jansson\.h ^src/(wire|orders|desk|cli)/
confuse\.h ^src/base/conf
openssl/.* ^(src/base/(hash|sign)|drivers/ipp_tls)
lcms2.*\.h ^src/colour/
vips/.* ^src/render/
(ft2build|freetype/.*)\.h ^src/render/font\.c
cups/.* ^drivers/ipp
libusb\.h ^drivers/usb_
(seccomp\.h|linux/landlock\.h) ^src/worker/sandbox
systemd/.* ^src/(main\.c|ports/)
(time|unistd|fcntl|poll|pthread|dirent|sys/.*|linux/.*|netinet/.*|arpa/.*)\.h ^(src/(base|ports|farm|desk|colour|render|worker|sim|orders|cli|main)|drivers)
TABLE
}

# check_tree DIR: prints a sentence a fault; fails when there is one
check_tree() {
	(cd "$1" && find src drivers -name '*.[ch]' -print0 2>/dev/null | sort -z |
		xargs -0 -r grep -HnE '^[[:space:]]*#[[:space:]]*include[[:space:]]' /dev/null) |
		awk -v arrows="$(arrows)" -v doormen="$(doormen)" '
		function room_of(path) {
			if (path ~ /^drivers\//) return "drivers"
			if (path !~ /^src\/[^\/]+\//) return "main"
			split(path, part, "/")
			return part[2]
		}
		function fault(text) { print place ": " text; faults++ }
		BEGIN {
			n = split(arrows, row, "\n")
			for (i = 1; i <= n; i++) {
				m = split(row[i], word, " ")
				known[word[1]] = 1
				for (j = 1; j <= m; j++) may[word[1], word[j]] = 1
			}
			n_doors = split(doormen, row, "\n")
			for (i = 1; i <= n_doors; i++) {
				split(row[i], word, " ")
				header[i] = "^" word[1] "$"
				keeper[i] = word[2]
			}
		}
		{
			match($0, /^[^:]+:[0-9]+:/)
			place = substr($0, 1, RLENGTH - 1)
			path = place; sub(/:[0-9]+$/, "", path)
			rest = substr($0, RLENGTH + 1)
			if (!match(rest, /["<][^">]+[">]/)) { fault("an include without a plain name"); next }
			name = substr(rest, RSTART + 1, RLENGTH - 2)
			own = substr(rest, RSTART, 1) == "\""
			room = room_of(path)
			if (!(room in known)) { fault("src/" room " is no room of docs/map.md"); next }
			target = name; sub(/\/.*/, "", target)
			if (own && name ~ /\// && !((room, target) in may))
				fault("wrong arrow " room " -> " target " (" name ")")
			for (i = 1; i <= n_doors; i++)
				if (name ~ header[i] && path !~ keeper[i])
					fault("<" name "> may be included only by " keeper[i])
		}
		END { exit faults > 0 }'
}

if [ $# = 1 ]; then
	check_tree "$root"
	exit
fi

n=0
failed=0
tell() { # ok|"not ok" NAME
	n=$((n + 1))
	echo "$1 $n - $2"
	[ "$1" = ok ] || failed=1
}

faults=$(check_tree "$root") && tell ok "every include follows the arrows" ||
	{ sed 's/^/# /' <<<"$faults"; tell "not ok" "every include follows the arrows"; }

# planted NAME FILE LINE WORDS: with that line added, the script must fail and say these words
copy=$(mktemp -d) || exit 99
trap 'rm -rf "$copy"' EXIT
planted() {
	rm -rf "${copy:?}"/*
	mkdir -p "$copy/src/rules" "$copy/src/base" "$copy/src/ports" "$copy/src/wire" "$copy/drivers"
	echo '#include "base/err.h"' >"$copy/src/rules/plan.c"
	mkdir -p "$copy/$(dirname "$2")"
	echo "$3" >>"$copy/$2"
	local said
	if said=$(check_tree "$copy") || [[ $said != *"$4"* ]]; then
		echo "# said: $said"
		tell "not ok" "$1"
	else
		tell ok "$1"
	fi
}

rm -rf "${copy:?}"/*
mkdir -p "$copy/src/rules"
printf '#include "rules/plan.h"\n#include "base/err.h"\n#include <string.h>\n' >"$copy/src/rules/plan.c"
if check_tree "$copy" >/dev/null; then tell ok "a clean tree passes"; else tell "not ok" "a clean tree passes"; fi
planted "an arrow against the stream is named" src/base/err.c '#include "farm/farm.h"' \
	"src/base/err.c:1: wrong arrow base -> farm"
planted "rules that include a door are named" src/rules/plan.c '#include "ports/db.h"' \
	"src/rules/plan.c:2: wrong arrow rules -> ports"
planted "a driver that includes a port is named" drivers/ipp/send.c '	#  include "ports/loop.h"' \
	"wrong arrow drivers -> ports"
planted "a library behind the back of its doorman is named" src/farm/walk.c '#include <uv.h>' \
	"<uv.h> may be included only by"
planted "quotes hide no library" src/farm/walk.c '#include "sqlite3.h"' \
	"<sqlite3.h> may be included only by"
planted "rules that read a clock are named" src/rules/lease.c '#include <time.h>' \
	"<time.h> may be included only by"
planted "a room nobody planned is named" src/misc/tools.c '#include "base/err.h"' \
	"src/misc is no room"
echo "1..$n"
exit $failed
