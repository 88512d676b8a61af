// What is known of the alert, act or process that is selected.
import { useState } from "preact/hooks";
import { ancestors, userOf } from "./data.js";
import { Priority, processName } from "./lists.jsx";
import { bytes, duration, many, number, plain, Text } from "./text.jsx";
import { howItEnded } from "./tree.jsx";

function Row({ name, children }) {
	if (children === undefined || children === null || children === "" || children === false) return null;
	return (
		<>
			<dt>{name}</dt>
			<dd>{children}</dd>
		</>
	);
}

function Mono({ s }) {
	if (s === undefined || s === null || s === "") return null;
	return (
		<span class="mono">
			<Text s={s} />
		</span>
	);
}

/** The first `most` of a list, and a button for the others. */
function Some({ list, most, children, what }) {
	const [all, setAll] = useState(false);
	const shown = all ? list : list.slice(0, most);
	return (
		<>
			{children(shown)}
			{list.length > shown.length && (
				<button type="button" class="more" onClick={() => setAll(true)}>
					Show {number(list.length - shown.length)} more {what}
				</button>
			)}
		</>
	);
}

function quoted(text) {
	return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function Command({ text }) {
	return <code class="command">{plain(text)}</code>;
}

function AlertDetails({ report, clock, alert, go }) {
	const rule = report.rules[alert.rule], trace = report.trace.trace;
	return (
		<section aria-labelledby="details-alert">
			<p class="eyebrow">
				<Priority rank={alert.rank} /> Alert {number(alert.number)}
			</p>
			<h2 id="details-alert">
				<Text s={rule.name} />
			</h2>
			<p class="mono output">
				<Text s={alert.output} />
			</p>
			{rule.description && (
				<p class="muted">
					<Text s={rule.description} />
				</p>
			)}
			<dl>
				<Row name="Time">{clock.full(alert.time)}</Row>
				<Row name="Event">{alert.event}</Row>
				<Row name="Rule">
					<span class="mono">
						<Text s={`${rule.file}:${rule.line}`} />
					</span>
				</Row>
				<Row name="Tags">
					{rule.tags.length > 0 &&
						rule.tags.map((t) => (
							<span class="tag" key={t}>
								<Text s={t} />
							</span>
						))}
				</Row>
			</dl>
			<details>
				<summary>Fields</summary>
				<dl>
					{Object.entries(alert.fields).map(([k, v]) => (
						<Row name={plain(k)} key={k}>
							{v === null ? <span class="muted">none</span> : <Mono s={typeof v === "object" ? JSON.stringify(v) : v} />}
						</Row>
					))}
				</dl>
			</details>
			<details>
				<summary>The proof</summary>
				<p>Why the rule matched, and what led to it and came of it:</p>
				<Command text={`eyas explain -r RULES --rule ${quoted(rule.name)} --event ${alert.event} ${quoted(trace)}`} />
				<Command text={`eyas story -r RULES --alert ${alert.number} ${quoted(trace)}`} />
			</details>
		</section>
	);
}

function ActDetails({ clock, act }) {
	return (
		<section aria-labelledby="details-act">
			<p class="eyebrow">
				<span class={`kind kind-${act.kind}`}>{act.kind}</span> Notable act
			</p>
			<h2 id="details-act">
				<Text s={act.text} />
			</h2>
			<dl>
				<Row name="Time">{act.time !== undefined && clock.full(act.time)}</Row>
				<Row name="Event">{act.event}</Row>
				<Row name="Times">{act.count > 1 && `${number(act.count)}, the last ${clock.full(act.last)}`}</Row>
			</dl>
		</section>
	);
}

function ProcessLink({ report, at, go }) {
	return (
		<button type="button" class="link" onClick={() => go({ kind: "process", at })}>
			<Text s={processName(report.processes[at])} />
		</button>
	);
}

/** What a process did, a row each; `columns` are [heading, class, what of a row stands there]. */
function Done({ title, what, list, leftOut, columns, changed }) {
	return (
		<>
			<h3>
				{title} ({number(list.length + (leftOut ?? 0))})
			</h3>
			<Some list={list} most={40} what={`${what}s`}>
				{(shown) => (
					<table>
						<thead>
							<tr>
								{columns.map(([name, kind]) => (
									<th scope="col" class={kind === "mono name" ? undefined : kind} key={name}>
										{name}
									</th>
								))}
							</tr>
						</thead>
						<tbody>
							{shown.map((row, i) => (
								<tr key={i} class={changed?.(row) ? "changed" : ""}>
									{columns.map(([name, kind, cell]) => (
										<td class={kind} key={name}>
											{cell(row)}
										</td>
									))}
								</tr>
							))}
						</tbody>
					</table>
				)}
			</Some>
			{leftOut > 0 && <p class="muted">{many(leftOut, `more ${what}`)} are not in this report.</p>}
		</>
	);
}

function FileName({ file }) {
	return (
		<>
			<Text s={file.name} />
			{file.was && (
				<span class="muted">
					{" "}
					(was <Text s={file.was} />)
				</span>
			)}
		</>
	);
}

function whatWasDone(f) {
	return [f.read && "read", f.written && (f.was ? "put in place" : "wrote"), f.removed && "removed"].filter(Boolean).join(", ");
}

function Files({ files, leftOut, clock, start }) {
	const columns = [
		["File", "mono name", (f) => <FileName file={f} />],
		["What", undefined, whatWasDone],
		["Read", "num", (f) => (f.read_bytes ? bytes(f.read_bytes) : "")],
		["Written", "num", (f) => (f.written_bytes ? bytes(f.written_bytes) : "")],
		["First", "time", (f) => clock.short(start + f.first)],
	];
	return <Done title="Files" what="file" list={files} leftOut={leftOut} columns={columns} changed={(f) => f.written || f.removed} />;
}

const ARROWS = { out: "to", in: "from", listen: "listens" };

function Peer({ connection: c }) {
	return (
		<>
			{c.direction && <span class="muted">{ARROWS[c.direction]} </span>}
			<Text s={c.peer} />
			{c.failed > 0 && (
				<span class="failed">
					{" "}
					failed{c.failed > 1 ? ` ${number(c.failed)} times` : ""}
					{c.error ? `: ${c.error}` : ""}
				</span>
			)}
		</>
	);
}

function Connections({ connections, leftOut, clock, start }) {
	const columns = [
		["Protocol", undefined, (c) => c.protocol],
		["Local", "mono name", (c) => <Text s={c.local} />],
		["Peer", "mono name", (c) => <Peer connection={c} />],
		["Received", "num", (c) => (c.received ? bytes(c.received) : "")],
		["Sent", "num", (c) => (c.sent ? bytes(c.sent) : "")],
		["First", "time", (c) => clock.short(start + c.first)],
	];
	return <Done title="Connections" what="connection" list={connections} leftOut={leftOut} columns={columns} />;
}

function ProcessDetails({ report, clock, at, go, showAlerts, alone }) {
	const p = report.processes[at];
	const start = p.started ?? 0; // what times of the process count from
	const above = ancestors(report, at).slice(0, -1);
	const children = report.tree.children[at] ?? [];
	const alerts = report.alertsOf[at] ?? [], acts = report.actsOf[at] ?? [];
	const user = `${userOf(p)}${p.user && p.uid !== undefined ? ` (${p.uid})` : ""}`;
	return (
		<section aria-labelledby="details-process">
			<p class="eyebrow">Process</p>
			<h2 id="details-process">
				<Text s={processName(p)} />
			</h2>
			{above.length > 0 && (
				<nav class="path" aria-label="Ancestors">
					{above.length > 8 && "… "}
					{above.slice(-8).map((a) => (
						<span key={a}>
							<ProcessLink report={report} at={a} go={go} /> ›{" "}
						</span>
					))}
				</nav>
			)}
			<p class="mono output">
				<Text s={p.command} />
			</p>
			<dl>
				<Row name="Program">
					<Mono s={p.exe} />
				</Row>
				<Row name="User">
					{user && <Text s={user} />}
					{p.first_uid !== undefined && <strong class="warn"> began as uid {p.first_uid}</strong>}
				</Row>
				<Row name="Logged in as">{p.loginuid !== undefined && p.loginuid !== p.uid && `uid ${p.loginuid}`}</Row>
				<Row name="Container">
					{p.container && <Text s={p.container_id && p.container_id !== p.container ? `${p.container} (${p.container_id})` : p.container} />}
				</Row>
				<Row name="Started">{p.started === undefined ? "before the trace" : clock.full(p.started)}</Row>
				<Row name="Ended">
					{p.ended === undefined ? "not in the trace" : `${clock.full(p.ended)}, ${howItEnded(p)}`}
					{p.ended !== undefined && p.started !== undefined && <span class="muted"> after {duration(p.ended - p.started)}</span>}
				</Row>
				<Row name="Events">{p.events ? `${number(p.events)} (${p.first_event} to ${p.last_event})` : "none"}</Row>
			</dl>
			<div class="actions">
				<button type="button" onClick={() => go({ kind: "process", at }, "processes")}>
					Show in the tree
				</button>
				{report.below[at] > 0 && (
					<button type="button" onClick={() => showAlerts(at)}>
						{many(report.below[at], "alert")} in and below it
					</button>
				)}
			</div>
			{p.programs && (p.programs.length > 1 || p.programs_left_out > 0) && (
				<>
					<h3>Programs it became ({number(p.programs.length + (p.programs_left_out ?? 0))})</h3>
					<table>
						<tbody>
							{p.programs.map((i) => (
								<tr key={i.event}>
									<td class="time">{clock.short(start + i.time)}</td>
									<td class="mono name">
										<Text s={i.command ?? p.command} />{" "}
										<span class="muted">
											<Text s={i.exe ?? p.exe} />
										</span>
									</td>
								</tr>
							))}
						</tbody>
					</table>
				</>
			)}
			{alone && alerts.length > 0 && (
				<>
					<h3>Alerts ({number(alerts.length)})</h3>
					<Some list={alerts} most={20} what="alerts">
						{(shown) => (
							<table>
								<tbody>
									{shown.map((i) => (
										<tr key={i}>
											<td class="time">{clock.short(report.alerts[i].time)}</td>
											<td>
												<Priority rank={report.alerts[i].rank} />
											</td>
											<td>
												<button type="button" class="link" onClick={() => go({ kind: "alert", at: i })}>
													<Text s={report.rules[report.alerts[i].rule].name} />
												</button>
											</td>
										</tr>
									))}
								</tbody>
							</table>
						)}
					</Some>
				</>
			)}
			{acts.length > 0 && (
				<>
					<h3>Notable acts ({number(acts.length)})</h3>
					<Some list={acts} most={20} what="acts">
						{(shown) => (
							<table>
								<tbody>
									{shown.map((i) => (
										<tr key={i}>
											<td class="time">{clock.short(report.acts[i].time)}</td>
											<td>
												<span class="kind">{report.acts[i].kind}</span>
											</td>
											<td class="name">
												<Text s={report.acts[i].text} />
											</td>
										</tr>
									))}
								</tbody>
							</table>
						)}
					</Some>
				</>
			)}
			{p.files && <Files files={p.files} leftOut={p.files_left_out} clock={clock} start={start} />}
			{p.connections && <Connections connections={p.connections} leftOut={p.connections_left_out} clock={clock} start={start} />}
			{children.length > 0 && (
				<>
					<h3>Children ({number(children.length)})</h3>
					<Some list={children} most={40} what="children">
						{(shown) => (
							<table>
								<tbody>
									{shown.map((c) => (
										<tr key={c}>
											<td class="time">{clock.short(report.processes[c].started)}</td>
											<td>
												<ProcessLink report={report} at={c} go={go} />
											</td>
											<td class="mono name muted">
												<Text s={report.processes[c].command} />
											</td>
										</tr>
									))}
								</tbody>
							</table>
						)}
					</Some>
				</>
			)}
		</section>
	);
}

export function Details({ report, clock, selected, go, showAlerts }) {
	let body = (
		<p class="hint">
			Select an alert, an act or a process to see what is known of it. <kbd>/</kbd> searches, <kbd>↑</kbd> <kbd>↓</kbd> move in a list,{" "}
			<kbd>←</kbd> <kbd>→</kbd> fold and unfold processes, <kbd>1</kbd> to <kbd>4</kbd> switch lists. Drag over the chart to look at a part of the time.
		</p>
	);
	if (selected)
		body = (
			<>
				{selected.kind === "alert" && <AlertDetails report={report} clock={clock} alert={report.alerts[selected.at]} go={go} />}
				{selected.kind === "act" && <ActDetails clock={clock} act={report.acts[selected.at]} />}
				{selected.process !== undefined && (
					<ProcessDetails key={selected.process} report={report} clock={clock} at={selected.process} go={go} showAlerts={showAlerts} alone={selected.kind !== "alert"} />
				)}
			</>
		);
	return (
		<aside class="details panel" aria-label="Details" tabindex={0}>
			{body}
		</aside>
	);
}
