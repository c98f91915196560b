// The grid: a cell per photo, drawn anew only where something changed.

import { address, make, shortName, spoken } from "./dom.js";

export class Grid {
  constructor() {
    this.cells = new Map();
    this.list = make("div", { class: "grid", role: "listbox", "aria-multiselectable": "true" });
    this.empty = make("p", { class: "empty" });
    this.element = make("div", { class: "field" }, this.list, this.empty);
  }

  render(data, photos) {
    this.list.setAttribute("aria-label", data.look.title);
    this.empty.textContent = photos.length ? "" : data.look.empty;
    const ids = new Set(photos.map((photo) => photo.id));
    for (const [id, cell] of this.cells) {
      if (!ids.has(id)) {
        cell.remove();
        this.cells.delete(id);
      }
    }
    const places = photos.flatMap((photo, at) => [...dividerBefore(photos, at), this.cellFor(data, photo, at)]);
    places.forEach((place, at) => {
      if (this.list.children[at] !== place) this.list.insertBefore(place, this.list.children[at] ?? null);
    });
    while (this.list.children.length > places.length) this.list.lastElementChild.remove();
  }

  cellFor(data, photo, at) {
    const state = JSON.stringify([photo, data.look.with_class, data.n, data.page, at]);
    let cell = this.cells.get(photo.id);
    if (cell?.dataset.state !== state) {
      const fresh = cellOf(data, photo, (data.page - 1) * data.per_page + at + 1);
      fresh.dataset.state = state;
      if (cell && cell.dataset.version === photo.version) fresh.firstChild.replaceWith(cell.firstChild);
      const had = cell && cell.getRootNode().activeElement === cell;
      cell?.replaceWith(fresh);
      cell = fresh;
      this.cells.set(photo.id, cell);
      if (had) cell.focus({ preventScroll: true });
    }
    return cell;
  }

  // Selection and keyboard, without touching what stays as it is.
  mark(selection, leaving) {
    for (const [id, cell] of this.cells) {
      const selected = String(selection.has(id));
      if (cell.getAttribute("aria-selected") !== selected) cell.setAttribute("aria-selected", selected);
      cell.tabIndex = id === selection.focused ? 0 : -1;
      cell.classList.toggle("leaving", leaving.has(id));
    }
  }

  focus(id) {
    const cell = this.cells.get(id);
    cell?.focus({ preventScroll: true });
    cell?.scrollIntoView({ block: "nearest" });
  }

  hasFocus() {
    return this.list.contains(this.list.getRootNode().activeElement);
  }

  idOf(element) {
    const cell = element.closest?.(".cell");
    return cell ? Number(cell.dataset.id) : null;
  }

  // How many photos further the one above or below is, so many rows away; past the last row, to the end.
  away(id, rows) {
    const cells = [...this.list.querySelectorAll(".cell")];
    const at = cells.findIndex((cell) => Number(cell.dataset.id) === id);
    const tops = cells.map((cell) => cell.offsetTop);
    const lines = [...new Set(tops)];
    const line = lines[lines.indexOf(tops[at]) + rows];
    if (at === -1 || line === undefined) return Math.sign(rows) * Math.max(cells.length, 1);
    const aside = (to) => Math.abs(cells[to].offsetLeft - cells[at].offsetLeft);
    const there = [...cells.keys()].filter((to) => tops[to] === line);
    return there.reduce((best, to) => (aside(to) < aside(best) ? to : best)) - at;
  }

  // How many rows are in sight.
  rows() {
    const height = this.list.querySelector(".cell")?.offsetHeight || 1;
    return Math.max(1, Math.floor(window.innerHeight / height) - 1);
  }

  // The photos that a rectangle in the window touches.
  touched({ left, top, right, bottom }) {
    const ids = [];
    for (const [id, cell] of this.cells) {
      const box = cell.getBoundingClientRect();
      if (box.left < right && box.right > left && box.top < bottom && box.bottom > top) ids.push(id);
    }
    return ids;
  }
}

// What a new group of photos begins with. A screen reader hears of it with each photo.
function dividerBefore(photos, at) {
  const { group } = photos[at];
  if (!group || photos[at - 1]?.group === group) return [];
  return [make("div", { class: "divider", role: "presentation", "aria-hidden": "true" }, group)];
}

function cellOf(data, photo, position) {
  const picture = make("img", { alt: "", loading: "lazy", decoding: "async", draggable: "false" });
  picture.addEventListener("error", () => picture.classList.add("missing"), { once: true });
  picture.src = address(data, photo, "small");
  const cell = make(
    "div",
    {
      class: "cell",
      role: "option",
      tabindex: "-1",
      title: shortName(photo),
      "aria-label": spoken(photo),
      "aria-selected": "false",
      "aria-setsize": data.n,
      "aria-posinset": position,
      "data-id": photo.id,
      "data-version": photo.version,
    },
    picture,
    make("span", { class: "tick", "aria-hidden": "true" }, "✓"),
  );
  const under = captionOf(data, photo);
  if (under) cell.append(make("span", { class: "under", "aria-hidden": "true" }, under));
  return cell;
}

function captionOf(data, photo) {
  const said = [];
  if (photo.label && (data.look.with_class || photo.aside)) said.push(photo.label);
  if (photo.aside) said.push(photo.aside);
  if (photo.said) said.push(photo.said);
  return [...new Set(said)].join(" · ");
}
