/* SPDX-License-Identifier: Apache-2.0
 *
 * Which printer, and why none.
 */
#include "rules/place.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct media media[] = {
	{.name = "4x6",
		.title = "4x6 glossy",
		.width_hmm = 10160,
		.height_hmm = 15240,
		.type = "glossy"},
	{.name = "5x7",
		.title = "5x7 lustre",
		.width_hmm = 12700,
		.height_hmm = 17780,
		.type = "satin"},
};
static struct product products[] = {
	{.sku = "print", .media = {"4x6", "5x7"}, .n_media = 2},
	{.sku = "small", .media = {"4x6"}, .n_media = 1},
	{.sku = "mug", .media = {"mug"}, .n_media = 1},
};
static struct model both = {.name = "both",
	.media = {{.media = "4x6"}, {.media = "5x7"}},
	.n_media = 2,
	.formats = {FORMAT_PWG},
	.n_formats = 1,
	.title = "Both"};
static struct model other = {.name = "other",
	.media = {{.media = "4x6"}},
	.n_media = 1,
	.formats = {FORMAT_PWG},
	.n_formats = 1,
	.title = "Other"};
static struct printer_conf confs[] = {{.name = "P1"}, {.name = "P2"}, {.name = "P3"}};
static const struct catalog catalog = {
	.products = products, .media = media, .n_products = 3, .n_media = 2};

static struct printer printers[3];
static struct job job;

static void load(struct printer *printer, const struct media *on)
{
	printer->status.n_ready = 1;
	printer->status.ready[0] = (struct ready_media){.width_hmm = on->width_hmm,
		.height_hmm = on->height_hmm,
		.sheets_left = COUNT_UNKNOWN};
	strcpy(printer->status.ready[0].type, on->type);
}

static int reset(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		printers[i] = (struct printer){.conf = &confs[i],
			.model = i < 2 ? &both : &other,
			.known = true,
			.status = {.state = DEVICE_IDLE,
				.accepting = true,
				.says_ready = true,
				.takes = {[FORMAT_PWG] = true}}};
		load(&printers[i], &media[0]);
	}
	job = (struct job){.model = "both", .media = "4x6"};
	return 0;
}

static struct placing pick(size_t n, bool free_only)
{
	return place_pick(&job, &products[0], &catalog, printers, n, free_only);
}

static void expect_reason(const char *code, const char *text)
{
	struct err err;
	assert_false(printer_is_ready(&printers[0], &err));
	assert_string_equal(err.code, code);
	assert_string_equal(err.text, text);
	assert_int_equal(err.remedy, REMEDY_ATTEND);
}

static void a_printer_says_plainly_why_it_is_not_ready(void **state)
{
	(void)state;
	struct err err;
	assert_true(printer_is_ready(&printers[0], &err));
	printers[0].status.state = DEVICE_STOPPED;
	expect_reason("printer-stopped", "P1 has stopped (no reason given): look at its display");
	strcpy(printers[0].status.reasons[0], "media-jam-error");
	printers[0].status.n_reasons = 1;
	expect_reason("media-jam", "P1 has a paper jam: clear it");
	printers[0].known = false;
	strcpy(printers[0].fault, "no route");
	expect_reason("printer-absent",
		"P1 does not answer (no route): check that it is on, connected, and at "
		"the address in platen.conf");
	printers[0].parked = true;
	strcpy(printers[0].fault, "stopped after 3 failures");
	expect_reason("printer-parked", "P1 stopped after 3 failures");
	printers[0].paused = true;
	expect_reason("printer-paused", "P1 is paused here: resume it when it may print");
}

static void a_condition_that_lets_a_sheet_pass_hinders_nothing(void **state)
{
	(void)state;
	struct err err;
	strcpy(printers[0].status.reasons[0], "media-low-warning");
	printers[0].status.n_reasons = 1;
	assert_true(printer_is_ready(&printers[0], &err));
	printers[0].status.accepting = false;
	expect_reason("printer-rejecting", "P1 takes no jobs at the moment: enable its queue");
}

static void the_device_is_believed_about_its_paper_before_a_person(void **state)
{
	(void)state;
	strcpy(printers[0].loaded, "5x7");
	assert_string_equal(printer_media(&printers[0], &catalog, NULL)->name, "4x6");
	printers[0].status.says_ready = false;
	assert_string_equal(printer_media(&printers[0], &catalog, NULL)->name, "5x7");
	printers[0].loaded[0] = '\0';
	assert_null(printer_media(&printers[0], &catalog, NULL));
}

static void an_empty_tray_is_not_loaded_and_an_unsaid_type_fits(void **state)
{
	(void)state;
	printers[0].status.ready[0].sheets_left = 0;
	assert_null(printer_media(&printers[0], &catalog, NULL));
	printers[0].status.ready[0].sheets_left = 1;
	printers[0].status.ready[0].type[0] = '\0';
	assert_string_equal(printer_media(&printers[0], &catalog, NULL)->name, "4x6");
	strcpy(printers[0].status.ready[0].type, "matte");
	assert_null(printer_media(&printers[0], &catalog, NULL));
}

static void of_several_trays_the_wanted_one_counts(void **state)
{
	(void)state;
	printers[0].status.ready[1] = (struct ready_media){.width_hmm = 12700,
		.height_hmm = 17780,
		.type = "satin",
		.sheets_left = COUNT_UNKNOWN};
	printers[0].status.n_ready = 2;
	assert_string_equal(printer_media(&printers[0], &catalog, "5x7")->name, "5x7");
	assert_string_equal(printer_media(&printers[0], &catalog, NULL)->name, "4x6");
}

static void the_shortest_line_is_picked_and_a_bound_job_stays(void **state)
{
	(void)state;
	printers[0].queue_ms = 9000;
	struct placing placing = pick(3, false);
	assert_int_equal(placing.kind, PLACE_HERE);
	assert_string_equal(placing.printer->conf->name, "P2");
	strcpy(job.printer, "P1");
	assert_string_equal(pick(3, false).printer->conf->name, "P1");
}

static void another_kind_of_printer_is_not_picked_for_what_is_rendered(void **state)
{
	(void)state;
	printers[0].paused = printers[1].paused = true;
	struct placing placing = pick(3, false);
	assert_int_equal(placing.kind, PLACE_OTHER);
	assert_string_equal(placing.printer->conf->name, "P3");
	assert_int_equal(placing.err.remedy, REMEDY_REDO);
}

static void a_busy_printer_grows_its_line_or_is_waited_for(void **state)
{
	(void)state;
	printers[0].busy_job_row = 7;
	assert_int_equal(pick(1, false).kind, PLACE_HERE);
	struct placing placing = pick(1, true);
	assert_int_equal(placing.kind, PLACE_WAIT);
	assert_string_equal(placing.err.code, "printer-busy");
	assert_string_equal(pick(2, true).printer->conf->name, "P2");
}

static void other_paper_waits_and_names_what_to_load(void **state)
{
	(void)state;
	strcpy(job.media, "5x7");
	struct placing placing =
		place_pick(&job, &(struct product){.sku = "big", .media = {"5x7"}, .n_media = 1},
			&catalog, printers, 1, false);
	assert_int_equal(placing.kind, PLACE_WAIT);
	assert_string_equal(placing.err.code, "media-missing");
	assert_string_equal(
		placing.err.text, "needs 5x7 lustre; P1 has 4x6 glossy: load 5x7 lustre");
}

static void other_paper_that_the_product_takes_too_is_rendered_for(void **state)
{
	(void)state;
	strcpy(job.media, "5x7");
	struct placing placing = pick(1, false);
	assert_int_equal(placing.kind, PLACE_OTHER);
	assert_string_equal(placing.media->name, "4x6");
}

static void a_target_is_loaded_and_ready_before_loaded_before_possible(void **state)
{
	(void)state;
	load(&printers[0], &media[1]);
	struct placing placing = place_target(&products[1], &catalog, printers, 2, "");
	assert_string_equal(placing.printer->conf->name, "P2");
	printers[1].paused = true; /* loaded, though not ready */
	placing = place_target(&products[1], &catalog, printers, 2, "");
	assert_string_equal(placing.printer->conf->name, "P2");
	load(&printers[1], &media[1]);
	placing = place_target(&products[1], &catalog, printers, 2, "");
	assert_int_equal(placing.kind, PLACE_HERE);
	assert_string_equal(placing.printer->conf->name, "P1");
	assert_string_equal(placing.media->name, "4x6");
}

static void what_no_printer_can_make_is_said(void **state)
{
	(void)state;
	struct placing placing = place_target(&products[2], &catalog, printers, 3, "");
	assert_int_equal(placing.kind, PLACE_NEVER);
	assert_int_equal(placing.err.remedy, REMEDY_REJECT);
	placing = place_pick(&job, &products[2], &catalog, NULL, 0, false);
	assert_int_equal(placing.kind, PLACE_NEVER);
}

static void the_printer_that_refused_a_job_is_left_out(void **state)
{
	(void)state;
	strcpy(job.printer, "P1");
	strcpy(job.refused_by, "P1");
	assert_string_equal(pick(2, false).printer->conf->name, "P2");
	printers[1].paused = true;
	printers[2].queue_ms = 9000; /* of another kind, and the longer line: still the only one */
	struct placing placing = pick(3, false);
	assert_int_equal(placing.kind, PLACE_OTHER);
	assert_string_equal(placing.printer->conf->name, "P3");
	placing = place_target(&products[1], &catalog, printers, 1, "P1");
	assert_int_equal(placing.kind, PLACE_NEVER);
	placing = pick(1, false);
	assert_int_equal(placing.kind, PLACE_NEVER);
	assert_string_equal(placing.err.code, "not-taken");
	assert_string_equal(placing.err.text,
		"P1 does not take it, and no other printer can make it now: look at its display, "
		"then let it go on");
}

static void a_test_print_goes_to_its_own_printer_parked_or_not(void **state)
{
	(void)state;
	job.test = true;
	strcpy(job.printer, "P2");
	printers[1].parked = true;
	assert_string_equal(pick(3, false).printer->conf->name, "P2");
	printers[1].paused = true; /* by a person: nothing passes that */
	struct placing placing = pick(3, false);
	assert_int_equal(placing.kind, PLACE_WAIT);
	assert_string_equal(placing.err.code, "printer-paused");
}

static void a_printer_that_was_exchanged_is_not_called_absent(void **state)
{
	(void)state;
	printers[0].known = false;
	strcpy(printers[0].fault_code, "printer-changed");
	strcpy(printers[0].fault, "P1 is another device now: say so if it is meant to be");
	expect_reason("printer-changed", printers[0].fault);
	printers[0].fault_code[0] = '\0';
	printers[0].fault[0] = '\0';
	expect_reason("printer-absent",
		"P1 does not answer (not asked yet): check that it is on, connected, and at "
		"the address in platen.conf");
}

/* Whatever else is the matter with it, and whatever it says: first somebody decides. */
static void one_that_proves_another_key_stops_and_its_work_goes_elsewhere(void **state)
{
	(void)state;
	strcpy(printers[0].tls_key, "sha256//old");
	strcpy(printers[0].tls_offered, "sha256//new");
	printers[0].paused = printers[0].parked = true;
	expect_reason("printer-key-changed",
		"P1 proves another key than before (sha256//new, known is sha256//old): find out "
		"why. If its certificate was renewed: platenctl printer P1 accept-key sha256//new");
	struct err err;
	assert_false(printer_can_test(&printers[0], &err));
	assert_string_equal(err.code, "printer-key-changed");
	printers[0].paused = printers[0].parked = false;
	printers[1].known = true;
	assert_string_equal(pick(2, false).printer->conf->name, "P2");
}

static void a_stopped_printer_is_quoted(void **state)
{
	(void)state;
	printers[0].status.state = DEVICE_STOPPED;
	strcpy(printers[0].status.reasons[0], "com.example.heat");
	printers[0].status.n_reasons = 1;
	expect_reason("printer-stopped", "P1 has stopped (com.example.heat): look at its display");
	strcpy(printers[0].status.message, "E 12");
	expect_reason("printer-stopped", "P1 has stopped (E 12): look at its display");
}

static void paper_that_nobody_knows_is_called_so(void **state)
{
	(void)state;
	const struct product big = {.sku = "big", .media = {"5x7"}, .n_media = 1};
	strcpy(job.media, "5x7");
	printers[0].status.ready[0].width_hmm = 1;
	assert_string_equal(place_pick(&job, &big, &catalog, printers, 1, false).err.text,
		"needs 5x7 lustre; P1 has other paper: load 5x7 lustre");
	printers[0].status.says_ready = false;
	assert_string_equal(place_pick(&job, &big, &catalog, printers, 1, false).err.text,
		"needs 5x7 lustre; P1 has nothing that was noted: load 5x7 lustre");
}

static void a_kind_that_left_the_floor_is_missed(void **state)
{
	(void)state;
	strcpy(job.model, "gone");
	printers[0].paused = true;
	struct placing placing = pick(1, false);
	assert_int_equal(placing.kind, PLACE_WAIT);
	assert_string_equal(placing.err.code, "printer-absent");
}

/* ---- rolls ---- */

static const struct media roll = {.name = "roll",
	.title = "24 in lustre roll",
	.width_hmm = 60960,
	.height_hmm = 20000,
	.height_most_hmm = 300000,
	.type = "satin"};
static const struct product poster = {.sku = "poster",
	.title = "Poster",
	.width_hmm = 60960,
	.height_hmm = 91440,
	.media = {"roll"},
	.n_media = 1};
static struct model wide = {.name = "wide",
	.media = {{.media = "roll"}},
	.n_media = 1,
	.formats = {FORMAT_PWG},
	.n_formats = 1};

static void a_roll_is_loaded_where_its_width_is_and_a_length_of_it_comes_out(void **state)
{
	(void)state;
	printers[0].model = &wide;
	struct ready_media *ready = &printers[0].status.ready[0];
	*ready = (struct ready_media){.width_hmm = 60960,
		.height_hmm = 10000,
		.height_most_hmm = 1500000,
		.sheets_left = COUNT_UNKNOWN};
	assert_true(printer_has(&printers[0], &roll, NULL));
	assert_true(printer_has(&printers[0], &roll, &poster));
	ready->height_most_hmm = 80000; /* a printer that cuts no such length */
	assert_true(printer_has(&printers[0], &roll, NULL));
	assert_false(printer_has(&printers[0], &roll, &poster));
	ready->height_most_hmm = 1500000;
	ready->width_hmm = 111760;
	assert_false(printer_has(&printers[0], &roll, NULL));
}

static void a_roll_too_short_for_the_print_is_not_asked_to_be_loaded(void **state)
{
	(void)state;
	const struct catalog rolls = {.media = (struct media *)&roll, .n_media = 1};
	printers[0].model = &wide;
	printers[0].status.ready[0] = (struct ready_media){.width_hmm = 60960,
		.height_hmm = 10000,
		.height_most_hmm = 80000,
		.sheets_left = COUNT_UNKNOWN};
	job = (struct job){.model = "wide", .media = "roll"};
	struct placing placing = place_pick(&job, &poster, &rolls, printers, 1, false);
	assert_int_equal(placing.kind, PLACE_WAIT);
	assert_string_equal(placing.err.text,
		"P1 has 24 in lustre roll, but cuts no sheet of it as long as Poster needs: print "
		"it elsewhere");
}

static void a_tray_of_any_size_takes_a_sheet_within_its_range(void **state)
{
	(void)state;
	printers[0].status.ready[0] = (struct ready_media){.width_hmm = 8900,
		.width_most_hmm = 21600,
		.height_hmm = 12700,
		.height_most_hmm = 35600,
		.sheets_left = COUNT_UNKNOWN};
	assert_true(printer_has(&printers[0], &media[0], NULL));
	printers[0].status.ready[0].height_hmm = 16000;
	assert_false(printer_has(&printers[0], &media[0], NULL));
}

/* ---- documents ---- */

static struct model choosy = {
	.name = "choosy", .formats = {FORMAT_URF, FORMAT_PWG, FORMAT_JPEG}, .n_formats = 3};

static void of_the_models_formats_the_first_that_its_printers_take_is_made(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		printers[i].model = &choosy;
		printers[i].known = false;
	}
	assert_int_equal(place_format(&choosy, printers, 3), FORMAT_URF); /* nothing is known */
	printers[1].known = true;                                         /* takes pwg */
	assert_int_equal(place_format(&choosy, printers, 3), FORMAT_PWG);
	printers[1].status.takes[FORMAT_URF] = true;
	assert_int_equal(place_format(&choosy, printers, 3), FORMAT_URF);
	printers[2].known = true; /* pwg only: what both take */
	assert_int_equal(place_format(&choosy, printers, 3), FORMAT_PWG);
	printers[2].status.takes[FORMAT_PWG] = false;
	printers[2].status.takes[FORMAT_JPEG] = true; /* nothing in common */
	assert_int_equal(place_format(&choosy, printers, 3), FORMAT_URF);
	assert_int_equal(place_format(&choosy, &printers[2], 1), FORMAT_JPEG);
}

static void a_printer_that_takes_no_document_of_its_model_says_so(void **state)
{
	(void)state;
	printers[0].status.takes[FORMAT_PWG] = false;
	printers[0].status.takes[FORMAT_JPEG] = true;
	expect_reason("format-refused",
		"P1 takes none of the documents that its model makes: give it another model, or "
		"put what it takes into `formats` of both");
}

static void what_must_be_written_on_the_back_goes_to_printers_that_can(void **state)
{
	(void)state;
	struct product backed = products[0];
	struct model writes = other;
	backed.back_print_needed = true;
	writes.back = (struct model_back){1, 40, false};
	struct placing placing = place_target(&backed, &catalog, printers, 3, "");
	assert_int_equal(placing.kind, PLACE_NEVER);
	assert_non_null(strstr(placing.err.text, "prints on its back"));
	/* rendered before the product's file was changed */
	assert_int_equal(place_pick(&job, &backed, &catalog, printers, 3, false).kind, PLACE_NEVER);
	printers[2].model = &writes;
	placing = place_target(&backed, &catalog, printers, 3, "");
	assert_int_equal(placing.kind, PLACE_HERE);
	assert_ptr_equal(placing.printer, &printers[2]);
	backed.back_print_needed = false; /* then any will do */
	printers[2].queue_ms = 1000;
	assert_ptr_not_equal(
		place_target(&backed, &catalog, printers, 3, "").printer, &printers[2]);
}

int main(void)
{
#define fact(f) cmocka_unit_test_setup(f, reset)
	const struct CMUnitTest tests[] = {
		fact(a_roll_is_loaded_where_its_width_is_and_a_length_of_it_comes_out),
		fact(a_roll_too_short_for_the_print_is_not_asked_to_be_loaded),
		fact(a_tray_of_any_size_takes_a_sheet_within_its_range),
		fact(of_the_models_formats_the_first_that_its_printers_take_is_made),
		fact(a_printer_that_takes_no_document_of_its_model_says_so),
		fact(a_printer_says_plainly_why_it_is_not_ready),
		fact(a_condition_that_lets_a_sheet_pass_hinders_nothing),
		fact(the_device_is_believed_about_its_paper_before_a_person),
		fact(an_empty_tray_is_not_loaded_and_an_unsaid_type_fits),
		fact(of_several_trays_the_wanted_one_counts),
		fact(the_shortest_line_is_picked_and_a_bound_job_stays),
		fact(another_kind_of_printer_is_not_picked_for_what_is_rendered),
		fact(a_busy_printer_grows_its_line_or_is_waited_for),
		fact(other_paper_waits_and_names_what_to_load),
		fact(other_paper_that_the_product_takes_too_is_rendered_for),
		fact(a_target_is_loaded_and_ready_before_loaded_before_possible),
		fact(what_no_printer_can_make_is_said),
		fact(the_printer_that_refused_a_job_is_left_out),
		fact(a_test_print_goes_to_its_own_printer_parked_or_not),
		fact(a_printer_that_was_exchanged_is_not_called_absent),
		fact(one_that_proves_another_key_stops_and_its_work_goes_elsewhere),
		fact(a_stopped_printer_is_quoted),
		fact(paper_that_nobody_knows_is_called_so),
		fact(a_kind_that_left_the_floor_is_missed),
		cmocka_unit_test_setup(
			what_must_be_written_on_the_back_goes_to_printers_that_can, reset),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
