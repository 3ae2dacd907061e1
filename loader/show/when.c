/* SPDX-License-Identifier: GPL-2.0-only */
/* Points in time as people write them, in nanoseconds since 1970. */
#include "show/when.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "number.h"

#define MAX_S (UINT64_MAX / NS_PER_S - 1)

/*
 * As strptime(3), where the whole of FORMAT is LEN characters of *TEXT, which moves behind
 * them: it would take blanks before a number, and fewer digits.
 */
static int take(const char **text, const char *format, size_t len, struct tm *tm)
{
	char part[16];
	const char *end;

	if (strcspn(*text, " \t\n\v\f\r") < len)
		return -EINVAL;
	snprintf(part, sizeof(part), "%.*s", (int)len, *text);
	end = strptime(part, format, tm);
	if (!end || end != part + len)
		return -EINVAL;
	*text += len;
	return 0;
}

static int skip(const char **text, const char *any_of)
{
	if (!**text || !strchr(any_of, **text))
		return -EINVAL;
	(*text)++;
	return 0;
}

/* ".5" and the like, or nothing: in nanoseconds. */
static int fraction(const char **text, __u64 *ns)
{
	__u64 unit = NS_PER_S / 10;

	*ns = 0;
	if (**text != '.')
		return 0;
	(*text)++;
	if (**text < '0' || **text > '9')
		return -EINVAL;
	for (; **text >= '0' && **text <= '9'; (*text)++, unit /= 10)
		*ns += unit * (**text - '0');
	return 0;
}

/* "Z" or "+01:00", in seconds. */
static int zone(const char **text, long *offset)
{
	struct tm tm = {};
	int sign;

	*offset = 0;
	if (!skip(text, "Zz"))
		return 0;
	sign = **text == '-' ? -1 : 1;
	if (skip(text, "+-") || take(text, "%H:%M", 5, &tm))
		return -EINVAL;
	*offset = sign * (tm.tm_hour * 3600L + tm.tm_min * 60L);
	return 0;
}

/*
 * timegm() turns 31 February into March: such a date is none.  strptime() has room for two
 * leap seconds at once, which there never are.
 */
static int to_seconds(const struct tm *tm, time_t *seconds)
{
	struct tm same = *tm;

	if (tm->tm_year < 70 || tm->tm_sec > 60)
		return -EINVAL;
	*seconds = timegm(&same);
	return same.tm_mon == tm->tm_mon ? 0 : -EINVAL;
}

static int date_and_time(const char **text, struct tm *tm)
{
	memset(tm, 0, sizeof(*tm));
	if (take(text, "%Y-%m-%d", 10, tm) || skip(text, "Tt ") ||
	    take(text, "%H:%M:%S", 8, tm))
		return -EINVAL;
	return 0;
}

static int parse_rfc3339(const char *text, __u64 *when)
{
	time_t seconds;
	struct tm tm;
	long offset;
	__u64 ns;

	if (date_and_time(&text, &tm) || fraction(&text, &ns) || zone(&text, &offset) ||
	    *text || to_seconds(&tm, &seconds))
		return -EINVAL;
	seconds -= offset;
	if (seconds < 0 || (__u64)seconds > MAX_S)
		return -EINVAL;
	*when = seconds * NS_PER_S + ns;
	return 0;
}

static int unit_seconds(char unit)
{
	switch (unit) {
	case 's':
		return 1;
	case 'm':
		return 60;
	case 'h':
		return 3600;
	case 'd':
		return 86400;
	default:
		return 0;
	}
}

/* Further back than 1970 is 1970: all there is. */
static int parse_ago(const char *text, __u64 now, __u64 *when)
{
	size_t len = strlen(text);
	char number[24];
	__u64 ago;
	int unit;

	if (!len || len > sizeof(number))
		return -EINVAL;
	unit = unit_seconds(text[len - 1]);
	memcpy(number, text, len - 1);
	number[len - 1] = 0;
	if (!unit || parse_number(number, 10, MAX_S / unit, &ago))
		return -EINVAL;
	ago *= unit * NS_PER_S;
	*when = ago < now ? now - ago : 0;
	return 0;
}

int parse_when(const char *text, __u64 now, __u64 *when)
{
	__u64 seconds;

	if (text[0] == '@') {
		if (parse_number(text + 1, 10, MAX_S, &seconds))
			return -EINVAL;
		*when = seconds * NS_PER_S;
		return 0;
	}
	if (strchr(text, ':'))
		return parse_rfc3339(text, when);
	return parse_ago(text + (text[0] == '-'), now, when);
}

void format_when(__u64 when, char *buf, size_t size)
{
	time_t seconds = when / NS_PER_S;
	struct tm tm;
	char day[32];

	gmtime_r(&seconds, &tm);
	strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(buf, size, "%s.%06lluZ", day, when % NS_PER_S / 1000);
}

__u64 when_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return t.tv_sec * NS_PER_S + t.tv_nsec;
}

__u64 when_of(__u64 boot_ns)
{
	return when_now() - now_ns() + boot_ns;
}
