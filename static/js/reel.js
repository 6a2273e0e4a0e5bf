// <cel-reel>: play the scenes of a story with two videos in turn, of which one plays while the other loads. The shots are
// listed in #reel-shots, which may change meanwhile. A scene without a clip is shown as its picture or text: for as long as
// the scene takes or, with the attribute "waits", until its clip is there.
import { findAll, on, find, message } from "./dom.js";
import { clearTransition, showTransition, findTransition } from "./transitions.js";

const FPS = 24;
const pad = (number) => String(number).padStart(2, "0");

class CelReel extends HTMLElement {
  connectedCallback() {
    if (this.videos) return;
    this.videos = [...this.querySelectorAll("video")];
    this.range = this.querySelector(".scrub input");
    this.at = 0; // index of the shot
    this.frame = 0; // frames of the shot played so far
    this.isPlaying = false;
    this.readShots();
    this.addListeners();
    this.show(0, 0);
  }

  get video() {
    return this.videos[0];
  }

  get isWaiting() {
    return this.hasAttribute("waits") && !this.shots[this.at]?.src;
  }

  /** Reads the shots and their start frames. */
  readShots() {
    let start = 0;
    this.shots = findAll("#reel-shots li").map((item) => {
      const { src = "", poster = "", label = "", line = "" } = item.dataset;
      const shot = { src, poster, label, line, text: item.textContent.trim(), start, isMuted: "muted" in item.dataset };
      shot.frames = Number(item.dataset.frames) || 1;
      shot.trimIn = Number(item.dataset.trimIn) || 0;
      shot.join = item.dataset.join ?? "cut"; // transition to the next shot
      for (const name of ["tail", "head", "overlap"]) shot[name] = Number(item.dataset[name]) || 0;
      start += shot.frames - shot.overlap;
      return shot;
    });
    this.total = start;
    this.showBoundaries();
  }

  showBoundaries() {
    const boundaries = this.querySelector("[data-boundaries]");
    boundaries.replaceChildren(
      ...this.shots.slice(1).map(({ start }) => {
        const cut = document.createElement("i");
        cut.style.setProperty("--at", `${(100 * start) / this.total}%`);
        return cut;
      }),
    );
    this.querySelector("[data-end]").textContent = this.timecode(this.total);
  }

  addListeners() {
    this.addEventListener("click", (event) => {
      const button = event.target.closest("button[data-act]");
      if (button) this.runAction(button.dataset.act);
      else if (event.target.closest(".stage")) this.runAction("play");
    });
    this.addEventListener("keydown", (event) => this.handleKey(event));
    this.range.addEventListener("input", () => this.seek((this.range.value / 1000) * this.total));
    for (const video of this.videos) {
      video.addEventListener("ended", () => video === this.video && this.isPlaying && this.next());
      video.addEventListener("error", () => video === this.video && video.getAttribute("src") && this.showText(message("playing")));
    }
    document.addEventListener("htmx:after:swap", () => this.handleChange());
  }

  /** Applies a changed list of shots. The screen changes only if the current shot has another clip or picture. */
  handleChange() {
    const list = find("#reel-shots")?.innerHTML;
    if (!list || list === this.list) return;
    this.list = list;
    const { isWaiting } = this;
    const now = this.shots[this.at];
    this.readShots();
    this.at = Math.min(this.at, this.shots.length - 1);
    const { src, poster } = this.shots[this.at];
    if (src !== now?.src && (!this.isPlaying || isWaiting)) this.show(this.at, 0, false);
    else if (!src && poster !== now?.poster) this.showStill(this.shots[this.at]);
    else if (!this.isInTransition) this.loadNext(this.shots[this.at + 1]);
    this.showLabel();
    this.updateTime();
  }

  runAction(name) {
    const actions = {
      play: () => (this.isPlaying ? this.pause() : this.play()),
      back: () => this.show(Math.max(0, this.frame > FPS ? this.at : this.at - 1), 0),
      forward: () => this.show(Math.min(this.shots.length - 1, this.at + 1), 0),
      mute: () => this.mute(),
      captions: () => this.toggleCaptions(),
      full: () => (document.fullscreenElement ? document.exitFullscreen() : this.requestFullscreen?.().catch(() => {})),
    };
    actions[name]?.();
  }

  handleKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target === this.range) return;
    if (event.key === " " && event.target.matches("button")) return;
    const keys = { k: "play", " ": "play", ",": "back", ".": "forward", m: "mute", c: "captions", f: "full" };
    const act = keys[event.key.toLowerCase()];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    this.runAction(act);
  }

  play() {
    if (!this.shots.length) return;
    if (this.at === this.shots.length - 1 && this.frame >= this.shots[this.at].frames - 1) this.show(0, 0);
    this.isPlaying = true;
    this.classList.add("playing");
    this.run();
  }

  pause() {
    this.isPlaying = false;
    this.classList.remove("playing");
    for (const video of this.videos) video.pause();
  }

  mute() {
    this.isMuted = !this.isMuted;
    this.classList.toggle("muted", this.isMuted);
    this.querySelector("[data-act=mute]").setAttribute("aria-pressed", String(this.isMuted));
    this.video.muted = this.isMuted || Boolean(this.shots[this.at]?.isMuted);
  }

  toggleCaptions() {
    const areHidden = this.classList.toggle("without-captions");
    this.querySelector("[data-act=captions]")?.setAttribute("aria-pressed", String(!areHidden));
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
      this.updateTime();
      return this.pause();
    }
    if (!this.isInTransition) return this.show(this.at + 1, shot.overlap);
    // the next clip already plays during the transition
    this.videos.reverse();
    this.at += 1;
    this.frame = shot.overlap;
    this.showCurrent();
    this.loadNext(this.shots[this.at + 1]);
    return this.run();
  }

  /** Shows and plays only the current video. */
  showCurrent(isRequested = true) {
    const shot = this.shots[this.at];
    const [video, spare] = this.videos;
    this.isInTransition = false;
    clearTransition(this);
    spare.pause();
    video.hidden = !shot.src && !shot.poster;
    spare.hidden = true;
    video.muted = this.isMuted || shot.isMuted;
    this.showLabel();
    const caption = this.querySelector("[data-caption] span");
    if (caption) caption.textContent = shot.line;
    if (isRequested) this.dispatchEvent(new CustomEvent("reel-shot", { bubbles: true, detail: { n: this.at + 1 } }));
  }

  showLabel() {
    const { label } = this.shots[this.at];
    this.querySelector("[data-label]").textContent = label ? `${this.at + 1} · ${label}` : "";
  }

  /** Shows a shot at a frame, and continues playing. `isRequested`: requested by the user. */
  show(at, frame, isRequested = true) {
    const shot = this.shots[at];
    if (!shot) return;
    this.video.pause();
    this.at = at;
    this.frame = frame;
    if (shot.src && this.videos[1].getAttribute("src") === shot.src) this.videos.reverse();
    this.showCurrent(isRequested);
    if (shot.src) this.showVideo(shot, frame);
    else this.showStill(shot);
    this.loadNext(this.shots[at + 1]);
    this.updateTransition();
    this.updateTime();
    if (this.isPlaying) this.run();
  }

  showVideo(shot, frame) {
    this.querySelector("[data-text]").hidden = true;
    const { video } = this;
    if (video.error || video.getAttribute("src") !== shot.src) {
      video.poster = shot.poster;
      video.src = shot.src;
    }
    this.seekVideo(video, shot, frame, () => this.shots[this.at] === shot);
  }

  /** Seeks a video to a frame of its shot, once its length is known. */
  seekVideo(video, shot, frame, isWanted = () => true) {
    const move = () => (video.currentTime = (shot.trimIn + frame + 0.1) / FPS);
    if (video.readyState > 0) move();
    else video.addEventListener("loadedmetadata", () => isWanted() && move(), { once: true });
  }

  /** Shows a shot without a clip: its picture, otherwise its text. */
  showStill(shot) {
    const { video } = this;
    video.hidden = !shot.poster;
    if (!shot.poster) return this.showText(shot.text);
    this.querySelector("[data-text]").hidden = true;
    video.poster = shot.poster;
    if (!video.hasAttribute("src")) return;
    video.removeAttribute("src");
    video.load();
  }

  showText(text) {
    const paper = this.querySelector("[data-text]");
    paper.hidden = false;
    paper.firstElementChild.textContent = text;
  }

  loadNext(shot) {
    const spare = this.videos[1];
    if (!shot?.src) return;
    if (spare.error || spare.getAttribute("src") !== shot.src) {
      spare.preload = "auto";
      spare.src = shot.src;
    }
    if (shot.trimIn || spare.currentTime) this.seekVideo(spare, shot, 0, () => spare !== this.video);
  }

  /** Shows the transition at this frame. During an overlap the next video plays too. */
  updateTransition() {
    const transition = findTransition(this.shots, this.at, this.frame);
    const [video, spare] = this.videos;
    const next = this.shots[this.at + 1];
    if (!transition?.isOverlapping) {
      if (transition) showTransition(this, transition, video, null);
      else clearTransition(this);
      return;
    }
    const isReady = this.shots[this.at].src && next.src && spare.readyState > 1;
    if (!isReady) return;
    if (!this.isInTransition || !this.isPlaying) this.seekVideo(spare, next, transition.frame);
    this.isInTransition = true;
    spare.hidden = false;
    spare.muted = this.isMuted || next.isMuted;
    if (this.isPlaying && spare.paused) spare.play().catch(() => {});
    showTransition(this, transition, video, spare);
  }

  /** Advances with the video, or with the clock for a shot without one, until the shot ends. */
  run() {
    const token = (this.currentRun = {});
    const shot = this.shots[this.at];
    if (this.isWaiting) return; // handleChange continues
    let last = performance.now();
    if (shot.src) this.video.play().catch(() => token === this.currentRun && this.pause());
    const step = (now) => {
      if (token !== this.currentRun || !this.isPlaying || !this.isConnected) return;
      if (shot.src) this.frame = this.video.currentTime * FPS - shot.trimIn;
      else this.frame += ((now - last) / 1000) * FPS;
      last = now;
      if (this.frame >= shot.frames) return this.next();
      this.updateTransition();
      this.updateTime();
      requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  timecode(frames) {
    return `${pad(Math.floor(frames / FPS))}+${pad(Math.floor(frames % FPS))}`;
  }

  updateTime() {
    const position = Math.max(0, Math.min(this.total, (this.shots[this.at]?.start ?? 0) + this.frame));
    const share = this.total ? position / this.total : 0;
    this.style.setProperty("--t", `${share * 100}%`);
    find("[data-strip]")?.style.setProperty("--at", `${share * 100}%`);
    this.range.value = share * 1000;
    this.range.setAttribute("aria-valuetext", this.timecode(position));
    this.querySelector("[data-now]").textContent = this.timecode(position);
  }
}

customElements.define("cel-reel", CelReel);

// a click on a scene of the timesheet shows it
on("click", "[data-show-scene]", (event, cell) => find("cel-reel")?.show(Number(cell.dataset.showScene) - 1, 0));
