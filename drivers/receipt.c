/* SPDX-License-Identifier: Apache-2.0
 *
 * Receipts.
 */
#include "drivers/receipt.h"
#include <stdarg.h>
#include <stdio.h>

void receipt_conclude(struct receipt *receipt, enum verdict verdict, enum evidence evidence,
	int64_t completed, const char *format, ...)
{
	receipt->verdict = verdict;
	receipt->evidence = evidence;
	receipt->completed = (int32_t)completed;
	va_list words;
	va_start(words, format);
	vsnprintf(receipt->text, sizeof receipt->text, format, words);
	va_end(words);
}
