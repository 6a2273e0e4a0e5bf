// <cel-player>: frame step, loop, speed, subtitles, picture in picture, full screen, field chart for short films.
// The server's markup works as plain <video controls>; this element takes the controls over.
import { prefersStill, word } from "./dom.js";

const KEYS = {
  k: "play",
  " ": "play",
  m: "mute",
  c: "captions",
  h: "chart",
  p: "pip",
  f: "full",
  ",": "back",
  ".": "forward",
};
const QUIET_AFTER = 2500;
const PATIENCE = 10_000; // a film that breaks again within this cannot be played

class CelPlayer extends HTMLElement {
  connectedCallback() {
    if (this.film) return;
    this.film = this.querySelector("video");
    this.fps = Number(this.getAttribute("fps")) || 24;
    this.range = this.querySelector(".scrub input");
    this.rate = this.querySelector("[data-rate]");
    this.film.controls = false;
    if (!document.pictureInPictureEnabled) this.querySelector("[data-act=pip]")?.remove();
    this.listen();
    if (this.film.error) this.broken(); // before this file was there
  }

  listen() {
    const { film, range, rate } = this;
    this.addEventListener("click", (event) => {
      const button = event.target.closest("button[data-act]");
      if (button) this.act(button.dataset.act);
      else if (event.target === film) this.act("play");
    });
    this.addEventListener("keydown", (event) => this.key(event));
    this.addEventListener("pointermove", () => this.wake());
    rate.addEventListener("change", () => (film.playbackRate = Number(rate.value)));
    range.addEventListener("input", () => this.seek((range.value / 1000) * this.length));
    for (const type of ["play", "pause", "ended"]) film.addEventListener(type, () => this.sync());
    for (const type of ["timeupdate", "loadedmetadata", "seeked"]) film.addEventListener(type, () => this.tick());
    film.addEventListener("volumechange", () => {
      this.classList.toggle("muted", film.muted);
      this.press("mute", film.muted);
    });
    film.addEventListener("error", () => this.broken());
    film.addEventListener("loadeddata", () => (this.querySelector(".broken").hidden = true));
  }

  get length() {
    return Number.isFinite(this.film.duration) ? this.film.duration : 0;
  }

  /** Runs `move` when the film's length is known, loading it if it was not yet asked for. */
  whenKnown(move) {
    if (this.film.readyState > 0) return move();
    this.film.addEventListener("loadedmetadata", move, { once: true });
    this.film.preload = "auto";
    this.film.load();
  }

  seek(time) {
    this.whenKnown(() => (this.film.currentTime = Math.max(0, Math.min(this.length, time))));
  }

  /** Moves by whole frames, to the middle of one, so that rounding never shows the one before. */
  step(frames) {
    this.film.pause();
    this.whenKnown(() => {
      const frame = Math.floor(this.film.currentTime * this.fps + 0.01) + frames;
      const last = Math.ceil(this.length * this.fps) - 1;
      this.film.currentTime = (Math.max(0, Math.min(last, frame)) + 0.5) / this.fps;
    });
  }

  press(act, isOn) {
    this.querySelector(`.buttons [data-act=${act}]`)?.setAttribute("aria-pressed", String(isOn));
  }

  act(name) {
    const { film } = this;
    if (name === "play" && film.error) film.load();
    const acts = {
      play: () => (film.paused ? film.play().catch(() => this.sync()) : film.pause()),
      back: () => this.step(-1),
      forward: () => this.step(1),
      mute: () => (film.muted = !film.muted),
      loop: () => this.press("loop", (film.loop = !film.loop)),
      captions: () => this.captions(),
      chart: () => this.press("chart", this.classList.toggle("charted")),
      more: () => this.press("more", this.classList.toggle("is-expanded")),
      pip: () => this.pip(),
      full: () => this.full(),
    };
    acts[name]?.();
  }

  captions() {
    const [track] = this.film.textTracks;
    if (!track) return;
    track.mode = track.mode === "showing" ? "hidden" : "showing";
    this.press("captions", track.mode === "showing");
  }

  pip() {
    if (document.pictureInPictureElement) document.exitPictureInPicture();
    else this.whenKnown(() => this.film.requestPictureInPicture?.().catch(() => {}));
  }

  full() {
    if (document.fullscreenElement) document.exitFullscreen();
    else if (this.requestFullscreen) this.requestFullscreen().catch(() => {});
    else this.film.webkitEnterFullscreen?.();
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("select, textarea")) return;
    if (event.key === " " && event.target.matches("button")) return;
    const { film, rate } = this;
    const isOnRange = event.target === this.range;
    const jumps = { j: -5, l: 5, ...(isOnRange ? {} : { ArrowLeft: -1, ArrowRight: 1 }) };
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (KEYS[key]) this.act(KEYS[key]);
    else if (jumps[key]) this.seek(film.currentTime + jumps[key]);
    else if (/^[0-9]$/.test(key)) this.whenKnown(() => this.seek((this.length * Number(key)) / 10));
    else if (key === "<" || key === ">") this.speed(key === ">" ? 1 : -1, rate);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  speed(step, rate) {
    rate.selectedIndex = Math.max(0, Math.min(rate.length - 1, rate.selectedIndex + step));
    this.film.playbackRate = Number(rate.value);
  }

  wake() {
    this.classList.remove("quiet");
    clearTimeout(this.quiet);
    this.quiet = setTimeout(() => this.classList.toggle("quiet", !this.film.paused), QUIET_AFTER);
  }

  sync() {
    const isPlaying = !this.film.paused && !this.film.ended;
    this.classList.toggle("playing", isPlaying);
    this.wake();
    if (isPlaying && !prefersStill()) this.follow();
  }

  /** Follows a playing film frame by frame; timeupdate alone comes four times a second. */
  follow() {
    if (this.film.paused || !this.isConnected) return;
    this.tick();
    requestAnimationFrame(() => this.follow());
  }

  timecode(time) {
    const frames = Math.floor(time * this.fps + 0.01);
    const two = (number) => String(number).padStart(2, "0");
    return `${two(Math.floor(frames / this.fps))}+${two(frames % this.fps)}`;
  }

  tick() {
    if (!this.length) return;
    const now = this.timecode(this.film.currentTime);
    const share = this.film.currentTime / this.length;
    this.style.setProperty("--t", `${share * 100}%`);
    this.range.value = share * 1000;
    this.range.setAttribute("aria-valuetext", now);
    this.querySelector("[data-now]").textContent = now;
    this.querySelector("[data-end]").textContent = this.timecode(this.length);
  }

  broken() {
    const { film } = this;
    const { currentTime, paused } = film;
    if (!(performance.now() - this.brokeAt < PATIENCE)) {
      this.brokeAt = performance.now(); // its link lasts minutes, and networks change: it is asked for anew
      film.addEventListener("loadedmetadata", () => (film.currentTime = currentTime), { once: true });
      film.load();
      if (!paused) film.play().catch(() => {});
      return;
    }
    const place = this.querySelector(".broken");
    place.textContent = word("playing");
    place.hidden = false;
  }
}

customElements.define("cel-player", CelPlayer);
