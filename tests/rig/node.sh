#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The rig's nodes without libusb, at a host controller that can't gather.
rig=${PLATEN_BUILD:-.}/tests/rig
exec "$rig/usbrig" --no-sg -- "$rig/node"
