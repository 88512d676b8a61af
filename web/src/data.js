// The report, unpacked, and what is looked up in it again and again.

export const PRIORITIES = ["Emergency", "Alert", "Critical", "Error", "Warning", "Notice", "Informational", "Debug"];

/** The JSON that eyas put into the page: gzip'd, in base64. */
export async function unpack(element) {
	const text = atob(element.textContent.trim());
	const bytes = new Uint8Array(text.length);
	for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
	element.remove();
	const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
	return JSON.parse(await new Response(stream).text());
}

/**
 * The processes in the order of a walk through the tree, parents before their children: `order[k]` is a process,
 * `depth[k]` how deep it is, `end[k]` where its descendants end; `place[process]` is k.
 */
function walkTree(processes) {
	const n = processes.length;
	const children = new Array(n);
	const roots = [];
	for (let i = 0; i < n; i++) {
		const parent = processes[i].parent;
		if (parent === undefined || parent === i || parent >= n) roots.push(i);
		else (children[parent] ??= []).push(i);
	}
	const order = new Int32Array(n), depth = new Int32Array(n), end = new Int32Array(n), place = new Int32Array(n).fill(-1);
	const next = new Int32Array(n); // child to go to
	let k = 0;
	const visit = (root) => {
		const path = [];
		const enter = (p) => {
			place[p] = k;
			order[k] = p;
			depth[k++] = path.length;
			path.push(p);
		};
		enter(root);
		while (path.length) {
			const p = path[path.length - 1], kids = children[p];
			if (!kids || next[p] >= kids.length) {
				end[place[p]] = k;
				path.pop();
			} else {
				const kid = kids[next[p]++];
				if (place[kid] < 0) enter(kid);
			}
		}
	};
	for (const root of roots) visit(root);
	// parents that go round: somebody must be first
	for (let i = 0; i < n; i++) if (place[i] < 0) visit(i);
	return { children, order, depth, end, place };
}

/** Adds to the report what the views need. */
export function index(report) {
	const { processes, alerts, acts, rules } = report;
	const tree = walkTree(processes);
	for (const p of processes) if (p.lasted !== undefined) p.ended = p.started + p.lasted;
	acts.sort((a, b) => (a.time ?? 0) - (b.time ?? 0));
	const alertsOf = new Array(processes.length);
	const actsOf = new Array(processes.length);
	for (let i = 0; i < alerts.length; i++) {
		const a = alerts[i];
		a.index = i;
		a.rank = PRIORITIES.indexOf(rules[a.rule].priority);
		if (a.process !== undefined) (alertsOf[a.process] ??= []).push(i);
	}
	for (let i = 0; i < acts.length; i++) {
		acts[i].index = i;
		if (acts[i].process !== undefined) (actsOf[acts[i].process] ??= []).push(i);
	}
	const own = new Int32Array(processes.length), below = new Int32Array(processes.length);
	for (let k = processes.length - 1; k >= 0; k--) {
		const p = tree.order[k];
		own[p] = alertsOf[p]?.length ?? 0;
		below[p] += own[p];
		const parent = processes[p].parent;
		if (tree.depth[k] > 0) below[parent] += below[p];
	}
	const tags = [...new Set(rules.flatMap((r) => r.tags))].sort();
	const count = (list) => {
		const m = new Map();
		for (const x of list) m.set(x, (m.get(x) ?? 0) + 1);
		return m;
	};
	return {
		...report,
		tree,
		alertsOf,
		actsOf,
		own,
		below,
		tags,
		baseNs: BigInt(report.base),
		byPriority: count(alerts.map((a) => a.rank)),
		users: [...new Set(processes.map(userOf))].filter(Boolean).sort(),
		containers: [...new Set(processes.map((p) => p.container ?? ""))].sort(),
		kinds: [...new Set(acts.map((a) => a.kind))].sort(),
	};
}

export function userOf(p) {
	return p.user ?? (p.uid === undefined ? "" : String(p.uid));
}

/** What of a process a search looks at; made when it is first asked for. */
export function searchText(p) {
	return (p.search ??= `${p.pid} ${p.name ?? ""} ${p.command ?? ""} ${p.exe ?? ""} ${userOf(p)} ${p.container ?? ""}`.toLowerCase());
}

/** The process and those it descends from, the oldest first. */
export function ancestors(report, process) {
	const list = [];
	const { depth, place } = report.tree;
	let p = process;
	while (p !== undefined) {
		list.push(p);
		if (depth[place[p]] === 0) break;
		p = report.processes[p].parent;
	}
	return list.reverse();
}

/** It ran in the range of time (relative ns; null: all of it). */
export function ranIn(p, range) {
	return !range || ((p.started ?? -Infinity) <= range[1] && (p.ended ?? Infinity) >= range[0]);
}

export function inRange(time, range) {
	return !range || (time !== undefined && time >= range[0] && time <= range[1]);
}
