#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The same at a host controller that can not gather.
rig=${PLATEN_BUILD:-.}/tests/rig
exec "$rig/usbrig" --no-sg -- "$rig/../drivers/usb_line"
