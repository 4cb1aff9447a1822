package dev.workerfarm.redis;

import dev.workerfarm.error.CallInterruptedException;
import dev.workerfarm.error.LockTimeoutException;
import dev.workerfarm.shared.SharedLock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A {@link SharedLock} as a Redis string that holds the token and expires with the lease. */
record RedisSharedLock(RedisConnection redis, String name, String key, String tokens) implements SharedLock {
    private static final Logger LOG = LoggerFactory.getLogger(RedisSharedLock.class);
    private static final Script ACQUIRE = Script.named("lock-acquire");
    private static final Script EXTEND = Script.named("lock-extend");
    private static final Script RELEASE = Script.named("lock-release");
    private static final Duration SHORTEST_LEASE = Duration.ofMillis(1);
    private static final long FIRST_PAUSE_MILLIS = 5;
    private static final long LONGEST_PAUSE_MILLIS = 100;

    @Override
    public Held acquire(Duration lease, Duration wait) {
        if (wait.isNegative() || wait.compareTo(MAX) > 0) {
            throw new IllegalArgumentException("a wait for a lock is 0 to 1 day, not " + wait);
        }
        long start = System.nanoTime();
        long pauseMillis = FIRST_PAUSE_MILLIS;
        while (true) {
            var held = tryAcquire(lease);
            if (held.isPresent()) {
                return held.get();
            }
            long left = wait.toNanos() - (System.nanoTime() - start);
            if (left <= 0) {
                throw new LockTimeoutException(
                        subject() + " is held by someone else; waited " + wait.toMillis() + " ms");
            }
            // Half of it to all of it, so that those who wait together do not ask together.
            var pause = TimeUnit.MILLISECONDS.toNanos(pauseMillis);
            try {
                TimeUnit.NANOSECONDS.sleep(
                        Math.min(left, ThreadLocalRandom.current().nextLong(pause / 2, pause + 1)));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new CallInterruptedException("interrupted while waiting for " + subject(), e);
            }
            pauseMillis = Math.min(2 * pauseMillis, LONGEST_PAUSE_MILLIS);
        }
    }

    @Override
    public Optional<Held> tryAcquire(Duration lease) {
        var answer = redis.run(subject(), ACQUIRE, List.of(key, tokens), List.of(millis(lease)));
        return answer.get(0).equals("ok") ? Optional.of(new Lease((Long) answer.get(1))) : Optional.empty();
    }

    private String subject() {
        return "lock '" + name + "'";
    }

    private static String millis(Duration lease) {
        if (lease.compareTo(SHORTEST_LEASE) < 0 || lease.compareTo(MAX) > 0) {
            throw new IllegalArgumentException("a lock's lease is 1 ms to 1 day, not " + lease);
        }
        return Long.toString(lease.toMillis());
    }

    private final class Lease implements Held {
        private final long token;
        private final AtomicBoolean closed = new AtomicBoolean();

        Lease(long token) {
            this.token = token;
        }

        @Override
        public long token() {
            return token;
        }

        @Override
        public boolean isHeld() {
            return Long.toString(token).equals(redis.call(subject(), client -> client.get(key)));
        }

        @Override
        public boolean extend(Duration lease) {
            return isOurs(EXTEND, List.of(Long.toString(token), millis(lease)));
        }

        @Override
        public void close() {
            if (closed.compareAndSet(false, true) && !isOurs(RELEASE, List.of(Long.toString(token)))) {
                LOG.warn(
                        "the lease had ended before the lock was released, someone else may have held it meanwhile:"
                                + " ask for a longer one, or extend it; lock={} token={}",
                        name,
                        token);
            }
        }

        private boolean isOurs(Script script, List<String> arguments) {
            return redis.run(subject(), script, List.of(key), arguments).get(0).equals("ok");
        }

        @Override
        public String toString() {
            return subject() + " with token " + token;
        }
    }
}
