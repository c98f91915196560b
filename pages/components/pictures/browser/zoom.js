// Nearer and farther: the wheel, two fingers, the keys + and −, a double click, and dragging what is larger than its
// place.

const NEAREST = 12;
const STEP = 1.25;

export class Zoom {
  constructor(stage, picture) {
    this.stage = stage;
    this.picture = picture;
    this.fingers = new Map(); // by the pointer's id, where it is
    this.reset();
    stage.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    stage.addEventListener("pointerdown", (event) => this.down(event));
    stage.addEventListener("pointermove", (event) => this.drag(event));
    for (const kind of ["pointerup", "pointercancel"]) stage.addEventListener(kind, (event) => this.up(event));
    stage.addEventListener("dblclick", (event) => this.toggle(event));
    // While a rectangle is drawn its frame takes these events, see crop.js.
  }

  reset() {
    [this.scale, this.x, this.y, this.held] = [1, 0, 0, null];
    this.apply();
  }

  isNear() {
    return this.scale > 1;
  }

  apply() {
    const limit = (side) => Math.max(0, (side * (this.scale - 1)) / 2);
    const { clientWidth, clientHeight } = this.stage;
    this.x = Math.min(Math.max(this.x, -limit(clientWidth)), limit(clientWidth));
    this.y = Math.min(Math.max(this.y, -limit(clientHeight)), limit(clientHeight));
    this.picture.style.transform = `translate(${this.x}px, ${this.y}px) scale(${this.scale})`;
    this.stage.classList.toggle("near", this.isNear());
  }

  // Larger by this factor, so that what is at this place of the window stays there.
  by(factor, event) {
    const box = this.stage.getBoundingClientRect();
    const fromMiddle = event ? [event.clientX - box.x - box.width / 2, event.clientY - box.y - box.height / 2] : [0, 0];
    const scale = Math.min(Math.max(this.scale * factor, 1), NEAREST);
    const grown = scale / this.scale;
    this.x = fromMiddle[0] - (fromMiddle[0] - this.x) * grown;
    this.y = fromMiddle[1] - (fromMiddle[1] - this.y) * grown;
    this.scale = scale;
    this.apply();
  }

  nearer() {
    this.by(STEP);
  }

  farther() {
    this.by(1 / STEP);
  }

  move(x, y) {
    [this.x, this.y] = [this.x + x, this.y + y];
    this.apply();
  }

  wheel(event) {
    event.preventDefault();
    this.by(STEP ** (-Math.sign(event.deltaY)), event);
  }

  toggle(event) {
    if (this.isNear()) this.reset();
    else this.by(3, event);
  }

  down(event) {
    if (event.pointerType === "touch") this.fingers.set(event.pointerId, [event.clientX, event.clientY]);
    if (event.button === 0 && this.isNear()) this.held = event.pointerId;
    if (this.held !== null) this.stage.setPointerCapture(event.pointerId);
  }

  drag(event) {
    if (this.fingers.size === 2 && this.fingers.has(event.pointerId)) this.pinch(event);
    else if (this.held === event.pointerId) this.move(event.movementX, event.movementY);
    if (this.fingers.has(event.pointerId)) this.fingers.set(event.pointerId, [event.clientX, event.clientY]);
  }

  // One of two fingers moves: nearer by as much as they come apart, and what is between them stays there.
  pinch(event) {
    const before = [...this.fingers.values()];
    const now = [...new Map(this.fingers).set(event.pointerId, [event.clientX, event.clientY]).values()];
    const apart = ([one, other]) => Math.hypot(one[0] - other[0], one[1] - other[1]);
    const middle = ([one, other]) => [(one[0] + other[0]) / 2, (one[1] + other[1]) / 2];
    const [[fromX, fromY], [x, y]] = [middle(before), middle(now)];
    this.by(apart(now) / Math.max(apart(before), 1), { clientX: fromX, clientY: fromY });
    this.move(x - fromX, y - fromY);
  }

  up(event) {
    this.fingers.delete(event.pointerId);
    const [left] = this.fingers.keys(); // the other finger goes on by moving it
    this.held = this.isNear() ? left ?? null : null;
  }
}
