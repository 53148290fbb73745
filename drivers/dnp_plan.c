/* SPDX-License-Identifier: Apache-2.0
 *
 * Holding a document against the paper and the firmware.
 */
#include "drivers/dnp_plan.h"
#include "base/units.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define SLACK_HMM    50 /* as ready_takes has it */
#define CUTTER_STRIP 120
#define NOTE_TWICE   "double"
#define NOTE_REWIND  "rewind "

static const struct {
	const char *type;
	int coat, ability; /* 0: every printer has it */
} coats[] = {
	{"photographic-glossy", 0, 0},
	{"photographic", 0, 0},
	{"", 0, 0},
	{"photographic-matte", 1, DNP_CAN_MATTE},
	{"photographic-fine-matte", 21, DNP_CAN_FINE_MATTE},
	{"photographic-semi-gloss", 22, DNP_CAN_LUSTRE},
};

static bool is_able(const struct dnp_facts *facts, int ability)
{
	return facts->firmware >= dnp_able_from(facts->model, ability);
}

/* ---- which size ---- */

/* The longest useful image: what falls beside the paper is not asked for. */
static int32_t widest_hmm(const struct dnp_cut *cut)
{
	int32_t px = cut->turned ? cut->rows : cut->columns - 2 * cut->edge_px;
	return units_hmm(px, DNP_NATIVE_DPI);
}

static int32_t longest_hmm(const struct dnp_cut *cut)
{
	int32_t px = cut->turned ? cut->columns - 2 * cut->edge_px : cut->rows;
	return units_hmm(px, DNP_NATIVE_DPI);
}

static bool fits(const struct dnp_cut *cut, const struct document *document)
{
	int32_t width = document->media_width_hmm;
	int32_t height = document->media_height_hmm;
	return width >= cut->width_hmm - SLACK_HMM && width <= widest_hmm(cut) + SLACK_HMM &&
	       height >= cut->height_hmm - SLACK_HMM && height <= longest_hmm(cut) + SLACK_HMM;
}

static bool not_loaded(const struct device *device, const struct dnp_media *loaded,
	const struct document *document, struct err *err)
{
	return err_set(err, REMEDY_ATTEND, "media-not-loaded",
		"printer %s: loaded is %s; needed is %.40s %.30s. Load it, or print elsewhere",
		device->printer, loaded == NULL ? "nothing that it knows" : loaded->title,
		document->media_size, document->media_type);
}

static bool find_cut(const struct device *device, const struct dnp_facts *facts,
	const struct document *document, const struct dnp_cut **cut, struct err *err)
{
	const struct dnp_media *loaded = dnp_media_of(facts->media_code);
	int32_t best = INT32_MAX;
	*cut = NULL;
	for (int i = 0; loaded != NULL && i < 20 && loaded->cuts[i] != 0; i++) {
		const struct dnp_cut *next = dnp_cut_of(loaded->cuts[i]);
		if (next == NULL || !fits(next, document) ||
			!dnp_media_takes(loaded, facts->model->family, next->code)) {
			continue;
		}
		int32_t over = document->media_width_hmm - next->width_hmm +
			       document->media_height_hmm - next->height_hmm;
		if (over < best) {
			best = over;
			*cut = next;
		}
	}
	return *cut != NULL || not_loaded(device, loaded, document, err);
}

static bool is_new_enough(const struct device *device, const struct dnp_facts *facts, int ability,
	const char *what, struct err *err)
{
	int from = dnp_able_from(facts->model, ability);
	if (from == DNP_NEVER) {
		return err_set(err, REMEDY_ATTEND, "printer-unfit",
			"printer %s: a %s can't print %s. Print it elsewhere, and take that out of "
			"its model's file",
			device->printer, facts->model->title, what);
	}
	return facts->firmware >= from ||
	       err_set(err, REMEDY_ATTEND, "firmware-old",
		       "printer %s: %s needs firmware %d.%02d, it has %d.%02d. Update it, or "
		       "print elsewhere",
		       device->printer, what, from / 100, from % 100, facts->firmware / 100,
		       facts->firmware % 100);
}

/* ---- what is made of it ---- */

static bool find_coat(const struct device *device, const struct dnp_facts *facts,
	const struct document *document, struct dnp_plan *plan, struct err *err)
{
	for (size_t i = 0; i < sizeof coats / sizeof coats[0]; i++) {
		if (strcmp(coats[i].type, document->media_type) == 0) {
			plan->coat = coats[i].coat;
			return coats[i].ability == 0 ||
			       is_new_enough(device, facts, coats[i].ability, coats[i].type, err);
		}
	}
	return err_set(err, REMEDY_ATTEND, "printer-unfit",
		"printer %s: it has no coat called %.40s. Correct its model's file",
		device->printer, document->media_type);
}

static bool find_cutter(const struct device *device, const struct dnp_facts *facts,
	const struct document *document, struct dnp_plan *plan, struct err *err)
{
	if (!document->cuts) {
		return true;
	}
	if (plan->cut->code != 2 && plan->cut->code != 4) {
		return err_set(err, REMEDY_ATTEND, "printer-unfit",
			"printer %s: it cuts strips only of 4x6 and 6x8 in, not of %.40s. Take "
			"\"cuts\" out of its model's file",
			device->printer, document->media_size);
	}
	plan->cutter = CUTTER_STRIP;
	return is_new_enough(device, facts, DNP_CAN_STRIPS, "strips of 2 in", err);
}

/* The page must cover the print, and must not be larger than the image. */
static bool page_has_its_size(const struct device *device, const struct document *document,
	struct dnp_plan *plan, struct err *err)
{
	const struct dnp_cut *cut = plan->cut;
	bool turned = cut->turned;
	int32_t across = turned ? document->height_px : document->width_px;
	int32_t down = turned ? document->width_px : document->height_px;
	int32_t across_dpi = turned ? document->y_dpi : document->x_dpi;
	int32_t down_dpi = turned ? document->x_dpi : document->y_dpi;
	int32_t least_across = units_px(turned ? cut->height_hmm : cut->width_hmm, across_dpi);
	int32_t least_down = units_px(turned ? cut->width_hmm : cut->height_hmm, down_dpi);
	plan->fine_rows = down_dpi == 2 * DNP_NATIVE_DPI;
	plan->columns = cut->columns;
	plan->rows = cut->rows * (plan->fine_rows ? 2 : 1);
	bool fine = across_dpi == DNP_NATIVE_DPI &&
		    (plan->fine_rows || down_dpi == DNP_NATIVE_DPI) && across >= least_across - 2 &&
		    down >= least_down - 2 && across <= plan->columns && down <= plan->rows;
	return fine || err_set(err, REMEDY_REJECT, "document-size",
			       "printer %s: the page has %d x %d pixels at %d x %d dpi, and %.40s "
			       "takes %d x %d to %d x %d. Correct its model's resolution",
			       device->printer, (int)document->width_px, (int)document->height_px,
			       (int)document->x_dpi, (int)document->y_dpi, document->media_size,
			       (int)(turned ? least_down : least_across),
			       (int)(turned ? least_across : least_down),
			       (int)(turned ? plan->rows : plan->columns),
			       (int)(turned ? plan->columns : plan->rows));
}

/* Two prints that are alike go on one sheet. Only where it is exactly two: of more, a counter of
 * sheets and a counter of prints could not be told apart afterwards. */
static bool goes_twice(const struct dnp_facts *facts, const struct dnp_plan *plan, int32_t copies)
{
	int code = plan->cut->double_code;
	return copies == 2 && code != 0 && plan->cutter == 0 && is_able(facts, code) &&
	       dnp_media_takes(dnp_media_of(facts->media_code), facts->model->family, code);
}

static bool is_rewound(const struct dnp_facts *facts, const struct dnp_plan *plan)
{
	return facts->model->rewinds && !facts->no_rewind && facts->halves >= 0 &&
	       plan->cutter == 0 && dnp_half_rewinds(facts->media_code, plan->cut->code);
}

static void arrange(const struct dnp_facts *facts, int32_t copies, struct dnp_plan *plan)
{
	plan->code = plan->cut->code;
	plan->count = copies;
	plan->sends = 1;
	if (goes_twice(facts, plan, copies)) {
		int32_t gap = plan->cut->gap_rows * (plan->fine_rows ? 2 : 1);
		plan->twice = true;
		plan->code = plan->cut->double_code;
		plan->count = 1;
		plan->rows = 2 * plan->rows + gap;
		snprintf(plan->note, sizeof plan->note, NOTE_TWICE);
	} else if (is_rewound(facts, plan)) {
		plan->code += DNP_REWIND_CODE;
		snprintf(plan->note, sizeof plan->note, NOTE_REWIND "%" PRId64, facts->halves);
	} else if (facts->model->family == DNP_DS40 && plan->cutter == CUTTER_STRIP) {
		plan->count = 1; /* it forgets the cutter when the paper is changed in between */
		plan->sends = copies;
	}
	bool other_coat = facts->coat_before != plan->coat;
	bool both = dnp_takes_both_buffers(facts->model->family,
		plan->twice ? plan->code : plan->cut->code, plan->coat != 0, plan->fine_rows);
	plan->buffers = other_coat || both ? 2 : 1;
	plan->buffers_next = both ? 2 : 1;
	plan->resumes = is_able(facts, DNP_CAN_MATTE);
	plan->says_speed = is_able(facts, DNP_CAN_CHOOSE_SPEED);
}

bool dnp_plan_make(const struct device *device, const struct dnp_facts *facts,
	const struct document *document, int32_t copies, struct dnp_plan *plan, struct err *err)
{
	*plan = (struct dnp_plan){0};
	if (facts->model->columns == 0) {
		return err_set(err, REMEDY_ATTEND, "printer-unfit",
			"printer %s: the image sizes of a %s are not known here, so it is only "
			"watched. Print elsewhere",
			device->printer, facts->model->title);
	}
	if (document->format != FORMAT_PWG) {
		return err_set(err, REMEDY_REJECT, "format-refused",
			"printer %s: its language takes %s, not %s. Correct its model's formats",
			device->printer, format_media_type(FORMAT_PWG),
			format_media_type(document->format));
	}
	if (!find_cut(device, facts, document, &plan->cut, err) ||
		!is_new_enough(device, facts, plan->cut->code, document->media_size, err) ||
		!find_coat(device, facts, document, plan, err) ||
		!find_cutter(device, facts, document, plan, err) ||
		!page_has_its_size(device, document, plan, err)) {
		return false;
	}
	arrange(facts, copies, plan);
	return true;
}

/* ---- what is loaded, as the floor sees it ---- */

int32_t dnp_plan_ready(const struct dnp_facts *facts, struct ready_media ready[DEVICE_READY_MAX])
{
	const struct dnp_media *loaded = dnp_media_of(facts->media_code);
	int32_t n = 0;
	for (int i = 0; loaded != NULL && i < 20 && loaded->cuts[i] != 0; i++) {
		const struct dnp_cut *cut = dnp_cut_of(loaded->cuts[i]);
		if (cut == NULL || n == DEVICE_READY_MAX || !is_able(facts, cut->code) ||
			!dnp_media_takes(loaded, facts->model->family, cut->code)) {
			continue;
		}
		struct ready_media *next = &ready[n++];
		*next = (struct ready_media){.source = "main-roll",
			.width_hmm = cut->width_hmm,
			.height_hmm = cut->height_hmm,
			.width_most_hmm = widest_hmm(cut),
			.height_most_hmm = longest_hmm(cut),
			.sheets_left = dnp_half_rewinds(facts->media_code, cut->code)
					       ? DNP_COUNTS_HALVES
					       : COUNT_UNKNOWN};
		snprintf(next->size_name, sizeof next->size_name, "oe_dyesub_%.10gx%.10gin",
			cut->width_hmm / 2540.0, cut->height_hmm / 2540.0);
	}
	return n;
}

bool dnp_note_read(const char *text, struct dnp_note *note)
{
	*note = (struct dnp_note){.halves_before = COUNT_UNKNOWN};
	if (strncmp(text, NOTE_REWIND, strlen(NOTE_REWIND)) == 0) {
		note->rewinds = true;
		return text_to_int(text + strlen(NOTE_REWIND), 0, 1000000, &note->halves_before);
	}
	note->twice = strcmp(text, NOTE_TWICE) == 0;
	return note->twice || text[0] == '\0';
}
