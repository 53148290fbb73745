/* SPDX-License-Identifier: Apache-2.0
 *
 * Sidecars, tickets, and the print orders of cards.
 */
#include "base/buf.h"
#include "wire/dpof.h"
#include "wire/ticket.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct err err;
static struct ticket ticket;
static struct ticket_page page;

static bool sidecar(const char *text)
{
	page = (struct ticket_page){.copies = 1, .options = {.rotate_degrees = -1}};
	ticket = (struct ticket){.pages = &page, .n_pages = 1};
	return sidecar_read(text, strlen(text), &ticket, &err);
}

static void a_sidecar_says_copies_order_and_options(void **state)
{
	(void)state;
	assert_true(sidecar("{\"copies\":3,\"order\":\"4711\",\"options\":{\"fit\":\"fit\","
			    "\"rotate_degrees\":90,\"crop\":{\"x\":0.1,\"y\":0,\"width\":0.5,"
			    "\"height\":1}}}"));
	assert_int_equal(page.copies, 3);
	assert_string_equal(ticket.ref, "4711");
	assert_int_equal(page.options.rotate_degrees, 90);
	assert_true(page.options.has_fit && page.options.crop.given);
	assert_true(sidecar("{}"));
	assert_int_equal(page.copies, 1);
}

static void a_member_that_is_not_known_is_refused_by_its_name(void **state)
{
	(void)state;
	static const char *const texts[] = {"{\"copys\":3}", "{\"options\":{\"rotate\":90}}",
		"{\"options\":{\"crop\":{\"w\":1}}}", "{\"copies\":0}", "{\"copies\":10000}",
		"{\"copies\":\"3\"}", "[]", "3", "{\"order\":7}", "{\"options\":[]}"};
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		assert_false(sidecar(texts[i]));
		assert_int_equal(err.remedy, REMEDY_REJECT);
		assert_non_null(strstr(err.text, "sidecar"));
	}
	assert_false(sidecar("{\"copys\":3}"));
	assert_non_null(strstr(err.text, "copys"));
}

static void a_sidecar_that_can_not_be_read_may_be_on_its_way(void **state)
{
	(void)state;
	assert_false(sidecar("{\"copies\":"));
	assert_int_equal(err.remedy, REMEDY_RETRY);
	assert_false(sidecar(""));
	assert_int_equal(err.remedy, REMEDY_RETRY);
}

static void a_ticket_reads_back_as_it_was_written(void **state)
{
	(void)state;
	struct ticket_page pages[2] = {
		{.path = "DCIM/A.JPG", .copies = 2, .options = {.rotate_degrees = -1}},
		{.path = "DCIM/B.JPG", .copies = 1, .options = {.rotate_degrees = 180}}};
	struct ticket before = {.sku = "4x6-glossy",
		.name = "card \xC3\xA9",
		.ref = "77",
		.is_card = true,
		.sidecar = {.files = 1, .inode = -3, .modified_ns = INT64_MAX},
		.pages = pages,
		.n_pages = 2};
	struct ticket after;
	json_t *json = ticket_to_json(&before);
	assert_true(ticket_from_json(json, &after, &err));
	assert_int_equal(after.n_pages, 2);
	assert_string_equal(after.name, before.name);
	assert_string_equal(after.pages[1].path, "DCIM/B.JPG");
	assert_int_equal(after.pages[1].options.rotate_degrees, 180);
	assert_true(drop_is_same(&after.sidecar, &before.sidecar));
	json_object_set_new(json, "name", json_string("../up"));
	ticket_fini(&after);
	assert_false(ticket_from_json(json, &after, &err));
	json_decref(json);
}

/* ---- cards ---- */

static struct dpof dpof;

static bool card(const char *text)
{
	return dpof_read(text, strlen(text), &dpof, &err);
}

#define HEAD                                                                                       \
	"[HDR]\r\nGEN REV=01.10\r\nGEN CRT=\"A CAMERA\" -01.00\r\nGEN DTM=2026:11:29:10:00:00\r\n"
#define JOB(qty, path)                                                                             \
	"\r\n[JOB]\r\nPRT PID=001\r\nPRT TYP=STD\r\nPRT QTY=" qty                                  \
	"\r\nIMG FMT=EXIF2 -J\r\n<IMG SRC=\"" path "\">\r\nCFG DSC=\"x\" -ATR DTM\r\n"

static void a_cards_order_names_pictures_and_quantities(void **state)
{
	(void)state;
	assert_true(card(HEAD JOB("002", "../DCIM/100ABCDE/A.JPG") JOB("001", "../DCIM/B.JPG")));
	assert_int_equal(dpof.n, 2);
	assert_string_equal(dpof.prints[0].path, "DCIM/100ABCDE/A.JPG");
	assert_int_equal(dpof.prints[0].copies, 2);
	assert_string_equal(dpof.prints[1].path, "DCIM/B.JPG");
	dpof_fini(&dpof);
}

static void blanks_cases_and_backslashes_are_as_writers_write_them(void **state)
{
	(void)state;
	assert_true(card("[hdr]\ngen rev = 01.00\n[Job]\nPRT TYP = STD\nPRT QTY = 03\n"
			 "<IMG SRC = \"..\\DCIM\\.\\100X\\A B.JPG\">"));
	assert_string_equal(dpof.prints[0].path, "DCIM/100X/A B.JPG");
	assert_int_equal(dpof.prints[0].copies, 3);
	dpof_fini(&dpof);
}

static void what_is_a_vendors_own_and_what_was_taken_back_is_left_out(void **state)
{
	(void)state;
	assert_true(card(HEAD JOB("001", "../DCIM/A.JPG") JOB(
		"000", "../DCIM/B.JPG") "VUQ RGN=BGN\r\nPRT TYP=IDX\r\nVUQ RGN=END\r\n"));
	assert_int_equal(dpof.n, 1);
	dpof_fini(&dpof);
}

static void a_path_that_leads_out_of_the_card_is_refused(void **state)
{
	(void)state;
	static const char *const texts[] = {HEAD JOB("1", "../../etc/passwd"),
		HEAD JOB("1", "/etc/passwd"), HEAD JOB("1", "../DCIM/../../x.jpg"),
		HEAD JOB("1", ".."), HEAD JOB("1", "../"), HEAD JOB("1", ""),
		HEAD JOB("1", "\\\\srv\\x"), HEAD JOB("1", "../DCIM/\xFF.JPG")};
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		assert_false(card(texts[i]));
		assert_string_equal(err.code, "dpof-path");
		assert_int_equal(err.remedy, REMEDY_REJECT);
	}
}

static void index_prints_are_refused_and_say_so(void **state)
{
	(void)state;
	assert_false(
		card(HEAD JOB("1", "../DCIM/A.JPG") "[JOB]\r\nPRT PID=002\r\nPRT TYP=IDX\r\nPRT "
						    "QTY=1\r\n<IMG SRC=\"../DCIM/A.JPG\">\r\n"));
	assert_string_equal(err.code, "dpof-type");
	assert_int_equal(err.remedy, REMEDY_REJECT);
	assert_non_null(strstr(err.text, "index print"));
}

static void what_may_only_be_cut_off_may_still_come(void **state)
{
	(void)state;
	static const char *const texts[] = {"", HEAD, HEAD "[JOB]\r\nPRT TYP=STD\r\n",
		HEAD "[JOB]\r\nPRT TYP=STD\r\n<IMG SRC=\"../DCIM/A.J", HEAD "[JOB]\r\nPRT PID=001",
		HEAD "[JOB]\r\nPRT TYP=STD\r\nPRT QTY=x\r\n", "<IMG SRC=\"../DCIM/A.JPG\">"};
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		assert_false(card(texts[i]));
		assert_int_equal(err.remedy, REMEDY_RETRY);
	}
}

static void a_card_orders_at_most_999_prints(void **state)
{
	(void)state;
	struct buf text = {0};
	buf_text(&text, HEAD);
	for (int i = 0; i < 999; i++) {
		buf_text(&text, JOB("1", "../DCIM/A.JPG"));
	}
	assert_true(dpof_read(text.bytes, text.len, &dpof, &err));
	dpof_fini(&dpof);
	buf_text(&text, JOB("1", "../DCIM/A.JPG"));
	assert_false(dpof_read(text.bytes, text.len, &dpof, &err));
	assert_string_equal(err.code, "dpof-size");
	buf_fini(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sidecar_says_copies_order_and_options),
		cmocka_unit_test(a_member_that_is_not_known_is_refused_by_its_name),
		cmocka_unit_test(a_sidecar_that_can_not_be_read_may_be_on_its_way),
		cmocka_unit_test(a_ticket_reads_back_as_it_was_written),
		cmocka_unit_test(a_cards_order_names_pictures_and_quantities),
		cmocka_unit_test(blanks_cases_and_backslashes_are_as_writers_write_them),
		cmocka_unit_test(what_is_a_vendors_own_and_what_was_taken_back_is_left_out),
		cmocka_unit_test(a_path_that_leads_out_of_the_card_is_refused),
		cmocka_unit_test(index_prints_are_refused_and_say_so),
		cmocka_unit_test(what_may_only_be_cut_off_may_still_come),
		cmocka_unit_test(a_card_orders_at_most_999_prints),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
