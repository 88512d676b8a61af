// The lists of alerts and of notable acts: what the filters leave of them, and the filters.
import { useMemo } from "preact/hooks";
import { inRange, PRIORITIES } from "./data.js";
import { Grid } from "./grid.jsx";
import { many, number, plain, Text } from "./text.jsx";

export function Priority({ rank }) {
	return <span class={`priority p${rank}`}>{PRIORITIES[rank]}</span>;
}

export function processName(p) {
	return `${p.name ?? "?"} (${p.pid})`;
}

const has = (text, words) => words.every((w) => text.includes(w));
export const wordsOf = (text) => text.toLowerCase().split(/\s+/).filter(Boolean);

export const NO_ALERT_FILTER = { text: "", rule: "", rank: "", tag: "", below: null };

export function filterAlerts(report, f, range) {
	const words = wordsOf(f.text);
	const { place, end } = report.tree;
	return report.alerts.filter((a) => {
		const rule = report.rules[a.rule];
		if (!inRange(a.time, range)) return false;
		if (f.rule !== "" && a.rule !== Number(f.rule)) return false;
		if (f.rank !== "" && a.rank > Number(f.rank)) return false;
		if (f.tag !== "" && !rule.tags.includes(f.tag)) return false;
		if (f.below !== null) {
			const at = a.process === undefined ? -1 : place[a.process];
			if (at < place[f.below] || at >= end[place[f.below]]) return false;
		}
		if (!words.length) return true;
		const p = report.processes[a.process];
		a.search ??= `${rule.name} ${rule.tags.join(" ")} ${a.output} ${p ? `${p.pid} ${p.command ?? ""} ${p.user ?? ""}` : ""}`.toLowerCase();
		return has(a.search, words);
	});
}

export function filterActs(report, f, range) {
	const words = wordsOf(f.text);
	return report.acts.filter((a) => {
		if (!inRange(a.time, range) || (f.kind !== "" && a.kind !== f.kind)) return false;
		if (!words.length) return true;
		const p = report.processes[a.process];
		a.search ??= `${a.kind} ${a.text} ${p ? `${p.pid} ${p.command ?? ""} ${p.user ?? ""}` : ""}`.toLowerCase();
		return has(a.search, words);
	});
}

export function Select({ label, value, onChange, all, options }) {
	return (
		<label class="field">
			<span class="sr">{label}</span>
			<select value={value} onChange={(e) => onChange(e.currentTarget.value)} class={value === "" ? "" : "set"}>
				<option value="">{all}</option>
				{options.map(([v, name]) => (
					<option value={v} key={v}>
						{plain(name)}
					</option>
				))}
			</select>
		</label>
	);
}

export function Search({ label, value, onChange }) {
	return (
		<label class="field search">
			<span class="sr">{label}</span>
			<input type="search" value={value} placeholder={`${label}  /`} onInput={(e) => onChange(e.currentTarget.value)} autocomplete="off" spellcheck={false} data-search />
		</label>
	);
}

export function RangeChip({ range, clock, onRange }) {
	if (!range) return null;
	return (
		<button type="button" class="chip" onClick={() => onRange(null)} aria-label="Show all times">
			{clock.short(range[0])} – {clock.short(range[1])} <span aria-hidden="true">×</span>
		</button>
	);
}

/** Most outputs begin with the rule's name, which stands beside them. */
function withoutName(output, name) {
	return output.startsWith(`${name} `) ? output.slice(name.length + 1) : output;
}

const ALERT_COLUMNS = [{ name: "Time (UTC)", class: "time" }, { name: "Priority" }, { name: "Rule" }, { name: "Process" }, { name: "What happened" }];

export function AlertList({ report, clock, list, filter, onFilter, range, onRange, selected, onSelect }) {
	const set = (part) => onFilter({ ...filter, ...part });
	const active = useMemo(() => list.findIndex((a) => selected?.kind === "alert" && a.index === selected.at), [list, selected]);
	const filtered = list.length !== report.alerts.length;
	const ranks = PRIORITIES.map((name, i) => [i, name]).filter(([i]) => report.byPriority.has(i));
	return (
		<>
			<div class="filters" role="search" aria-label="Filter alerts">
				<Search label="Search alerts" value={filter.text} onChange={(text) => set({ text })} />
				<Select label="Priority" value={filter.rank} onChange={(rank) => set({ rank })} all="Any priority" options={ranks.map(([i, name]) => [i, `${name} or higher`])} />
				<Select label="Rule" value={filter.rule} onChange={(rule) => set({ rule })} all="Any rule" options={report.rules.map((r, i) => [i, `${r.name} (${number(r.alerts)})`])} />
				<Select label="Tag" value={filter.tag} onChange={(tag) => set({ tag })} all="Any tag" options={report.tags.map((t) => [t, t])} />
				{filter.below !== null && (
					<button type="button" class="chip" onClick={() => set({ below: null })} aria-label="Show alerts of all processes">
						in and below <Text s={processName(report.processes[filter.below])} /> <span aria-hidden="true">×</span>
					</button>
				)}
				<RangeChip range={range} clock={clock} onRange={onRange} />
				<span class="count" role="status" data-count>
					{filtered ? `${number(list.length)} of ${many(report.alerts.length, "alert")}` : many(list.length, "alert")}
				</span>
			</div>
			<Grid
				id="alert"
				label="Alerts"
				layout="cols-alerts"
				columns={ALERT_COLUMNS}
				count={list.length}
				active={active}
				onMove={(i) => onSelect({ kind: "alert", at: list[i].index })}
				empty={report.alerts.length ? "No alert is left by the filters." : report.rules_loaded ? "No rule raised an alert." : "No rules were run: give eyas report -r RULES."}
				row={(i) => {
					const a = list[i], rule = report.rules[a.rule], p = report.processes[a.process];
					return {
						key: a.index,
						cells: [
							clock.short(a.time),
							<Priority rank={a.rank} />,
							<span title={plain(rule.name)}>
								<Text s={rule.name} />
							</span>,
							p ? <Text s={processName(p)} /> : "",
							<span class="mono" title={plain(a.output)}>
								<Text s={withoutName(a.output, rule.name)} />
							</span>,
						],
					};
				}}
			/>
		</>
	);
}

const ACT_COLUMNS = [{ name: "Time (UTC)", class: "time" }, { name: "Kind" }, { name: "Process" }, { name: "User" }, { name: "What happened" }];

export function ActList({ report, clock, list, filter, onFilter, range, onRange, selected, onSelect }) {
	const set = (part) => onFilter({ ...filter, ...part });
	const active = useMemo(() => list.findIndex((a) => selected?.kind === "act" && a.index === selected.at), [list, selected]);
	return (
		<>
			<div class="filters" role="search" aria-label="Filter notable acts">
				<Search label="Search acts" value={filter.text} onChange={(text) => set({ text })} />
				<Select label="Kind" value={filter.kind} onChange={(kind) => set({ kind })} all="Any kind" options={report.kinds.map((k) => [k, k])} />
				<RangeChip range={range} clock={clock} onRange={onRange} />
				<span class="count" role="status" data-count>
					{list.length !== report.acts.length ? `${number(list.length)} of ${many(report.acts.length, "act")}` : many(list.length, "act")}
				</span>
			</div>
			<Grid
				id="act"
				label="Notable acts"
				layout="cols-acts"
				columns={ACT_COLUMNS}
				count={list.length}
				active={active}
				onMove={(i) => onSelect({ kind: "act", at: list[i].index })}
				empty={report.acts.length ? "No act is left by the filters." : "Nothing notable was seen."}
				row={(i) => {
					const a = list[i], p = report.processes[a.process];
					return {
						key: a.index,
						cells: [
							clock.short(a.time),
							<span class={`kind kind-${a.kind}`}>{a.kind}</span>,
							p ? <Text s={processName(p)} /> : "",
							p ? <Text s={p.user ?? p.uid} /> : "",
							<span title={plain(a.text)}>
								<Text s={a.text} />
								{a.count > 1 && <span class="muted"> ({number(a.count)} times)</span>}
							</span>,
						],
					};
				}}
			/>
		</>
	);
}
