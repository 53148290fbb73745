/* SPDX-License-Identifier: Apache-2.0
 *
 * spaces FOLDER: writes profiles for variety.py, so that another colour manager can be given the
 * same: coated.icc, which is assumed for CMYK without a profile, and inks.icc, the same as a
 * printer that can be printed on: with a simple way back from Lab to ink.
 */
#include "colour/source.h"
#include <lcms2.h>
#include <stdio.h>

#define GRID 33

/* Lab to ink by way of sRGB: ink is what light lacks; half of what all three lack is black. */
static cmsInt32Number separate(const cmsUInt16Number in[], cmsUInt16Number ink[], void *context)
{
	cmsCIELab lab;
	double rgb[3];
	cmsLabEncoded2FloatV2(&lab, in);
	cmsDoTransform(context, &lab, rgb, 1);
	double most = 0;
	for (int i = 0; i < 3; i++) {
		rgb[i] = rgb[i] < 0 ? 0 : rgb[i] > 1 ? 1 : rgb[i];
		most = rgb[i] > most ? rgb[i] : most;
	}
	double black = (1 - most) / 2;
	for (int i = 0; i < 3; i++) {
		ink[i] = (cmsUInt16Number)(65535 * (1 - rgb[i] - black) / (1 - black));
	}
	ink[3] = (cmsUInt16Number)(65535 * black);
	return TRUE;
}

static bool add_way_back(cmsHPROFILE profile)
{
	cmsHPROFILE lab = cmsCreateLab4Profile(NULL);
	cmsHPROFILE srgb = cmsCreate_sRGBProfile();
	cmsHTRANSFORM look = cmsCreateTransform(
		lab, TYPE_Lab_DBL, srgb, TYPE_RGB_DBL, INTENT_RELATIVE_COLORIMETRIC, 0);
	cmsPipeline *table = cmsPipelineAlloc(NULL, 3, 4);
	cmsStage *grid = cmsStageAllocCLut16bit(NULL, GRID, 3, 4, NULL);
	bool fine = look != NULL && cmsStageSampleCLut16bit(grid, separate, look, 0) &&
		    cmsPipelineInsertStage(table, cmsAT_END, grid) &&
		    cmsWriteTag(profile, cmsSigBToA0Tag, table) &&
		    cmsLinkTag(profile, cmsSigBToA1Tag, cmsSigBToA0Tag);
	cmsPipelineFree(table);
	cmsDeleteTransform(look);
	cmsCloseProfile(srgb);
	cmsCloseProfile(lab);
	return fine;
}

int main(int argc, char **argv)
{
	char path[4096];
	struct buf bytes = {0};
	struct err err;
	if (argc != 2 || !source_make(SOURCE_SPACE_CMYK, &bytes, &err)) {
		return 1;
	}
	snprintf(path, sizeof path, "%s/coated.icc", argv[1]);
	FILE *out = fopen(path, "wb");
	bool fine = out != NULL && fwrite(bytes.bytes, 1, bytes.len, out) == bytes.len;
	fine = out != NULL && fclose(out) == 0 && fine;
	snprintf(path, sizeof path, "%s/inks.icc", argv[1]);
	cmsHPROFILE profile = cmsOpenProfileFromMem(bytes.bytes, (cmsUInt32Number)bytes.len);
	fine = fine && profile != NULL && add_way_back(profile) &&
	       cmsSaveProfileToFile(profile, path);
	cmsCloseProfile(profile);
	buf_fini(&bytes);
	return fine ? 0 : 1;
}
