#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Bytes, and devices that come and go.
rig=${PLATEN_BUILD:-.}/tests/rig
exec "$rig/usbrig" -- "$rig/moves"
