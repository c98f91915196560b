// One photo at a time, large: what is known of it, and all that can be done with it.

import { fits } from "./bar.js";
import { Crop } from "./crop.js";
import { address, button, make, shortName, spoken } from "./dom.js";
import { pressAction } from "./keys.js";
import { Zoom } from "./zoom.js";

const REST_MS = 60; // for which a photo must be looked at before its original is asked for
const SWIPE = 60; // pixels

export class Viewer {
  constructor(gallery) {
    this.gallery = gallery;
    this.picture = make("img", { alt: "", draggable: "false" });
    this.failed = make("p", { class: "failed", role: "alert" });
    this.stage = make("div", { class: "stage" }, this.picture, this.failed);
    this.about = make("div", { class: "about", "aria-live": "polite" });
    this.buttons = make("div", { class: "buttons", role: "toolbar", "aria-label": "This photo" });
    this.said = make("p", { class: "said", role: "status" });
    this.element = make("dialog", { class: "viewer", "aria-label": "Photo" }, this.stage, this.side());
    this.zoom = new Zoom(this.stage, this.picture);
    this.element.addEventListener("keydown", (event) => this.press(event));
    this.element.addEventListener("close", () => gallery.closed());
    this.element.addEventListener("cancel", (event) => this.cropping && event.preventDefault());
    this.swipes();
  }

  side() {
    const ways = make(
      "div",
      { class: "ways" },
      button("‹ Previous", () => this.gallery.step(-1), { "aria-label": "Previous photo" }),
      button("Next ›", () => this.gallery.step(1), { "aria-label": "Next photo" }),
      button("Close", () => this.close(), { class: "close" }),
    );
    return make("aside", {}, ways, this.about, this.buttons, this.said);
  }

  get isOpen() {
    return this.element.open;
  }

  open() {
    this.endCrop();
    this.shown = null;
    this.said.textContent = "";
    if (!this.isOpen) this.element.showModal();
    this.element.focus();
    this.render();
  }

  close() {
    this.element.close();
  }

  // Shows the photo that has the keyboard; closes where there is none any more.
  render() {
    if (!this.isOpen) return;
    const { gallery } = this;
    const photo = gallery.byId.get(gallery.selection.focused);
    if (!photo) return void this.close();
    const shown = `${photo.id} ${photo.version}`;
    if (shown !== this.shown) {
      this.endCrop();
      this.showPicture(photo);
    }
    this.shown = shown;
    this.about.replaceChildren(...this.facts(photo));
    this.buttons.replaceChildren(...(this.cropping ? this.cropping.buttons : this.actionsFor(photo)));
  }

  showPicture(photo) {
    const { data } = this.gallery;
    this.zoom.reset();
    this.failed.textContent = "";
    this.picture.alt = spoken(photo);
    this.picture.src = address(data, photo, "small");
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.sharpen(photo), REST_MS);
  }

  // The original in place of the small picture, as soon as it is decoded; then the next one is fetched ahead.
  async sharpen(photo) {
    const large = new Image();
    large.src = address(this.gallery.data, photo, "large");
    const isStillShown = () => this.isOpen && this.shown === `${photo.id} ${photo.version}`;
    try {
      await large.decode();
      if (!isStillShown()) return;
      this.picture.src = large.src;
      this.prefetch();
    } catch {
      if (isStillShown()) this.failed.textContent = await whyNot(large.src);
    }
  }

  prefetch() {
    const next = this.gallery.byId.get(this.gallery.selection.beside(1));
    if (next) new Image().src = address(this.gallery.data, next, "large");
  }

  // Asks for a rectangle of the photo, and hands it on in pixels.
  crop(then) {
    const photo = this.gallery.byId.get(this.gallery.selection.focused);
    if (!photo?.width) return;
    this.zoom.reset();
    const done = (box) => {
      this.endCrop();
      if (box) then(box);
      this.render();
    };
    this.cropping = new Crop(this.stage, [photo.width, photo.height], done);
    this.render();
  }

  endCrop() {
    this.cropping?.remove();
    this.cropping = null;
  }

  facts(photo) {
    const { data, selection } = this.gallery;
    const at = (data.page - 1) * data.per_page + selection.order.indexOf(photo.id) + 1;
    const rows = [
      ["Class", photo.label || "none yet"],
      ["Model", photo.said],
      ["Note", photo.more],
      ["Set aside", photo.aside],
      ["Taken", photo.date],
      ["Size", photo.size],
      ["Changed", photo.made ? "turned or cropped; its original stays" : ""],
      ["Part", photo.fed ? "from feedback, only teaches" : photo.part],
      ["File", photo.name],
    ].filter(([, value]) => value);
    return [
      make("h2", {}, shortName(photo)),
      make("p", { class: "place" }, `${at.toLocaleString("en")} of ${data.n.toLocaleString("en")}`),
      make("dl", {}, ...rows.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)])),
    ];
  }

  actionsFor(photo) {
    const { gallery } = this;
    const classes = gallery.actionNamed("move") ? gallery.data.classes.slice(0, 9) : [];
    const numbers = classes.map(({ name, colour }, at) =>
      make(
        "button",
        { type: "button", class: "class", onclick: () => gallery.move(name), "aria-pressed": String(name === photo.label) },
        make("kbd", { class: "number" }, String(at + 1)),
        make("span", { class: "colour", style: `background:${colour}` }),
        make("span", { class: "name" }, name),
      ),
    );
    const others = gallery.data.actions
      .filter((action) => fits(action, photo))
      .map((action) => button(action.words, () => gallery.act(action), action.keys[0] ? { title: `Key ${action.keys[0].toUpperCase()}` } : {}));
    const redo = button("Redo", () => gallery.undoOrRedo(true), { title: "Key Shift+Z", disabled: !gallery.data.again });
    const undo = button("Undo", () => gallery.undoOrRedo(false), { title: "Key Z", disabled: !gallery.data.last });
    return [...numbers, ...others, ...(gallery.data.undoes ? [undo, redo] : [])];
  }

  press(event) {
    event.stopPropagation();
    if (this.cropping) return this.cropping.press(event);
    const ways = {
      ArrowLeft: () => (this.zoom.isNear() ? this.zoom.move(60, 0) : this.gallery.step(-1)),
      ArrowRight: () => (this.zoom.isNear() ? this.zoom.move(-60, 0) : this.gallery.step(1)),
      ArrowUp: () => (this.zoom.isNear() ? this.zoom.move(0, 60) : this.gallery.step(-1)),
      ArrowDown: () => (this.zoom.isNear() ? this.zoom.move(0, -60) : this.gallery.step(1)),
      Home: () => this.gallery.step(-Infinity),
      End: () => this.gallery.step(Infinity),
      "+": () => this.zoom.nearer(),
      "=": () => this.zoom.nearer(),
      "-": () => this.zoom.farther(),
      0: () => this.zoom.reset(),
    };
    if (ways[event.key]) ways[event.key]();
    else if (!pressAction(this.gallery, event)) return;
    event.preventDefault();
  }

  // On a telephone: to the side is the next photo.
  swipes() {
    let from = null;
    const isOneFinger = (event) => event.pointerType === "touch" && event.isPrimary; // two are nearer and farther
    this.stage.addEventListener("pointerdown", (event) => (from = isOneFinger(event) ? event.clientX : null));
    this.stage.addEventListener("pointerup", (event) => {
      const far = from === null || this.zoom.isNear() ? 0 : event.clientX - from;
      from = null;
      if (Math.abs(far) > SWIPE) this.gallery.step(far > 0 ? -1 : 1);
    });
  }
}

async function whyNot(url) {
  try {
    const answer = await fetch(url);
    return answer.ok ? "" : `This photo can't be shown: ${await answer.text()}`;
  } catch {
    return "The app can't be reached. Is it still running?";
  }
}
