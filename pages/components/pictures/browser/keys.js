// What each key does. docs/gallery.md is the contract; the list that `?` shows is made here.

import { takesText } from "./dom.js";

const STEPS = {
  ArrowLeft: () => -1,
  ArrowRight: () => 1,
  ArrowUp: (grid, id) => grid.away(id, -1),
  ArrowDown: (grid, id) => grid.away(id, 1),
  PageUp: (grid, id) => grid.away(id, -grid.rows()),
  PageDown: (grid, id) => grid.away(id, grid.rows()),
  Home: () => -Infinity,
  End: () => Infinity,
};

// A key pressed in the gallery, outside the viewer; whether it was one of ours.
export function pressInGrid(gallery, event) {
  const { selection, grid } = gallery;
  const inGrid = grid.hasFocus();
  const command = event.ctrlKey || event.metaKey;
  if (inGrid && event.key in STEPS) {
    gallery.step(STEPS[event.key](grid, selection.focused), event.shiftKey, command);
  } else if (command && event.key.toLowerCase() === "a") {
    gallery.selectAll();
  } else if (inGrid && event.key === " " && command) {
    selection.toggle(gallery.byId.get(selection.focused));
    gallery.mark();
  } else if (inGrid && !command && (event.key === " " || event.key === "Enter")) {
    gallery.open(selection.focused);
  } else if (event.key === "Escape" && selection.chosen.size) {
    selection.clear();
    gallery.mark();
  } else {
    return pressAction(gallery, event);
  }
  return true;
}

// Keys that mean the same in the grid and in the viewer: classes, actions, undo, help.
export function pressAction(gallery, event) {
  if (takesText(event.composedPath()[0])) return false;
  const key = event.key.toLowerCase();
  if (key === "z" && !event.altKey) return gallery.undoOrRedo(event.shiftKey);
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  if (event.key === "?") return gallery.dialogs.help();
  if (/^[1-9]$/.test(key) && gallery.data.classes[key - 1] && gallery.actionNamed("move")) {
    return gallery.move(gallery.data.classes[key - 1].name);
  }
  const action = gallery.data.actions.find((each) => each.keys.includes(key));
  return action ? gallery.act(action) : false;
}

export function listOfKeys(data) {
  const actions = data.actions.filter((action) => action.keys.length);
  return [
    ["Click, Ctrl+click, Shift+click", "select one, one more, a row of them"],
    ["Drag beside the photos", "select all in the rectangle (with Alt also on photos)"],
    ["Arrow keys, Home, End, Page up and down", "go to another photo and select it"],
    ["Shift+arrows", "select a row of them"],
    ["Ctrl+arrows, Ctrl+Space", "go on without selecting; select one more"],
    ["Ctrl+A, once more, Esc", "select all of this page, of all pages, none"],
    ["Enter, Space or double click", "open the photo large; Esc closes it"],
    ...(data.actions.some((action) => action.name === "move") ? [["1 to 9", "put into the class with this number"]] : []),
    ...actions.map((action) => [action.keys.map(named).join(" or "), action.words.toLowerCase()]),
    ...(data.undoes ? [["Z", "undo"], ["Shift+Z", "do again what was undone"]] : []),
    ["In the large view: wheel or two fingers, + and −, 0", "nearer and farther, whole photo; drag to move it"],
  ];
}

function named(key) {
  return key.length === 1 ? key.toUpperCase() : key[0].toUpperCase() + key.slice(1);
}
