// SPDX-License-Identifier: Apache-2.0
// What the page is built of. Every text from outside becomes a text node: there is no HTML made of
// strings anywhere.

export function make(tag, name, ...children) {
	const element = document.createElement(tag);
	if (name) {
		element.className = name;
	}
	element.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
	return element;
}

// Keeps the nodes of items that did not change, so that pictures don't flicker and focus stays.
export function fill(parent, items, key, build) {
	const old = new Map([...parent.children].map((node) => [node.dataset.key, node]));
	const nodes = items.map((item) => {
		const text = JSON.stringify(item);
		const before = old.get(key(item));
		if (before && before.dataset.text === text) {
			return before;
		}
		const node = build(item);
		node.dataset.key = key(item);
		node.dataset.text = text;
		if (before && before.contains(document.activeElement)) {
			queueMicrotask(() => node.focus());
		}
		return node;
	});
	const same = nodes.length === parent.children.length &&
		nodes.every((node, at) => node === parent.children[at]);
	if (!same) {
		parent.replaceChildren(...nodes);
	}
}

export function when(stamp) {
	if (!stamp) {
		return "";
	}
	const at = new Date(stamp);
	const time = at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
	const today = new Date().toDateString() === at.toDateString();
	return today ? time : at.toLocaleDateString([], { day: "numeric", month: "short" }) + " " + time;
}

function picture(job, words) {
	if (!job || !job.thumb) {
		return null;
	}
	const image = make("img");
	image.src = job.thumb;
	image.alt = words.picture + " " + (job.label || job.id);
	image.loading = "lazy";
	image.addEventListener("error", () => image.replaceWith(make("span", "blank")));
	return image;
}

// What to do, its commands ("platenctl …" up to the next comma, semicolon or full stop) set as such.
function act(text) {
	const line = make("p", "act");
	text.split(/(platenctl [^,;]*?(?=[,;]|\.\s|$))/).filter(Boolean)
		.forEach((part) => line.append(part.startsWith("platenctl ") ? make("code", "", part) : part));
	return line;
}

export function holdCard(hold, words) {
	const job = hold.job;
	const about = job ? [job.copies + " × " + job.title, job.label,
		job.order.ref && words.order + " " + job.order.ref].filter(Boolean).join(" · ") : "";
	return make("article", "card " + hold.kind, picture(job, words),
		make("div", "",
			make("h3", "", hold.title),
			about ? make("p", "what", about) : null,
			make("p", "why", hold.text),
			act(hold.action),
			make("p", "since", [job ? job.id : hold.printer,
				hold.since && words.since + " " + when(hold.since)].filter(Boolean).join(" · "))));
}

function paperLine(printer, words) {
	const loaded = printer.loaded;
	const line = make("p", "paper", loaded ? make("strong", "", loaded.title) : words.no_paper);
	if (loaded && loaded.lot) {
		line.append(" · " + words.lot + " " + loaded.lot);
	}
	if (printer.sheets_left !== null) {
		line.append(" · " + printer.sheets_left + " " + words.sheets_left);
	}
	const others = (printer.papers || []).filter((name) => !loaded || name !== loaded.media);
	if (others.length) {
		line.append(" · " + words.also_loaded + " " + others.join(", "));
	}
	return line;
}

function jobAt(printer, words) {
	const job = printer.job;
	if (!job) {
		return printer.fault ? make("div", "at", make("div", "fault", printer.fault)) : null;
	}
	const out = job.delivered + (job.coming || 0);
	const bar = make("progress");
	bar.max = Math.max(job.prints, 1);
	bar.value = out;
	bar.setAttribute("aria-label", words.prints);
	return make("div", "at", picture(job, words),
		make("div", "", make("b", "", job.label || job.id),
			make("span", "paper", job.title), bar,
			make("span", "paper", out + " " + words.of + " " + job.prints)));
}

// What should be seen to today, though prints come out.
function soon(printer) {
	const says = (printer.conditions || []).filter((condition) => condition.effect === "soon")
		.map((condition) => condition.say + ": " + condition.action);
	const low = (printer.supplies || []).filter((supply) => supply.low)
		.map((supply) => (supply.name || supply.type) + " " + supply.say);
	const upkeep = (printer.maintenance || []).filter((routine) => routine.state !== "ok")
		.map((routine) => routine.what + ": " + routine.say);
	const noticed = (printer.notices || []).map((notice) => notice.say);
	// the forecast of its paper, where it does not last; or that somebody should count
	const stock = printer.stock;
	const paper = !stock ? [] : [stock.forecast && stock.forecast.runs_out ? stock.forecast.say : "",
		stock.recount ? stock.say : ""].filter(Boolean);
	return [...says, ...low, ...paper, ...upkeep, ...noticed].map((text) => make("div", "soon", text));
}

export function printerCard(printer, words) {
	return make("article", "printer",
		make("div", "top", make("h3", "", printer.name),
			make("span", "state " + printer.state, printer.say)),
		paperLine(printer, words),
		...soon(printer),
		jobAt(printer, words),
		make("div", "numbers", make("span", "", printer.today.came_out + " " + words.came_out),
			printer.today.spoiled ? make("span", "", printer.today.spoiled + " " + words.spoiled) : null,
			printer.queue ? make("span", "", printer.queue + " " + words.in_line) : null));
}

// Ids of local orders are long; the tail tells them apart.
const short = (id) => (id.length > 16 ? "…" + id.slice(-6) : id);

export function jobRow(job, words, open) {
	const row = make("button", "job",
		picture(job, words) || make("span", "blank"),
		make("span", "name", job.label || job.order.ref || job.title),
		make("span", "text", [(job.label || job.order.ref) && job.title,
			job.label && job.order.ref && words.order + " " + job.order.ref, short(job.id)].filter(Boolean).join(" · ")),
		make("span", "is " + job.kind, job.say),
		make("span", "count", (job.delivered + (job.coming || 0)) + " / " + job.prints),
		make("span", "where", [job.printer, when(job.since)].filter(Boolean).join(" · ")));
	row.type = "button";
	row.title = job.id;
	row.addEventListener("click", () => open(job.id));
	return row;
}
