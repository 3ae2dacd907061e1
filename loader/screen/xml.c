/* SPDX-License-Identifier: GPL-2.0-only */
/* Texts from elsewhere in SVG and HTML. */
#include "screen/xml.h"

#include <string.h>

#include "text.h"

/* Longer than any text that comes from elsewhere; the rest is cut. */
#define LONGEST 1024

/* U+FFFE and U+FFFF are UTF-8, but no characters of XML. */
static size_t no_character(const char *at)
{
	return !memcmp(at, "\xef\xbf", 2) && ((unsigned char)at[2] & 0xfe) == 0xbe ? 3 : 0;
}

static void put_escaped(FILE *out, const char *text)
{
	size_t skip;

	while (*text) {
		skip = strlen(text) >= 3 ? no_character(text) : 0;
		if (skip)
			putc('?', out);
		else if (*text == '&')
			fputs("&amp;", out);
		else if (*text == '<')
			fputs("&lt;", out);
		else if (*text == '>')
			fputs("&gt;", out);
		else if (*text == '"')
			fputs("&quot;", out);
		else if (*text == '\'')
			fputs("&#39;", out);
		else
			putc(*text, out);
		text += skip ? skip : 1;
	}
}

void xml_text(FILE *out, const char *text, size_t size)
{
	char clean[LONGEST];

	put_escaped(out, clean_text(clean, sizeof(clean), text, size));
}
