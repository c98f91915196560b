// Small helpers to build elements, and words that several parts need.

export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

export function button(words, onclick, attributes = {}) {
  return make("button", { type: "button", onclick, ...attributes }, words);
}

export function counted(n, noun) {
  return `${n.toLocaleString("en")} ${noun}${n === 1 ? "" : "s"}`;
}

// The end of a path: what a person calls the photo.
export function shortName(photo) {
  return photo.name.split("/").pop();
}

// What a screen reader says of a photo; what one sees of it, in words.
export function spoken(photo) {
  const said = [shortName(photo), photo.label ? `class ${photo.label}` : "no class"];
  if (photo.part) said.push(`${photo.part} part`);
  if (photo.aside) said.push(`set aside: ${photo.aside}`);
  if (photo.said) said.push(photo.said);
  if (photo.group) said.push(photo.group);
  return said.join(", ");
}

export function address(data, photo, size) {
  return `${data.pictures}/${photo.id}/${size}?${photo.version}`;
}

// Whether what has the keyboard takes letters itself.
export function takesText(element) {
  return element.matches?.("input:not([type=range]), select, textarea") ?? false;
}

// "dark" or "light": the browser's own parts, as sliders, follow the app's theme and not the system's.
export function schemeOf(element) {
  const probe = make("span", { style: "color: var(--st-background-color)" });
  element.append(probe);
  const [red, green, blue] = getComputedStyle(probe).color.match(/[\d.]+/g).map(Number);
  probe.remove();
  return red + green + blue < 384 ? "dark" : "light";
}
