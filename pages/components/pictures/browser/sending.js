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

  // What takes a change back names that change, so it goes alone, once all before it is confirmed.
  batch() {
    const alone = this.waiting.findIndex((request) => request.edit !== undefined);
    if (alone === -1) return this.waiting.length;
    return Math.max(alone, 1);
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
      this.nameChange(data);
      this.flush();
    }
    return done ? answers : [];
  }

  // An undo that waited takes back what is the last change now.
  nameChange({ last, again }) {
    const next = this.waiting[0];
    if (next?.waits) {
      next.edit = (next.do === "redo" ? again : last)?.id ?? 0;
      next.waits = false;
    }
  }
}
