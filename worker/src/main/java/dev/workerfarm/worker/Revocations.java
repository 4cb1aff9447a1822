package dev.workerfarm.worker;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The ids of tasks and maps that nobody wants any more. Holds the newest {@value #MOST} of them, as Celery's workers do.
 * Threads may share it.
 */
final class Revocations {
    private static final int MOST = 50_000;

    private final Map<String, Boolean> ids = new LinkedHashMap<>() { // guarded by this
                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
                    return size() > MOST;
                }
            };
    /** Nearly always so, and then a task costs no lock. */
    private volatile boolean empty = true;

    synchronized void add(Collection<String> revoked) {
        revoked.forEach(id -> ids.put(id, true));
        empty = ids.isEmpty();
    }

    boolean contains(String id) {
        return !empty && holds(id);
    }

    private synchronized boolean holds(String id) {
        return ids.containsKey(id);
    }
}
