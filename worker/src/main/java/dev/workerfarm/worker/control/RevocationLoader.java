package dev.workerfarm.worker.control;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.workerfarm.error.RedisUnreachableException;
import dev.workerfarm.error.SharedStateException;
import dev.workerfarm.redis.RevokedTasks;
import dev.workerfarm.worker.run.Revocations;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Loads the tasks revoked while this process was not connected, as soon as Redis is there. Threads may share it. */
public final class RevocationLoader {
    private static final Logger LOG = LoggerFactory.getLogger(RevocationLoader.class);

    private final RevokedTasks revoked;
    private final Revocations revocations;

    @GuardedBy("this")
    private boolean missing;

    public RevocationLoader(RevokedTasks revoked, Revocations revocations) {
        this.revoked = revoked;
        this.revocations = revocations;
    }

    /** Opens the connection to Redis beforehand, which takes its time at first. A problem with it is {@link #load}'s to log. */
    public void prepare() {
        try {
            revoked.all();
        } catch (RedisUnreachableException | SharedStateException e) {
            LOG.debug("no connection to Redis yet reason={}", e.getMessage());
        }
    }

    /** Asks Redis once. Where it does not answer, {@link #loadIfMissing} asks again. */
    public synchronized void load() {
        var wasMissing = missing;
        missing = true; // also after a fault
        try {
            var ids = revoked.all();
            revocations.add(ids);
            revocations.interrupt(ids);
            missing = false;
        } catch (RedisUnreachableException | SharedStateException e) {
            if (!wasMissing) {
                LOG.warn("the list of revoked tasks cannot be loaded yet reason={}", e.getMessage());
            }
        }
    }

    /** Asks again if the list could not be loaded; called periodically. */
    public synchronized void loadIfMissing() {
        if (missing) {
            load();
        }
    }
}
