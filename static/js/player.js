// <cel-player>: frame steps, loop, speed, captions, picture in picture, full screen and a field chart. Without this
// script, the markup is a plain <video controls>. The other player-….js add to `actions` and call the methods here.
import { prefersReducedMotion, message } from "./dom.js";

const HIDE_CONTROLS_MS = 2500;
const RETRY_WINDOW_MS = 10_000; // a second error within this time is final

class CelPlayer extends HTMLElement {
  connectedCallback() {
    if (this.video) return;
    this.video = this.querySelector("video");
    this.fps = Number(this.getAttribute("fps")) || 24;
    this.range = this.querySelector(".scrub input");
    this.rate = this.querySelector("[data-rate]");
    this.video.controls = false;
    this.actions = this.buildActions();
    if (!document.pictureInPictureEnabled) this.querySelector("[data-act=pip]")?.remove();
    this.addListeners();
    if (this.video.error) this.handleError(); // before this script ran
  }

  addListeners() {
    const { video, range, rate } = this;
    this.addEventListener("click", (event) => {
      const button = event.target.closest("button[data-act]");
      if (button) this.runAction(button.dataset.act);
      else if (event.target === video) this.runAction("play");
    });
    this.addEventListener("pointermove", () => this.showControls());
    rate.addEventListener("change", () => (video.playbackRate = Number(rate.value)));
    video.addEventListener("ratechange", () => {
      const option = [...rate.options].find(({ value }) => Number(value) === video.playbackRate);
      if (option) option.selected = true;
    });
    range.addEventListener("input", () => this.seek((range.value / 1000) * this.length));
    for (const type of ["play", "pause", "ended"]) video.addEventListener(type, () => this.update());
    for (const type of ["timeupdate", "loadedmetadata", "seeked"]) video.addEventListener(type, () => this.updateTime());
    video.addEventListener("volumechange", () => {
      this.classList.toggle("muted", video.muted);
      this.setPressed("mute", video.muted);
    });
    video.addEventListener("error", () => this.handleError());
    video.addEventListener("loadeddata", () => (this.querySelector(".broken").hidden = true));
  }

  get length() {
    return Number.isFinite(this.video.duration) ? this.video.duration : 0;
  }

  /** Runs `move` when the length of the video is known, and loads the video if necessary. */
  whenLoaded(move) {
    if (this.video.readyState > 0) return move();
    this.video.addEventListener("loadedmetadata", move, { once: true });
    this.video.preload = "auto";
    this.video.load();
  }

  seek(time) {
    this.whenLoaded(() => (this.video.currentTime = Math.max(0, Math.min(this.length, time))));
  }

  /** Moves by whole frames, to the middle of a frame, so that rounding does not show the previous one. */
  step(frames) {
    this.video.pause();
    this.whenLoaded(() => {
      const frame = Math.floor(this.video.currentTime * this.fps + 0.01) + frames;
      const last = Math.ceil(this.length * this.fps) - 1;
      this.video.currentTime = (Math.max(0, Math.min(last, frame)) + 0.5) / this.fps;
    });
  }

  setPressed(act, isOn) {
    this.querySelector(`.buttons [data-act=${act}]`)?.setAttribute("aria-pressed", String(isOn));
  }

  runAction(name) {
    if (name === "play" && this.video.error) this.video.load();
    this.actions[name]?.();
  }

  buildActions() {
    const { video } = this;
    return {
      play: () => (video.paused ? video.play().catch(() => this.update()) : video.pause()),
      back: () => this.step(-1),
      forward: () => this.step(1),
      mute: () => (video.muted = !video.muted),
      loop: () => this.setPressed("loop", (video.loop = !video.loop)),
      captions: () => this.toggleCaptions(),
      chart: () => this.setPressed("chart", this.classList.toggle("charted")),
      more: () => this.setPressed("more", this.classList.toggle("is-expanded")),
      pip: () => this.togglePictureInPicture(),
      full: () => this.toggleFullScreen(),
    };
  }

  toggleCaptions() {
    const [track] = this.video.textTracks;
    if (!track) return;
    track.mode = track.mode === "showing" ? "hidden" : "showing";
    this.setPressed("captions", track.mode === "showing");
  }

  togglePictureInPicture() {
    if (document.pictureInPictureElement) document.exitPictureInPicture();
    else this.whenLoaded(() => this.video.requestPictureInPicture?.().catch(() => {}));
  }

  toggleFullScreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else if (this.requestFullscreen) this.requestFullscreen().catch(() => {});
    else this.video.webkitEnterFullscreen?.();
  }

  /** Chooses the next faster (1) or slower (-1) speed. */
  changeSpeed(step) {
    const { rate } = this;
    rate.selectedIndex = Math.max(0, Math.min(rate.length - 1, rate.selectedIndex + step));
    this.video.playbackRate = Number(rate.value);
  }

  showControls() {
    this.classList.remove("quiet");
    clearTimeout(this.controlsTimer);
    this.controlsTimer = setTimeout(() => this.classList.toggle("quiet", !this.video.paused), HIDE_CONTROLS_MS);
  }

  update() {
    const isPlaying = !this.video.paused && !this.video.ended;
    this.classList.toggle("playing", isPlaying);
    this.showControls();
    if (isPlaying && !prefersReducedMotion()) this.follow();
  }

  /** Updates the time every frame; timeupdate fires only four times a second. */
  follow() {
    if (this.video.paused || !this.isConnected) return;
    this.updateTime();
    requestAnimationFrame(() => this.follow());
  }

  timecode(time) {
    const frames = Math.floor(time * this.fps + 0.01);
    const pad = (number) => String(number).padStart(2, "0");
    return `${pad(Math.floor(frames / this.fps))}+${pad(frames % this.fps)}`;
  }

  updateTime() {
    if (!this.length) return;
    const now = this.timecode(this.video.currentTime);
    const share = this.video.currentTime / this.length;
    this.style.setProperty("--t", `${share * 100}%`);
    this.range.value = share * 1000;
    this.range.setAttribute("aria-valuetext", now);
    this.querySelector("[data-now]").textContent = now;
    this.querySelector("[data-end]").textContent = this.timecode(this.length);
  }

  handleError() {
    const { video } = this;
    const { currentTime, paused } = video;
    if (!(performance.now() - this.failedAt < RETRY_WINDOW_MS)) {
      this.failedAt = performance.now(); // load it again: links expire within minutes, and networks fail
      video.addEventListener("loadedmetadata", () => (video.currentTime = currentTime), { once: true });
      video.load();
      if (!paused) video.play().catch(() => {});
      return;
    }
    const note = this.querySelector(".broken");
    note.textContent = message("playing");
    note.hidden = false;
  }
}

customElements.define("cel-player", CelPlayer);
