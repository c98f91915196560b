// Two small windows: which class, and the list of keys.

import { button, counted, make } from "./dom.js";
import { listOfKeys } from "./keys.js";

export class Dialogs {
  constructor(gallery) {
    this.gallery = gallery;
    this.element = make("dialog", { class: "small" });
    this.element.addEventListener("keydown", (event) => event.stopPropagation());
  }

  show(title, ...content) {
    this.element.setAttribute("aria-label", title);
    this.element.replaceChildren(make("h2", {}, title), ...content);
    this.element.showModal();
    return true;
  }

  help() {
    const rows = listOfKeys(this.gallery.data).map(([keys, meaning]) =>
      make("tr", {}, make("th", { scope: "row" }, keys), make("td", {}, meaning)),
    );
    return this.show("Keys", make("table", {}, make("tbody", {}, ...rows)), this.closing("Close"));
  }

  // Asks for a class, an old one or where the action takes it a new one, and hands its name on.
  chooseClass(action, n, then) {
    const options = this.gallery.data.classes.map(({ name }) => make("option", { value: name }));
    const input = make("input", {
      list: "classes",
      maxlength: "100",
      placeholder: action.asks === "old class" ? "A class" : "A class, or a new name",
      "aria-label": "Class",
      autocomplete: "off",
      required: true,
    });
    const form = make(
      "form",
      { method: "dialog" },
      input,
      make("datalist", { id: "classes" }, ...options),
      make("div", { class: "buttons" }, button("Choose", () => form.requestSubmit(), { class: "primary" }), this.closing("Cancel")),
    );
    form.addEventListener("submit", () => input.value.trim() && then(input.value.trim()));
    return this.show(`${action.words}: ${counted(n, "photo")}`, form);
  }

  closing(words) {
    return button(words, () => this.element.close());
  }
}
