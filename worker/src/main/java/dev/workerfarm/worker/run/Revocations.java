package dev.workerfarm.worker.run;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.workerfarm.redis.RevokedTasks;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

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
    /** How often something was revoked. Written under the lock. */
    private volatile int changes;

    private final Predicate<CarriedCalls> holdsAny = this::holdsAny;
    private final Set<RunningCalls> running = ConcurrentHashMap.newKeySet();

    /** Calls of these ids that have not begun are not run. */
    public synchronized void add(Collection<String> revoked) {
        revoked.forEach(id -> ids.put(id, true));
        empty = ids.isEmpty();
        changes = changes + 1;
    }

    boolean contains(String id) {
        return !empty && holds(id);
    }

    /** Whether some of a message's calls may be revoked: else none of them need be looked up. On the calls' own thread. */
    boolean mayConcern(RunningCalls calls) {
        return calls.mayBeRevoked(changes, holdsAny);
    }

    private synchronized boolean holdsAny(CarriedCalls carried) {
        return ids.keySet().stream().anyMatch(carried::isOf);
    }

    /** The calls of a message begin on this thread; {@link #leave} ends it. */
    void enter(RunningCalls calls) {
        running.add(calls);
    }

    void leave(RunningCalls calls) {
        running.remove(calls);
    }

    /** A call has begun: a revocation after the look-up and before that has not found it among the running ones. */
    void begun(RunningCalls calls) {
        if (!mayConcern(calls)) {
            return;
        }
        var gate = calls.gate();
        if (gate != null && (contains(gate.callId()) || contains(mapOf(gate.callId())))) {
            gate.revoke();
        }
    }

    /** Interrupts what runs of these tasks and maps: the calls revoked so, now or before, that have not ended yet. */
    public List<Gate> interrupt(Collection<String> revoked) {
        return running.stream()
                .map(RunningCalls::gate)
                .filter(gate -> gate != null && revoked.stream().anyMatch(gate::isOf) && gate.revoke())
                .toList();
    }

    private static String mapOf(String callId) {
        var colon = callId.lastIndexOf(':');
        return colon < 0 ? callId : callId.substring(0, colon);
    }

    private synchronized boolean holds(String id) {
        return ids.containsKey(id);
    }
}
