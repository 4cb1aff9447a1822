package dev.workerfarm.pool.map;

/** Hears how far a map is. */
@FunctionalInterface
public interface ProgressListener {
    /**
     * Some items more have ended, well or not. Called on a thread of the pool's, one call at a time, the count never going
     * down; where items end faster than the listener returns it hears the newest count only. The last count always comes,
     * perhaps after the map's own result. What was cancelled or could not be published has not ended, and is not counted.
     *
     * @param done how many have ended
     * @param total how many there are, or -1: unknown
     */
    void progressed(long done, long total);
}
