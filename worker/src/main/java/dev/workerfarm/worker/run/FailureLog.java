package dev.workerfarm.worker.run;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.workerfarm.wire.Outcome;
import dev.workerfarm.worker.commit.GuardedCalls;
import dev.workerfarm.worker.run.Execution.DeadReason;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs failed calls of tasks, a line each up to a number a minute; the others are counted. Threads may share it. */
public final class FailureLog {
    static final int LINES_A_MINUTE = 10;
    private static final Logger LOG = LoggerFactory.getLogger(FailureLog.class);
    private static final int MAX_TEXT_CHARS = 200;

    @GuardedBy("this")
    private long failed;

    /** A call has ended. What has no retry left has the line of its dead letter; what was revoked has not failed. */
    void ended(String id, String task, Outcome ended) {
        var dead = DeadReason.of(ended);
        if (!(ended instanceof Outcome.Failed outcome)
                || ended == GuardedCalls.abandoned()
                || dead == DeadReason.RETRIES_EXHAUSTED
                || outcome.failure().type().equals("TaskRevokedError")) {
            return;
        }
        synchronized (this) {
            if (++failed > LINES_A_MINUTE) {
                return;
            }
        }
        // The text about wrong arguments quotes them, and they may be secret.
        var text = dead == DeadReason.WRONG_ARGUMENTS
                ? "wrong arguments"
                : firstLine(outcome.failure().text());
        LOG.warn(
                "task failed taskId={} task={} error={}: {}",
                id,
                task,
                outcome.failure().type(),
                text);
    }

    /** Without what stands in a URL as user and password. */
    private static String firstLine(String text) {
        var line = text.lines().findFirst().orElse("").replaceAll("//[^/?#\\s]*@", "//");
        return line.length() <= MAX_TEXT_CHARS ? line : line.substring(0, MAX_TEXT_CHARS) + "...";
    }

    /** A minute is over: says how many failed beyond those that were listed. */
    public synchronized void endMinute() {
        if (failed > LINES_A_MINUTE) {
            LOG.warn("more tasks failed, not listed one by one count={}", failed - LINES_A_MINUTE);
        }
        failed = 0;
    }
}
