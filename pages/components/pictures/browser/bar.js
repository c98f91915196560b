// Above the grid: how many there are, what can be done with those selected, how large they are, which page.

import { button, counted, make } from "./dom.js";

const SIZE = "espalier-gallery-size"; // in the browser's own memory: pixels of a photo's side
const USUAL_SIZE = 112;

export class Bar {
  constructor(gallery) {
    this.gallery = gallery;
    this.count = make("span", { class: "count" });
    this.all = button("Select all", () => gallery.selectAll());
    this.none = button("None", () => gallery.selectNone());
    this.actions = make("span", { class: "actions" });
    this.undo = button("Undo", () => gallery.undoOrRedo(false));
    this.redo = button("Redo", () => gallery.undoOrRedo(true));
    this.pages = make("div", { class: "pages" });
    this.size = this.slider();
    this.element = make(
      "div",
      { class: "bar", role: "toolbar", "aria-label": "Selected photos" },
      this.count,
      make("span", { class: "choices" }, this.all, this.none, this.actions, this.undo, this.redo),
      make("span", { class: "space" }),
      this.size,
      button("?", () => gallery.dialogs.help(), { title: "Keys", "aria-label": "Keys", class: "round" }),
    );
  }

  slider() {
    const slider = make("input", { type: "range", min: "72", max: "320", step: "4", "aria-label": "Size of the photos" });
    slider.value = kept() ?? USUAL_SIZE;
    const apply = () => this.gallery.element.style.setProperty("--cell", `${slider.value}px`);
    slider.addEventListener("input", () => {
      apply();
      keep(slider.value);
    });
    queueMicrotask(apply);
    return slider;
  }

  render(data) {
    const here = data.actions.filter((action) => action.asks !== "box"); // that needs the viewer
    this.buttons = here.map((action) => {
      const key = action.keys.length ? `key ${action.keys[0].toUpperCase()}` : "";
      const made = button(action.sign || action.words, () => this.gallery.act(action), {
        "aria-label": action.words,
        title: [action.words, key].filter(Boolean).join(", "),
      });
      return [action, made];
    });
    this.actions.replaceChildren(...this.buttons.map(([, made]) => made));
    this.renderWayBack(this.undo, data, data.last, "Undo, key Z");
    this.renderWayBack(this.redo, data, data.again, "Redo, key Shift+Z");
    this.renderPages(data);
  }

  renderWayBack(made, data, change, words) {
    made.hidden = !data.undoes || (made === this.redo && !change); // there is little room in the row
    made.disabled = !change;
    made.title = change ? `${words}: ${change.what}` : words;
  }

  renderPages(data) {
    const last = Math.max(1, Math.ceil(data.n / data.per_page));
    const turn = (to) => () => this.gallery.turn(to);
    const parts = [
      button("‹", turn(data.page - 1), { "aria-label": "Page before", disabled: data.page <= 1 }),
      `${data.page} of ${last}`,
      button("›", turn(data.page + 1), { "aria-label": "Next page", disabled: data.page >= last }),
    ];
    const least = Math.min(...data.per_page_choices);
    this.pages.replaceChildren(...(last > 1 ? parts : []), ...(data.n > least ? [this.perPage(data)] : []));
  }

  perPage(data) {
    const choice = make("select", { "aria-label": "Photos a page" });
    for (const n of data.per_page_choices) choice.append(new Option(`${n} a page`, n, false, n === data.per_page));
    choice.addEventListener("change", () => this.gallery.turn(1, Number(choice.value)));
    return choice;
  }

  mark(data, selection) {
    const n = selection.chosen.size;
    this.count.textContent = `${counted(data.n, "photo")}${n ? selected(n) : ""}`;
    // Nothing moves between the two clicks that open a photo: there is room for what is said once it is selected.
    this.count.style.minWidth = `${`${counted(data.n, "photo")}${selected(data.n)}`.length * 0.9}ch`;
    const isMore = this.gallery.canSelectMore();
    this.all.textContent = isMore ? allOf(data) : "Select all";
    this.all.disabled = !isMore && this.gallery.isPageSelected();
    this.none.disabled = !n;
    const targets = this.gallery.targets();
    for (const [action, made] of this.buttons ?? []) {
      const fitting = targets.filter((photo) => fits(action, photo)).length;
      const isRare = ["set aside", "changed", "said"].includes(action.on);
      made.hidden = isRare && !fitting && !data.photos.some((photo) => fits(action, photo));
      made.disabled = !n || !fitting;
    }
  }
}

function selected(n) {
  return `, ${n.toLocaleString("en")} selected`;
}

// What selects the photos of all pages, or as many as there can be.
function allOf({ n, most }) {
  return n > most ? `Select the first ${most.toLocaleString("en")}` : `Select all ${n.toLocaleString("en")}`;
}

// Whether an action is for such a photo.
export function fits(action, photo) {
  const fitting = {
    "taking part": !photo.aside,
    "set aside": Boolean(photo.aside),
    changed: photo.made,
    picture: photo.width > 0,
    said: Boolean(photo.label || photo.aside),
  };
  return fitting[action.on] ?? true;
}

function kept() {
  try {
    return localStorage.getItem(SIZE);
  } catch {
    return null; // a browser that keeps nothing
  }
}

function keep(value) {
  try {
    localStorage.setItem(SIZE, value);
  } catch {
    // the slider still works for now
  }
}
