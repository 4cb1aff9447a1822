package dev.workerfarm.shared;

import dev.workerfarm.error.LockTimeoutException;
import java.time.Duration;
import java.util.Optional;

/**
 * A lock in Redis for producers and scripts, by name, held for a lease: who crashes holds up the others no longer than
 * that. Threads may share it. It is not reentrant, and not fair: whoever asks first after it came free has it.
 *
 * <pre>{@code
 * try (var held = shared.lock("report").acquire(Duration.ofSeconds(30), Duration.ofSeconds(5))) {
 *     storage.write(report, held.token()); // storage refuses a token smaller than the greatest it has seen
 * }
 * }</pre>
 *
 * <p><b>A lease is no proof.</b> It may end while its holder still works: a long pause, a slow network. And where Redis
 * fails over to a replica that had not heard of the lock yet, two may hold it at once. So give what the lock guards the
 * {@link Held#token() fencing token}, and let that refuse an older one. Where only a number must be right, no lock is needed:
 * {@link SharedValue#add} and {@link SharedValue#compareAndSet} are atomic.
 *
 * <p>Tasks have none: their updates of shared state take effect together, when they have ended, and a lock would be free
 * again by then.
 *
 * <p>Every operation throws {@link dev.workerfarm.error.RedisUnreachableException} where Redis is away. Where it was the
 * answer to {@code acquire} that was lost, the lock may be held by nobody until the lease ends.
 */
public interface SharedLock {
    /** The longest lease, and the longest wait for one. */
    Duration MAX = Duration.ofDays(1);

    String name();

    /**
     * Waits for the lock and takes it. It asks Redis again every 5 to 100 ms.
     *
     * @param lease until when it is held if not released, from now: 1 ms to 1 day; longer than the work can take
     * @param wait how long to wait for it at most: 0 (ask once) to 1 day
     * @throws LockTimeoutException if it did not come free in time
     * @throws dev.workerfarm.error.CallInterruptedException if the thread was interrupted
     * @throws IllegalArgumentException if a duration is another
     */
    Held acquire(Duration lease, Duration wait);

    /**
     * Takes the lock if it is free.
     *
     * @param lease as for {@link #acquire}
     * @return empty where someone holds it
     */
    Optional<Held> tryAcquire(Duration lease);

    /** A lock that is held, until it is closed or its lease ends. Threads may share it. */
    interface Held extends AutoCloseable {
        /** The fencing token, greater than that of every lock of this namespace acquired before, as long as Redis keeps its data. */
        long token();

        /** Whether the lease lasts still, by Redis's clock: true a moment ago, no more. */
        boolean isHeld();

        /**
         * Makes the lease end so long after now.
         *
         * @param lease as for {@link SharedLock#acquire}
         * @return false, and nothing is changed, if it has ended already
         */
        boolean extend(Duration lease);

        /**
         * Releases the lock. Where the lease has ended already it warns in the log and leaves alone who may hold the lock now.
         * A second time does nothing.
         */
        @Override
        void close();
    }
}
