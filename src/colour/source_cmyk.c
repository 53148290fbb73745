/* SPDX-License-Identifier: Apache-2.0
 *
 * The CMYK that is assumed where none is said: offset on coated paper. Sixteen solids, from nothing
 * to all four inks (single and double ones as ISO 12647-2 aims at them, those with black beside
 * them estimated), joined by Neugebauer's equations in Yule and Nielsen's form, after a dot gain of
 * 16 % at half coverage. It is no measured press: a documented guess, the same for everybody.
 */
#include "colour/source_own.h"
#include <math.h>

#define GRID     13
#define INKS     4
#define SOLIDS   16
#define N_FACTOR 1.7
#define GAIN     0.16
#define CURVE    256

/* Lab under D50 on the paper, by bits: 1 cyan, 2 magenta, 4 yellow, 8 black */
static const cmsCIELab solids[SOLIDS] = {{95, 0, -2}, {55, -37, -50}, {48, 74, -3}, {24, 22, -46},
	{89, -5, 93}, {50, -66, 30}, {47, 68, 48}, {23, 0, 0}, {16, 0, 0}, {10, -8, -12},
	{9, 14, -1}, {5, 4, -10}, {15, -2, 14}, {9, -12, 6}, {8, 13, 8}, {4, 0, 0}};

static void find_roots(double roots[SOLIDS][3])
{
	cmsCIEXYZ paper, xyz;
	const cmsCIEXYZ *white = cmsD50_XYZ();
	cmsLab2XYZ(white, &paper, &solids[0]);
	for (int i = 0; i < SOLIDS; i++) {
		cmsLab2XYZ(white, &xyz, &solids[i]);
		/* relative to the paper, as profiles have it */
		roots[i][0] = pow(xyz.X / paper.X, 1 / N_FACTOR);
		roots[i][1] = pow(xyz.Y / paper.Y, 1 / N_FACTOR);
		roots[i][2] = pow(xyz.Z / paper.Z, 1 / N_FACTOR);
	}
}

static cmsInt32Number mix(const cmsUInt16Number inks[], cmsUInt16Number lab[], void *context)
{
	double(*roots)[3] = context;
	double sum[3] = {0, 0, 0};
	for (int i = 0; i < SOLIDS; i++) {
		double share = 1;
		for (int ink = 0; ink < INKS; ink++) {
			double covered = inks[ink] / 65535.0;
			share *= (i >> ink & 1) != 0 ? covered : 1 - covered;
		}
		for (int c = 0; c < 3; c++) {
			sum[c] += share * roots[i][c];
		}
	}
	const cmsCIEXYZ *white = cmsD50_XYZ();
	cmsCIEXYZ xyz = {white->X * pow(sum[0], N_FACTOR), white->Y * pow(sum[1], N_FACTOR),
		white->Z * pow(sum[2], N_FACTOR)};
	cmsCIELab seen;
	cmsXYZ2Lab(white, &seen, &xyz);
	cmsFloat2LabEncodedV2(lab, &seen); /* as a table of version 2 is written */
	return TRUE;
}

/* Ink as told to ink as it covers. */
static cmsToneCurve *gain_curve(cmsContext context)
{
	cmsUInt16Number points[CURVE];
	for (int i = 0; i < CURVE; i++) {
		double told = i / (CURVE - 1.0);
		points[i] = (cmsUInt16Number)lround(65535 * (told + 4 * GAIN * told * (1 - told)));
	}
	return cmsBuildTabulatedToneCurve16(context, CURVE, points);
}

static cmsPipeline *make_table(cmsContext context)
{
	double roots[SOLIDS][3];
	find_roots(roots);
	cmsToneCurve *curve = gain_curve(context);
	cmsPipeline *table = cmsPipelineAlloc(context, INKS, 3);
	cmsStage *grid = cmsStageAllocCLut16bit(context, GRID, INKS, 3, NULL);
	bool fine = curve != NULL && table != NULL && grid != NULL &&
		    cmsStageSampleCLut16bit(grid, mix, roots, 0);
	if (fine) {
		cmsToneCurve *curves[INKS] = {curve, curve, curve, curve};
		fine = cmsPipelineInsertStage(
			table, cmsAT_END, cmsStageAllocToneCurves(context, INKS, curves));
		fine = fine && cmsPipelineInsertStage(table, cmsAT_END, grid);
		grid = fine ? NULL : grid; /* the table's now */
	}
	if (grid != NULL) {
		cmsStageFree(grid);
	}
	if (curve != NULL) {
		cmsFreeToneCurve(curve);
	}
	if (!fine && table != NULL) {
		cmsPipelineFree(table);
	}
	return fine ? table : NULL;
}

cmsHPROFILE source_make_cmyk(cmsContext context)
{
	cmsPipeline *table = make_table(context);
	cmsHPROFILE profile = table == NULL ? NULL : cmsCreateProfilePlaceholder(context);
	if (profile != NULL) {
		cmsSetProfileVersion(profile, 2.1);
		cmsSetDeviceClass(profile, cmsSigOutputClass);
		cmsSetColorSpace(profile, cmsSigCmykData);
		cmsSetPCS(profile, cmsSigLabData);
		source_describe(context, profile, "Coated offset, assumed");
		cmsWriteTag(profile, cmsSigMediaWhitePointTag, cmsD50_XYZ());
		cmsWriteTag(profile, cmsSigAToB0Tag, table);
		cmsLinkTag(profile, cmsSigAToB1Tag, cmsSigAToB0Tag);
	}
	if (table != NULL) {
		cmsPipelineFree(table);
	}
	return profile;
}
