/* SPDX-License-Identifier: Apache-2.0
 *
 * Points: named places of the product where a test may strike. One line in the code, compiled into
 * every build, and nothing but a test of one pointer unless something was armed. What a struck
 * point means stands where it is called: mostly "this fails as the disk or the line would fail",
 * or nothing at all, where the only strike is the end of the process.
 *
 * A point has a place ("stored") and may have a detail ("sending"); together "stored/sending". A
 * new place needs its row in the table of point.c; `platend --points` prints them all, and the kill
 * campaign fails when it has not died at each of them.
 */
#pragma once
#include "base/err.h"

/* What the details of a place are the names of. */
enum point_detail { POINT_ALONE, POINT_STAGE, POINT_WORK, POINT_CALL, POINT_FOLDER };

struct point_place {
	const char *name;
	enum point_detail detail;
};

/* In the order in which a job meets them; ends with a name of NULL. */
extern const struct point_place point_places[];

/* True: strike. May also not return (a kill). */
typedef bool point_judge(void *context, const char *place, const char *detail);

/* The second and last mutable global of the program, beside the log's sink. NULL disarms. */
void point_arm(point_judge *judge, void *context);

/* detail: "" where the place has only one. */
bool point_strikes(const char *place, const char *detail);

/* Arms by a text, as the daemon finds it in the environment (PLATEN_POINTS): strikes of the form
 * POINT:N:kill or POINT:N:fail, between spaces, N = at its n-th pass. The text is copied. Only for
 * a daemon under test; REJECT says what can't be read. */
must_use bool point_arm_text(const char *text, struct err *err);
