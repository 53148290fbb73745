// SPDX-License-Identifier: Apache-2.0
// The live page: hears the stream and shows what it says. It only shows; changes are made with
// platenctl.
import { watch, get } from "./stream.js";
import { fill, holdCard, jobRow, make, printerCard, when } from "./cards.js";

const at = (id) => document.getElementById(id);
let words = {};

function showWords() {
	for (const element of document.querySelectorAll("[data-word]")) {
		element.textContent = words[element.dataset.word];
	}
	for (const element of document.querySelectorAll("[data-label]")) {
		element.setAttribute("aria-label", words[element.dataset.label]);
		element.title = words[element.dataset.label];
	}
}

function showStatus(status) {
	at("floor").textContent = words.title + " " + status.floor;
	at("say").textContent = status.say;
	const figures = [
		[status.today.came_out, words.came_out, ""],
		[status.today.jobs, words.jobs_done, ""],
		[status.today.spoiled, words.spoiled, ""],
		[status.today.may_have_printed, words.may_have_printed, "bad"],
	].filter(([number], index) => index < 2 || number > 0);
	fill(at("today"), figures, (figure) => figure[1], ([number, label, tone]) =>
		make("div", tone, make("dt", "", label), make("dd", "", String(number))));
	showHotFolder(status.hot_folder);
	document.title = (status.jobs.needs_you > 0 ? "(" + status.jobs.needs_you + ") " : "") + words.title +
		" " + status.floor;
}

// Only when something lies there: an empty folder is no news.
function showHotFolder(hot) {
	at("hot-part").hidden = !hot || (hot.fit && hot.waiting === 0);
	if (hot) {
		at("hot-say").textContent = hot.say;
		fill(at("hot"), hot.why, (why) => why.what, (why) =>
			make("div", "", make("dt", "", why.what), make("dd", "", why.say)));
	}
}

function showHolds({ holds }) {
	const key = (hold) => (hold.incident ? "incident " + hold.incident : hold.job ? "job " + hold.job.id : "printer " + hold.printer);
	const needs = holds.filter((hold) => hold.kind === "needs_you");
	const waits = holds.filter((hold) => hold.kind !== "needs_you");
	fill(at("cards"), needs, key, (hold) => holdCard(hold, words));
	fill(at("waiting"), waits, key, (hold) => holdCard(hold, words));
	at("calm").hidden = needs.length > 0;
	at("waiting-part").hidden = waits.length === 0;
}

function showPrinters({ printers }) {
	fill(at("printers"), printers, (printer) => printer.name, (printer) => printerCard(printer, words));
	if (printers.length === 0) {
		at("printers").replaceChildren(make("p", "empty", words.no_printers));
	}
}

function showJobs({ jobs }) {
	fill(at("jobs"), jobs, (job) => job.id + "." + job.epoch, (job) => jobRow(job, words, tellStory));
	if (jobs.length === 0) {
		at("jobs").replaceChildren(make("p", "empty", words.no_jobs));
	}
}

async function tellStory(id) {
	try {
		const why = await get("/v1/jobs/" + encodeURIComponent(id) + "/why");
		at("story-head").textContent = why.id;
		at("story-now").textContent = why.now;
		at("story-next").textContent = why.next;
		at("story-facts").replaceChildren(...why.facts.flatMap((fact) =>
			[make("dt", "", fact.what), make("dd", "", fact.say)]));
		at("story-lines").replaceChildren(...why.story.map((line) =>
			make("li", line.by, make("time", "", when(line.at)), make("span", "", line.say))));
		at("story").showModal();
	} catch (fault) {
		at("say").textContent = fault.message;
	}
}

function showLive(isLive) {
	at("live").textContent = isLive ? words.live : words.reconnecting;
	at("live").classList.toggle("lost", !isLive);
}

function chooseTheme() {
	const root = document.documentElement;
	const isDark = root.dataset.theme ? root.dataset.theme === "dark"
		: matchMedia("(prefers-color-scheme: dark)").matches;
	root.dataset.theme = isDark ? "light" : "dark";
	localStorage.setItem("theme", root.dataset.theme);
}

async function start() {
	const theme = localStorage.getItem("theme");
	if (theme) {
		document.documentElement.dataset.theme = theme;
	}
	at("theme").addEventListener("click", chooseTheme);
	at("story").addEventListener("click", (event) => event.target === at("story") && at("story").close());
	try { // the first screen at once; the stream then says only what changes
		const paths = ["/v1/words", "/v1/status", "/v1/printers", "/v1/holds", "/v1/jobs?limit=60"];
		const [first, status, printers, holds, jobs] = await Promise.all(paths.map(get));
		words = first;
		showWords();
		showStatus(status);
		showPrinters(printers);
		showHolds(holds);
		showJobs(jobs);
	} catch {
		setTimeout(start, 2000);
		return;
	}
	watch({ status: showStatus, printers: showPrinters, holds: showHolds, jobs: showJobs }, showLive);
}

start();
