/* SPDX-License-Identifier: Apache-2.0
 *
 * An emulated Sinfonia CHC-S2145: two banks, one print engine that runs by the time it is given,
 * counters, and the mishaps of such a machine. It takes commands apart by itself, so that driver
 * and emulator share no mistake.
 *
 * Arguments, between blanks: serial=S (none: no serial), unique=U, media=4x6|5x7|6x8|6x9 (what is
 * loaded), ribbon=N, paper=N, life=N, print_ms=N, slow=BYTES (taken in one millisecond), forgets
 * (a free bank does not show its last job).
 *
 * Words: "cover open", "cover close", "jam" (the sheet is lost), "fix", "ribbon N", "paper N",
 * "media M N" (another ribbon and paper), "wrong-ribbon", "fault MAJOR MINOR" (hexadecimal), "panel
 * on", "panel off", "thermal MS", "state CODE" (hexadecimal; until "state -"), "full N" (refuses N
 * prints with "buffers full"), "refuse ERROR N", "mute N" (swallows N commands), "late MS" (the
 * next answer), "stale" (an answer nobody asked for), "forge HEX" (instead of the next answer),
 * "power-cycle".
 */
#pragma once
#include "tests/rig/model.h"

extern const struct rig_model rig_s2145;
