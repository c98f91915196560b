// A button that takes ten pictures a second while it is held, by mouse, finger, or the space or Enter key. They go to
// Python in batches, the next one once the last is on the disk; so a slow computer loses none, and only so many wait.
import * as camera from "./camera.js";

const EVERY_MS = 100, SIDE = 640, IN_BATCH = 10, MOST_IN_BATCH = 30, MOST_WAITING = 150;
const KEYS = [" ", "Enter"];
const button = document.querySelector("button"), said = document.querySelector("p");
let args = { label: "", taken: 0, most: 0 };
let waiting = [], sent = 0, timer = 0, count = 0, isOpen = false, holds = false;

function tell(type, values) {
  window.parent.postMessage({ isStreamlitMessage: true, type: "streamlit:" + type, ...values }, "*");
}

function fit() {
  tell("setFrameHeight", { height: Math.ceil(document.documentElement.getBoundingClientRect().height) + 2 });
}

function say(words) {
  said.textContent = words;
  fit();
}

function begin() {
  if (timer || button.disabled) return;
  [count, isOpen] = [0, true];
  button.classList.add("held");
  timer = setInterval(take, EVERY_MS);
  take();
}

function end() {
  if (!timer) return;
  clearInterval(timer);
  timer = 0;
  button.classList.remove("held");
  send();
}

function take() {
  if (count === args.most) return end();
  if (!camera.isOpen() || waiting.length === MOST_WAITING) return;
  waiting.push({ jpeg: camera.picture(SIDE), at: Date.now() / 1000 });
  count += 1;
  say(count === 1 ? "1 picture" : `${count} pictures`);
  send();
}

// The last batch of a burst says so, and may be empty.
function send() {
  const held = timer !== 0;
  if (sent > args.taken || !isOpen || (held && waiting.length < IN_BATCH)) return;
  const frames = waiting.splice(0, MOST_IN_BATCH), last = !held && waiting.length === 0;
  isOpen = !last;
  sent = args.taken + 1;
  holds = true;
  tell("setComponentValue", { value: { number: sent, frames, last }, dataType: "json" });
}

// What was taken is let go of: the browser would send it again with all that happens on the page.
function letGo() {
  if (!holds || sent > args.taken || isOpen) return;
  holds = false;
  tell("setComponentValue", { value: null, dataType: "json" });
}

function wear({ textColor, font, primaryColor, backgroundColor }) {
  const look = { text: textColor, font, primary: primaryColor, ground: backgroundColor };
  for (const [name, value] of Object.entries(look)) if (value) document.body.style.setProperty("--" + name, value);
}

function render({ data }) {
  if (data.type !== "streamlit:render") return;
  args = data.args;
  sent = Math.max(sent, args.taken);
  wear(data.theme ?? {});
  button.textContent = `Hold to take pictures of ${args.label}`;
  send();
  letGo();
  fit();
}

function listen() {
  window.addEventListener("message", render);
  window.addEventListener("resize", fit);
  window.addEventListener("blur", end);
  document.addEventListener("visibilitychange", end);
  button.addEventListener("pointerdown", (event) => {
    button.setPointerCapture(event.pointerId);
    begin();
  });
  for (const over of ["pointerup", "pointercancel", "lostpointercapture", "blur"]) button.addEventListener(over, end);
  button.addEventListener("contextmenu", (event) => event.preventDefault()); // of a long touch
  button.addEventListener("keydown", (event) => {
    if (!KEYS.includes(event.key)) return;
    event.preventDefault();
    begin();
  });
  button.addEventListener("keyup", (event) => KEYS.includes(event.key) && end());
  camera.whenChosen((error) => say(camera.inWords(error)));
  camera.whenOpen(() => {
    button.disabled = false;
    fit();
  });
}

listen();
tell("componentReady", { apiVersion: 1 });
camera.open().then(fit, (error) => say(camera.inWords(error)));
