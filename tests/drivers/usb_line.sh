#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The line over libusb, in the rig.
rig=${PLATEN_BUILD:-.}/tests/rig
exec "$rig/usbrig" -- "$rig/../drivers/usb_line"
