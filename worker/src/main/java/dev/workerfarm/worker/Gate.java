package dev.workerfarm.worker;

/**
 * The gate that a call passes once: it runs, and then its outcome is on its way or it was revoked, whichever comes first.
 * Who comes second comes too late.
 *
 * <p>A lock and no atomic: the interrupt belongs to the step to REVOKED. One that came a moment later would hit the thread
 * while it commits or publishes, or in its next call.
 */
final class Gate {
    private enum State {
        RUNNING,
        COMMITTING,
        REVOKED
    }

    private final String callId;
    private final Thread thread;
    private State state = State.RUNNING; // guarded by this

    /** @param thread what runs the call, and nobody else until the gate is closed */
    Gate(String callId, Thread thread) {
        this.callId = callId;
        this.thread = thread;
    }

    /** Whether it is of this task, or of an item of this map. */
    boolean isOf(String id) {
        return callId.startsWith(id) && (callId.length() == id.length() || callId.charAt(id.length()) == ':');
    }

    /**
     * Nobody wants the outcome: the call is interrupted.
     *
     * @return false if its outcome is on its way
     */
    synchronized boolean revoke() {
        if (state == State.RUNNING) {
            state = State.REVOKED;
            thread.interrupt();
        }
        return state == State.REVOKED;
    }

    synchronized boolean isRevoked() {
        return state == State.REVOKED;
    }

    /** The call has ended, and its outcome goes on its way unless it was revoked before. */
    synchronized void commit() {
        if (state == State.RUNNING) {
            state = State.COMMITTING;
        }
    }
}
