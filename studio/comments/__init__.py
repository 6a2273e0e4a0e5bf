"""Comments on scenes, who a scene is assigned to, and its state."""
