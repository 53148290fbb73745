/* SPDX-License-Identifier: Apache-2.0
 *
 * The linked list.
 */
#include "base/list.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

struct thing {
	int number;
	struct link link;
};

static int sum(struct link *head)
{
	int digits = 0;
	list_each(at, head)
	{
		digits = digits * 10 + list_entry(at, struct thing, link)->number;
	}
	return digits;
}

static void members_stay_in_order(void **state)
{
	(void)state;
	struct link head;
	list_init(&head);
	assert_true(list_is_empty(&head));
	struct thing things[3] = {{.number = 1}, {.number = 2}, {.number = 3}};
	for (int i = 0; i < 3; i++) {
		list_append(&head, &things[i].link);
	}
	assert_false(list_is_empty(&head));
	assert_int_equal(sum(&head), 123);
	list_remove(&things[1].link);
	assert_int_equal(sum(&head), 13);
	list_append(&head, &things[1].link);
	assert_int_equal(sum(&head), 132);
}

static void taking_off_twice_is_harmless(void **state)
{
	(void)state;
	struct link head;
	list_init(&head);
	struct thing things[2] = {{.number = 1}, {.number = 2}};
	list_append(&head, &things[0].link);
	list_append(&head, &things[1].link);
	list_remove(&things[0].link);
	list_remove(&things[0].link);
	assert_int_equal(sum(&head), 2);
	assert_true(list_is_empty(&things[0].link));
}

static void a_member_may_leave_during_a_walk(void **state)
{
	(void)state;
	struct link head;
	list_init(&head);
	struct thing things[4] = {{.number = 1}, {.number = 2}, {.number = 3}, {.number = 4}};
	for (int i = 0; i < 4; i++) {
		list_append(&head, &things[i].link);
	}
	int seen = 0;
	list_each(at, &head)
	{
		seen++;
		if (list_entry(at, struct thing, link)->number % 2 == 0) {
			list_remove(at);
		}
	}
	assert_int_equal(seen, 4);
	assert_int_equal(sum(&head), 13);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_stay_in_order),
		cmocka_unit_test(taking_off_twice_is_harmless),
		cmocka_unit_test(a_member_may_leave_during_a_walk),
	};
	return cmocka_run_group_tests_name("base/list", tests, NULL, NULL);
}
