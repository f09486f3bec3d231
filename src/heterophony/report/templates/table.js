"use strict";

// The table: which rows, in which order, and what a row looks like. Text only ever enters as textContent.

const data = JSON.parse(document.getElementById("data").textContent);
const total = data.file.length;
const state = { text: "", cls: -1, top: -1, quick: "all", sort: "p", down: false, page: 0 };
const percent = (p) => (p < 0 ? "–" : p > 0 && p < 0.01 ? "<1\u00a0%" : `${Math.round(100 * p)}\u00a0%`);
const apart = (row) => data.sound[row] >= 0 && data.words[row] >= 0 && data.sound[row] !== data.words[row];
const haystack = data.file.map((file, row) => {
  const cls = data.classes[data.cls[row]];
  return `${file}\n${data.title[row]}\n${cls.key}\n${cls.name}\n${data.tops[cls.top]}`.toLowerCase();
});
const quick = {
  all: () => true,
  unsure: (row) => data.p[row] < data.unsureBelow,
  apart,
  partial: (row) => data.note[row] !== "",
};
const collate = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" }).compare;
const orders = {
  file: (a, b) => collate(data.file[a], data.file[b]),
  cls: (a, b) => data.classes[data.cls[a]].top - data.classes[data.cls[b]].top || data.cls[a] - data.cls[b] || a - b,
  p: (a, b) => data.p[a] - data.p[b],
  secondP: (a, b) => data.secondP[a] - data.secondP[b],
  apart: (a, b) => apart(b) - apart(a),
  wSound: (a, b) => data.wSound[a] - data.wSound[b],
};
let visible = [];

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function select() {
  const words = state.text.toLowerCase().split(/\s+/).filter(Boolean);
  visible = [];
  for (let row = 0; row < total; row += 1) {
    const cls = data.cls[row];
    if (state.cls >= 0 && cls !== state.cls) continue;
    if (state.top >= 0 && data.classes[cls].top !== state.top) continue;
    if (!quick[state.quick](row)) continue;
    if (words.every((word) => haystack[row].includes(word))) visible.push(row);
  }
  const order = orders[state.sort];
  const sign = state.down ? -1 : 1;
  visible.sort((a, b) => sign * order(a, b) || a - b);
}

function bar(parts) {
  const made = element("div", "bar");
  for (const [share, className] of parts) {
    const part = element("i", className);
    part.style.width = `${Math.max(0, Math.min(1, share)) * 100}%`;
    made.append(part);
  }
  return made;
}

function cell(className, ...parts) {
  const made = element("td", className);
  made.append(...parts.filter(Boolean));
  return made;
}

function guess(label, probability) {
  if (label < 0) return null;
  const line = element("div", "line");
  const name = element("span", "", data.classes[label].name);
  name.title = fullName(label);
  line.append(name, element("b", "", percent(probability)));
  return line;
}

function fullName(label) {
  const cls = data.classes[label];
  return data.twoLevels ? `${data.tops[cls.top]} / ${cls.name}` : cls.name;
}

function fileCell(row) {
  const link = data.link[row];
  const name = element(link ? "a" : "span", "name", data.file[row] || data.title[row]);
  if (link) {
    name.href = link;
    name.rel = "noreferrer";
  }
  return cell("c-file", name, data.title[row] && data.file[row] ? element("small", "", data.title[row]) : null,
    data.note[row] ? element("span", "flag", `in part: ${data.note[row]}`) : null, nearBox(row));
}

function classCell(row) {
  const cls = data.classes[data.cls[row]];
  const name = element("span", "");
  name.title = cls.definition;
  name.append(element("i", "dot"), cls.name);
  const made = cell(`c-class f${cls.family}`, name);
  if (data.twoLevels) made.append(element("small", "", `${data.tops[cls.top]} ${cls.top === data.top[row] ? percent(data.topP[row]) : ""}`));
  if (data.twoLevels && data.top[row] >= 0 && cls.top !== data.top[row]) {
    made.append(element("span", "flag", `top level: ${data.tops[data.top[row]]} ${percent(data.topP[row])}`));
  }
  return made;
}

function certaintyCell(row) {
  const probability = data.p[row];
  const family = data.classes[data.cls[row]].family;
  return cell(`c-p f${family}`, element("span", probability < data.unsureBelow ? "p unsure" : "p", percent(probability)),
    bar([[probability, ""]]));
}

function aloneCell(row) {
  const lines = [["sound", data.sound[row]], ["words", data.words[row]]].map(([what, label]) => {
    if (label < 0) return null;
    const line = element("div", "");
    const name = element("span", "", data.classes[label].name);
    name.title = fullName(label);
    line.append(element("span", "faint", `${what}: `), name);
    return line;
  });
  if (!lines[0] && !lines[1]) return cell("c-alone faint", "–");
  if (lines[0] && lines[1] && !apart(row)) {
    lines[0].firstChild.textContent = "both: ";
    return cell("c-alone", lines[0]);
  }
  return cell("c-alone", ...lines, apart(row) ? element("span", "flag", "disagree") : null);
}

function weightCell(row) {
  if (data.wSound[row] < 0 && data.wWords[row] < 0) return cell("c-weight faint", "–");
  const [sound, words] = [Math.max(0, data.wSound[row]), Math.max(0, data.wWords[row])];
  const made = cell("c-weight", element("span", "faint", words > sound ? `words ${percent(words)}` : `sound ${percent(sound)}`),
    bar([[sound, "sound"], [words, "words"]]));
  made.title = `sound ${percent(data.wSound[row])}, words ${percent(data.wWords[row])}`;
  return made;
}

function nearBox(row) {
  if (!data.near || !data.near[row].length) return null;
  const made = element("details", "near");
  const novelty = data.novelty[row];
  const far = novelty < 0 ? "" : `, further than ${percent(novelty)} of the known from theirs`;
  made.append(element("summary", novelty > 0.95 ? "flag" : "", `nearest known${far}`));
  for (const [modality, ...some] of data.near[row]) {
    made.append(element("small", "", `by ${modality}`));
    for (const [id, label, words, distance] of some) {
      const line = element("div", "line");
      const name = element("span", "", `${label < 0 ? "?" : data.classes[label].name}: ${words || id}`);
      name.title = id;
      line.append(name, element("b", "", distance.toFixed(2)));
      made.append(line);
    }
  }
  return made;
}

function rowElement(row) {
  const made = element("tr");
  made.append(cell("c-play", player(row)), fileCell(row), classCell(row), certaintyCell(row),
    cell("c-next", guess(data.second[row], data.secondP[row]), guess(data.third[row], data.thirdP[row])),
    aloneCell(row), weightCell(row));
  return made;
}

function draw() {
  const body = document.getElementById("body");
  const pages = Math.max(1, Math.ceil(visible.length / data.rowsPerPage));
  state.page = Math.min(Math.max(0, state.page), pages - 1);
  const first = state.page * data.rowsPerPage;
  const shown = visible.slice(first, first + data.rowsPerPage).map(rowElement);
  if (!shown.length) {
    const nothing = cell("none", total ? "No file matches. Clear the search or show all." : "No file was classified.");
    nothing.colSpan = 7;
    const row = element("tr");
    row.append(nothing);
    shown.push(row);
  }
  body.replaceChildren(...shown);
  const count = visible.length.toLocaleString("en");
  document.getElementById("shown").textContent =
    visible.length === total ? `${count} in all` : `${count} of ${total.toLocaleString("en")}`;
  document.getElementById("page").textContent = `page ${state.page + 1} of ${pages}`;
  const pager = document.getElementById("pager");
  pager.hidden = pages === 1;
  for (const button of pager.querySelectorAll("button")) {
    const back = button.dataset.step === "first" || button.dataset.step === "back";
    button.disabled = back ? state.page === 0 : state.page === pages - 1;
  }
  for (const head of document.querySelectorAll("th[data-sort]")) {
    if (head.dataset.sort === state.sort) head.setAttribute("aria-sort", state.down ? "descending" : "ascending");
    else head.removeAttribute("aria-sort");
  }
}

function update() {
  state.page = 0;
  select();
  draw();
}
