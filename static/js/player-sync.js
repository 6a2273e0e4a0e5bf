// Two players side by side: what one does, the other does too, at the same time of the video. The second one is steered
// by its speed while both play, since seeking again and again would make it late again and again.
import { findAll, initialize, on } from "./dom.js";

const NEAR = 0.03; // seconds; less than a frame is not corrected
const FAR = 0.4; // more is corrected by seeking
const MAX_CHANGE = 0.25; // of the speed

initialize("[data-sync]", (group) => {
  const videos = findAll("video", group);
  const [first, ...others] = videos;
  const moved = new WeakSet(); // videos whose next "seeked" this script caused
  const steered = new WeakMap(); // video → speed that this script set
  const follow = (leader, copy) => videos.filter((video) => video !== leader).forEach(copy);

  const seek = (video, time) => {
    const target = Math.min(time, video.duration || 0);
    if (Math.abs(video.currentTime - target) <= NEAR) return;
    moved.add(video);
    video.currentTime = target;
  };
  const setSpeed = (video, speed) => {
    if (video.playbackRate === speed) return;
    steered.set(video, speed);
    video.playbackRate = speed;
  };
  const steer = (video) => {
    const late = first.currentTime - video.currentTime;
    if (Math.abs(late) > FAR) return seek(video, first.currentTime);
    const change = Math.abs(late) > NEAR ? Math.max(-MAX_CHANGE, Math.min(MAX_CHANGE, late)) : 0;
    return setSpeed(video, first.playbackRate * (1 + change));
  };

  for (const leader of videos) {
    leader.addEventListener("play", () => follow(leader, (video) => video.paused && !video.ended && video.play().catch(() => {})));
    leader.addEventListener("pause", () => {
      if (leader.ended) return;
      follow(leader, (video) => video.paused || video.pause());
      follow(leader, (video) => seek(video, leader.currentTime));
    });
    leader.addEventListener("seeked", () => moved.delete(leader) || follow(leader, (video) => seek(video, leader.currentTime)));
    leader.addEventListener("ratechange", () => {
      if (steered.get(leader) !== leader.playbackRate) follow(leader, (video) => setSpeed(video, leader.playbackRate));
    });
  }
  first.addEventListener("timeupdate", () => !first.paused && others.filter(({ paused }) => !paused).forEach(steer));
});

on("click", "[data-play-both]", () => {
  const [first, ...others] = findAll("[data-sync] video");
  if (!first.paused) return first.pause();
  if (first.ended || others.some(({ ended }) => ended)) for (const video of [first, ...others]) video.currentTime = 0;
  for (const video of [first, ...others]) video.play().catch(() => {});
});
