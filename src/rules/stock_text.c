/* SPDX-License-Identifier: Apache-2.0
 *
 * What is believed of a roll as a line of numbers, for the store.
 */
#include "rules/stock.h"
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MARK "stock1" /* another list of parts gets another mark */

enum kind { REAL, WHOLE64, WHOLE32, FLAG };

struct part {
	size_t at;
	enum kind kind;
	int n;
};

#define PART(member, kind, n)  offsetof(struct stock, member), kind, n
#define OF_GAUGE(member, kind) offsetof(struct stock_gauge, member), kind, 1

static const struct part parts[] = {
	{PART(mean, REAL, STOCK_STATES)},
	{PART(cov, REAL, STOCK_STATES *STOCK_STATES)},
	{PART(nominal, REAL, 1)},
	{PART(reckoned, REAL, 1)},
	{PART(used, REAL, 1)},
	{PART(others, REAL, 1)},
	{PART(life_zero, REAL, 1)},
	{PART(doubtful, REAL, 1)},
	{PART(ledger_apart_at, REAL, 1)},
	{PART(ledger_apart_ms, WHOLE64, 1)},
	{PART(at_ms, WHOLE64, 1)},
	{PART(knows_life, FLAG, 1)},
	{PART(recount, FLAG, 1)},
	{PART(followed, FLAG, 1)},
};

static const struct part gauge_parts[] = {
	{OF_GAUGE(last, REAL)},
	{OF_GAUGE(used_at, REAL)},
	{OF_GAUGE(seen_ms, WHOLE64)},
	{OF_GAUGE(mended, REAL)},
	{OF_GAUGE(apart_at, REAL)},
	{OF_GAUGE(apart_ms, WHOLE64)},
	{OF_GAUGE(granule, WHOLE32)},
	{OF_GAUGE(moves, WHOLE32)},
	{OF_GAUGE(jumped, FLAG)},
	{OF_GAUGE(cast_out, FLAG)},
};

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

static size_t put_number(char *text, size_t size, enum kind kind, const void *from)
{
	int n = kind == REAL      ? snprintf(text, size, " %.12g", *(const double *)from)
		: kind == WHOLE64 ? snprintf(text, size, " %lld", (long long)*(const int64_t *)from)
		: kind == WHOLE32 ? snprintf(text, size, " %d", (int)*(const int32_t *)from)
				  : snprintf(text, size, " %d", *(const bool *)from);
	return n > 0 && (size_t)n < size ? (size_t)n : 0;
}

static size_t size_of(enum kind kind)
{
	static const size_t sizes[] = {
		sizeof(double), sizeof(int64_t), sizeof(int32_t), sizeof(bool)};
	return sizes[kind];
}

static size_t put_parts(
	char *text, size_t size, const struct part *list, size_t n, const void *from)
{
	size_t len = 0;
	for (size_t i = 0; i < n; i++) {
		for (int k = 0; k < list[i].n; k++) {
			const char *at =
				(const char *)from + list[i].at + (size_t)k * size_of(list[i].kind);
			len += put_number(text + len, size - len, list[i].kind, at);
		}
	}
	return len;
}

void stock_to_text(const struct stock *stock, char text[STOCK_TEXT_MAX])
{
	size_t len = (size_t)snprintf(text, STOCK_TEXT_MAX, TEXT_MARK);
	len += put_parts(text + len, STOCK_TEXT_MAX - len, parts, COUNT(parts), stock);
	for (int i = 0; i < STOCK_GAUGES; i++) {
		len += put_parts(text + len, STOCK_TEXT_MAX - len, gauge_parts, COUNT(gauge_parts),
			&stock->gauges[i]);
	}
}

static bool take_number(const char **text, enum kind kind, void *to)
{
	char *end;
	double real = 0;
	long long whole = 0;
	if (kind == REAL) {
		real = strtod(*text, &end);
	} else {
		whole = strtoll(*text, &end, 10);
	}
	if (end == *text || !isfinite(real)) {
		return false;
	}
	*text = end;
	switch (kind) {
	case REAL:
		*(double *)to = real;
		break;
	case WHOLE64:
		*(int64_t *)to = whole;
		break;
	case WHOLE32:
		*(int32_t *)to = (int32_t)whole;
		break;
	case FLAG:
		*(bool *)to = whole != 0;
		break;
	}
	return true;
}

static bool take_parts(const char **text, const struct part *list, size_t n, void *to)
{
	for (size_t i = 0; i < n; i++) {
		for (int k = 0; k < list[i].n; k++) {
			char *at = (char *)to + list[i].at + (size_t)k * size_of(list[i].kind);
			if (!take_number(text, list[i].kind, at)) {
				return false;
			}
		}
	}
	return true;
}

bool stock_from_text(const char *text, struct stock *stock)
{
	if (strncmp(text, TEXT_MARK, strlen(TEXT_MARK)) != 0) {
		return false;
	}
	text += strlen(TEXT_MARK);
	*stock = (struct stock){.nominal = 0};
	bool fine = take_parts(&text, parts, COUNT(parts), stock);
	for (int i = 0; fine && i < STOCK_GAUGES; i++) {
		fine = take_parts(&text, gauge_parts, COUNT(gauge_parts), &stock->gauges[i]);
	}
	return fine && *text == '\0' && stock->nominal >= 1;
}
