/* SPDX-License-Identifier: Apache-2.0
 *
 * What a printer answers is hostile until it was looked at. libcups reads nested collections by
 * recursion without a bound, so the bytes are walked once before it sees them; afterwards each
 * attribute is taken only in the type, range and length that is expected of it.
 */
#include "drivers/ipp.h"
#include <string.h>

#define VALUES_MAX     20000
#define DEPTH_MAX      8
#define NAME_BYTES_MAX 255

static bool nonsense(struct err *err, const char *what)
{
	return err_set(err, REMEDY_RETRY, "printer-answer",
		"the printer's answer is not sound IPP: %s", what);
}

static size_t get16(const unsigned char *at)
{
	return (size_t)at[0] << 8 | at[1];
}

bool ipp_shape_is_fine(const unsigned char *bytes, size_t len, struct err *err)
{
	size_t at = 8;
	int depth = 0;
	for (int values = 0; values <= VALUES_MAX; values++) {
		if (at >= len) {
			return nonsense(err, "it is cut off");
		}
		unsigned char tag = bytes[at++];
		if (tag == IPP_TAG_END) {
			return depth == 0 || nonsense(err, "a collection has no end");
		}
		if (tag < 0x10) {
			if (tag == IPP_TAG_ZERO || depth > 0) {
				return nonsense(err, "a group starts where none may");
			}
			continue;
		}
		if (tag == IPP_TAG_EXTENSION) {
			return nonsense(err, "an extended type");
		}
		for (int part = 0; part < 2; part++) { /* the name, the value */
			if (len - at < 2) {
				return nonsense(err, "it is cut off");
			}
			size_t n = get16(bytes + at);
			if (n > len - at - 2 || (part == 0 && n > NAME_BYTES_MAX)) {
				return nonsense(err, "a length runs past its end");
			}
			at += 2 + n;
		}
		depth += (tag == IPP_TAG_BEGIN_COLLECTION) - (tag == IPP_TAG_END_COLLECTION);
		if (depth < 0 || depth > DEPTH_MAX) {
			return nonsense(err, "collections are nested too deep");
		}
	}
	return nonsense(err, "it has too many values");
}

struct source {
	const char *bytes;
	size_t left;
};

static ssize_t read_some(void *context, ipp_uchar_t *out, size_t len)
{
	struct source *source = context;
	size_t n = len < source->left ? len : source->left;
	memcpy(out, source->bytes, n);
	source->bytes += n;
	source->left -= n;
	return (ssize_t)n;
}

ipp_t *ipp_answer_read(const char *bytes, size_t len, int32_t request_id, struct err *err)
{
	if (len < 9 || bytes[0] < 1 || bytes[0] > 2) {
		nonsense(err, "no version 1 or 2 message");
		return NULL;
	}
	if (!ipp_shape_is_fine((const unsigned char *)bytes, len, err)) {
		return NULL;
	}
	struct source source = {bytes, len};
	ipp_t *answer = ippNew();
	ipp_state_t state = ippReadIO(&source, read_some, 1, NULL, answer);
	if (state != IPP_STATE_DATA || ippGetRequestId(answer) != request_id) {
		nonsense(err, state == IPP_STATE_DATA ? "it answers another request"
						      : "a value has a wrong length");
		ippDelete(answer);
		return NULL;
	}
	return answer;
}

/* What each refusal means for the job; anything else may pass. */
static const struct {
	ipp_status_t status;
	enum remedy remedy;
	const char *code;
	const char *words;
} refusals[] = {
	{IPP_STATUS_ERROR_BUSY, REMEDY_RETRY, "printer-busy", "it is busy with another job"},
	{IPP_STATUS_ERROR_NOT_ACCEPTING_JOBS, REMEDY_ATTEND, "printer-not-accepting",
		"it accepts no jobs; enable it at the printer"},
	{IPP_STATUS_ERROR_DOCUMENT_FORMAT_NOT_SUPPORTED, REMEDY_REJECT, "format-refused",
		"it does not take this document format"},
	{IPP_STATUS_ERROR_DOCUMENT_FORMAT_ERROR, REMEDY_REJECT, "format-refused",
		"it cannot read the document"},
	{IPP_STATUS_ERROR_ATTRIBUTES_OR_VALUES, REMEDY_REJECT, "format-refused",
		"it does not take this format or size"},
	{IPP_STATUS_ERROR_REQUEST_ENTITY, REMEDY_REJECT, "format-refused",
		"the document is too large for it"},
	{IPP_STATUS_ERROR_FORBIDDEN, REMEDY_ATTEND, "printer-locked",
		"it does not let platen print; allow it at the printer"},
	{IPP_STATUS_ERROR_NOT_AUTHENTICATED, REMEDY_ATTEND, "printer-locked",
		"it wants a password; allow printing without one"},
	{IPP_STATUS_ERROR_NOT_AUTHORIZED, REMEDY_ATTEND, "printer-locked",
		"it does not let platen print; allow it at the printer"},
	{IPP_STATUS_ERROR_OPERATION_NOT_SUPPORTED, REMEDY_ATTEND, "printer-unfit",
		"it lacks an operation that platen needs"},
	{IPP_STATUS_ERROR_VERSION_NOT_SUPPORTED, REMEDY_ATTEND, "printer-unfit",
		"it does not speak IPP 2.0"},
	{IPP_STATUS_ERROR_DEVICE, REMEDY_ATTEND, "printer-fault",
		"it reports a fault of its own; look at its panel"},
};

bool ipp_answer_is_fine(const struct ipp *ipp, ipp_t *answer, const char *doing, struct err *err)
{
	ipp_status_t status = ippGetStatusCode(answer);
	if (status >= IPP_STATUS_OK && status <= IPP_STATUS_OK_CONFLICTING) {
		return true;
	}
	char said[129] = "";
	ipp_take_text(ipp_find(answer, IPP_TAG_OPERATION, "status-message"), said, sizeof said);
	for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
		if (refusals[i].status == status) {
			return err_set(err, refusals[i].remedy, refusals[i].code,
				"printer %s: %s: %s%s%s", ipp->device->printer, doing,
				refusals[i].words, said[0] == '\0' ? "" : ": ", said);
		}
	}
	return err_set(err, REMEDY_RETRY, "printer-refused",
		"printer %s: %s: it answered 0x%04x%s%s", ipp->device->printer, doing,
		(unsigned)status, said[0] == '\0' ? "" : ": ", said);
}

ipp_attribute_t *ipp_find(ipp_t *answer, ipp_tag_t group, const char *name)
{
	ipp_attribute_t *found = ippFindAttribute(answer, name, IPP_TAG_ZERO);
	while (found != NULL && group != IPP_TAG_ZERO && ippGetGroupTag(found) != group) {
		found = ippFindNextAttribute(answer, name, IPP_TAG_ZERO);
	}
	return found;
}

static bool is_text(ipp_attribute_t *attribute)
{
	switch (ippGetValueTag(attribute)) {
	case IPP_TAG_TEXT:
	case IPP_TAG_NAME:
	case IPP_TAG_TEXTLANG:
	case IPP_TAG_NAMELANG:
	case IPP_TAG_KEYWORD:
	case IPP_TAG_URI:
	case IPP_TAG_MIMETYPE:
		return true;
	default:
		return false;
	}
}

bool ipp_take_text(ipp_attribute_t *attribute, char *out, size_t size)
{
	if (attribute == NULL || !is_text(attribute) || ippGetCount(attribute) < 1) {
		return false;
	}
	const char *text = ippGetString(attribute, 0, NULL);
	if (text == NULL) {
		return false;
	}
	text_escape(out, size, text);
	return true;
}

bool ipp_take_int(ipp_attribute_t *attribute, int64_t least, int64_t most, int64_t *out)
{
	ipp_tag_t tag = attribute == NULL ? IPP_TAG_ZERO : ippGetValueTag(attribute);
	if ((tag != IPP_TAG_INTEGER && tag != IPP_TAG_ENUM) || ippGetCount(attribute) < 1) {
		return false;
	}
	int number = ippGetInteger(attribute, 0);
	if (number < least || number > most) {
		return false;
	}
	*out = number;
	return true;
}

bool ipp_take_int32(ipp_attribute_t *attribute, int32_t least, int32_t most, int32_t *out)
{
	int64_t number;
	if (!ipp_take_int(attribute, least, most, &number)) {
		return false;
	}
	*out = (int32_t)number;
	return true;
}

bool ipp_take_bool(ipp_attribute_t *attribute, bool *out)
{
	if (attribute == NULL || ippGetValueTag(attribute) != IPP_TAG_BOOLEAN ||
		ippGetCount(attribute) < 1) {
		return false;
	}
	*out = ippGetBoolean(attribute, 0) != 0;
	return true;
}

bool ipp_has_word(ipp_attribute_t *attribute, const char *word)
{
	for (int i = 0; attribute != NULL && is_text(attribute) && i < ippGetCount(attribute);
		i++) {
		const char *text = ippGetString(attribute, i, NULL);
		if (text != NULL && strcmp(text, word) == 0) {
			return true;
		}
	}
	return false;
}

bool ipp_has_number(ipp_attribute_t *attribute, int number)
{
	ipp_tag_t tag = attribute == NULL ? IPP_TAG_ZERO : ippGetValueTag(attribute);
	for (int i = 0;
		(tag == IPP_TAG_INTEGER || tag == IPP_TAG_ENUM) && i < ippGetCount(attribute);
		i++) {
		if (ippGetInteger(attribute, i) == number) {
			return true;
		}
	}
	return false;
}
