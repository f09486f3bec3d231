// One sound plays at a time; a preview is turned into a sound only when it is asked for.

const audio = new Audio();
audio.preload = "none";
let playing = -1;

const shapes = { play: "M3 1.5v13l11-6.5z", pause: "M3 1.5h3.6v13H3zM9.4 1.5H13v13H9.4z" };

function drawing(box, path) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", box);
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("preserveAspectRatio", "none");
  const shape = document.createElementNS("http://www.w3.org/2000/svg", "path");
  shape.setAttribute("d", path);
  svg.append(shape);
  return svg;
}

function outlinePath(outline) {
  const bars = [];
  for (let place = 0; place < outline.length; place += 1) {
    const half = 0.7 + (13 * parseInt(outline[place], 36)) / 35;
    bars.push(`M${place * 2 + 1} ${(15 - half).toFixed(1)}V${(15 + half).toFixed(1)}`);
  }
  return bars.join("");
}

function player(row) {
  const inside = data.outline[row] !== "";
  if (data.silent[row] || (!inside && !data.link[row])) {
    const why = data.silent[row] || "no recording";
    const made = element("div", "silent", why.startsWith("cannot be") ? "no player: the sound cannot be read" : why);
    made.title = why;
    return made;
  }
  const made = element("div", "player");
  made.dataset.row = row;
  const button = element("button", inside ? "play" : "play linked");
  button.type = "button";
  button.append(drawing("0 0 16 16", shapes.play));
  button.addEventListener("click", () => toggle(row));
  made.append(button);
  if (inside) {
    const wave = element("div", "wave");
    const path = outlinePath(data.outline[row]);
    wave.append(drawing("0 0 112 30", path), drawing("0 0 112 30", path));
    wave.addEventListener("click", (event) => seek(row, event.offsetX / wave.clientWidth));
    made.append(wave);
  } else {
    made.append(element("span", "silent", "from disk"));
  }
  face(made, row === playing && !audio.paused);
  return made;
}

function face(made, sounding) {
  const row = Number(made.dataset.row);
  const button = made.querySelector(".play");
  button.setAttribute("aria-label", `${sounding ? "Pause" : "Play"} ${data.file[row]}`);
  button.querySelector("path").setAttribute("d", sounding ? shapes.pause : shapes.play);
}

function source(row) {
  const text = document.getElementById(`sound-${row}`);
  return text ? `data:audio/mpeg;base64,${text.textContent}` : data.link[row];
}

function load(row) {
  if (playing === row) return;
  audio.pause();
  playing = row;
  audio.src = source(row);
}

function toggle(row) {
  if (playing === row && !audio.paused) {
    audio.pause();
    return;
  }
  load(row);
  audio.play().catch(() => {
    if (playing !== row || !audio.error) return;
    const made = document.querySelector(`.player[data-row="${row}"]`);
    if (made) made.append(element("span", "silent", "cannot be played here"));
  });
}

function seek(row, share) {
  load(row);
  const jump = () => { audio.currentTime = share * audio.duration; };
  if (Number.isFinite(audio.duration)) jump();
  else audio.addEventListener("loadedmetadata", jump, { once: true });
  audio.play().catch(() => {});
}

function progress() {
  for (const made of document.querySelectorAll(".player")) {
    const here = Number(made.dataset.row) === playing;
    const share = here && Number.isFinite(audio.duration) ? audio.currentTime / audio.duration : 0;
    const wave = made.querySelector(".wave");
    if (wave) wave.style.setProperty("--at", `${(100 * share).toFixed(1)}%`);
    face(made, here && !audio.paused);
  }
}

for (const event of ["play", "pause", "ended", "timeupdate", "seeked"]) audio.addEventListener(event, progress);
