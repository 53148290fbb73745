/* SPDX-License-Identifier: Apache-2.0
 *
 * Job tickets: what a template may say, and that a text from an order stays one value of one line.
 */
#include "rules/job_ticket.h"
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

static const struct ticket_facts facts = {.file = "platen-J1.1.1.jpg",
	.order = "A-1042",
	.key = "J1.1.1",
	.surface = "glossy",
	.size = "na_index-4x6_4x6in",
	.copies = 3,
	.width_hmm = 10160,
	.height_hmm = 15240};

static const char *fill(
	struct buf *ticket, struct model_folder model, const char *line, const char *order)
{
	struct ticket_facts of_order = facts;
	of_order.order = order;
	model.n_ticket = 1;
	text_copy(model.ticket[0], TICKET_LINE_MAX, line);
	buf_clear(ticket);
	job_ticket_fill(&model, &of_order, ticket);
	return buf_get(ticket);
}

static void all_that_a_ticket_may_say_is_said(void **state)
{
	(void)state;
	struct buf ticket = {0};
	struct model_folder model = {.n_ticket = 2, .crlf = true};
	strcpy(model.ticket[0], "{file}|{copies}|{width_mm}x{height_mm}|{surface}|{size}");
	strcpy(model.ticket[1], "{{{order}}} {key}");
	job_ticket_fill(&model, &facts, &ticket);
	assert_string_equal(buf_get(&ticket),
		"platen-J1.1.1.jpg|3|101.6x152.4|glossy|na_index-4x6_4x6in\r\n"
		"{A-1042} J1.1.1\r\n");
	buf_fini(&ticket);
}

static void lengths_are_as_short_as_they_are_exact(void **state)
{
	(void)state;
	static const struct {
		int32_t hmm;
		const char *words;
	} rows[] = {{10000, "100\n"}, {10160, "101.6\n"}, {8889, "88.89\n"}, {8805, "88.05\n"}};
	struct buf ticket = {0};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct ticket_facts wide = facts;
		struct model_folder model = {.n_ticket = 1};
		wide.width_hmm = rows[i].hmm;
		strcpy(model.ticket[0], "{width_mm}");
		buf_clear(&ticket);
		job_ticket_fill(&model, &wide, &ticket);
		assert_string_equal(buf_get(&ticket), rows[i].words);
	}
	buf_fini(&ticket);
}

static void a_hostile_text_makes_no_line_and_ends_no_value(void **state)
{
	(void)state;
	static const struct {
		enum ticket_escape escape;
		bool ascii;
		const char *line, *order, *becomes;
	} rows[] = {
		{TICKET_PLAIN, true, "N={order}", "1\r\nCopies=99", "N=1??Copies=99\n"},
		{TICKET_PLAIN, false, "N={order}", "1\nCopies=99",
			"N=1\xEF\xBF\xBD"
			"Copies=99\n"},
		{TICKET_XML, false, "<n o=\"{order}\"/>", "\"/><n c='9' & \"",
			"<n o=\"&quot;/&gt;&lt;n c=&apos;9&apos; &amp; &quot;\"/>\n"},
		{TICKET_QUOTES, false, "\"{order}\",1", "a\",\"99", "\"a\"\",\"\"99\",1\n"},
		{TICKET_PLAIN, true, "{order}", "J\xC3\xB6rg \xF0\x9F\x93\xB7", "J?rg ?\n"},
		{TICKET_PLAIN, true, "{order}", "{file}{copies}", "{file}{copies}\n"},
		{TICKET_PLAIN, true, "{order}", "\xff\xfe\x1b[2J", "???[2J\n"},
	};
	struct buf ticket = {0};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct model_folder model = {.escape = rows[i].escape, .ascii = rows[i].ascii};
		assert_string_equal(
			fill(&ticket, model, rows[i].line, rows[i].order), rows[i].becomes);
	}
	buf_fini(&ticket);
}

static void a_long_text_is_cut_and_the_line_still_ends(void **state)
{
	(void)state;
	char order[4000];
	memset(order, '"', sizeof order - 1);
	order[sizeof order - 1] = '\0';
	struct buf ticket = {0};
	struct model_folder model = {.escape = TICKET_XML};
	const char *text = fill(&ticket, model, "{order}{order}!", order);
	assert_true(ticket.len < 2000);
	assert_string_equal(text + ticket.len - 2, "!\n");
	buf_fini(&ticket);
}

static void a_bad_template_is_named(void **state)
{
	(void)state;
	static const char *const good[] = {"", "{file}", "a {{b}} {key}", "[X]=\"{order}\""};
	static const char *const bad[][2] = {{"{copy}", "{copy}: known are"}, {"}", "stands alone"},
		{"{file", "known are"}, {"a\tb", "can be seen"}, {"{FILE}", "known are"}};
	struct err err;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		assert_true(job_ticket_check(good[i], &err));
	}
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		assert_false(job_ticket_check(bad[i][0], &err));
		assert_non_null(strstr(err.text, bad[i][1]));
	}
}

static void what_prints_again_in_doubt_is_not_made_where_all_is_in_doubt(void **state)
{
	(void)state;
	struct model minilab = {.folder = {.n_ticket = 1}};
	struct model other = {.n_formats = 1};
	static const enum duplicates policies[] = {
		DUPLICATES_HOLD, DUPLICATES_RELEASE, DUPLICATES_REPRINT};
	for (size_t i = 0; i < 3; i++) {
		struct product product = {.duplicates = policies[i]};
		assert_int_equal(
			model_can_make(&minilab, &product), policies[i] == DUPLICATES_HOLD);
		assert_true(model_can_make(&other, &product));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_that_a_ticket_may_say_is_said),
		cmocka_unit_test(lengths_are_as_short_as_they_are_exact),
		cmocka_unit_test(a_hostile_text_makes_no_line_and_ends_no_value),
		cmocka_unit_test(a_long_text_is_cut_and_the_line_still_ends),
		cmocka_unit_test(a_bad_template_is_named),
		cmocka_unit_test(what_prints_again_in_doubt_is_not_made_where_all_is_in_doubt),
	};
	return cmocka_run_group_tests_name("rules/job_ticket", tests, NULL, NULL);
}
