package com.example.tasks;

import dev.workerfarm.task.TaskType;
import org.jspecify.annotations.Nullable;

/**
 * Makes a small picture of a picture in the workers' download folder, beside it.
 *
 * @param source the picture's file name in the folder
 * @param maxEdge the longest edge of the small one in pixels, 1 to 4096; a picture that is smaller keeps its size
 * @param target the small one's file name; null makes {@code photo-128.jpg} of {@code photo.jpg}
 */
public record Thumbnail(
        String source, int maxEdge, @Nullable String target) {
    public static final TaskType<Thumbnail, Made> TYPE = TaskType.of("thumbnail", Thumbnail.class, Made.class);

    /**
     * What was made.
     *
     * @param filename its file name in the folder
     * @param bytes its size as a file
     * @param size its size as a picture
     * @param sourceSize that of the source
     */
    public record Made(String filename, long bytes, Size size, Size sourceSize) {}

    /** A picture's size in pixels. */
    public record Size(int width, int height) {
        /** This size, made smaller where needed so that no edge is longer than {@code maxEdge}. */
        Size within(int maxEdge) {
            var longest = Math.max(width, height);
            return longest <= maxEdge
                    ? this
                    : new Size(scaled(width, maxEdge, longest), scaled(height, maxEdge, longest));
        }

        private static int scaled(int edge, int maxEdge, int longest) {
            return Math.max(1, (int) Math.round((double) edge * maxEdge / longest));
        }
    }
}
