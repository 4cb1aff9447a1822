package dev.workerfarm.pool.map;

/** Hears how far a map is. */
@FunctionalInterface
public interface ProgressListener {
    /**
     * Some items more have ended, well or not. Called on a thread of the pool's, one call at a time, the count never going
     * down; where items end faster than the listener returns it hears the newest count only. The last count always comes:
     * where the pool runs callbacks on its own thread, before {@code map} returns or throws, and before the {@code get} of a
     * {@code mapAsync} does; on an executor of the caller's, or with {@code imap}, perhaps later. What was cancelled or could not be published has not ended, and is not counted.
     *
     * @param done how many have ended
     * @param total how many there are, or -1: unknown
     */
    void progressed(long done, long total);
}
