#include "capture/capture_provenance.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include "base/json_writer.h"
#include "base/timefmt.h"
#include "config.h"

void capture_provenance_add(const struct capture_options *o, int argc, char **argv,
			    const struct driver *driver, struct strbuf *out)
{
	const struct eyas_config *cfg = &o->driver.config;
	struct timespec now;
	struct utsname un;
	struct strbuf time = STRBUF_INIT;
	struct json_writer w;
	char boot[64] = "";
	FILE *f;

	json_init(&w, out);
	json_begin_object(&w);
	json_key(&w, "recorder");
	json_strz(&w, "eyas-capture " PACKAGE_VERSION);
	if (uname(&un) == 0) {
		json_key(&w, "hostname");
		json_strz(&w, un.nodename);
		json_key(&w, "kernel");
		json_strz(&w, un.release);
		json_key(&w, "kernel_version");
		json_strz(&w, un.version);
		json_key(&w, "machine");
		json_strz(&w, un.machine);
	}
	f = fopen("/proc/sys/kernel/random/boot_id", "re");
	if (f) {
		if (fgets(boot, sizeof(boot), f))
			boot[strcspn(boot, "\n")] = '\0';
		fclose(f);
		json_key(&w, "boot_id");
		json_strz(&w, boot);
	}
	clock_gettime(CLOCK_REALTIME, &now);
	time_iso8601(&time, (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec, "Z");
	json_key(&w, "started");
	json_str(&w, strbuf_str(&time));
	strbuf_release(&time);
	json_key(&w, "clock");
	json_strz(&w, "CLOCK_BOOTTIME, set against CLOCK_REALTIME at the start");
	json_key(&w, "command_line");
	json_begin_array(&w);
	for (int i = 0; i < argc; i++)
		json_strz(&w, argv[i]);
	json_end_array(&w);
	json_key(&w, "snaplen");
	json_begin_object(&w);
	json_key(&w, "file");
	json_u64(&w, cfg->snaplen_file);
	json_key(&w, "socket");
	json_u64(&w, cfg->snaplen_socket);
	json_key(&w, "other");
	json_u64(&w, cfg->snap_by_kind ? cfg->snaplen_other : cfg->snaplen);
	json_end_object(&w);
	json_key(&w, "buffer_bytes_per_cpu");
	json_u64(&w, o->driver.ring_bytes);
	json_key(&w, "all_syscalls");
	json_bool(&w, !o->driver.syscalls);
	json_key(&w, "driver");
	driver_describe(driver, &w);
	json_key(&w, "on_full");
	json_strz(&w, o->drop_when_full ? "drop" : "stop");
	json_end_object(&w);
}
