/* SPDX-License-Identifier: Apache-2.0
 *
 * The dye-subs' pure parts: frames, status codes, tables, and what is made of a document.
 */
#include "drivers/dnp_frame.h"
#include "drivers/dnp_plan.h"
#include "drivers/dnp_status.h"
#include "base/units.h"
#include "rules/condition.h"
#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

static void a_command_has_its_32_bytes(void **state)
{
	(void)state;
	uint8_t frame[DNP_FRAME_BYTES];
	dnp_frame_make(frame, "STATUS", "", DNP_NO_PAYLOAD);
	assert_memory_equal(frame, "\x1bPSTATUS                        ", 32);
	dnp_frame_make(frame, "CNTRL", "QTY", 8);
	assert_memory_equal(frame,
		"\x1bP"
		"CNTRL QTY             00000008",
		32);
	dnp_frame_make(frame, "IMAGE", "YPLANE", 4678208);
	assert_memory_equal(frame, "\x1bPIMAGE YPLANE          04678208", 32);
}

static void an_answers_length_is_digits_and_bounded(void **state)
{
	(void)state;
	static const struct {
		const char *digits;
		bool fine;
		size_t n;
	} cases[] = {{"00000000", true, 0}, {"00000006", true, 6}, {"00001024", true, 1024},
		{"00001025", false, 0}, {"99999999", false, 0}, {"0000 006", false, 0},
		{"-0000006", false, 0}, {"0000000\r", false, 0}};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		size_t n = 0;
		bool fine = dnp_frame_length((const uint8_t *)cases[i].digits, &n);
		assert_int_equal(fine, cases[i].fine);
		assert_true(!fine || n == cases[i].n);
	}
}

static void an_answers_text_ends_at_its_cr(void **state)
{
	(void)state;
	char text[8];
	dnp_reply_text((const uint8_t *)"AB  \rXY", 7, text, sizeof text);
	assert_string_equal(text, "AB");
	dnp_reply_text((const uint8_t *)"\x1b[2J\xff\n", 6, text, sizeof text);
	assert_string_equal(text, "?[2J??");
	dnp_reply_text((const uint8_t *)"0123456789", 10, text, sizeof text);
	assert_string_equal(text, "0123456");
}

static void a_number_stands_at_its_place(void **state)
{
	(void)state;
	int64_t value = 0;
	assert_true(dnp_reply_number("MQT-0123", 4, 9, &value) && value == 123);
	assert_true(dnp_reply_number("MED-310X", 4, 3, &value) && value == 310);
	assert_true(dnp_reply_number("00900", 0, 9, &value) && value == 900);
	assert_false(dnp_reply_number("MQT-12x", 4, 9, &value));
	assert_false(dnp_reply_number("MQT-", 4, 9, &value));
	assert_false(dnp_reply_number("MQ", 4, 9, &value));
	assert_false(dnp_reply_number("MQT--5", 4, 9, &value));
	assert_false(dnp_reply_number("99999999999999999999", 0, 9, &value) && value < 0);
	assert_true(dnp_reply_sensor("HDT-031; MDT-027;HMD-045 ", "HMD", &value) && value == 45);
	assert_true(dnp_reply_sensor("HDT-031; MDT-027;HMD-045 ", "HDT", &value) && value == 31);
	assert_false(dnp_reply_sensor("HDT-031; MDT-027", "PJM", &value));
	assert_false(dnp_reply_sensor("HDT", "HDT", &value));
}

/* What the floor does with each code is what the kind of it says. */
static void each_status_code_has_the_effect_of_its_kind(void **state)
{
	(void)state;
	static const int codes[] = {0, 1, 500, 510, 900, 1000, 1010, 1100, 1200, 1300, 1400, 1500,
		1600, 2000, 2010, 2100, 2200, 2300, 2400, 2500, 2600, 2610, 2700, 2800, 2900, 3000,
		5000, 5017, 5030, 5033, 5038, 5049, 5180, 5193, 5209, 5241, 5500};
	static const enum effect effects[] = {
		[DNP_REST] = EFFECT_TELL,
		[DNP_PRINTS] = EFFECT_TELL,
		[DNP_WAITS] = EFFECT_WAIT,
		[DNP_HANDS] = EFFECT_HANDS,
		[DNP_REFUSED] = EFFECT_TELL,
		[DNP_BROKEN] = EFFECT_REPAIR,
	};
	for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
		const struct dnp_condition *said = dnp_condition_of(codes[i]);
		struct condition condition = {.known = true};
		assert_true(said->first <= codes[i] && codes[i] <= said->last);
		if (said->reason[0] != '\0') {
			condition_of(said->reason, &condition);
		}
		if (!condition.known || condition.effect != effects[said->kind]) {
			fail_msg("%d: %s is \"%s\", of effect %s", codes[i], said->reason,
				condition.says, effect_name(condition.effect));
		}
	}
	static const int strangers[] = {2, 499, 1001, 4000, 5016, 5031, 6000, -1, 99999};
	for (size_t i = 0; i < sizeof strangers / sizeof strangers[0]; i++) {
		assert_int_equal(dnp_condition_of(strangers[i])->kind, DNP_BROKEN);
		assert_string_equal(dnp_condition_of(strangers[i])->reason, "other");
	}
}

static void models_are_told_by_their_ids_and_maker(void **state)
{
	(void)state;
	assert_string_equal(dnp_model_of(0x1343, 3, "Dai Nippon")->title, "DNP DS40");
	assert_string_equal(dnp_model_of(0x1343, 3, "CITIZEN SYSTEMS")->title, "Citizen CX");
	assert_string_equal(dnp_model_of(0x1343, 4, "Mitsubishi")->title, "Mitsubishi CP3800DW");
	assert_string_equal(dnp_model_of(0x1452, 0x8b01, "Dai")->title, "DNP DS620");
	assert_true(dnp_model_of(0x1452, 0x9001, "Dai")->rewinds);
	assert_int_equal(dnp_model_of(0x1452, 0x9201, "Dai")->columns, 0);
	assert_null(dnp_model_of(0x1343, 9, "Dai"));
	assert_null(dnp_model_of(0x04a9, 3, "Dai"));
}

/* Each print lies within its image, and two of it with their gap are as long as is known. */
static void images_cover_their_prints(void **state)
{
	(void)state;
	static const struct {
		int code, rows;
	} doubles[] = {{12, 2498}, {13, 2502}, {14, 3102}, {15, 3702}, {22, 2176}, {31, 2802},
		{35, 3598}, {43, 3102}};
	size_t seen = 0;
	for (int code = 1; code < 60; code++) {
		const struct dnp_cut *cut = dnp_cut_of(code);
		if (cut == NULL) {
			continue;
		}
		int32_t across = units_px(cut->turned ? cut->height_hmm : cut->width_hmm, 300);
		int32_t down = units_px(cut->turned ? cut->width_hmm : cut->height_hmm, 300);
		assert_true(cut->width_hmm <= cut->height_hmm);
		assert_true(across <= cut->columns - 2 * cut->edge_px && down <= cut->rows);
		assert_true(cut->turned == (across >= down));
		for (size_t i = 0; i < sizeof doubles / sizeof doubles[0]; i++) {
			if (doubles[i].code == cut->double_code) {
				assert_int_equal(2 * cut->rows + cut->gap_rows, doubles[i].rows);
				seen++;
			}
		}
	}
	assert_int_equal(seen, sizeof doubles / sizeof doubles[0]);
}

/* ---- plans ---- */

struct wish {
	uint16_t vendor, product;
	int firmware, media;
	int32_t width_hmm, height_hmm, copies;
	const char *type;
	bool cuts;
};

static bool plan_of(const struct wish *wish, struct dnp_plan *plan, struct err *err)
{
	struct device device = {.printer = "P1"};
	struct dnp_facts facts = {.model = dnp_model_of(wish->vendor, wish->product, "Dai"),
		.firmware = wish->firmware,
		.media_code = wish->media,
		.halves = 40,
		.coat_before = 0};
	struct document document = {.format = FORMAT_PWG,
		.width_px = units_px(wish->width_hmm, 300),
		.height_px = units_px(wish->height_hmm, 300),
		.x_dpi = 300,
		.y_dpi = 300,
		.media_width_hmm = wish->width_hmm,
		.media_height_hmm = wish->height_hmm,
		.cuts = wish->cuts,
		.media_size = "a size"};
	text_copy(document.media_type, sizeof document.media_type, wish->type);
	return dnp_plan_make(&device, &facts, &document, wish->copies, plan, err);
}

#define GLOSSY "photographic-glossy"
#define MATTE  "photographic-matte"

static void a_document_becomes_its_multicut_code(void **state)
{
	(void)state;
	static const struct {
		struct wish wish;
		int code, coat, cutter, buffers;
		int32_t sends, count;
		const char *note;
	} cases[] = {
		{{0x1343, 5, 210, 300, 10160, 15240, 1, GLOSSY, false}, 2, 0, 0, 1, 1, 1, ""},
		{{0x1343, 5, 210, 300, 10160, 15240, 5, MATTE, false}, 2, 1, 0, 2, 1, 5, ""},
		{{0x1343, 5, 210, 310, 10160, 15240, 2, GLOSSY, false}, 12, 0, 0, 1, 1, 1,
			"double"},
		{{0x1343, 5, 210, 310, 10160, 15240, 1, GLOSSY, false}, 2, 0, 0, 1, 1, 1, ""},
		{{0x1343, 5, 210, 310, 10160, 15240, 4, GLOSSY, false}, 2, 0, 0, 1, 1, 4, ""},
		{{0x1343, 5, 210, 310, 10160, 15240, 3, GLOSSY, true}, 2, 0, 120, 1, 1, 3, ""},
		{{0x1343, 3, 160, 310, 10160, 15240, 3, GLOSSY, true}, 2, 0, 120, 1, 3, 1, ""},
		{{0x1452, 0x8b01, 152, 310, 10160, 15240, 1, GLOSSY, false}, 402, 0, 0, 1, 1, 1,
			"rewind 40"},
		{{0x1452, 0x8b01, 152, 400, 11430, 15240, 2, GLOSSY, false}, 31, 0, 0, 1, 1, 1,
			"double"},
		{{0x1452, 0x8b01, 152, 210, 12700, 17780, 1, GLOSSY, false}, 3, 0, 0, 1, 1, 1, ""},
		{{0x1452, 0x8b01, 152, 210, 12700, 12700, 1, "photographic-semi-gloss", false}, 29,
			22, 0, 2, 1, 1, ""},
		{{0x1452, 0x9001, 106, 510, 20320, 25400, 1, MATTE, false}, 6, 1, 0, 2, 1, 1, ""},
		{{0x1452, 0x9001, 106, 500, 17780, 20320, 1, GLOSSY, false}, 32, 0, 0, 1, 1, 1, ""},
		{{0x1452, 0x9001, 106, 600, 21000, 29700, 1, GLOSSY, false}, 41, 0, 0, 1, 1, 1, ""},
		{{0x1343, 4, 142, 510, 20320, 29700, 1, GLOSSY, false}, 21, 0, 0, 1, 1, 1, ""},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct dnp_plan plan;
		struct err err = {.text = ""};
		if (!plan_of(&cases[i].wish, &plan, &err) || plan.code != cases[i].code ||
			plan.coat != cases[i].coat || plan.cutter != cases[i].cutter ||
			plan.buffers != cases[i].buffers || plan.sends != cases[i].sends ||
			plan.count != cases[i].count || strcmp(plan.note, cases[i].note) != 0) {
			fail_msg(
				"case %zu: code %d coat %d cutter %d buffers %d, %d x %d \"%s\" %s",
				i, plan.code, plan.coat, plan.cutter, plan.buffers, plan.sends,
				plan.count, plan.note, err.text);
		}
	}
}

static void what_it_cant_is_said_before_a_byte_goes(void **state)
{
	(void)state;
	static const struct {
		struct wish wish;
		const char *code;
		const char *words;
	} cases[] = {
		{{0x1343, 5, 210, 300, 12700, 17780, 1, GLOSSY, false}, "media-not-loaded",
			"loaded is 6 × 4 in (PC)"},
		{{0x1343, 5, 210, 0, 10160, 15240, 1, GLOSSY, false}, "media-not-loaded",
			"nothing that it knows"},
		{{0x1343, 3, 120, 300, 10160, 15240, 1, MATTE, false}, "firmware-old",
			"needs firmware 1.30, it has 1.20"},
		{{0x1343, 3, 150, 310, 15240, 15240, 1, GLOSSY, false}, "firmware-old", "1.60"},
		{{0x1343, 5, 205, 210, 12700, 12700, 1, GLOSSY, false}, "firmware-old", "2.06"},
		{{0x1343, 5, 105, 300, 10160, 15240, 1, GLOSSY, true}, "firmware-old", "1.10"},
		{{0x1452, 0x8b01, 105, 400, 15240, 22860, 1, GLOSSY, false}, "firmware-old",
			"1.10"},
		{{0x1452, 0x8b01, 129, 400, 15240, 20320, 1, "photographic-semi-gloss", false},
			"firmware-old", "1.30"},
		{{0x1452, 0x9001, 105, 600, 15240, 21000, 1, GLOSSY, false}, "firmware-old",
			"1.06"},
		{{0x1343, 5, 210, 300, 10160, 15240, 1, "photographic-semi-gloss", false},
			"printer-unfit", "can't print photographic-semi-gloss"},
		{{0x1343, 5, 210, 210, 12700, 17780, 1, GLOSSY, true}, "printer-unfit", "strips"},
		{{0x1343, 4, 142, 500, 17780, 20320, 1, GLOSSY, false}, "media-not-loaded",
			"8 × 10"},
		{{0x1343, 4, 142, 510, 21000, 29700, 1, GLOSSY, false}, "media-not-loaded",
			"8 × 12"},
		{{0x1452, 0x9201, 110, 150, 10160, 15240, 1, GLOSSY, false}, "printer-unfit",
			"only watched"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct dnp_plan plan;
		struct err err = {.text = ""};
		bool fine = plan_of(&cases[i].wish, &plan, &err);
		if (fine || err.remedy != REMEDY_ATTEND || strcmp(err.code, cases[i].code) != 0 ||
			strstr(err.text, cases[i].words) == NULL) {
			fail_msg("case %zu: %s %s", i, err.code, err.text);
		}
		assert_true(strncmp(err.text, "printer P1: ", 12) == 0);
	}
}

/* A page that is smaller than its print would come out with a border that nobody ordered. */
static void a_page_of_another_size_is_refused(void **state)
{
	(void)state;
	struct device device = {.printer = "P1"};
	struct dnp_facts facts = {.model = dnp_model_of(0x1343, 5, "Dai"),
		.firmware = 210,
		.media_code = 300,
		.halves = COUNT_UNKNOWN};
	static const struct {
		int32_t width_px, height_px, x_dpi, y_dpi;
		bool fine;
	} pages[] = {{1200, 1800, 300, 300, true}, {1240, 1920, 300, 300, true},
		{1199, 1799, 300, 300, true}, {1190, 1800, 300, 300, false},
		{1200, 1700, 300, 300, false}, {1241, 1800, 300, 300, false},
		{1200, 1921, 300, 300, false}, {2400, 3600, 600, 600, false},
		{2400, 1800, 600, 300, true}, {1200, 3600, 300, 600, false}};
	for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++) {
		struct document document = {.format = FORMAT_PWG,
			.width_px = pages[i].width_px,
			.height_px = pages[i].height_px,
			.x_dpi = pages[i].x_dpi,
			.y_dpi = pages[i].y_dpi,
			.media_width_hmm = 10160,
			.media_height_hmm = 15240,
			.media_type = GLOSSY,
			.media_size = "a size"};
		struct dnp_plan plan;
		struct err err = {.text = ""};
		bool fine = dnp_plan_make(&device, &facts, &document, 1, &plan, &err);
		assert_int_equal(fine, pages[i].fine);
		assert_true(fine || (err.remedy == REMEDY_REJECT &&
					    strcmp(err.code, "document-size") == 0));
	}
}

static void a_plans_note_is_read_back(void **state)
{
	(void)state;
	struct dnp_note note;
	assert_true(dnp_note_read("", &note) && !note.twice && !note.rewinds);
	assert_true(dnp_note_read("double", &note) && note.twice && !note.rewinds);
	assert_true(dnp_note_read("rewind 41", &note) && note.rewinds && note.halves_before == 41);
	assert_false(dnp_note_read("rewind x", &note));
	assert_false(dnp_note_read("urn:uuid:1", &note));
}

/* Every paper says its own size first, each size as the floor's media have it. */
static void loaded_paper_is_said_as_sizes(void **state)
{
	(void)state;
	struct ready_media ready[DEVICE_READY_MAX];
	struct dnp_facts facts = {
		.model = dnp_model_of(0x1452, 0x8b01, "Dai"), .firmware = 152, .media_code = 310};
	assert_int_equal(dnp_plan_ready(&facts, ready), 4);
	assert_true(ready_takes(&ready[0], 15240, 20320, 20320, MATTE));
	assert_true(ready_takes(&ready[1], 10160, 15240, 15240, ""));
	assert_true(ready_takes(&ready[2], 15240, 15240, 15240, ""));
	assert_true(ready_takes(&ready[3], 11430, 15240, 15240, ""));
	assert_int_equal(ready[1].sheets_left, DNP_COUNTS_HALVES);
	facts = (struct dnp_facts){
		.model = dnp_model_of(0x1343, 3, "Dai"), .firmware = 150, .media_code = 310};
	assert_int_equal(dnp_plan_ready(&facts, ready), 2); /* no squares before 1.60 */
	facts.media_code = 123;
	assert_int_equal(dnp_plan_ready(&facts, ready), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_command_has_its_32_bytes),
		cmocka_unit_test(an_answers_length_is_digits_and_bounded),
		cmocka_unit_test(an_answers_text_ends_at_its_cr),
		cmocka_unit_test(a_number_stands_at_its_place),
		cmocka_unit_test(each_status_code_has_the_effect_of_its_kind),
		cmocka_unit_test(models_are_told_by_their_ids_and_maker),
		cmocka_unit_test(images_cover_their_prints),
		cmocka_unit_test(a_document_becomes_its_multicut_code),
		cmocka_unit_test(what_it_cant_is_said_before_a_byte_goes),
		cmocka_unit_test(a_page_of_another_size_is_refused),
		cmocka_unit_test(a_plans_note_is_read_back),
		cmocka_unit_test(loaded_paper_is_said_as_sizes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
