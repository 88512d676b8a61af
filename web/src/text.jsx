// Texts of the trace, times and numbers as the page shows them. All of it becomes text nodes and attributes, never markup.

// What has no shape, changes the direction of what follows, or looks like nothing. eyas escapes control characters itself.
const HIDDEN = /[\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\u{e0000}-\u{e0fff}]/gu;

const escapeOne = (c) => `\\u{${c.codePointAt(0).toString(16)}}`;

/** The text with such characters as \u{202e}. */
export function plain(s) {
	return String(s ?? "").replace(HIDDEN, escapeOne);
}

/** The same for the page: what was escaped stands out. */
export function Text({ s }) {
	const text = String(s ?? "");
	if (text.search(HIDDEN) < 0) return text;
	const parts = [];
	let from = 0;
	for (const m of text.matchAll(HIDDEN)) {
		if (m.index > from) parts.push(text.slice(from, m.index));
		parts.push(<span class="escaped">{escapeOne(m[0])}</span>);
		from = m.index + m[0].length;
	}
	if (from < text.length) parts.push(text.slice(from));
	return parts;
}

const groups = new Intl.NumberFormat("en-US");
export const number = (n) => groups.format(n);
export const many = (n, one, more = `${one}s`) => `${number(n)} ${n === 1 ? one : more}`;

export function bytes(n) {
	if (n < 1024) return `${n} B`;
	const units = ["KiB", "MiB", "GiB", "TiB", "PiB"];
	let i = -1;
	do {
		n /= 1024;
		i++;
	} while (n >= 1024 && i < units.length - 1);
	return `${n < 10 ? n.toFixed(1) : Math.round(n)} ${units[i]}`;
}

export function duration(ns) {
	if (ns < 1e3) return `${Math.round(ns)} ns`;
	if (ns < 1e6) return `${(ns / 1e3).toPrecision(3)} µs`;
	if (ns < 1e9) return `${(ns / 1e6).toPrecision(3)} ms`;
	const s = ns / 1e9;
	if (s < 60) return `${s < 10 ? s.toFixed(2) : s.toFixed(1)} s`;
	const parts = [Math.floor(s / 86400), Math.floor(s / 3600) % 24, Math.floor(s / 60) % 60, Math.floor(s) % 60];
	const names = ["d", "h", "min", "s"];
	const first = parts.findIndex((v) => v > 0);
	return parts
		.map((v, i) => `${v} ${names[i]}`)
		.slice(first, first + 2)
		.join(" ");
}

/** Times of a report; `rel` counts ns from its base. Always UTC. */
export class Clock {
	constructor(report) {
		this.base = report.baseNs;
		const last = this.date(report.span);
		this.withDate = this.date(0) !== last;
	}
	split(rel) {
		const ns = this.base + BigInt(Math.round(rel));
		let second = ns / 1000000000n, fraction = ns % 1000000000n;
		if (fraction < 0n) {
			second -= 1n;
			fraction += 1000000000n;
		}
		return [new Date(Number(second) * 1000).toISOString(), fraction.toString().padStart(9, "0")];
	}
	date(rel) {
		return this.split(rel)[0].slice(0, 10);
	}
	/** For lists: to the millisecond, with the date where the report has more than one. */
	short(rel) {
		if (rel === undefined) return "";
		const [iso, fraction] = this.split(rel);
		return `${this.withDate ? `${iso.slice(5, 10)} ` : ""}${iso.slice(11, 19)}.${fraction.slice(0, 3)}`;
	}
	/** 2026-11-20T09:14:17.823200000Z */
	full(rel) {
		const [iso, fraction] = this.split(rel);
		return `${iso.slice(0, 19)}.${fraction}Z`;
	}
	/** For people: 2026-11-20 09:14:17 UTC */
	long(rel) {
		const [iso] = this.split(rel);
		return `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
	}
}
