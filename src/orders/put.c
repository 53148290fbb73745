/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading and writing the store within a call. A failure is remembered by the service and turns the
 * call into 503; so handlers need not ask after each statement.
 */
#include "orders/service.h"
#include <stdarg.h>

void put(struct service *service, const char *sql, const char *kinds, ...)
{
	if (service->broken) {
		return;
	}
	va_list arguments;
	va_start(arguments, kinds);
	service->broken = !db_run_args(service->db, &service->fault, sql, kinds, arguments);
	va_end(arguments);
}

bool read_end(struct service *service, struct db_row *row)
{
	struct err err;
	if (!db_end(row, &err)) {
		service->fault = err;
		service->broken = true;
	}
	return !service->broken;
}

int64_t one_int(struct service *service, int64_t fallback, const char *sql, const char *kinds, ...)
{
	va_list arguments;
	va_start(arguments, kinds);
	struct db_row *row = db_query_args(service->db, sql, kinds, arguments);
	va_end(arguments);
	int64_t value = db_next(row) && !db_is_null(row, 0) ? db_int(row, 0) : fallback;
	read_end(service, row);
	return value;
}

bool one_text(
	struct service *service, char *out, size_t size, const char *sql, const char *kinds, ...)
{
	va_list arguments;
	va_start(arguments, kinds);
	struct db_row *row = db_query_args(service->db, sql, kinds, arguments);
	va_end(arguments);
	bool found = db_next(row) && !db_is_null(row, 0);
	if (found) {
		text_copy(out, size, db_text(row, 0));
	}
	return read_end(service, row) && found;
}
