/* SPDX-License-Identifier: Apache-2.0
 *
 * A doubly linked list whose links stand inside its members. A link that is on no list points to
 * itself, so that taking it off twice is harmless.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

struct link {
	struct link *next, *prev;
};

#define list_entry(link, type, member) ((type *)((char *)(link)-offsetof(type, member)))
#define list_each(at, head)                                                                        \
	for (struct link *at = (head)->next, *at##_next = at->next; at != (head);                  \
		at = at##_next, at##_next = at->next)

static inline void list_init(struct link *head)
{
	head->next = head->prev = head;
}

static inline bool list_is_empty(const struct link *head)
{
	return head->next == head;
}

static inline void list_append(struct link *head, struct link *link)
{
	link->prev = head->prev;
	link->next = head;
	head->prev->next = link;
	head->prev = link;
}

static inline void list_remove(struct link *link)
{
	link->prev->next = link->next;
	link->next->prev = link->prev;
	list_init(link);
}
