// The tree of processes: rows in order of a walk, folded parts left out.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { ancestors, ranIn, searchText, userOf } from "./data.js";
import { Grid } from "./grid.jsx";
import { RangeChip, Search, Select, wordsOf } from "./lists.jsx";
import { duration, many, number, plain, Text } from "./text.jsx";

export const NO_PROCESS_FILTER = { text: "", user: "", container: "", marked: false };
const OPEN_AT_MOST = 300; // rows that are unfolded at first

/** Places of the walk that match, and those of their ancestors; null: all. */
function match(report, f, range) {
	const words = wordsOf(f.text);
	if (!words.length && f.user === "" && f.container === "" && !f.marked && !range) return null;
	const { order, place, depth } = report.tree, { processes } = report;
	const shown = new Uint8Array(order.length); // 1: on the way, 2: matches
	let matches = 0;
	for (let k = order.length - 1; k >= 0; k--) {
		const p = processes[order[k]];
		const hit =
			(!f.marked || report.own[order[k]] > 0) &&
			(f.user === "" || userOf(p) === f.user) &&
			(f.container === "" || (p.container ?? "") === (f.container === "-" ? "" : f.container)) &&
			ranIn(p, range) &&
			(!words.length || words.every((w) => searchText(p).includes(w)));
		if (hit) {
			shown[k] = 2;
			matches++;
		}
		if (shown[k] && depth[k] > 0) shown[place[p.parent]] ||= 1;
	}
	return { shown, matches };
}

/** What is folded at first, when there is much: all but the ways to alerts, and what is near the root. */
function foldedAtFirst(report) {
	const folded = new Set();
	const { order, end, depth, children } = report.tree;
	if (order.length <= OPEN_AT_MOST) return folded;
	let level = [];
	for (let k = 0; k < order.length; k++) {
		const p = order[k];
		if (depth[k] === 0) level.push(p);
		if (end[k] > k + 1 && report.below[p] === report.own[p]) folded.add(p);
	}
	for (let rows = level.length; level.length && rows < OPEN_AT_MOST; ) {
		const next = [];
		for (const p of level) {
			const kids = children[p] ?? [];
			if (rows + kids.length > OPEN_AT_MOST) continue;
			rows += kids.length;
			folded.delete(p);
			next.push(...kids);
		}
		level = next;
	}
	return folded;
}

export function howItEnded(p) {
	if (p.signal !== undefined) return `signal ${p.signal}`;
	if (p.status !== undefined) return `exit ${p.status}`;
	return p.ended === undefined ? "running" : "ended";
}

const COLUMNS = [
	{ name: "Process" },
	{ name: "Alerts", class: "num" },
	{ name: "PID", class: "num" },
	{ name: "User" },
	{ name: "Started", class: "time" },
	{ name: "Ran", class: "num" },
	{ name: "End" },
	{ name: "Events", class: "num" },
];

export function ProcessTree({ report, clock, filter, onFilter, range, onRange, selected, onSelect, reveal }) {
	const [folded, setFolded] = useState(() => foldedAtFirst(report));
	const set = (part) => onFilter({ ...filter, ...part });
	const found = useMemo(() => match(report, filter, range), [report, filter, range]);
	const { order, end, depth, place } = report.tree;
	const selectedProcess = selected?.process;

	// A match is to be seen: what a filter leaves is unfolded when the filter changes.
	const [unfolded, setUnfolded] = useState(null);
	useEffect(() => setUnfolded(found ? new Set() : null), [filter, range]);
	const closed = found ? (unfolded ?? new Set()) : folded;
	const setClosed = found ? setUnfolded : setFolded;

	// What is selected elsewhere is shown here, whatever is folded above it.
	const revealed = useRef(null);
	useEffect(() => {
		if (selectedProcess === undefined || revealed.current === reveal) return;
		revealed.current = reveal;
		const above = ancestors(report, selectedProcess).slice(0, -1);
		if (above.some((p) => closed.has(p))) setClosed(new Set([...closed].filter((p) => !above.includes(p))));
	}, [selectedProcess, reveal]);

	const rows = useMemo(() => {
		const list = [];
		for (let k = 0; k < order.length; ) {
			if (found && !found.shown[k]) {
				k = end[k];
				continue;
			}
			list.push(k);
			k = closed.has(order[k]) ? end[k] : k + 1;
		}
		return list;
	}, [report, found, closed]);
	const active = useMemo(() => (selectedProcess === undefined ? -1 : rows.indexOf(place[selectedProcess])), [rows, selectedProcess]);

	const hasChildren = (k) => end[k] > k + 1 && (!found || found.shown.subarray(k + 1, end[k]).some(Boolean));
	const fold = (p, close) => {
		const next = new Set(closed);
		if (close) next.add(p);
		else next.delete(p);
		setClosed(next);
	};
	const select = (i) => onSelect({ kind: "process", at: order[rows[i]] });
	const keys = (e, i) => {
		if (i < 0) {
			if (["ArrowRight", "ArrowLeft"].includes(e.key) && rows.length) select(0);
			return false;
		}
		const k = rows[i], p = order[k];
		switch (e.key) {
			case "ArrowRight":
				if (closed.has(p) && hasChildren(k)) fold(p, false);
				else if (hasChildren(k)) select(i + 1);
				return true;
			case "ArrowLeft":
				if (!closed.has(p) && hasChildren(k)) fold(p, true);
				else if (depth[k] > 0) select(rows.indexOf(place[report.processes[p].parent]));
				return true;
			case "Enter":
			case " ":
				if (hasChildren(k)) fold(p, !closed.has(p));
				return true;
			default:
				return false;
		}
	};
	const foldAll = () => {
		const all = new Set();
		for (let k = 0; k < order.length; k++) if (end[k] > k + 1) all.add(order[k]);
		setClosed(all);
	};
	const total = report.processes.length;
	const hasContainers = report.containers.some(Boolean);
	return (
		<>
			<div class="filters" role="search" aria-label="Filter processes">
				<Search label="Search processes" value={filter.text} onChange={(text) => set({ text })} />
				<Select label="User" value={filter.user} onChange={(user) => set({ user })} all="Any user" options={report.users.map((u) => [u, u])} />
				{hasContainers && (
					<Select label="Container" value={filter.container} onChange={(container) => set({ container })} all="Host and containers" options={report.containers.map((c) => [c || "-", c || "host only"])} />
				)}
				<label class="field check">
					<input type="checkbox" checked={filter.marked} onChange={(e) => set({ marked: e.currentTarget.checked })} />
					With alerts
				</label>
				<RangeChip range={range} clock={clock} onRange={onRange} />
				<button type="button" onClick={() => setClosed(new Set())}>
					Unfold all
				</button>
				<button type="button" onClick={foldAll}>
					Fold all
				</button>
				<span class="count" role="status" data-count>
					{found ? `${number(found.matches)} of ${many(total, "process", "processes")}` : many(total, "process", "processes")}
				</span>
			</div>
			<Grid
				id="process"
				role="treegrid"
				label="Processes"
				layout="cols-tree"
				columns={COLUMNS}
				count={rows.length}
				active={active}
				onMove={select}
				onKey={keys}
				empty="No process is left by the filters."
				row={(i) => {
					const k = rows[i], at = order[k], p = report.processes[at];
					const parent = hasChildren(k), isClosed = closed.has(at);
					const hidden = isClosed ? report.below[at] - report.own[at] : 0;
					return {
						key: at,
						name: `${found && found.shown[k] === 1 ? "on-the-way" : ""} ${report.own[at] ? "marked" : ""}`,
						attributes: { "aria-level": depth[k] + 1, ...(parent ? { "aria-expanded": isClosed ? "false" : "true" } : {}) },
						cells: [
							<span class="tree-cell" style={{ paddingLeft: `${Math.min(depth[k], 24) * 14}px` }}>
								<span
									class={`twisty ${parent ? (isClosed ? "closed" : "open") : ""}`}
									aria-hidden="true"
									onClick={(e) => {
										if (!parent) return;
										e.stopPropagation();
										fold(at, !isClosed);
									}}
								/>
								<span class="tree-name" title={plain(p.command ?? p.name)}>
									<b>
										<Text s={p.name ?? "?"} />
									</b>{" "}
									<span class="mono muted">
										<Text s={p.command} />
									</span>
								</span>
								{p.container && (
									<span class="container">
										<Text s={p.container} />
									</span>
								)}
							</span>,
							<>
								{report.own[at] > 0 && <b class={`badge p${worst(report, at)}`}>{number(report.own[at])}</b>}
								{hidden > 0 && <span class="muted"> +{number(hidden)} below</span>}
							</>,
							p.pid,
							<Text s={userOf(p)} />,
							clock.short(p.started),
							p.ended !== undefined && p.started !== undefined ? duration(p.ended - p.started) : "",
							howItEnded(p),
							p.events ? number(p.events) : "",
						],
					};
				}}
			/>
		</>
	);
}

function worst(report, process) {
	return Math.min(...report.alertsOf[process].slice(0, 1000).map((a) => report.alerts[a].rank));
}
