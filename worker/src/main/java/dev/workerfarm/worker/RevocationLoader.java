package dev.workerfarm.worker;

import dev.workerfarm.error.RedisUnreachableException;
import dev.workerfarm.error.SharedStateException;
import dev.workerfarm.redis.RevokedTasks;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Learns what was revoked while this process was not there to be told. Where Redis is away tasks go on without, and it asks
 * again and again until it knows. Threads may share it.
 */
final class RevocationLoader {
    private static final Logger LOG = LoggerFactory.getLogger(RevocationLoader.class);
    private static final Duration AGAIN = Duration.ofSeconds(5);

    private final RevokedTasks revoked;
    private final Revocations revocations;
    private final ScheduledExecutorService timer;
    private boolean away; // guarded by this

    RevocationLoader(RevokedTasks revoked, Revocations revocations, ScheduledExecutorService timer) {
        this.revoked = revoked;
        this.revocations = revocations;
        this.timer = timer;
    }

    /** Opens the connection beforehand, as that takes its time at first. What is wrong with it, {@link #load} says. */
    void prepare() {
        try {
            revoked.all();
        } catch (RedisUnreachableException | SharedStateException e) {
            LOG.debug("no connection to Redis yet reason={}", e.getMessage());
        }
    }

    /** Asks once, and has it asked again later where there is no answer. */
    synchronized void load() {
        try {
            var ids = revoked.all();
            revocations.add(ids);
            revocations.interrupt(ids);
            away = false;
        } catch (RedisUnreachableException | SharedStateException e) {
            if (!away) {
                away = true;
                LOG.warn("what was revoked before is not known yet reason={}", e.getMessage());
                timer.schedule(this::again, AGAIN.toMillis(), TimeUnit.MILLISECONDS);
            }
        }
    }

    private synchronized void again() {
        if (away) {
            away = false;
            load();
        }
    }
}
