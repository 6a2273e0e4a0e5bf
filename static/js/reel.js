// <cel-reel>: plays the scenes of a story one after the other. Two films take turns: the next is loaded while one plays.
// What it plays stands in #reel-shots, which may change under it; a scene without a film stands as its words.
import { all, on, one, word } from "./dom.js";
import { clear, paint, partOf } from "./joins.js";

const FPS = 24;
const two = (number) => String(number).padStart(2, "0");

class CelReel extends HTMLElement {
  connectedCallback() {
    if (this.films) return;
    this.films = [...this.querySelectorAll("video")];
    this.range = this.querySelector(".scrub input");
    this.at = 0; // which shot
    this.frame = 0; // frames played of it
    this.isOn = false;
    this.read();
    this.listen();
    this.show(0, 0);
  }

  get film() {
    return this.films[0];
  }

  /** The shots as they are now, with where each begins in the whole. */
  read() {
    let start = 0;
    this.shots = all("#reel-shots li").map((item) => {
      const { src = "", poster = "", slip = "" } = item.dataset;
      const shot = { src, poster, slip, words: item.textContent.trim(), start, isMuted: "muted" in item.dataset };
      shot.frames = Number(item.dataset.frames) || 1;
      shot.skip = Number(item.dataset.in) || 0;
      shot.join = item.dataset.join ?? "cut"; // into the next one
      for (const name of ["tail", "head", "overlap"]) shot[name] = Number(item.dataset[name]) || 0;
      start += shot.frames - shot.overlap;
      return shot;
    });
    this.total = start;
    this.mark();
  }

  mark() {
    const place = this.querySelector("[data-cuts]");
    place.replaceChildren(
      ...this.shots.slice(1).map(({ start }) => {
        const cut = document.createElement("i");
        cut.style.setProperty("--at", `${(100 * start) / this.total}%`);
        return cut;
      }),
    );
    this.querySelector("[data-end]").textContent = this.timecode(this.total);
  }

  listen() {
    this.addEventListener("click", (event) => {
      const button = event.target.closest("button[data-act]");
      if (button) this.act(button.dataset.act);
      else if (event.target.closest(".stage")) this.act("play");
    });
    this.addEventListener("keydown", (event) => this.key(event));
    this.range.addEventListener("input", () => this.seek((this.range.value / 1000) * this.total));
    for (const film of this.films) {
      film.addEventListener("ended", () => film === this.film && this.isOn && this.next());
      film.addEventListener("error", () => film === this.film && film.getAttribute("src") && this.asWords(word("playing")));
    }
    document.addEventListener("htmx:after:swap", () => this.changed());
  }

  /** The list of shots changed: go on with the new one; what is on the screen changes only if it is another film. */
  changed() {
    const list = one("#reel-shots")?.innerHTML;
    if (!list || list === this.list) return;
    this.list = list;
    const now = this.shots[this.at];
    this.read();
    this.at = Math.min(this.at, this.shots.length - 1);
    if (this.shots[this.at]?.src !== now?.src && !this.isOn) this.show(this.at, 0, false);
    this.tick();
  }

  act(name) {
    const acts = {
      play: () => (this.isOn ? this.pause() : this.play()),
      back: () => this.show(Math.max(0, this.frame > FPS ? this.at : this.at - 1), 0),
      forward: () => this.show(Math.min(this.shots.length - 1, this.at + 1), 0),
      mute: () => this.mute(),
      full: () => (document.fullscreenElement ? document.exitFullscreen() : this.requestFullscreen?.().catch(() => {})),
    };
    acts[name]?.();
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target === this.range) return;
    if (event.key === " " && event.target.matches("button")) return;
    const keys = { k: "play", " ": "play", ",": "back", ".": "forward", m: "mute", f: "full" };
    const act = keys[event.key.toLowerCase()];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    this.act(act);
  }

  play() {
    if (!this.shots.length) return;
    if (this.at === this.shots.length - 1 && this.frame >= this.shots[this.at].frames - 1) this.show(0, 0);
    this.isOn = true;
    this.classList.add("playing");
    this.run();
  }

  pause() {
    this.isOn = false;
    this.classList.remove("playing");
    for (const film of this.films) film.pause();
  }

  mute() {
    this.isMuted = !this.isMuted;
    this.classList.toggle("muted", this.isMuted);
    this.querySelector("[data-act=mute]").setAttribute("aria-pressed", String(this.isMuted));
    this.film.muted = this.isMuted || Boolean(this.shots[this.at]?.isMuted);
  }

  seek(frame) {
    const within = ({ start, frames }, next) => start <= frame && (!next || frame < start + frames);
    const at = this.shots.findIndex((shot, n) => within(shot, this.shots[n + 1]));
    if (at >= 0) this.show(at, Math.min(frame - this.shots[at].start, this.shots[at].frames - 1));
  }

  next() {
    const shot = this.shots[this.at];
    if (this.at >= this.shots.length - 1) {
      this.frame = shot.frames;
      this.tick();
      return this.pause();
    }
    if (!this.isJoining) return this.show(this.at + 1, shot.overlap);
    // the next film plays already: it only takes over
    this.films.reverse();
    this.at += 1;
    this.frame = shot.overlap;
    this.settle();
    this.load(this.shots[this.at + 1]);
    return this.run();
  }

  /** Only the film in front is seen and heard. */
  settle(isAsked = true) {
    const shot = this.shots[this.at];
    const [film, spare] = this.films;
    this.isJoining = false;
    clear(this);
    spare.pause();
    film.hidden = !shot.src;
    spare.hidden = true;
    film.muted = this.isMuted || shot.isMuted;
    this.querySelector("[data-slip]").textContent = shot.slip ? `${this.at + 1} · ${shot.slip}` : "";
    if (isAsked) this.dispatchEvent(new CustomEvent("reel-shot", { bubbles: true, detail: { n: this.at + 1 } }));
  }

  /** Puts a shot on the screen at that frame; plays on if the reel is playing. ``isAsked``: somebody wants to see it. */
  show(at, frame, isAsked = true) {
    const shot = this.shots[at];
    if (!shot) return;
    this.film.pause();
    this.at = at;
    this.frame = frame;
    if (shot.src && this.films[1].getAttribute("src") === shot.src) this.films.reverse();
    this.settle(isAsked);
    if (shot.src) this.asFilm(shot, frame);
    else this.asWords(shot.words);
    this.load(this.shots[at + 1]);
    this.join();
    this.tick();
    if (this.isOn) this.run();
  }

  asFilm(shot, frame) {
    this.querySelector("[data-words]").hidden = true;
    const { film } = this;
    if (film.error || film.getAttribute("src") !== shot.src) {
      film.poster = shot.poster;
      film.src = shot.src;
    }
    this.place(film, shot, frame, () => this.shots[this.at] === shot);
  }

  /** Put a film to a frame of its shot, as soon as it knows its length. */
  place(film, shot, frame, isWanted = () => true) {
    const move = () => (film.currentTime = (shot.skip + frame + 0.1) / FPS);
    if (film.readyState > 0) move();
    else film.addEventListener("loadedmetadata", () => isWanted() && move(), { once: true });
  }

  asWords(words) {
    const paper = this.querySelector("[data-words]");
    paper.hidden = false;
    paper.firstElementChild.textContent = words;
  }

  load(shot) {
    const spare = this.films[1];
    if (!shot?.src) return;
    if (spare.error || spare.getAttribute("src") !== shot.src) {
      spare.preload = "auto";
      spare.src = shot.src;
    }
    if (shot.skip || spare.currentTime) this.place(spare, shot, 0, () => spare !== this.film);
  }

  /** The join as it looks at this frame. Where both films are seen at once, the next one plays along. */
  join() {
    const part = partOf(this.shots, this.at, this.frame);
    const [film, spare] = this.films;
    const next = this.shots[this.at + 1];
    if (!part?.isOver) {
      if (part) paint(this, part, film, null);
      else clear(this);
      return;
    }
    const isReady = this.shots[this.at].src && next.src && spare.readyState > 1;
    if (!isReady) return;
    if (!this.isJoining || !this.isOn) this.place(spare, next, part.frame);
    this.isJoining = true;
    spare.hidden = false;
    spare.muted = this.isMuted || next.isMuted;
    if (this.isOn && spare.paused) spare.play().catch(() => {});
    paint(this, part, film, spare);
  }

  /** Follows the film, or the clock where there is none, until the shot is over. */
  run() {
    const turn = (this.turn = {});
    const shot = this.shots[this.at];
    let last = performance.now();
    if (shot.src) this.film.play().catch(() => turn === this.turn && this.pause());
    const step = (now) => {
      if (turn !== this.turn || !this.isOn || !this.isConnected) return;
      if (shot.src) this.frame = this.film.currentTime * FPS - shot.skip;
      else this.frame += ((now - last) / 1000) * FPS;
      last = now;
      if (this.frame >= shot.frames) return this.next();
      this.join();
      this.tick();
      requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  timecode(frames) {
    return `${two(Math.floor(frames / FPS))}+${two(Math.floor(frames % FPS))}`;
  }

  tick() {
    const here = Math.max(0, Math.min(this.total, (this.shots[this.at]?.start ?? 0) + this.frame));
    const share = this.total ? here / this.total : 0;
    this.style.setProperty("--t", `${share * 100}%`);
    one("[data-strip]")?.style.setProperty("--at", `${share * 100}%`);
    this.range.value = share * 1000;
    this.range.setAttribute("aria-valuetext", this.timecode(here));
    this.querySelector("[data-now]").textContent = this.timecode(here);
  }
}

customElements.define("cel-reel", CelReel);

// a scene on the timesheet: the reel goes there
on("click", "[data-jump]", (event, cell) => one("cel-reel")?.show(Number(cell.dataset.jump) - 1, 0));
