package dev.workerfarm.pool.transport;

import dev.workerfarm.error.FarmException;

/** Tells interrupts that nobody in the pool has asked for from failures. Stateless. */
public final class Interrupts {
    private Interrupts() {}

    /**
     * Whether an operation failed because its thread was interrupted; the thread's interrupt flag is then cleared. For
     * threads of the pool that are not being stopped: they do the operation again.
     */
    public static boolean isStray(FarmException failure) {
        return failure.getCause() instanceof InterruptedException && Thread.interrupted();
    }
}
