#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The same at a host controller that can't gather: libusb cuts transfers into pieces of 16 KiB.
rig=${PLATEN_BUILD:-.}/tests/rig
exec "$rig/usbrig" --no-sg -- "$rig/moves"
