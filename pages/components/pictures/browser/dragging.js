// The mouse on the grid: a click selects, a rectangle selects many, and photos are dragged onto a class. At the window's
// edge a rectangle scrolls.

import { counted, make } from "./dom.js";

const FAR = 6; // pixels, from which on it is no click any more
const EDGE = 48; // pixels of the window, within which a rectangle scrolls
const SPEED = 700; // pixels a second at the very edge; further out it is up to three times as quick

export class Dragging {
  constructor(gallery) {
    this.gallery = gallery;
    this.began = null;
    this.frame = make("div", { class: "rectangle", hidden: true });
    this.ghost = make("div", { class: "ghost", hidden: true });
    const { element } = gallery.grid;
    element.addEventListener("pointerdown", (event) => this.down(event));
    element.addEventListener("pointermove", (event) => this.move(event));
    element.addEventListener("pointerup", (event) => this.up(event));
    element.addEventListener("pointercancel", () => this.end());
    element.addEventListener("lostpointercapture", () => this.end());
    element.addEventListener("dblclick", (event) => this.open(event));
  }

  down(event) {
    if (event.button !== 0) return;
    const id = this.gallery.grid.idOf(event.target);
    const ticked = event.target.closest?.(".tick") !== null;
    this.began = { id, ticked, x: event.clientX, y: event.clientY, kind: "click", pointer: event.pointerId };
    this.before = new Map(this.gallery.selection.chosen);
    if (id === null && event.pointerType === "mouse") event.preventDefault(); // no text is selected by a rectangle
  }

  move(event) {
    const { began } = this;
    if (!began || event.pointerId !== began.pointer || event.pointerType === "touch") return;
    if (began.kind === "click") {
      if (Math.hypot(event.clientX - began.x, event.clientY - began.y) < FAR) return;
      this.begin(event);
    }
    if (began.kind === "rectangle") this.stretch(event);
    else this.carry(event);
  }

  begin(event) {
    const { began, gallery } = this;
    const carries = began.id !== null && gallery.data.look.rail && !event.altKey && !event.shiftKey;
    began.kind = carries ? "carry" : "rectangle";
    gallery.grid.element.setPointerCapture(began.pointer);
    if (!carries) return void this.beginRectangle();
    if (!gallery.selection.has(began.id)) gallery.selection.only(gallery.byId.get(began.id));
    this.ghost.textContent = counted(gallery.selection.chosen.size, "photo");
    this.ghost.hidden = false;
    gallery.mark();
  }

  // From now on each frame looks whether the pointer is at the edge, and whether the photos moved under it.
  beginRectangle() {
    const { element } = this.gallery.grid;
    const scroller = scrollerOf(element);
    const topOf = () => element.getBoundingClientRect().top;
    Object.assign(this.began, { topOf, top: topOf(), now: performance.now() });
    let drawn = this.began.top;
    const look = (now) => {
      const { began } = this;
      if (began?.kind !== "rectangle") return;
      scroller.scrollTop += (paceAt(began.last?.clientY, scroller) * (now - began.now)) / 1000;
      began.now = now;
      if (began.last && topOf() !== drawn) this.stretch(began.last);
      drawn = topOf();
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  }

  stretch(event) {
    const { began, gallery } = this;
    began.last = event;
    const y = began.y + began.topOf() - began.top; // where it began, as far as that was scrolled since
    const box = {
      left: Math.min(began.x, event.clientX),
      right: Math.max(began.x, event.clientX),
      top: Math.min(y, event.clientY),
      bottom: Math.max(y, event.clientY),
    };
    const { style } = this.frame;
    [style.left, style.top] = [`${box.left}px`, `${box.top}px`];
    [style.width, style.height] = [`${box.right - box.left}px`, `${box.bottom - box.top}px`];
    this.frame.hidden = false;
    const touched = gallery.grid.touched(box).map((id) => gallery.byId.get(id));
    gallery.selection.chosen = event.ctrlKey || event.metaKey || event.shiftKey ? new Map(this.before) : new Map();
    gallery.selection.add(touched);
    gallery.mark();
  }

  carry(event) {
    this.ghost.style.transform = `translate(${event.clientX + 12}px, ${event.clientY + 12}px)`;
    this.gallery.rail.lightUp(this.classUnder(event));
  }

  classUnder(event) {
    return this.gallery.rail.nameOf(this.gallery.root.elementFromPoint(event.clientX, event.clientY));
  }

  up(event) {
    const { began, gallery } = this;
    if (!began) return;
    this.began = null;
    if (began.kind === "click") this.click(event, began);
    if (began.kind === "carry") {
      const name = this.classUnder(event);
      if (name !== null) gallery.move(name);
    }
    this.end();
    gallery.mark();
  }

  click(event, { id, ticked }) {
    const { gallery } = this;
    const { selection } = gallery;
    if (id === null) {
      if (event.target === gallery.grid.list || event.target === gallery.grid.element) selection.clear();
      return;
    }
    const photo = gallery.byId.get(id);
    if (!photo) return;
    if (event.shiftKey) selection.extend(id, gallery.byId);
    else if (event.ctrlKey || event.metaKey || ticked) selection.toggle(photo);
    else selection.only(photo);
    gallery.grid.focus(id);
  }

  open(event) {
    const id = this.gallery.grid.idOf(event.target);
    if (id !== null && !event.target.closest(".tick")) this.gallery.open(id);
  }

  end() {
    if (this.began?.kind === "rectangle" || this.began?.kind === "carry") this.began = null;
    this.frame.hidden = this.ghost.hidden = true;
    this.gallery.rail.lightUp(null);
  }
}

// What scrolls an element, out of the component that it lies in.
function scrollerOf(element) {
  for (let at = element; at; at = at.parentElement ?? at.getRootNode().host) {
    if (at.scrollHeight > at.clientHeight && /auto|scroll/.test(getComputedStyle(at).overflowY)) return at;
  }
  return document.scrollingElement;
}

// Pixels a second to scroll by while the pointer is so far down the window; upwards negative.
function paceAt(y, scroller) {
  if (y === undefined) return 0;
  const place = scroller.getBoundingClientRect();
  const above = Math.max(place.top, 0) + EDGE - y;
  const below = y - Math.min(place.bottom, window.innerHeight) + EDGE;
  const pace = (depth) => SPEED * Math.min(depth / EDGE, 3);
  return above > 0 ? -pace(above) : below > 0 ? pace(below) : 0;
}
