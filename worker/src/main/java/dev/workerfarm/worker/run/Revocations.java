package dev.workerfarm.worker.run;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.workerfarm.redis.RevokedTasks;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The newest {@value RevokedTasks#MOST} ids of revoked tasks and maps, and the calls that run. Thread-safe. */
public final class Revocations {
    @GuardedBy("this")
    private final Map<String, Boolean> ids = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > RevokedTasks.MOST;
        }
    };
    /** Nearly always true, and then a task costs no lock. */
    private volatile boolean empty = true;

    private final Set<Gate> running = ConcurrentHashMap.newKeySet();

    /** Calls of these ids that have not begun are not run. */
    public synchronized void add(Collection<String> revoked) {
        revoked.forEach(id -> ids.put(id, true));
        empty = ids.isEmpty();
    }

    boolean contains(String id) {
        return !empty && holds(id);
    }

    /** A call begins on this thread; {@link #leave} ends it. */
    Gate enter(String callId) {
        var gate = new Gate(callId, Thread.currentThread());
        running.add(gate);
        // A revocation after the look-up and before the call was among the running ones has not found the call.
        if (contains(callId) || contains(mapOf(callId))) {
            gate.revoke();
        }
        return gate;
    }

    /** The call has ended: it cannot be revoked any more. */
    void leave(Gate gate) {
        running.remove(gate);
        gate.commit();
    }

    /** Interrupts what runs of these tasks and maps: the calls revoked so, now or before, that have not ended yet. */
    public List<Gate> interrupt(Collection<String> revoked) {
        return running.stream()
                .filter(gate -> revoked.stream().anyMatch(gate::isOf) && gate.revoke())
                .toList();
    }

    /** Whether the call has not ended yet. */
    public boolean runs(Gate gate) {
        return running.contains(gate);
    }

    private static String mapOf(String callId) {
        var colon = callId.lastIndexOf(':');
        return colon < 0 ? callId : callId.substring(0, colon);
    }

    private synchronized boolean holds(String id) {
        return ids.containsKey(id);
    }
}
