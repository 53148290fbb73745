#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# A cups backend that keeps what it gets in RIG/out and counts its pages, as demo/print-command does.
# One mishap by the word in RIG/mishap:
#   killed       dies by a signal before anything is printed
#   killed-late  prints, and dies before it has said so
#   uncounted    prints, and never says how many
#   refused      gives up with nothing printed
#   failed       prints, and gives up without having said so
#   printed-N    prints, says nothing of it, and ends with exit code N
#   exit-N       prints nothing, and ends with exit code N
#   slow         prints and says so, then takes its time
set -u
if [ $# = 0 ]; then
	echo 'direct tray "Unknown" "Tray of a test"'
	exit 0
fi
mishap=$(cat "$RIG/mishap" 2>/dev/null)
here=$(dirname "$(readlink -f "$0")")
file=${6:-}
if [ -z "$file" ]; then
	file=$(mktemp "$RIG/tmp/XXXXXX")
	cat >"$file"
fi
echo "$3" >>"$RIG/out/started"
case $mishap in
killed) kill -KILL $$ ;;
refused) exit 1 ;;
exit-*) exit "${mishap#exit-}" ;;
esac
DEVICE_OUT=$RIG/out IPP_JOB_ID=$1 IPP_JOB_NAME=$3 IPP_COPIES=$4 CONTENT_TYPE=${CONTENT_TYPE-} \
	"$here/../../demo/print-command" "$file" 2>/dev/null || exit 1
case $mishap in
killed-late) kill -KILL $$ ;;
uncounted) exit 0 ;;
failed) exit 1 ;;
printed-*) exit "${mishap#printed-}" ;;
esac
echo "PAGE: 1 $4" >&2
if [ "$mishap" = slow ]; then
	sleep 20
fi
exit 0
