// The classes beside the grid: how many photos each has, its number on the keyboard, and a place to drag photos onto.

import { button, make } from "./dom.js";

export class Rail {
  constructor(gallery) {
    this.gallery = gallery;
    this.list = make("div", { class: "classes" });
    this.element = make(
      "section",
      { class: "rail", "aria-label": "Classes" },
      make("p", { class: "hint" }, "Drag photos onto a class, or press its number."),
      this.list,
    );
  }

  render(data) {
    this.element.hidden = !data.look.rail;
    const had = this.list.getRootNode().activeElement?.dataset?.name;
    this.list.replaceChildren(...data.classes.map((each, at) => this.place(each, at)));
    if (had !== undefined) this.placeOf(had)?.focus({ preventScroll: true });
  }

  place({ name, n, colour }, at) {
    const number = at < 9 ? String(at + 1) : "";
    const place = button("", () => this.gallery.move(name), {
      class: "class",
      "data-name": name,
      title: `Put the selected photos into ${name}`,
      "aria-label": `Put into ${name}, which has ${n.toLocaleString("en")}${number ? `, key ${number}` : ""}`,
    });
    place.replaceChildren(
      make("kbd", { class: "number" }, number),
      make("span", { class: "colour", style: `background:${colour}` }),
      make("span", { class: "name" }, name),
      make("span", { class: "n" }, n.toLocaleString("en")),
    );
    return place;
  }

  placeOf(name) {
    return [...this.list.children].find((each) => each.dataset.name === name);
  }

  nameOf(element) {
    return element?.closest?.(".class")?.dataset.name ?? null;
  }

  lightUp(name) {
    for (const each of this.list.children) each.classList.toggle("over", each.dataset.name === name);
  }
}
