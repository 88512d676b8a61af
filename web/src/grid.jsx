// A table of any length of which only the rows in sight exist: role grid or treegrid, one row active, moved by the keyboard.
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

export const ROW = 26; // px; page.css has it too

/**
 * columns: [{ name, class }]; row(i) gives its cells and attributes { key, cells, attributes, class }.
 * `active` is the row that has the keyboard; onMove(i) asks for another, onKey(event, i) may take a key first.
 */
export function Grid({ label, role = "grid", columns, layout, count, row, active, onMove, onKey, empty, id }) {
	const box = useRef(null);
	const [top, setTop] = useState(0);
	const [height, setHeight] = useState(400);
	const wanted = useRef(-1);

	useLayoutEffect(() => {
		const el = box.current;
		const measure = () => setHeight(el.clientHeight);
		measure();
		const watch = new ResizeObserver(measure);
		watch.observe(el);
		return () => watch.disconnect();
	}, []);

	const reveal = useCallback((i) => {
		const el = box.current;
		const head = ROW, room = el.clientHeight - head;
		if (i * ROW < el.scrollTop) el.scrollTop = i * ROW;
		else if ((i + 1) * ROW > el.scrollTop + room) el.scrollTop = (i + 1) * ROW - room;
	}, []);

	// The active row comes into sight when it, or what is above it, changed.
	useEffect(() => {
		if (active >= 0 && wanted.current !== active) reveal(active);
		wanted.current = active;
	}, [active, count]);

	const keys = (e) => {
		if (e.target !== box.current || e.ctrlKey || e.metaKey || e.altKey) return;
		if (onKey?.(e, active)) {
			e.preventDefault();
			return;
		}
		const page = Math.max(1, Math.floor(height / ROW) - 2);
		const to = { ArrowDown: active + 1, ArrowUp: active - 1, PageDown: active + page, PageUp: active - page, Home: 0, End: count - 1 }[e.key];
		if (to === undefined || !count) return;
		e.preventDefault();
		onMove(Math.min(count - 1, Math.max(0, to)));
	};

	const first = Math.max(0, Math.floor(top / ROW) - 6);
	const last = Math.min(count, Math.ceil((top + height) / ROW) + 6);
	const shown = [];
	for (let i = first; i < last; i++) shown.push(i);
	// The active one stays, for whoever has it read out.
	if (active >= 0 && active < count && (active < first || active >= last)) shown.push(active);

	return (
		<div
			ref={box}
			class={`grid ${layout}`}
			role={role}
			aria-label={label}
			aria-rowcount={count + 1}
			aria-colcount={columns.length}
			aria-activedescendant={active >= 0 && active < count ? `${id}-${active}` : undefined}
			tabindex={0}
			onScroll={(e) => setTop(e.currentTarget.scrollTop)}
			onKeyDown={keys}
		>
			<div role="rowgroup" class="grid-head">
				<div role="row" aria-rowindex={1} class="grid-row">
					{columns.map((c, i) => (
						<span role="columnheader" aria-colindex={i + 1} class={c.class} key={c.name}>
							{c.name}
						</span>
					))}
				</div>
			</div>
			<div role="rowgroup" class="grid-body" style={{ height: `${count * ROW}px` }}>
				{shown.map((i) => {
					const { key, cells, attributes, name } = row(i);
					return (
						<div
							role="row"
							key={key}
							id={`${id}-${i}`}
							aria-rowindex={i + 2}
							aria-selected={i === active ? "true" : "false"}
							class={`grid-row ${name ?? ""} ${i === active ? "active" : ""}`}
							style={{ top: `${i * ROW}px` }}
							onClick={(e) => onMove(i, e)}
							{...attributes}
						>
							{cells.map((c, at) => (
								<span role="gridcell" aria-colindex={at + 1} class={columns[at].class} key={at}>
									{c}
								</span>
							))}
						</div>
					);
				})}
			</div>
			{count === 0 && (
				<div role="row" class="grid-empty" aria-rowindex={2}>
					<span role="gridcell">{empty}</span>
				</div>
			)}
		</div>
	);
}
