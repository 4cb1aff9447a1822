package dev.workerfarm.pool.map;

import java.util.Iterator;

/**
 * A map's input that comes from outside and may pause, as a person at a keyboard does: it can say whether the next item is
 * there, so that a chunk does not wait for it.
 *
 * @param <T> the items
 */
public interface Incoming<T> extends Iterator<T> {
    /** Whether {@link #hasNext} would answer without much waiting. False at the end too. */
    boolean isReady();
}
