// A rectangle on the photo in the viewer: drawn, moved and resized by mouse, finger or keyboard.

import { button, make } from "./dom.js";

const LEAST = 16; // pixels of the photo each way, as Python asks
const REACH = 14; // pixels of the window around an edge within which it is taken hold of
const KEY_STEP = 0.02; // of the photo's side

export class Crop {
  constructor(stage, size, done) {
    this.size = size;
    this.done = done;
    this.box = [0.1, 0.1, 0.9, 0.9]; // left, top, right, bottom as shares of the photo
    this.frame = make("div", { class: "frame" });
    this.words = make("p", { class: "place", role: "status" });
    this.cover = make("div", { class: "cover" }, this.frame);
    this.buttons = [
      this.words,
      button("Cut this out", () => this.apply(), { class: "primary" }),
      button("Cancel", () => this.done(null)),
      make("p", { class: "place" }, "Arrow keys move it, Shift + arrows resize it, Enter cuts, Esc leaves."),
    ];
    stage.append(this.cover);
    for (const kind of ["down", "move", "up"]) {
      this.cover.addEventListener(`pointer${kind}`, (event) => this[kind](event));
    }
    for (const kind of ["wheel", "dblclick"]) this.cover.addEventListener(kind, (event) => event.stopPropagation());
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(stage);
    this.draw();
  }

  remove() {
    this.observer.disconnect();
    this.cover.remove();
  }

  // Where the photo lies in the stage: as large as fits, in its middle.
  place() {
    const { clientWidth, clientHeight } = this.cover;
    const scale = Math.min(clientWidth / this.size[0], clientHeight / this.size[1]);
    const [width, height] = [this.size[0] * scale, this.size[1] * scale];
    return { x: (clientWidth - width) / 2, y: (clientHeight - height) / 2, width, height };
  }

  draw() {
    const { x, y, width, height } = this.place();
    const [left, top, right, bottom] = this.box;
    Object.assign(this.frame.style, {
      left: `${x + left * width}px`,
      top: `${y + top * height}px`,
      width: `${(right - left) * width}px`,
      height: `${(bottom - top) * height}px`,
    });
    const [a, b, c, d] = this.pixels();
    this.words.textContent = `${c - a} × ${d - b} pixels`;
  }

  pixels() {
    return this.box.map((share, at) => Math.round(share * this.size[at % 2]));
  }

  apply() {
    const [left, top, right, bottom] = this.pixels();
    const fits = right - left >= LEAST && bottom - top >= LEAST;
    if (fits) this.done([left, top, right, bottom]);
    else this.words.textContent = `At least ${LEAST} pixels each way, please.`;
  }

  shareOf(event) {
    const { x, y, width, height } = this.place();
    const at = this.cover.getBoundingClientRect();
    return [(event.clientX - at.x - x) / width, (event.clientY - at.y - y) / height];
  }

  down(event) {
    event.stopPropagation();
    event.preventDefault();
    this.cover.setPointerCapture(event.pointerId);
    const [x, y] = this.shareOf(event);
    this.held = { x, y, box: [...this.box], edges: this.edgesAt(x, y) };
    if (this.held.edges === null) {
      this.held.box = [x, y, x, y];
      this.held.edges = [2, 3];
    }
  }

  // Which edges are near; none inside, where all move; null outside, where a new rectangle begins.
  edgesAt(x, y) {
    const { width, height } = this.place();
    const near = (share, edge, side) => Math.abs(share - edge) * side < REACH;
    const [left, top, right, bottom] = this.box;
    const found = [];
    if (near(x, left, width)) found.push(0);
    else if (near(x, right, width)) found.push(2);
    if (near(y, top, height)) found.push(1);
    else if (near(y, bottom, height)) found.push(3);
    const inside = x > left && x < right && y > top && y < bottom;
    return found.length && this.isBeside(x, y) ? found : inside ? [] : null;
  }

  isBeside(x, y) {
    const { width, height } = this.place();
    const [left, top, right, bottom] = this.box;
    const [wide, high] = [REACH / width, REACH / height];
    return x > left - wide && x < right + wide && y > top - high && y < bottom + high;
  }

  move(event) {
    event.stopPropagation();
    if (!this.held) return;
    const [x, y] = this.shareOf(event);
    this.shift(this.held.box, this.held.edges, x - this.held.x, y - this.held.y);
  }

  up(event) {
    event.stopPropagation();
    this.held = null;
  }

  // Some edges, or with none the whole rectangle, by these shares of the photo.
  shift(from, edges, x, y) {
    const within = (share) => Math.min(Math.max(share, 0), 1);
    let box = from.map((edge, at) => (edges.includes(at) ? within(edge + (at % 2 ? y : x)) : edge));
    if (!edges.length) {
      const [right, down] = [Math.min(Math.max(x, -from[0]), 1 - from[2]), Math.min(Math.max(y, -from[1]), 1 - from[3])];
      box = from.map((edge, at) => edge + (at % 2 ? down : right));
    }
    const [a, b, c, d] = box;
    this.box = [Math.min(a, c), Math.min(b, d), Math.max(a, c), Math.max(b, d)].map(within);
    this.draw();
  }

  press(event) {
    const ways = {
      ArrowLeft: [-KEY_STEP, 0],
      ArrowRight: [KEY_STEP, 0],
      ArrowUp: [0, -KEY_STEP],
      ArrowDown: [0, KEY_STEP],
    };
    const onButton = event.composedPath()[0].tagName === "BUTTON";
    if (ways[event.key]) this.shift(this.box, event.shiftKey ? [2, 3] : [], ...ways[event.key]);
    else if (event.key === "Enter" && !onButton) this.apply();
    else if (event.key === "Escape") this.done(null);
    else return;
    event.preventDefault();
  }
}
