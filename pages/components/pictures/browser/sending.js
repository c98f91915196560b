// Requests to Python: numbered, kept until they are confirmed, and sent again if the connection was lost meanwhile.

const AGAIN_MS = 4000;

export class Sender {
  constructor() {
    this.client = crypto.randomUUID?.() ?? String(Math.random());
    this.number = 0;
    this.waiting = []; // not confirmed, in order
    this.sent = 0; // how many of them are on the way
    this.session = "";
    this.send = () => {};
    this.timer = 0;
  }

  ask(request) {
    const numbered = { n: ++this.number, ...request };
    numbered.waits ||= this.waiting.some((earlier) => earlier.edit !== undefined || sharesPhotos(earlier, request));
    this.waiting.push(numbered);
    this.flush();
    return numbered.n;
  }

  flush() {
    clearTimeout(this.timer);
    if (!this.waiting.length) return;
    if (!this.sent) this.sent = this.batch();
    this.send("asked", { client: this.client, requests: this.waiting.slice(0, this.sent) });
    this.timer = setTimeout(() => this.flush(), AGAIN_MS);
  }

  // What takes a change back names that change, so it goes alone, once all before it is confirmed. What is for a photo
  // that an earlier one changes, as a second turn, waits for that too: it says how the photo was seen.
  batch() {
    if (this.waiting[0].edit !== undefined) return 1;
    const next = this.waiting.findIndex((request) => request.edit !== undefined || request.waits);
    return next === -1 ? this.waiting.length : Math.max(next, 1);
  }

  // What Python has done; the answers to requests of this tab that were waiting.
  hear(data, send) {
    this.send = send;
    const isNewServer = this.session !== "" && this.session !== data.session;
    this.session = data.session;
    const done = data.done.client === this.client ? data.done.n : 0;
    const before = this.waiting.length;
    const answers = (data.done.said ?? []).filter((said) => this.waiting.some((request) => request.n === said.number));
    this.waiting = this.waiting.filter((request) => request.n > done);
    if (this.waiting.length < before || isNewServer) {
      this.sent = 0;
      this.lookAgain(data, answers.every((said) => said.is_done));
      this.flush();
    }
    return done ? answers : [];
  }

  // An undo that waited takes back what is the last change now; an action is for the photos as they are now, unless
  // what it waited for was refused: then it is refused as well.
  lookAgain({ last, again, photos }, wasDone) {
    const next = this.waiting[0];
    if (!next?.waits) return;
    next.waits = false;
    if (next.edit !== undefined) next.edit = (next.do === "redo" ? again : last)?.id ?? 0;
    else if (wasDone && !next.as_drawn) next.photos = next.photos.map((seen) => nowSeen(seen, photos));
  }
}

// A photo as a request tells how it was seen.
export function asSeen(photo) {
  return [photo.id, photo.label, photo.aside, photo.version.split("-")[0]];
}

function nowSeen(seen, photos) {
  const now = photos.find((photo) => photo.id === seen[0]);
  return now ? asSeen(now) : seen;
}

function sharesPhotos(earlier, later) {
  const ids = new Set(earlier.photos.map(([id]) => id));
  return later.photos.some(([id]) => ids.has(id));
}
