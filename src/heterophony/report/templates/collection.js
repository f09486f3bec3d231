// What the reader can press: rings, legend, chips, search, headers, pages.

const burst = document.querySelector(".burst svg");
const arcs = burst ? [...burst.querySelectorAll(".arc")] : [];
const number = (text) => (text === undefined ? -1 : Number(text));

function pick(top, cls) {
  const same = state.top === top && state.cls === cls;
  state.top = same ? -1 : top;
  state.cls = same ? -1 : cls;
  mark();
  update();
}

function isPicked(thing) {
  const [top, cls] = [number(thing.dataset.top), number(thing.dataset.class)];
  return cls >= 0 ? cls === state.cls : top >= 0 && top === state.top;
}

function mark() {
  const filtered = state.top >= 0 || state.cls >= 0;
  if (burst) burst.classList.toggle("filtered", filtered);
  for (const thing of document.querySelectorAll("[data-top],[data-class]")) {
    thing.setAttribute("aria-pressed", String(isPicked(thing)));
  }
  for (const arc of arcs) {
    const [top, cls] = [number(arc.dataset.top), number(arc.dataset.class)];
    const inside = cls >= 0 && state.top >= 0 && data.classes[cls].top === state.top;
    const above = top >= 0 && state.cls >= 0 && data.classes[state.cls].top === top;
    arc.classList.toggle("on", isPicked(arc) || inside || above);
  }
  const chip = document.getElementById("filter");
  chip.hidden = !filtered;
  if (!filtered) return centre(total, total === 1 ? "sound" : "sounds");
  const top = state.cls >= 0 ? data.classes[state.cls].top : state.top;
  const label = state.cls >= 0 ? data.classes[state.cls].name : data.tops[state.top];
  const family = data.classes.find((cls) => cls.top === top).family;
  chip.className = `filter f${family}`;
  chip.textContent = `${label}  ×`;
  chip.setAttribute("aria-label", `Showing only ${label}; press to show all`);
  const inIt = data.cls.filter((cls) => (state.cls >= 0 ? cls === state.cls : data.classes[cls].top === state.top)).length;
  return centre(inIt, label.length > 22 ? `${label.slice(0, 21)}…` : label);
}

function centre(many, what) {
  if (!burst) return;
  document.querySelector(".centre .many").textContent = many.toLocaleString("en");
  document.querySelector(".centre .what").textContent = what;
}

function press(thing) {
  pick(number(thing.dataset.top), number(thing.dataset.class));
}

function move(from, step) {
  const to = arcs[(arcs.indexOf(from) + step + arcs.length) % arcs.length];
  from.setAttribute("tabindex", "-1");
  to.setAttribute("tabindex", "0");
  to.focus();
}

for (const arc of arcs) {
  arc.addEventListener("click", () => press(arc));
  arc.addEventListener("keydown", (event) => {
    const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
    if (event.key in steps) move(arc, steps[event.key]);
    else if (event.key === "Enter" || event.key === " ") press(arc);
    else if (event.key === "Escape") pick(-1, -1);
    else return;
    event.preventDefault();
  });
}
for (const button of document.querySelectorAll(".legend button")) button.addEventListener("click", () => press(button));
document.getElementById("filter").addEventListener("click", () => pick(-1, -1));
if (burst) document.getElementById("centre").addEventListener("click", () => pick(-1, -1));

for (const chip of document.querySelectorAll("[data-quick]")) {
  chip.addEventListener("click", () => {
    state.quick = chip.dataset.quick;
    for (const other of document.querySelectorAll("[data-quick]")) other.setAttribute("aria-pressed", String(other === chip));
    update();
  });
}

let waiting = 0;
document.getElementById("search").addEventListener("input", (event) => {
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    state.text = event.target.value;
    update();
  }, 120);
});

for (const head of document.querySelectorAll("th[data-sort]")) {
  head.querySelector("button").addEventListener("click", () => {
    state.down = state.sort === head.dataset.sort ? !state.down : ["secondP", "wSound"].includes(head.dataset.sort);
    state.sort = head.dataset.sort;
    update();
  });
}

document.getElementById("pager").addEventListener("click", (event) => {
  const step = event.target.dataset.step;
  if (!step) return;
  const last = Math.ceil(visible.length / data.rowsPerPage) - 1;
  state.page = { first: 0, back: state.page - 1, next: state.page + 1, last }[step];
  draw();
  document.getElementById("table-head").scrollIntoView({ block: "start" });
});

update();
