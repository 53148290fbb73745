#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# However the rig ends, the host is as it was: no mount, no folder, no process. And what it says of
# its command's end, and where it can't run at all, is true.
set -u
rig=${PLATEN_BUILD:-.}/tests/rig/usbrig
n=0
failed=0

fact() { # NAME COMMAND...: holds when the command succeeds
	local name=$1
	shift
	n=$((n + 1))
	if "$@"; then
		echo "ok $n - $name"
	else
		echo "not ok $n - $name"
		failed=1
	fi
}

host() {
	cat /proc/self/mounts
	ls -d /dev/bus/usb /run/udev /sys/bus/* 2>&1
	ls /dev /run
}

said=$("$rig" -- true)
code=$?
if [ $code = 77 ]; then
	echo "$said"
	exit 77
fi
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
before=$(host)

status_is() { # STATUS COMMAND...
	local wanted=$1
	shift
	"$@" >"$work/out" 2>&1
	[ $? = "$wanted" ]
}
fact "it ends as its command does" status_is 7 "$rig" -- sh -c 'exit 7'
fact "a command that a signal ended is told" status_is 143 "$rig" -- sh -c 'kill -TERM $$'
fact "a command that is not there is told" status_is 127 "$rig" -- /no/such/command
fact "a model that is not there is told" status_is 99 "$rig" --plug "toaster" -- true
fact "it is named" grep -q 'no model "toaster"' "$work/out"

# runs a rig whose processes, whatever their parent, hold a pipe open; ends it by that signal
mkfifo "$work/alive"
killed_by() {
	"$rig" --plug "sink serial=X" -- sh -c 'setsid sleep 300 & trap "exit 3" TERM; echo up; sleep 300 & wait' \
		>"$work/alive" &
	local pid=$! up
	exec 8<"$work/alive"
	read -r up <&8
	kill "-$1" "$pid"
	wait "$pid" 2>/dev/null
	local code=$?
	timeout 5 cat <&8 >/dev/null || return 1 # until the last of them is gone
	exec 8<&-
	[ "$up $code" = "up $2" ]
}
fact "a signal to end is the command's" killed_by TERM 3
fact "killed, it takes all of its processes along" killed_by KILL 137
[ -e /dev/fuse ] && fact "without FUSE it is skipped by name" status_is 77 unshare -m sh -c \
	"mount --bind /dev/null /dev/fuse && exec '$rig' -- true"
fact "and says why" grep -q '^1..0 # SKIP .*FUSE' "$work/out"
fact "the host is as it was" [ "$(host)" = "$before" ]
echo "1..$n"
exit $failed
