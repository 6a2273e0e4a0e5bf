// Two players side by side: what one does, the other does too, at the same time of the video.
import { findAll, initialize, on } from "./dom.js";

const MAX_DRIFT = 0.06; // seconds; about a frame and a half

initialize("[data-sync]", (group) => {
  const videos = findAll("video", group);
  const moved = new WeakSet(); // videos whose next "seeked" this script caused
  const follow = (leader, copy) => {
    for (const video of videos) if (video !== leader) copy(video);
  };
  const align = (leader) =>
    follow(leader, (video) => {
      const target = Math.min(leader.currentTime, video.duration || 0);
      if (Math.abs(video.currentTime - target) <= MAX_DRIFT) return;
      moved.add(video);
      video.currentTime = target;
    });
  for (const leader of videos) {
    leader.addEventListener("play", () => follow(leader, (video) => video.paused && !video.ended && video.play().catch(() => {})));
    leader.addEventListener("pause", () => !leader.ended && follow(leader, (video) => video.paused || video.pause()));
    leader.addEventListener("seeked", () => moved.delete(leader) || align(leader));
    leader.addEventListener("ratechange", () =>
      follow(leader, (video) => video.playbackRate === leader.playbackRate || (video.playbackRate = leader.playbackRate)),
    );
  }
  videos[0].addEventListener("timeupdate", () => !videos[0].paused && align(videos[0]));
});

on("click", "[data-play-both]", () => {
  const [first, ...others] = findAll("[data-sync] video");
  if (!first.paused) return first.pause();
  if (first.ended || others.some(({ ended }) => ended)) for (const video of [first, ...others]) video.currentTime = 0;
  for (const video of [first, ...others]) video.play().catch(() => {});
});
