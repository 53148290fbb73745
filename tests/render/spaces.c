/* SPDX-License-Identifier: Apache-2.0
 *
 * spaces FOLDER: writes the profiles that are assumed for pictures without one, so that another
 * colour manager can be given the same.
 */
#include "colour/source.h"
#include <stdio.h>

static bool save(const char *folder, const char *name, enum source_space space)
{
	char path[4096];
	struct buf profile = {0};
	struct err err;
	snprintf(path, sizeof path, "%s/%s", folder, name);
	FILE *out = source_make(space, &profile, &err) ? fopen(path, "wb") : NULL;
	bool fine = out != NULL && fwrite(profile.bytes, 1, profile.len, out) == profile.len;
	fine = out != NULL && fclose(out) == 0 && fine;
	buf_fini(&profile);
	return fine;
}

int main(int argc, char **argv)
{
	return argc == 2 && save(argv[1], "coated.icc", SOURCE_SPACE_CMYK) ? 0 : 1;
}
