// The top of the page: what is wrong with the trace, before anything else is believed; and what there is.
import { PRIORITIES } from "./data.js";
import { bytes, duration, many, number, plain, Text } from "./text.jsx";

/** What the reader must know before trusting what is below: { level: "bad" | "warn" | "good", text }. */
export function warnings(report) {
	const { trace } = report, { loss } = trace;
	const list = [];
	if (trace.damaged) list.push({ level: "bad", text: "The trace is damaged: what stands behind the damage is not in this report." });
	if (loss.records > 0) {
		const causes = Object.entries(loss.causes ?? {}).map(([cause, n]) => `${cause} ${number(n)}`);
		list.push({
			level: "bad",
			text: `${loss.more_unknown ? "At least " : ""}${many(loss.events, "event")} (${loss.percent.toFixed(2)} %) ${loss.events === 1 ? "was" : "were"} lost in recording${causes.length ? `: ${causes.join(", ")}` : ""}. What they did is missing here.`,
		});
	}
	if (report.selected) {
		const { since, until, first_event: first, last_event: last, events } = report.selected;
		const parts = [since && `from ${since}`, until && `until before ${until}`, first && `from event ${first}`, last && `to event ${last}`].filter(Boolean);
		list.push({ level: "warn", text: `Only a part of the trace is in this report: ${parts.join(", ")} (${many(events, "event")}).` });
	}
	for (const m of trace.messages ?? []) list.push({ level: m.level === "error" ? "bad" : "warn", text: plain(m.message) + (m.offset === undefined ? "" : ` (at byte ${number(m.offset)})`) });
	if (report.alerts_left_out) list.push({ level: "warn", text: `${many(report.alerts_left_out, "more alert")} are counted with their rules, but not listed.` });
	if (report.acts_left_out) list.push({ level: "warn", text: `${many(report.acts_left_out, "more notable act")} are not listed.` });
	if (report.file_uses_left_out) list.push({ level: "warn", text: `${many(report.file_uses_left_out, "use")} of files are not shown: there are too many different ones.` });
	if (report.connection_uses_left_out) list.push({ level: "warn", text: `${many(report.connection_uses_left_out, "use")} of sockets are not shown: there are too many different ones.` });
	if (!report.rules_loaded) list.push({ level: "warn", text: "No rules were run, so there are no alerts: give eyas report -r RULES." });
	if (!loss.records && !trace.damaged)
		list.push(
			trace.format === "scap"
				? { level: "warn", text: "Whether events were lost is not known: .scap does not record it. No damage was found." }
				: { level: "good", text: "No loss was recorded, and no damage was found." },
		);
	return list;
}

export function Warnings({ list }) {
	return (
		<ul class="warnings" aria-label="Losses and damage">
			{list.map((w) => (
				<li class={w.level} key={w.text}>
					<span class="sign" aria-hidden="true">
						{w.level === "good" ? "✓" : "!"}
					</span>
					<span class="sr">{w.level === "good" ? "Good: " : "Warning: "}</span>
					{w.text}
				</li>
			))}
		</ul>
	);
}

export function hostsOf(report) {
	return [...new Set((report.trace.sections ?? []).map((s) => s.hostname).filter(Boolean))];
}

export function facts(report, clock) {
	const { trace } = report, section = trace.sections?.[0] ?? {}, p = trace.provenance ?? {};
	const hosts = hostsOf(report);
	const kernel = typeof p.kernel === "string" ? p.kernel : "";
	const recorded = [trace.format === "script" ? "a script" : `.${trace.format}, ${bytes(trace.bytes)}`, typeof p.recorder === "string" && p.recorder].filter(Boolean).join(", ");
	return [
		["Host", hosts.length ? hosts.map(plain).join(", ") : "not recorded", [section.cpus && many(section.cpus, "CPU"), section.memory_bytes && bytes(section.memory_bytes), kernel && `Linux ${plain(kernel)}`].filter(Boolean).join(", ")],
		["Span", trace.events ? duration(report.span) : "no events", trace.events ? `${clock.long(0)} to ${clock.withDate ? clock.long(report.span) : clock.long(report.span).slice(11)}` : ""],
		["Events", number(trace.events), `${many(trace.sections?.length ?? 0, "section")}, ${plain(recorded)}`],
		["Processes", number(report.processes.length), `${number(report.own.filter((n) => n > 0).length)} with alerts`],
		["Notable acts", number(report.acts.length), trace.notes ? many(trace.notes, "note") : ""],
	];
}

export function Facts({ report, clock, onPriority }) {
	const total = report.rules.reduce((sum, r) => sum + r.alerts, 0);
	return (
		<dl class="facts">
			<div class="fact alerts">
				<dt>Alerts</dt>
				<dd>
					<span class="big">{number(total)}</span>
					<span class="by-priority">
						{PRIORITIES.map(
							(name, rank) =>
								report.byPriority.has(rank) && (
									<button type="button" class={`priority p${rank}`} key={name} onClick={() => onPriority(rank)}>
										{number(report.byPriority.get(rank))} {name}
									</button>
								),
						)}
					</span>
					<span class="muted small">{many(report.rules.length, "rule")} of {number(report.rules_loaded)} fired</span>
				</dd>
			</div>
			{facts(report, clock).map(([name, value, more]) => (
				<div class="fact" key={name}>
					<dt>{name}</dt>
					<dd>
						<span class="big">
							<Text s={value} />
						</span>
						<span class="muted small">
							<Text s={more} />
						</span>
					</dd>
				</div>
			))}
		</dl>
	);
}
