#include "event/param_type.h"

#include <string.h>

static const struct {
	const char *name;
	uint8_t size;
	bool is_signed;
} types[PT_N] = {
#define X(name, number, size, is_signed) [number] = { "PT_" #name, size, is_signed },
	PARAM_TYPE_LIST(X)
#undef X
};

static const char *const formats[PF_N] = {
	[PF_NA] = "PF_NA",
	[PF_DEC] = "PF_DEC",
	[PF_HEX] = "PF_HEX",
	[PF_10_PADDED_DEC] = "PF_10_PADDED_DEC",
	[PF_ID] = "PF_ID",
	[PF_DIR] = "PF_DIR",
	[PF_OCT] = "PF_OCT",
};

const char *param_type_name(unsigned type)
{
	return type < PT_N ? types[type].name : "PT_?";
}

int param_type_by_name(const char *name)
{
	if (strncmp(name, "PT_", 3) == 0)
		name += 3;
	for (int i = 0; i < PT_N; i++) {
		if (strcmp(name, types[i].name + 3) == 0)
			return i;
	}
	return -1;
}

unsigned param_type_size(unsigned type)
{
	return type < PT_N ? types[type].size : 0;
}

bool param_type_is_signed(unsigned type)
{
	return type < PT_N && types[type].is_signed;
}

bool param_type_is_int(unsigned type)
{
	switch (type) {
	case PT_IPV4ADDR:
	case PT_DOUBLE:
	case PT_IPV4NET:
	case PT_IPV6ADDR:
		return false;
	default:
		return param_type_size(type) > 0;
	}
}

bool param_type_is_text(unsigned type)
{
	return type == PT_CHARBUF || type == PT_FSPATH || type == PT_FSRELPATH;
}

const char *param_format_name(unsigned format)
{
	return format < PF_N ? formats[format] : "PF_?";
}
