// The page of `eyas report`. HACKING says how it is built and what it must hold to.
import { render } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { Chart } from "./chart.jsx";
import { index, unpack } from "./data.js";
import { Details } from "./details.jsx";
import { ActList, AlertList, filterActs, filterAlerts, NO_ALERT_FILTER } from "./lists.jsx";
import { PrintView } from "./print.jsx";
import { Facts, hostsOf, Warnings, warnings } from "./summary.jsx";
import { Clock, number, plain, Text } from "./text.jsx";
import { TraceView } from "./trace.jsx";
import { NO_PROCESS_FILTER, ProcessTree } from "./tree.jsx";

const TABS = [
	["alerts", "Alerts"],
	["acts", "Notable acts"],
	["processes", "Processes"],
	["trace", "Trace"],
];
const TAB_OF = { alert: "alerts", act: "acts", process: "processes" };

/** #alert=12 (as `eyas story --alert` counts them), #act=3, #process=17 (numbers of this report), #pid=2404 (the last process of that pid), #list=acts. */
function fromHash(report, hash) {
	const m = /^#(alert|act|process|pid|list)=([a-z0-9]+)$/.exec(hash);
	if (!m) return {};
	const [, kind, value] = m;
	if (kind === "list") return TABS.some(([id]) => id === value) ? { tab: value } : {};
	const n = Number(value);
	if (!Number.isSafeInteger(n)) return {};
	if (kind === "pid") {
		const at = report.processes.findLastIndex((p) => p.pid === n);
		return at < 0 ? {} : { tab: "processes", selected: select(report, { kind: "process", at }) };
	}
	const at = kind === "alert" ? report.alerts.findIndex((a) => a.number === n) : n;
	const list = { alert: report.alerts, act: report.acts, process: report.processes }[kind];
	return at >= 0 && at < list.length ? { tab: TAB_OF[kind], selected: select(report, { kind, at }) } : {};
}

function toHash(report, tab, selected) {
	if (selected && TAB_OF[selected.kind] === tab) return `#${selected.kind}=${selected.kind === "alert" ? report.alerts[selected.at].number : selected.at}`;
	return `#list=${tab}`;
}

/** What is selected, with the process that it is about. */
function select(report, what) {
	const process = what.kind === "process" ? what.at : what.kind === "alert" ? report.alerts[what.at].process : report.acts[what.at].process;
	return { ...what, process };
}

const THEMES = ["auto", "light", "dark"];

function storedTheme() {
	try {
		return THEMES.includes(localStorage.getItem("eyas-theme")) ? localStorage.getItem("eyas-theme") : "auto";
	} catch {
		return "auto"; // a browser may keep nothing for files
	}
}

const DARK = matchMedia("(prefers-color-scheme: dark)");

function themeToShow(theme, dark) {
	return theme === "auto" ? (dark ? "dark" : "light") : theme;
}

function useTheme() {
	const [theme, setTheme] = useState(storedTheme);
	const [dark, setDark] = useState(DARK.matches);
	const shown = themeToShow(theme, dark);
	useEffect(() => {
		const change = () => setDark(DARK.matches);
		DARK.addEventListener("change", change);
		return () => DARK.removeEventListener("change", change);
	}, []);
	// Before the chart, in an effect of its own, takes its colours.
	useLayoutEffect(() => {
		document.documentElement.dataset.theme = shown;
	}, [shown]);
	const set = (name) => {
		try {
			localStorage.setItem("eyas-theme", name);
		} catch {
			// it lasts as long as the page
		}
		setTheme(name);
	};
	return [theme, set, shown];
}

function Tabs({ tab, onTab, counts }) {
	const keys = (e) => {
		const at = TABS.findIndex(([id]) => id === tab);
		const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: TABS.length - 1 }[e.key];
		if (to === undefined) return;
		e.preventDefault();
		const id = TABS[(to + TABS.length) % TABS.length][0];
		onTab(id);
		document.getElementById(`tab-${id}`).focus();
	};
	return (
		<div class="tabs" role="tablist" aria-label="Lists" onKeyDown={keys}>
			{TABS.map(([id, name]) => (
				<button type="button" role="tab" id={`tab-${id}`} key={id} aria-selected={tab === id ? "true" : "false"} aria-controls="panel" tabindex={tab === id ? 0 : -1} onClick={() => onTab(id)}>
					{name}
					{counts[id] !== undefined && <span class="tab-count">{number(counts[id])}</span>}
				</button>
			))}
		</div>
	);
}

function App({ report }) {
	const clock = useMemo(() => new Clock(report), [report]);
	const begin = useMemo(() => fromHash(report, location.hash), [report]);
	const [tab, setTab] = useState(begin.tab ?? (report.alerts.length ? "alerts" : report.acts.length ? "acts" : "processes"));
	const [selected, setSelected] = useState(begin.selected);
	const [reveal, setReveal] = useState(1); // raised when what is selected is to be seen in the tree
	const [range, setRange] = useState(null);
	const [alertFilter, setAlertFilter] = useState(NO_ALERT_FILTER);
	const [actFilter, setActFilter] = useState({ text: "", kind: "" });
	const [processFilter, setProcessFilter] = useState(NO_PROCESS_FILTER);
	const [theme, setTheme, shownTheme] = useTheme();
	const panel = useRef(null);

	const alerts = useMemo(() => filterAlerts(report, alertFilter, range), [report, alertFilter, range]);
	const acts = useMemo(() => filterActs(report, actFilter, range), [report, actFilter, range]);
	const said = useMemo(() => warnings(report), [report]);

	const go = (what, toTab) => {
		setSelected(select(report, what));
		setReveal((n) => n + 1);
		if (toTab) {
			setTab(toTab);
			setProcessFilter(NO_PROCESS_FILTER);
		}
	};
	const showAlerts = (below) => {
		setAlertFilter({ ...NO_ALERT_FILTER, below });
		setTab("alerts");
	};

	useEffect(() => {
		const hash = toHash(report, tab, selected);
		if (location.hash === hash || (!location.hash && !selected)) return;
		try {
			history.replaceState(null, "", hash);
		} catch {
			location.hash = hash;
		}
	}, [tab, selected]);

	useEffect(() => {
		const changed = () => {
			const to = fromHash(report, location.hash);
			if (to.tab) setTab(to.tab);
			if (to.selected) {
				setSelected(to.selected);
				setReveal((n) => n + 1);
			}
		};
		const keys = (e) => {
			if (e.ctrlKey || e.metaKey || e.altKey || e.target.closest?.("input, select, textarea")) {
				if (e.key === "Escape") e.target.blur();
				return;
			}
			if (e.key === "/") {
				const search = panel.current.querySelector("[data-search]");
				if (search) {
					e.preventDefault();
					search.focus();
					search.select();
				}
			} else if (/^[1-4]$/.test(e.key)) {
				setTab(TABS[Number(e.key) - 1][0]);
			}
		};
		addEventListener("hashchange", changed);
		addEventListener("keydown", keys);
		return () => {
			removeEventListener("hashchange", changed);
			removeEventListener("keydown", keys);
		};
	}, [report]);

	// Paper gets a page of its own, made when it is needed.
	const printed = useRef(null);
	printed.current = { report, clock, alerts, acts, range };
	useEffect(() => {
		const place = document.getElementById("print");
		const before = () => render(<PrintView {...printed.current} chart={document.querySelector(".plot canvas")?.toDataURL()} />, place);
		const after = () => render(null, place);
		const media = matchMedia("print");
		const change = () => (media.matches ? before() : after());
		addEventListener("beforeprint", before);
		addEventListener("afterprint", after);
		media.addEventListener("change", change);
		return () => {
			removeEventListener("beforeprint", before);
			removeEventListener("afterprint", after);
			media.removeEventListener("change", change);
		};
	}, []);

	const common = { report, clock, range, onRange: setRange, selected, onSelect: go };
	const hosts = hostsOf(report);
	return (
		<>
			<header class="bar">
				<h1>
					<span class="brand">eyas</span> <Text s={hosts.length ? hosts.join(", ") : "report"} />
				</h1>
				<span class="file mono">
					<Text s={report.trace.trace} />
				</span>
				<label class="field">
					<span class="sr">Colours</span>
					<select value={theme} onChange={(e) => setTheme(e.currentTarget.value)}>
						<option value="auto">Auto</option>
						<option value="light">Light</option>
						<option value="dark">Dark</option>
					</select>
				</label>
				<button type="button" onClick={() => print()}>
					Print
				</button>
			</header>
			<main>
				<section class="top" aria-label="Summary">
					<Warnings list={said} />
					<Facts
						report={report}
						clock={clock}
						onPriority={(rank) => {
							setAlertFilter({ ...NO_ALERT_FILTER, rank: String(rank) });
							setTab("alerts");
						}}
					/>
					<Chart report={report} clock={clock} range={range} onRange={setRange} theme={shownTheme} alerts={alerts} />
				</section>
				<div class="split">
					<section class="lists panel" ref={panel} aria-label="Lists">
						<Tabs tab={tab} onTab={setTab} counts={{ alerts: report.alerts.length, acts: report.acts.length, processes: report.processes.length }} />
						<div class="tab-panel" role="tabpanel" id="panel" aria-labelledby={`tab-${tab}`}>
							{tab === "alerts" && <AlertList {...common} list={alerts} filter={alertFilter} onFilter={setAlertFilter} />}
							{tab === "acts" && <ActList {...common} list={acts} filter={actFilter} onFilter={setActFilter} />}
							{tab === "processes" && <ProcessTree {...common} filter={processFilter} onFilter={setProcessFilter} reveal={reveal} />}
							{tab === "trace" && (
								<TraceView
									report={report}
									onRule={(i) => {
										setAlertFilter({ ...NO_ALERT_FILTER, rule: String(i) });
										setTab("alerts");
									}}
								/>
							)}
						</div>
					</section>
					<Details report={report} clock={clock} selected={selected} go={go} showAlerts={showAlerts} />
				</div>
			</main>
		</>
	);
}

async function main() {
	const app = document.getElementById("app");
	document.documentElement.dataset.theme = themeToShow(storedTheme(), DARK.matches);
	try {
		const report = index(await unpack(document.getElementById("report")));
		document.title = `${plain(hostsOf(report).join(", ") || report.trace.trace)} – eyas report`;
		app.textContent = "";
		render(<App report={report} />, app);
		document.documentElement.dataset.ready = "yes";
	} catch (e) {
		app.textContent = `The report could not be shown: ${e.message}. It needs a browser of 2023 or later; eyas report --json has the same as text.`;
		document.documentElement.dataset.ready = "failed";
	}
}

main();
