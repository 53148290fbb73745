#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The promises of every driver, kept by "ipp".
exec "${PLATEN_BUILD:-.}/tests/drivers/contract" ipp
