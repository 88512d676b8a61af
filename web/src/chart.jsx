// Events over time, with the alerts above them; what is marked with the mouse or the keys is the range that all lists show.
import uPlot from "uplot";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { duration, many, number } from "./text.jsx";

const KINDS = [
	["files", "Files"],
	["network", "Network"],
	["processes", "Processes"],
	["other", "Other"],
];
const BARS = 320; // at most in the whole width
const STRIP = 14; // px above the plot, for alerts

function colour(name) {
	return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/**
 * `by` slices of the report at once: x in ms since the epoch; for each kind the sum of it and those before, so that
 * areas lie on each other.
 */
function series(report, by) {
	const a = report.activity;
	const base = Number(report.baseNs / 1000n) / 1e3;
	const slices = a.other.length, n = Math.ceil(slices / by);
	const step = ((a.width ?? 1) * by) / 1e6, from = base + (a.from ?? 0) / 1e6;
	const x = new Float64Array(n + 1);
	const sums = KINDS.map(() => new Float64Array(n + 1));
	const failed = new Array(n + 1).fill(null);
	for (let i = 0; i <= n; i++) x[i] = from + i * step;
	for (let i = 0; i < slices; i++) {
		const to = Math.floor(i / by);
		let sum = 0;
		KINDS.forEach(([key], k) => {
			sum += a[key][i];
			sums[k][to] += sum;
		});
		if (a.failed[i]) failed[to] = (failed[to] ?? 0) + a.failed[i]; // none: no line
	}
	return { base, x, sums, failed, width: (a.width ?? 1) * by };
}

/** How many slices make a bar that can be seen, when so many ns are shown. */
function slicesAtOnce(report, span) {
	let by = 1;
	while (span / ((report.activity.width ?? 1) * by) > BARS) by *= 2;
	return by;
}

export function Chart({ report, clock, range, onRange, theme, alerts }) {
	const box = useRef(null), plot = useRef(null), shown = useRef(alerts), set = useRef(onRange);
	const by = slicesAtOnce(report, range ? range[1] - range[0] : report.span);
	const data = useMemo(() => series(report, by), [report, by]);
	const [at, setAt] = useState(-1);
	shown.current = alerts;
	set.current = onRange;

	const whole = [data.base, data.base + Math.max(report.span / 1e6, 1e-3)];
	const rel = (ms) => (ms - data.base) * 1e6;
	const ms = (r) => data.base + r / 1e6;
	const view = range ? [ms(range[0]), ms(range[1])] : whole;

	const show = (from, to) => {
		const least = 1e-3; // 1 µs
		if (to - from < least) to = from + least;
		from = Math.max(from, whole[0]);
		to = Math.min(to, whole[1]);
		if (to - from >= (whole[1] - whole[0]) * 0.999) set.current(null);
		else if (to > from) set.current([rel(from), rel(to)]);
	};
	const zoom = (factor, middle = (view[0] + view[1]) / 2) => show(middle - (middle - view[0]) * factor, middle + (view[1] - middle) * factor);
	const pan = (part) => {
		const by = (view[1] - view[0]) * part;
		const from = Math.min(Math.max(view[0] + by, whole[0]), whole[1] - (view[1] - view[0]));
		show(from, from + view[1] - view[0]);
	};

	useEffect(() => {
		const ink = colour("--muted"), line = colour("--line");
		const marks = (u) => {
			const { ctx, bbox } = u, ratio = devicePixelRatio;
			const seen = new Map(); // a pixel: the most severe of its alerts
			for (const a of shown.current) {
				const px = Math.round(u.valToPos(ms(a.time), "x", true));
				if (px < bbox.left - 1 || px > bbox.left + bbox.width + 1) continue;
				if (!seen.has(px) || seen.get(px) > a.rank) seen.set(px, a.rank);
			}
			ctx.save();
			for (const [px, rank] of [...seen].sort((x, y) => y[1] - x[1])) {
				ctx.fillStyle = colour(`--p${rank}`);
				const w = 4 * ratio, y = bbox.top - 3 * ratio;
				ctx.beginPath();
				ctx.moveTo(px - w, y - 8 * ratio);
				ctx.lineTo(px + w, y - 8 * ratio);
				ctx.lineTo(px, y);
				ctx.closePath();
				ctx.fill();
				ctx.globalAlpha = 0.35;
				ctx.fillRect(px - ratio / 2, y, ratio, bbox.height + 3 * ratio);
				ctx.globalAlpha = 1;
			}
			ctx.restore();
		};
		const stepped = uPlot.paths.stepped({ align: 1 });
		const axis = { stroke: ink, font: "11px system-ui, sans-serif", grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1, size: 4 } };
		const two = (n) => String(n).padStart(2, "0");
		const tick = (v, step) => {
			const d = new Date(v), day = `${two(d.getUTCMonth() + 1)}-${two(d.getUTCDate())}`, hm = `${two(d.getUTCHours())}:${two(d.getUTCMinutes())}`;
			if (step >= 864e5) return day;
			if (step >= 6e4) return clock.withDate && d.getUTCHours() + d.getUTCMinutes() === 0 ? day : hm;
			if (step >= 1e3) return `${hm}:${two(d.getUTCSeconds())}`;
			const ns = Math.round((v - Math.floor(v / 1e3) * 1e3) * 1e3);
			return `${two(d.getUTCSeconds())}.${String(ns).padStart(6, "0").slice(0, step >= 1 ? 3 : 6)}`;
		};
		const u = new uPlot(
			{
				width: box.current.clientWidth,
				height: 132,
				ms: 1,
				tzDate: (t) => uPlot.tzDate(new Date(t), "Etc/UTC"),
				padding: [STRIP, 12, 0, 0],
				legend: { show: false },
				cursor: { drag: { x: true, y: false, setScale: false }, points: { show: false }, y: false },
				scales: { x: { time: false, range: (_, lo, hi) => [lo, hi] }, y: { range: (_, lo, hi) => [0, Math.max(1, hi)] } },
				axes: [
					{
						...axis,
						size: 24,
						space: 90,
						splits: (self, i, lo, hi, incr) => ticks(lo, hi, self.bbox.width / devicePixelRatio),
						values: (self, splits) => splits.map((v) => tick(v, splits.length > 1 ? splits[1] - splits[0] : 1)),
					},
					{ ...axis, size: 52, space: 30, values: (self, splits) => splits.map((v) => (Number.isInteger(v) ? number(v) : "")) },
				],
				// the largest sum first: smaller ones are drawn over it
				series: [
					{},
					...KINDS.map(([key]) => ({ paths: stepped, stroke: colour(`--k-${key}`), fill: colour(`--k-${key}`), width: 0, points: { show: false } })).reverse(),
					{ paths: stepped, stroke: colour("--bad"), width: 1, points: { show: false } },
				],
				hooks: {
					draw: [marks],
					setSelect: [
						(self) => {
							if (self.select.width < 3) return;
							const from = self.posToVal(self.select.left, "x"), to = self.posToVal(self.select.left + self.select.width, "x");
							self.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
							show(from, to);
						},
					],
					setCursor: [(self) => setAt(self.cursor.left >= 0 ? self.cursor.idx : -1)],
				},
			},
			[data.x, ...[...data.sums].reverse(), data.failed],
			box.current,
		);
		plot.current = u;
		u.over.setAttribute("data-chart", "over");
		u.setScale("x", { min: view[0], max: view[1] });
		const watch = new ResizeObserver(() => {
			if (box.current?.clientWidth) u.setSize({ width: box.current.clientWidth, height: 132 });
		});
		watch.observe(box.current);
		return () => {
			watch.disconnect();
			u.destroy();
			plot.current = null;
		};
	}, [data, theme]);

	useEffect(() => {
		plot.current?.setScale("x", { min: view[0], max: view[1] });
	}, [range]);
	useEffect(() => {
		plot.current?.redraw(false); // the areas stay; the marks are drawn anew
	}, [alerts]);

	const keys = (e) => {
		if (e.ctrlKey || e.metaKey || e.altKey) return;
		const act = { "+": () => zoom(0.5), "=": () => zoom(0.5), "-": () => zoom(2), ArrowLeft: () => pan(-0.25), ArrowRight: () => pan(0.25), 0: () => onRange(null), Escape: () => onRange(null) }[e.key];
		if (!act) return;
		e.preventDefault();
		act();
	};
	const wheel = (e) => {
		if (!e.ctrlKey && !e.shiftKey) return; // else the page scrolls
		e.preventDefault();
		const u = plot.current, left = e.clientX - u.over.getBoundingClientRect().left;
		zoom(e.deltaY + e.deltaX > 0 ? 1.25 : 0.8, u.posToVal(left, "x"));
	};
	useEffect(() => {
		const el = box.current;
		el.addEventListener("wheel", wheel, { passive: false });
		return () => el.removeEventListener("wheel", wheel);
	});

	let told = range
		? `${clock.short(range[0])} to ${clock.short(range[1])} UTC, ${duration(range[1] - range[0])}`
		: `${clock.short(0)} to ${clock.short(report.span)} UTC, ${duration(report.span)}`;
	if (at >= 0 && at < data.x.length - 1)
		told = `${clock.short(rel(data.x[at]))}: ${many(data.sums[KINDS.length - 1][at], "event")} in ${duration(data.width)}, ${number(data.failed[at] ?? 0)} failed`;
	return (
		<section class="chart panel" aria-labelledby="chart-title">
			<div class="chart-head">
				<h2 id="chart-title">Activity</h2>
				<span class="legend" aria-hidden="true">
					{KINDS.map(([key, name]) => (
						<span key={key}>
							<i class={`swatch k-${key}`} />
							{name}
						</span>
					))}
					<span>
						<i class="swatch line" />
						Failed calls
					</span>
					<span>
						<i class="swatch mark" />
						Alerts
					</span>
				</span>
				<span class="told">{told}</span>
				<span class="buttons" role="group" aria-label="Zoom">
					<button type="button" onClick={() => pan(-0.5)} aria-label="Earlier" disabled={!range}>
						←
					</button>
					<button type="button" onClick={() => zoom(2)} aria-label="Zoom out" disabled={!range}>
						−
					</button>
					<button type="button" onClick={() => zoom(0.5)} aria-label="Zoom in">
						+
					</button>
					<button type="button" onClick={() => pan(0.5)} aria-label="Later" disabled={!range}>
						→
					</button>
					<button type="button" onClick={() => onRange(null)} disabled={!range} class="wide">
						All
					</button>
				</span>
			</div>
			<div
				class="plot"
				ref={box}
				tabindex={0}
				role="application"
				aria-roledescription="chart"
				aria-label={`Events over time, ${told}. Plus and minus zoom, the arrow keys move, 0 shows all.`}
				onKeyDown={keys}
			/>
		</section>
	);
}

/** Round times, about one each 110 px. */
function ticks(lo, hi, width) {
	const steps = [1e-3, 2e-3, 5e-3, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 15e3, 3e4, 6e4, 12e4, 3e5, 6e5, 9e5, 18e5, 36e5, 72e5, 108e5, 216e5, 432e5, 864e5, 1728e5, 6048e5, 2592e6];
	const want = (hi - lo) / Math.max(1, width / 110);
	const step = steps.find((s) => s >= want) ?? 2592e6 * Math.ceil(want / 2592e6);
	const list = [];
	for (let v = Math.ceil(lo / step) * step; v <= hi && list.length < 100; v += step) list.push(v);
	return list;
}
