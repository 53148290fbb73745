#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The promises of every driver, kept by "fake".
exec "${PLATEN_BUILD:-.}/tests/drivers/contract" fake
