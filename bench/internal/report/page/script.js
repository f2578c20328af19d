"use strict";
// Sorting and filtering. Without this script everything is there, in the order of the suite.
document.documentElement.classList.remove("no-script");

function value(row, column) {
	const cell = row.cells[column];
	const text = cell.hasAttribute("data-v") ? cell.getAttribute("data-v") : cell.textContent.trim();
	const number = Number(text);
	return text === "" ? null : Number.isNaN(number) ? text : number;
}

function compare(a, b) {
	if (typeof a === "number" && typeof b === "number") return a - b;
	if (typeof a === "number") return -1;
	if (typeof b === "number") return 1;
	return a.localeCompare(b, "en", { numeric: true });
}

function sort(button) {
	const header = button.closest("th");
	const table = header.closest("table");
	const body = table.tBodies[0];
	const column = header.cellIndex;
	const down = header.getAttribute("aria-sort") === "ascending";
	const rows = Array.from(body.rows).map((row) => [value(row, column), row]);
	rows.sort(([a], [b]) => {
		if (a === null || b === null) return (a === null) - (b === null); // what isn't there stays last
		return down ? compare(b, a) : compare(a, b);
	});
	for (const th of table.tHead.rows[0].cells) th.removeAttribute("aria-sort");
	header.setAttribute("aria-sort", down ? "descending" : "ascending");
	body.append(...rows.map(([, row]) => row));
}

function filter(input) {
	const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
	const table = document.getElementById(input.getAttribute("aria-controls"));
	const rows = Array.from(table.tBodies[0].rows);
	let shown = 0;
	for (const row of rows) {
		const text = Array.from(row.cells, (cell) => cell.textContent).join(" ").toLowerCase();
		row.hidden = !words.every((word) => text.includes(word));
		if (!row.hidden) shown++;
	}
	input.parentElement.querySelector("output").textContent = words.length ? shown + " of " + rows.length + " rows" : "";
}

document.addEventListener("click", (event) => {
	const button = event.target.closest("thead button");
	if (button) sort(button);
});
document.addEventListener("input", (event) => {
	if (event.target.matches(".filter input")) filter(event.target);
});
for (const input of document.querySelectorAll(".filter input")) if (input.value) filter(input);
