package dev.workerfarm.status;

import org.jspecify.annotations.Nullable;

/**
 * One queue at one moment.
 *
 * @param name its literal name
 * @param ready messages that wait, or null: the queue is not there
 * @param unacked messages that consumers hold, or null: not known
 * @param consumers how many consume it, or null: the queue is not there
 * @param publishedPerSecond messages that came, lately, or null: not known
 * @param ackedPerSecond messages that were done, lately, or null: not known
 */
public record QueueStatus(
        String name,
        @Nullable Long ready,
        @Nullable Long unacked,
        @Nullable Integer consumers,
        @Nullable Double publishedPerSecond,
        @Nullable Double ackedPerSecond) {}
