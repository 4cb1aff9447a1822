package dev.workerfarm.worker.run;

import com.google.errorprone.annotations.concurrent.GuardedBy;

/**
 * The gate that a call passes once: it runs, and then either its outcome is committed, or its hard time limit is over,
 * whichever comes first. While it runs it can be revoked, and then its outcome is that. A later step has no effect.
 *
 * <p>A lock and no atomic: the interrupt is part of the step. An interrupt a moment later would hit the thread while it
 * commits or publishes, or in its next call.
 */
public final class Gate {
    private final String callId;
    private final Thread thread;

    /** It has ended, or its hard time limit was over before. */
    @GuardedBy("this")
    private boolean closed;

    @GuardedBy("this")
    private boolean timedOut;

    @GuardedBy("this")
    private boolean revoked;

    @GuardedBy("this")
    private boolean overSoftLimit;

    /** @param thread what runs the call, and nobody else until the gate is closed */
    public Gate(String callId, Thread thread) {
        this.callId = callId;
        this.thread = thread;
    }

    /** Whether it is of this task, or of an item of this map. */
    boolean isOf(String id) {
        return callId.startsWith(id) && (callId.length() == id.length() || callId.charAt(id.length()) == ':');
    }

    /** The task's id, or an item's. */
    String callId() {
        return callId;
    }

    /** The call was revoked: it is interrupted, once. False if the call has ended before. */
    synchronized boolean revoke() {
        if (!closed && !revoked) {
            revoked = true;
            thread.interrupt();
        }
        return revoked;
    }

    synchronized boolean isRevoked() {
        return revoked;
    }

    /** The call's soft time limit is over: it is interrupted, once, and goes on. */
    synchronized void passSoftLimit() {
        if (!closed && !overSoftLimit) {
            overSoftLimit = true;
            thread.interrupt();
        }
    }

    synchronized boolean isOverSoftLimit() {
        return overSoftLimit;
    }

    /** The call's hard time limit is over: its outcome does not count, its thread stops. False if it has ended. */
    synchronized boolean timeOut() {
        timedOut |= !closed;
        closed = true;
        return timedOut;
    }

    synchronized boolean isTimedOut() {
        return timedOut;
    }

    /** Whether the call has not ended. */
    public synchronized boolean runs() {
        return !closed;
    }

    /** The call has ended, and its outcome counts unless its time was over before. */
    synchronized void commit() {
        closed = true;
    }
}
