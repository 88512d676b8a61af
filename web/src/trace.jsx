// What is known of the trace itself, the rules, and the licences of what the page is made of.
import { Priority } from "./lists.jsx";
import { PRIORITIES } from "./data.js";
import { number, plain, Text } from "./text.jsx";

/** JSON as nested lists: provenance is whatever the recorder wrote. */
function Value({ v, depth = 0 }) {
	if (v === null || typeof v !== "object")
		return (
			<span class="mono">
				<Text s={String(v)} />
			</span>
		);
	if (depth > 8) return <span class="mono">…</span>;
	if (Array.isArray(v) && v.every((x) => typeof x !== "object"))
		return (
			<span class="mono">
				<Text s={v.join(" ")} />
			</span>
		);
	return (
		<dl>
			{Object.entries(v).map(([k, x]) => (
				<>
					<dt>{plain(k.replaceAll("_", " "))}</dt>
					<dd>
						<Value v={x} depth={depth + 1} />
					</dd>
				</>
			))}
		</dl>
	);
}

export function Licences() {
	return (
		<details class="licences">
			<summary>Licences of what this page is made of</summary>
			{LICENCES.map((l) => (
				<div key={l.name}>
					<h4>
						{l.name} {l.version} ({l.license})
					</h4>
					<pre>{l.text}</pre>
				</div>
			))}
		</details>
	);
}

export function TraceView({ report, onRule }) {
	const { trace } = report;
	const most = trace.types[0]?.events ?? 1;
	const { note_list: notes, types, messages, sections, loss, cpus, provenance, ...rest } = trace;
	return (
		<div class="trace-view" tabindex={0} role="region" aria-label="About the trace">
			<section>
				<h3>Rules that fired</h3>
				{report.rules.length === 0 && <p class="muted">None of {number(report.rules_loaded)}.</p>}
				<table>
					<tbody>
						{[...report.rules.keys()]
							.sort((a, b) => report.rules[b].alerts - report.rules[a].alerts)
							.map((i) => {
								const r = report.rules[i];
								return (
									<tr key={i}>
										<td class="num">{number(r.alerts)}</td>
										<td>
											<Priority rank={PRIORITIES.indexOf(r.priority)} />
										</td>
										<td>
											<button type="button" class="link" onClick={() => onRule(i)}>
												<Text s={r.name} />
											</button>{" "}
											<span class="muted">
												<Text s={r.tags.join(", ")} />
											</span>
										</td>
									</tr>
								);
							})}
					</tbody>
				</table>
			</section>
			{notes && (
				<section>
					<h3>Notes</h3>
					<ul>
						{notes.map((n) => (
							<li>
								<Text s={n.text} />{" "}
								<span class="muted">
									<Text s={[n.author, n.first_event && `on events ${n.first_event} to ${n.last_event}`, n.from && `${n.from} to ${n.to}`].filter(Boolean).join(", ")} />
								</span>
							</li>
						))}
					</ul>
				</section>
			)}
			<section>
				<h3>The trace</h3>
				<Value v={rest} />
				<h3>Losses</h3>
				<Value v={loss} />
				{sections.map((s, i) => (
					<>
						<h3>Section {i + 1}</h3>
						<Value v={s} />
					</>
				))}
				{provenance && <h3>Provenance</h3>}
				{provenance && <Value v={provenance} />}
			</section>
			<section>
				<h3>Events by type</h3>
				<table class="types">
					<tbody>
						{types.slice(0, 40).map((t) => (
							<tr key={t.number}>
								<td class="mono">
									<Text s={t.name ?? `type ${t.number}`} />
								</td>
								<td class="num">{number(t.events)}</td>
								<td class="bar">
									<i style={{ width: `${Math.max(1, (100 * t.events) / most)}%` }} />
								</td>
							</tr>
						))}
					</tbody>
				</table>
				{types.length > 40 && <p class="muted">and {number(types.length - 40)} more types</p>}
			</section>
			<section>
				<h3>This page</h3>
				<p class="muted">
					Written by eyas {report.eyas}. It holds all it shows, fetches nothing, and runs no script but its own (Content-Security-Policy). The same as JSON: eyas report --json.
				</p>
				<Licences />
			</section>
		</div>
	);
}
