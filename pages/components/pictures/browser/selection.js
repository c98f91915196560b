// Which photos are selected, which one has the keyboard, and where a range begins. Nothing here draws anything.

export class Selection {
  constructor() {
    this.order = []; // ids of the page, as shown
    this.chosen = new Map(); // id -> photo, of other pages too
    this.focused = null;
    this.anchor = null;
  }

  // The page shows these photos now: what is selected stays, what is gone from this page's view is forgotten.
  show(photos, isSamePage) {
    const before = this.order;
    const at = before.indexOf(this.focused);
    this.order = photos.map((photo) => photo.id);
    const now = new Map(photos.map((photo) => [photo.id, photo]));
    for (const id of isSamePage ? before : []) {
      if (!now.has(id)) this.chosen.delete(id);
    }
    for (const id of this.chosen.keys()) {
      if (now.has(id)) this.chosen.set(id, now.get(id));
    }
    if (!now.has(this.focused)) {
      const place = isSamePage ? Math.min(Math.max(at, 0), this.order.length - 1) : 0;
      this.focused = this.order[place] ?? null;
    }
    if (!now.has(this.anchor)) this.anchor = this.focused;
  }

  has(id) {
    return this.chosen.has(id);
  }

  only(photo) {
    this.chosen = new Map([[photo.id, photo]]);
    this.focused = this.anchor = photo.id;
  }

  toggle(photo) {
    if (!this.chosen.delete(photo.id)) this.chosen.set(photo.id, photo);
    this.focused = this.anchor = photo.id;
  }

  add(photos) {
    for (const photo of photos) this.chosen.set(photo.id, photo);
  }

  replace(photos) {
    this.chosen = new Map(photos.map((photo) => [photo.id, photo]));
  }

  drop(ids) {
    for (const id of ids) this.chosen.delete(id);
  }

  clear() {
    this.chosen.clear();
  }

  // All from the anchor to this photo, and nothing else.
  extend(id, byId) {
    const [from, to] = [this.order.indexOf(this.anchor), this.order.indexOf(id)].sort((a, b) => a - b);
    this.replace(this.order.slice(Math.max(from, 0), to + 1).map((each) => byId.get(each)));
    this.focused = id;
  }

  // The id so many places further, at most the first or the last.
  beside(steps) {
    const at = this.order.indexOf(this.focused) + steps;
    return this.order[Math.min(Math.max(at, 0), this.order.length - 1)] ?? null;
  }

  // The next photo that isn't leaving, else the one before; null where all leave.
  afterLeaving(leaving) {
    const at = this.order.indexOf(this.focused);
    const stays = (id) => !leaving.has(id);
    return this.order.slice(at).find(stays) ?? this.order.slice(0, Math.max(at, 0)).findLast(stays) ?? null;
  }
}
