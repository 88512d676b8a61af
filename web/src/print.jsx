// What is printed: summary, alerts, acts and the processes with alerts, in full, without what scrolls.
import { PRIORITIES } from "./data.js";
import { processName } from "./lists.jsx";
import { Facts, Warnings, warnings } from "./summary.jsx";
import { howItEnded } from "./tree.jsx";
import { duration, many, number, Text } from "./text.jsx";

const MOST = 1000; // rows of each table

export function PrintView({ report, clock, alerts, acts, range, chart }) {
	const { order, depth, place } = report.tree;
	const rows = [];
	const wanted = new Uint8Array(order.length);
	for (let k = order.length - 1; k >= 0; k--) {
		if (report.own[order[k]] > 0) wanted[k] = 1;
		if (wanted[k] && depth[k] > 0) wanted[place[report.processes[order[k]].parent]] = 1;
	}
	for (let k = 0; k < order.length && rows.length <= MOST; k++) if (wanted[k]) rows.push(k);
	return (
		<div class="print-view">
			<h1>
				eyas report: <Text s={report.trace.trace} />
			</h1>
			<Warnings list={warnings(report)} />
			<Facts report={report} clock={clock} onPriority={() => {}} />
			{range && (
				<p>
					From {clock.full(range[0])} to {clock.full(range[1])} ({duration(range[1] - range[0])}), as it was marked in the chart.
				</p>
			)}
			{chart && <img src={chart} alt="Events over time" />}
			<h2>Alerts ({number(alerts.length)})</h2>
			<table>
				<thead>
					<tr>
						<th>Time (UTC)</th>
						<th>Priority</th>
						<th>Rule</th>
						<th>Process</th>
						<th>What happened</th>
					</tr>
				</thead>
				<tbody>
					{alerts.slice(0, MOST).map((a) => (
						<tr key={a.index}>
							<td>{clock.short(a.time)}</td>
							<td>{PRIORITIES[a.rank]}</td>
							<td>
								<Text s={report.rules[a.rule].name} />
							</td>
							<td>{a.process !== undefined && <Text s={processName(report.processes[a.process])} />}</td>
							<td>
								<Text s={a.output} /> (event {a.event})
							</td>
						</tr>
					))}
				</tbody>
			</table>
			{alerts.length > MOST && <p>and {many(alerts.length - MOST, "more alert")}</p>}
			<h2>Processes with alerts</h2>
			<table>
				<tbody>
					{rows.slice(0, MOST).map((k) => {
						const at = order[k], p = report.processes[at];
						return (
							<tr key={k}>
								<td>{p.pid}</td>
								<td class="name" style={{ paddingLeft: `${Math.min(depth[k], 20) * 10}px` }}>
									<b>
										<Text s={p.name} />
									</b>{" "}
									<Text s={p.command} />
								</td>
								<td>
									<Text s={p.user ?? p.uid} />
								</td>
								<td>{clock.short(p.started)}</td>
								<td>{howItEnded(p)}</td>
								<td>{report.own[at] ? many(report.own[at], "alert") : ""}</td>
							</tr>
						);
					})}
				</tbody>
			</table>
			{rows.length > MOST && <p>and more</p>}
			<h2>Notable acts ({number(acts.length)})</h2>
			<table>
				<tbody>
					{acts.slice(0, MOST).map((a) => (
						<tr key={a.index}>
							<td>{clock.short(a.time)}</td>
							<td>{a.kind}</td>
							<td>{a.process !== undefined && <Text s={processName(report.processes[a.process])} />}</td>
							<td>
								<Text s={a.text} /> {a.count > 1 && `(${number(a.count)} times)`}
							</td>
						</tr>
					))}
				</tbody>
			</table>
			{acts.length > MOST && <p>and {many(acts.length - MOST, "more act")}</p>}
		</div>
	);
}
