# SPDX-License-Identifier: Apache-2.0
#
# How the scripts speak: what is going on to standard error, one line a step; what a step itself
# prints goes to a log, and is shown only when the step fails.

LOG_DIR=${LOG_DIR:-$ROOT/build-logs}

say() {
	printf '%s\n' "$*" >&2
}

complain() {
	printf 'bootstrap: %s\n' "$*" >&2
}

# step NAME COMMAND...: runs it quietly; on failure shows the end of its log and where it lies
step() {
	local name=$1 log start=$SECONDS status
	shift
	mkdir -p "$LOG_DIR" || return 73
	log=$LOG_DIR/${name//[^a-zA-Z0-9]/-}.log
	"$@" >"$log" 2>&1 </dev/null
	status=$?
	if [ $status != 0 ]; then
		tail -n 40 "$log" >&2
		complain "$name failed (exit $status); the whole log is $log"
		return $status
	fi
	say "  $name: $((SECONDS - start)) s"
}
