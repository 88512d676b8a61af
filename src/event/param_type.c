#include "event/param_type.h"

#include <string.h>

static const char *const type_names[PT_N] = {
#define X(name, number, size, is_signed) [number] = "PT_" #name,
	PARAM_TYPE_LIST(X)
#undef X
};

/* Fixed-size types that are not integers. */
#define NOT_AN_INT(number)                                                             \
	((number) == PT_IPV4ADDR || (number) == PT_DOUBLE || (number) == PT_IPV4NET || \
	 (number) == PT_IPV6ADDR)

const struct param_traits param_traits[PT_N] = {
#define X(name, number, size, is_signed)                                 \
	[number] = { size, is_signed, (size) > 0 && !NOT_AN_INT(number), \
		     (number) == PT_CHARBUF || (number) == PT_FSPATH ||  \
			     (number) == PT_FSRELPATH },
	PARAM_TYPE_LIST(X)
#undef X
};

static const char *const formats[PF_N] = {
	[PF_NA] = "PF_NA",   [PF_DEC] = "PF_DEC",
	[PF_HEX] = "PF_HEX", [PF_10_PADDED_DEC] = "PF_10_PADDED_DEC",
	[PF_ID] = "PF_ID",   [PF_DIR] = "PF_DIR",
	[PF_OCT] = "PF_OCT",
};

const char *param_type_name(unsigned type)
{
	return type < PT_N ? type_names[type] : "PT_?";
}

int param_type_by_name(const char *name)
{
	if (strncmp(name, "PT_", 3) == 0)
		name += 3;
	for (int i = 0; i < PT_N; i++) {
		if (strcmp(name, type_names[i] + 3) == 0)
			return i;
	}
	return -1;
}

const char *param_format_name(unsigned format)
{
	return format < PF_N ? formats[format] : "PF_?";
}
