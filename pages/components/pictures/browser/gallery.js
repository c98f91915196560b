// The gallery: holds its parts together. Streamlit calls `show` whenever Python has something new to show.

import { Bar, fits } from "./bar.js";
import { Dialogs } from "./dialogs.js";
import { button, make, schemeOf } from "./dom.js";
import { Dragging } from "./dragging.js";
import { Grid } from "./grid.js";
import { pressInGrid } from "./keys.js";
import { Rail } from "./rail.js";
import { Selection } from "./selection.js";
import { Sender, asSeen } from "./sending.js";
import { Viewer } from "./viewer.js";

const galleries = new WeakMap(); // by the place in the page that Streamlit gives

export function show({ parentElement, data, setTriggerValue }) {
  if (!galleries.has(parentElement)) galleries.set(parentElement, new Gallery(parentElement));
  galleries.get(parentElement).update(data, setTriggerValue);
}

class Gallery {
  constructor(root) {
    this.root = root;
    this.data = null;
    this.photos = [];
    this.byId = new Map();
    this.leaving = new Map(); // id -> number of the request that takes it away
    this.selection = new Selection();
    this.sender = new Sender();
    this.grid = new Grid();
    this.rail = new Rail(this);
    this.dialogs = new Dialogs(this);
    this.element = make("div", { class: "gallery" });
    this.bar = new Bar(this);
    this.viewer = new Viewer(this);
    this.dragging = new Dragging(this);
    this.said = make("p", { class: "said", role: "status" });
    const columns = make("div", { class: "columns" }, this.grid.element, this.rail.element);
    this.element.append(this.bar.element, columns, this.bar.pages, this.said);
    this.element.append(this.viewer.element, this.dialogs.element);
    this.element.append(this.dragging.frame, this.dragging.ghost);
    this.element.addEventListener("keydown", (event) => this.press(event));
    root.append(this.element);
  }

  update(data, send) {
    const isSamePage = this.data?.page === data.page && this.data?.per_page === data.per_page;
    const hasAll = data.all && data.run !== this.heardAll;
    const hadFocus = this.grid.hasFocus() || hasAll;
    this.data = data;
    this.photos = data.photos;
    this.byId = new Map(this.photos.map((photo) => [photo.id, photo]));
    this.hear(this.sender.hear(data, send));
    if (hasAll) this.selection.add(data.all.map(asKnown));
    this.heardAll = data.run;
    if (data.carried) this.say(data.carried.words, data.carried.is_done, data.carried.is_change);
    this.selection.show(this.photos, isSamePage);
    if (!isSamePage && this.arriving === "last") this.selection.focused = this.selection.order.at(-1) ?? null;
    this.arriving = null;
    this.element.style.colorScheme = schemeOf(this.element);
    this.bar.render(data);
    this.rail.render(data);
    this.grid.render(data, this.photos);
    this.mark();
    if (hadFocus && !this.viewer.isOpen) this.focus();
  }

  // The keyboard at the photo at hand; where no photo is left, at what brings them back.
  focus() {
    if (this.photos.length) this.grid.focus(this.selection.focused);
    else this.bar.undo.focus();
  }

  hear(answers) {
    const open = new Set(this.sender.waiting.map((request) => request.n));
    for (const [id, number] of this.leaving) if (!open.has(number)) this.leaving.delete(id);
    const { is_done, is_change } = answers.at(-1) ?? {};
    if (answers.length) this.say(answers.map(({ words }) => words).join(" "), is_done, is_change);
  }

  // What is said of a change has Undo beside it, which is for that change and no later one of another window.
  say(words, isDone, isChange = false) {
    const change = isChange && this.data.last;
    const undo = () => button("Undo", () => this.undoOrRedo(false, change), { title: "Key Z" });
    for (const place of [this.said, this.viewer.said]) {
      place.replaceChildren(words, ...(change ? [" ", undo()] : []));
      place.classList.toggle("refused", !isDone);
    }
  }

  mark() {
    this.grid.mark(this.selection, this.leaving);
    this.bar.mark(this.data, this.selection);
    this.viewer.render();
  }

  // What the next action is for: in the viewer the photo that is shown, else those selected, else the one at hand.
  targets() {
    const { chosen, focused } = this.selection;
    const photo = this.byId.get(focused);
    if (chosen.size && !this.viewer.isOpen) return [...chosen.values()];
    return photo ? [photo] : [];
  }

  actionNamed(name) {
    return this.data.actions.find((action) => action.name === name);
  }

  move(name) {
    return this.do(this.actionNamed("move"), name);
  }

  act(action) {
    const n = this.targets().length;
    if (["class", "old class"].includes(action.asks)) return n ? this.chooseClass(action, n) : true;
    if (action.asks === "box") return this.crop(action);
    if (action.opens) return this.openWindow(action);
    return this.do(action, "");
  }

  chooseClass(action, n) {
    return this.dialogs.chooseClass(action, n, (name) => this.do(action, name));
  }

  // A window of the page about the photo at hand; the viewer would cover it.
  openWindow(action) {
    const photo = this.byId.get(this.selection.focused);
    if (this.viewer.isOpen) this.viewer.close();
    if (photo) this.sender.ask({ do: action.name, value: "", photos: [asSeen(photo)] });
    return true;
  }

  crop(action) {
    if (!this.viewer.isOpen) this.open(this.selection.focused);
    this.viewer.crop((box) => this.do(action, box.join(",")));
    return true;
  }

  do(action, value) {
    const photos = this.targets().filter((photo) => action && fits(action, photo) && !this.leaving.has(photo.id));
    if (!photos.length) {
      this.say("Select photos first.", false);
      return true;
    }
    const as_drawn = action.asks === "box"; // on what was seen, and on nothing that came since
    const number = this.sender.ask({ do: action.name, value, photos: photos.map(asSeen), as_drawn });
    if (action.leaves) this.leave(photos.map((photo) => photo.id), number);
    // What they are now is not told of those on other pages, so they can't be selected for the next one.
    else this.selection.drop(photos.map((photo) => photo.id).filter((id) => !this.byId.has(id)));
    this.mark();
    return true;
  }

  leave(ids, number) {
    const hadFocus = this.grid.hasFocus();
    for (const id of ids) this.leaving.set(id, number);
    this.selection.drop(ids);
    const next = this.selection.afterLeaving(this.leaving);
    if (next !== null) this.selection.focused = this.selection.anchor = next;
    if (hadFocus) this.grid.focus(next);
  }

  undoOrRedo(isRedo, change = isRedo ? this.data.again : this.data.last) {
    const waits = this.sender.waiting.length > 0;
    if (!change && !waits) this.say(`There is nothing to ${isRedo ? "do again" : "undo"}.`, false);
    else this.sender.ask({ do: isRedo ? "redo" : "undo", photos: [], edit: waits ? 0 : change.id, waits });
    return true;
  }

  // To another photo of this page, or past its end to the next page.
  step(steps, extends_ = false, only_goes = false) {
    const id = this.selection.beside(steps);
    if (id === null || (id === this.selection.focused && Math.abs(steps) === 1)) return this.turnBy(Math.sign(steps));
    const photo = this.byId.get(id);
    if (extends_) this.selection.extend(id, this.byId);
    else if (only_goes || this.viewer.isOpen) this.selection.focused = id;
    else this.selection.only(photo);
    this.mark();
    if (!this.viewer.isOpen) this.grid.focus(id);
  }

  turnBy(pages) {
    const last = Math.ceil(this.data.n / this.data.per_page);
    const page = this.data.page + pages;
    if (page < 1 || page > last) return;
    this.arriving = pages < 0 ? "last" : "first";
    this.turn(page);
  }

  turn(page, perPage = this.data.per_page) {
    this.sender.ask({ do: "page", photos: [], value: `${page} of ${perPage}` });
  }

  // Those of this page; where they are selected, those of all pages.
  selectAll() {
    if (this.canSelectMore()) return void this.sender.ask({ do: "all", photos: [] });
    this.selection.add(this.photos);
    this.mark();
    this.grid.focus(this.selection.focused); // the next key is for them, and a button that can do no more loses it
  }

  isPageSelected() {
    return this.photos.every((photo) => this.selection.has(photo.id));
  }

  canSelectMore() {
    const most = Math.min(this.data.n, this.data.most);
    return this.photos.length > 0 && this.isPageSelected() && this.selection.chosen.size < most;
  }

  selectNone() {
    this.selection.clear();
    this.mark();
  }

  open(id) {
    if (!this.byId.has(id)) return;
    this.selection.focused = id;
    this.viewer.open();
    this.mark();
  }

  closed() {
    const photo = this.byId.get(this.selection.focused);
    if (photo && this.selection.chosen.size < 2) this.selection.only(photo);
    this.mark();
    this.focus();
  }

  press(event) {
    if (pressInGrid(this, event)) event.preventDefault();
    event.stopPropagation();
  }
}

// What is known of a photo of another page: as much as it takes to do something with it.
function asKnown([id, label, aside, version, made, width]) {
  return { id, label, aside, version, made, width };
}
