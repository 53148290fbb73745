/* SPDX-License-Identifier: Apache-2.0
 *
 * A DNP/Citizen dye-sub as an emulated device. Arguments, all with a default: "pid=8b01 vid=1452
 * maker=Dai title=DS620 serial=DS6A000001 usb_serial=yes firmware=1.52 media=310 left=200 life=1000
 * lot=AB12 print_ms=8000 lag_ms=3000 start_ms=300 counts=prints".
 *
 * Words: "jam" (in the middle of this or the next sheet), "halt CODE AFTER" (before a sheet, AFTER
 * sheets from now), "now CODE" (at once), "clear", "media CODE LEFT" (also clears an empty one),
 * "cool MS", "power-cycle", "lot TEXT", "forget-start" (the next START gets lost), "mute",
 * "unmute", "rubbish length|long|text|none", "firmware TEXT", "serial TEXT".
 */
#pragma once
#include "tests/rig/model.h"

extern const struct rig_model rig_dnp;
