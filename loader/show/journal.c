// SPDX-License-Identifier: GPL-2.0-only
/* Messages for systemd's journal, with fields to search by: journalctl DAXGUARD_DEVICE=dax0.0. */
#include "show/journal.h"

#include <ctype.h>
#include <dlfcn.h>
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <systemd/sd-journal.h>
#include <systemd/sd-login.h>
#include <unistd.h>

#include "array.h"
#include "show/event.h"
#include "show/journal_ids.h"
#include "show/output.h"
#include "show/report.h"

#define LIBSYSTEMD "libsystemd.so.0"
#define JOURNAL_SOCKET "/run/systemd/journal/socket"

bool journal_is_stderr(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long dev, ino;
	struct stat st;

	return stream && sscanf(stream, "%llu:%llu", &dev, &ino) == 2 && !fstat(2, &st) &&
	       st.st_dev == dev && st.st_ino == ino;
}

/*
 * The function NAME of libsystemd, or NULL.  Not linked: it brings six libraries along, which
 * every run of the command would load, and an initramfs have to hold.
 */
static void *find(const char *name)
{
	static void *lib;

	if (!lib)
		lib = dlopen(LIBSYSTEMD, RTLD_NOW | RTLD_LOCAL);
	return lib ? dlsym(lib, name) : NULL;
}

static __typeof__(&sd_journal_sendv) find_sendv(void)
{
	return (__typeof__(&sd_journal_sendv))find("sd_journal_sendv");
}

int journal_need(void)
{
	/* libsystemd says nothing where it is not there */
	if (access(JOURNAL_SOCKET, W_OK))
		return fail(EXIT_LACKING, "systemd's journal is not there ('" JOURNAL_SOCKET
					  "' may not be written to): leave out --journal");
	if (!find_sendv())
		return fail(EXIT_LACKING, "the library '" LIBSYSTEMD "' is missing: install it "
					  "(Debian: libsystemd0), or leave out --journal");
	return 0;
}

/* More than an event has fields. */
#define MOST_FIELDS 40

struct message {
	char *field[MOST_FIELDS]; /* NAME=value, each its own */
	size_t nr;
	int err; /* the first that went wrong */
};

__attribute__((format(printf, 2, 3))) static void add(struct message *m, const char *fmt, ...)
{
	va_list args;
	int len;

	if (m->nr == ARRAY_SIZE(m->field)) {
		m->err = -E2BIG;
		return;
	}
	va_start(args, fmt);
	len = vasprintf(&m->field[m->nr], fmt, args);
	va_end(args);
	if (len < 0)
		m->err = -ENOMEM;
	else
		m->nr++;
}

/* And drop the fields. */
static int send(struct message *m)
{
	__typeof__(&sd_journal_sendv) sendv = find_sendv();
	struct iovec fields[MOST_FIELDS];
	size_t i;
	int err = m->err;

	for (i = 0; i < m->nr; i++)
		fields[i] = (struct iovec){ m->field[i], strlen(m->field[i]) };
	if (!err)
		err = sendv ? sendv(fields, (int)m->nr) : -ENOSYS;
	for (i = 0; i < m->nr; i++)
		free(m->field[i]);
	return err;
}

/*
 * Whose message it is, for journalctl -u: the journal asks for our cgroup when it reads the
 * message, and may find us gone.
 */
static void add_unit(struct message *m)
{
	__typeof__(&sd_pid_get_unit) get = (__typeof__(get))find("sd_pid_get_unit");
	char *unit;

	if (!get || get(0, &unit) < 0)
		return;
	add(m, "OBJECT_SYSTEMD_UNIT=%s", unit);
	free(unit);
}

static void begin(struct message *m, const char *id, int priority, const char *sentence)
{
	*m = (struct message){};
	add(m, "MESSAGE=%s", sentence);
	add(m, "MESSAGE_ID=%s", id);
	add(m, "PRIORITY=%d", priority);
	add(m, "SYSLOG_IDENTIFIER=daxguard");
	add_unit(m);
}

int journal_sentence(int priority, int status, const char *sentence)
{
	struct message m;

	begin(&m, status < 0 ? JOURNAL_WARNING : JOURNAL_ERROR, priority, sentence);
	if (status >= 0)
		add(&m, "DAXGUARD_STATUS=%d", status);
	return send(&m);
}

static const struct {
	const char *id;
	int priority;
} kinds[] = {
#define ONE_EVENT(name, priority, id) [DAXGUARD_EV_##name] = { id, priority },
	JOURNAL_EVENTS(ONE_EVENT)
#undef ONE_EVENT
};

/* DAXGUARD_DEVICE=dax0.0; what is null has no field. */
static void add_field(struct message *m, const char *key, struct json_object *value)
{
	char name[32];
	size_t i;

	for (i = 0; key[i] && i + 1 < sizeof(name); i++)
		name[i] = toupper((unsigned char)key[i]);
	name[i] = 0;
	if (value)
		add(m, "DAXGUARD_%s=%s", name, json_object_get_string(value));
}

static char *sentence_of(const struct event_record *e)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	event_sentence(out, e);
	fclose(out);
	return text;
}

int journal_event(const struct event_record *e, __u64 seq, __u64 when,
		  const struct cgroups *cgroups)
{
	__u32 kind = e->event.event;
	struct json_object *obj;
	struct message m;
	char *sentence;

	/* a newer guard's, which has no text here */
	if (kind >= ARRAY_SIZE(kinds) || !kinds[kind].id)
		return 0;
	sentence = sentence_of(e);
	if (!sentence)
		return -ENOMEM;
	begin(&m, kinds[kind].id, kinds[kind].priority, sentence);
	free(sentence);
	obj = event_object(e, seq, when, cgroups);
	json_object_object_foreach (obj, key, value) {
		add_field(&m, key, value);
	}
	json_object_put(obj);
	return send(&m);
}

int journal_lost_events(__u64 first, __u64 last)
{
	struct message m;
	char text[128];

	snprintf(text, sizeof(text), "%llu events are lost, from number %llu to %llu",
		 last - first + 1, first, last);
	begin(&m, JOURNAL_GAP, 4, text);
	add(&m, "DAXGUARD_EVENT=gap");
	add(&m, "DAXGUARD_FIRST=%llu", first);
	add(&m, "DAXGUARD_LAST=%llu", last);
	return send(&m);
}
