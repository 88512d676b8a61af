#include "redact/detector.h"

const struct detector_row detectors[DETECT_N] = {
#define DETECTOR(id, name, group, form, on, doc) \
	[DETECT_##id] = { name, GROUP_##group, FORM_##form, on, doc },
#include "redact/detector_list.def"
#undef DETECTOR
};

void detector_set_default(struct detector_set *s)
{
	for (size_t i = 0; i < DETECT_N; i++)
		s->on[i] = detectors[i].on;
}

bool detector_set_change(struct detector_set *s, struct str list, bool on, struct str *ret_wrong)
{
	struct str piece;

	while (str_split(&list, ',', &piece)) {
		bool all = str_eqz(piece, "all"), usual = str_eqz(piece, "default"), known = false;

		for (size_t i = 0; i < DETECT_N; i++) {
			if (!all && !(usual && detectors[i].on) &&
			    !str_eqz(piece, detectors[i].name))
				continue;
			s->on[i] = on;
			known = true;
		}
		if (!known) {
			*ret_wrong = piece;
			return false;
		}
	}
	return true;
}
