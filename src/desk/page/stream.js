// SPDX-License-Identifier: Apache-2.0
// The event stream, and coming back after it was lost: EventSource tries again by itself, except
// after an answer that is no stream; then we do.
const RETRY_MS = 2000;

export function watch(told, live) {
	const source = new EventSource("/v1/stream");
	source.addEventListener("open", () => live(true));
	for (const name of Object.keys(told)) {
		source.addEventListener(name, (event) => told[name](JSON.parse(event.data)));
	}
	source.addEventListener("error", () => {
		live(false);
		if (source.readyState === EventSource.CLOSED) {
			setTimeout(() => watch(told, live), RETRY_MS);
		}
	});
}

export async function get(path) {
	const answer = await fetch(path);
	const value = await answer.json();
	if (!answer.ok) {
		throw new Error(value.detail);
	}
	return value;
}
