#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The rig's nodes without libusb.
rig=${PLATEN_BUILD:-.}/tests/rig
exec "$rig/usbrig" -- "$rig/node"
