/*
 * field_extract: what the extractors share: their prototypes, the numbers they tell fields apart
 * by.
 *
 * Layer: fields, private. An extractor field_x_<name>() is named in field_list.def. Extractors run
 * for every event: they take memory from the event's arena only, and give interned strings where
 * they can.
 */
#ifndef EYAS_FIELD_EXTRACT_H
#define EYAS_FIELD_EXTRACT_H

#include "base/strbuf.h"
#include "event/event_text.h"
#include "fields/field.h"

enum {
	EVT_TIME_HMS,
	EVT_TIME_HMS_S,
	EVT_TIME_ISO,
	EVT_TIME_DATE,
	EVT_TIME_DATE_S,
};

enum { EVT_PART_ALL, EVT_PART_S, EVT_PART_NS };
enum { EVT_IO, EVT_IO_READ, EVT_IO_WRITE, EVT_WAIT };
enum { EVT_ERROR_ANY, EVT_ERROR_FILE, EVT_ERROR_NET, EVT_ERROR_MEMORY, EVT_ERROR_OTHER };

enum {
	EVT_BUFLEN_IN = 1 << 0,
	EVT_BUFLEN_OUT = 1 << 1,
	EVT_BUFLEN_FILE = 1 << 2,
	EVT_BUFLEN_NET = 1 << 3,
};

enum { EVT_OPEN_READ, EVT_OPEN_WRITE, EVT_OPEN_EXEC, EVT_OPEN_CREATE };
enum { EVT_INFRA_NAME, EVT_INFRA_ID, EVT_INFRA_CONTAINER, EVT_INFRA_IMAGE };

/* Strings of a process. */
enum { PROC_NAME, PROC_EXE, PROC_EXEPATH, PROC_CMDLINE };
/* Numbers of a process. */
enum {
	PROC_TTY,
	PROC_PID,
	PROC_PPID,
	PROC_VPID,
	PROC_PVPID,
	PROC_SID,
	PROC_VPGID,
	PROC_PGID,
};
#define PROC_LEADER(string, id) ((id) << 8 | (string))
enum { PROC_DURATION, PROC_PPID_DURATION, PROC_PID_TS, PROC_PPID_TS };
enum {
	PROC_EXE_WRITABLE,
	PROC_EXE_UPPER,
	PROC_EXE_LOWER,
	PROC_EXE_MEMFD,
	PROC_IS_SID_LEADER,
	PROC_IS_VPGID_LEADER,
	PROC_IS_PGID_LEADER,
};
enum {
	PROC_INO,
	PROC_INO_CTIME,
	PROC_INO_MTIME,
	PROC_INO_DUR_START,
	PROC_INO_DUR_PIDNS,
	PROC_PIDNS_START,
};

enum {
	THREAD_VMSIZE,
	THREAD_VMRSS,
	THREAD_VMSWAP,
	THREAD_PFMAJOR,
	THREAD_PFMINOR,
	THREAD_MAIN_VMSIZE,
	THREAD_MAIN_VMRSS,
	THREAD_MAIN_VMSIZE_B,
	THREAD_MAIN_VMRSS_B,
};
enum { THREAD_CPU_ALL, THREAD_CPU_USER, THREAD_CPU_SYSTEM };

enum {
	USER_UID,
	USER_LOGINUID,
	USER_GID,
	USER_NAME,
	USER_HOME,
	USER_SHELL,
	USER_LOGINNAME,
	USER_GROUP,
};

/* Ends of a connection. */
enum { FD_CLIENT = 1 << 0, FD_SERVER = 1 << 1, FD_LOCAL = 1 << 2, FD_REMOTE = 1 << 3 };

enum { FS_NAME = 0, FS_SOURCE = 1, FS_TARGET = 2, FS_RAW = 1 << 4 };

enum { FDLIST_NUMS, FDLIST_NAMES, FDLIST_CIPS, FDLIST_SIPS, FDLIST_CPORTS, FDLIST_SPORTS };

enum {
	CONTAINER_ID,
	CONTAINER_FULL_ID,
	CONTAINER_NAME,
	CONTAINER_IMAGE,
	CONTAINER_IMAGE_ID,
	CONTAINER_TYPE,
	CONTAINER_REPO,
	CONTAINER_TAG,
	CONTAINER_DIGEST,
	CONTAINER_IP,
	CONTAINER_CNI,
};
enum {
	CONTAINER_PRIVILEGED,
	CONTAINER_HOST_PID,
	CONTAINER_HOST_NETWORK,
	CONTAINER_HOST_IPC,
};
enum { MOUNT_ALL, MOUNT_SOURCE, MOUNT_DEST, MOUNT_MODE, MOUNT_RDWR, MOUNT_PROPAGATION };
/* Rows of field_ka_list.def. */
enum {
#define KA(id, name, flags, how, path, doc) KA_##id,
#include "fields/field_ka_list.def"
#undef KA
};
enum { K8S_POD_NAME, K8S_NS_NAME, K8S_POD_UID };

#define FIELD(name, cls, type, format, scope, flags, extract, aux, doc)                  \
	bool field_x_##extract(const struct field_ref *ref, const struct field_env *env, \
			       struct values *out);
#include "fields/field_list.def"
#undef FIELD

/* An empty buffer to make a text in, the same one at each call: its memory is kept, so that no
 * event costs a malloc. The finished text goes to the event's arena. */
struct strbuf *field_scratch(const struct field_env *env);
/* A second one, for a text needed on the way to the first. */
struct strbuf *field_scratch_part(const struct field_env *env);
/* Appends the scratch text as a value. */
bool values_add_scratch(struct values *out, const struct field_ref *ref, const struct strbuf *sb);
/* A string literal as a value. */
bool values_add_z(struct values *out, const struct field_ref *ref, const char *z);

/* One of the PROC_ strings of a thread; cmdline is in the event's arena where it is not cached. */
bool field_proc_string(const struct field_ref *ref, const struct field_env *env,
		       const struct thread *t, int what, struct values *out);

/* The one-character form of fd.type. */
char field_fd_type_char(unsigned type);
/* The protocol as fd.l4proto shows it: none while an IP socket has no role. */
unsigned field_fd_visible_proto(const struct fd_entry *f);

struct event_text_options field_text_options(const struct field_env *env);

/* PROC_NAME to PROC_CMDLINE of a process; never NULL. */
const struct istr *field_proc_istr(const struct thread *t, int what);

/* container.id of the thread: "" on the host. */
struct str field_container_id(const struct field_env *env);

/* field_memory: slots of per-instance memory. */
struct field_slot {
	uint64_t last;                 /* time or count last seen */
	uint64_t last_num, last_value; /* the event it was seen at, and what the field was then */
	bool seen;
	uint64_t *by_cpu; /* last switch per CPU */
	size_t n_cpus;
	struct u64map *by_tid; /* sums per thread, pointers to struct field_thread_sum */
};

struct field_thread_sum {
	uint64_t total, user, system;
};

/* The slot of a field instance; NULL when there is no memory. */
struct field_slot *field_slot(const struct field_env *env, const struct field_ref *ref);
/* What a slot remembers of a thread (cleared at first); NULL when there is no memory. */
struct field_thread_sum *field_slot_thread(struct field_slot *slot, int64_t tid);

#endif
