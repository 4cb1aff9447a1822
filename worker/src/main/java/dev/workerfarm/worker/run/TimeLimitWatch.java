package dev.workerfarm.worker.run;

import dev.workerfarm.config.Durations;
import dev.workerfarm.task.TimeLimits;
import dev.workerfarm.worker.process.JobThread;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Enforces {@link TimeLimits}. At the soft limit it interrupts the call; at the hard one, where the call has not ended,
 * it has the message settled in place of the stuck thread, and then ends the lane. Looks ten times a second, so that
 * a short call costs an entry in a map. Threads may share it.
 */
public final class TimeLimitWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TimeLimitWatch.class);
    private static final Duration LOOK_EVERY = Duration.ofMillis(100);

    /** @param since when the call began, by System.nanoTime */
    private record Watched(long since, TimeLimits limits, Runnable whenOver) {
        boolean isOver(@Nullable Duration limit) {
            return limit != null && System.nanoTime() - since >= Durations.nanos(limit);
        }
    }

    private final Map<Gate, Watched> calls = new ConcurrentHashMap<>();
    private final Runnable endAtHardLimit;
    private final Consumer<? super Throwable> end;
    private final AtomicBoolean started = new AtomicBoolean();
    private final JobThread thread = new JobThread("workerfarm-time-limits");
    /** Apart, as to settle a message may wait for the broker and Redis for as long as they are away. */
    private final JobThread settling = new JobThread("workerfarm-time-outs");

    /** {@code endAtHardLimit} is called when a call has outlasted its hard limit and its message is settled. */
    public TimeLimitWatch(Runnable endAtHardLimit, Consumer<? super Throwable> end) {
        this.endAtHardLimit = endAtHardLimit;
        this.end = end;
    }

    /** A call begins; {@code whenOver} settles its message where its hard limit is over, on the watch's thread. */
    public void begin(Gate gate, TimeLimits limits, Runnable whenOver) {
        if (limits.equals(TimeLimits.NONE)) {
            return;
        }
        calls.put(gate, new Watched(System.nanoTime(), limits, whenOver));
        if (started.compareAndSet(false, true)) {
            thread.every(LOOK_EVERY, "time limits", this::look, end);
        }
    }

    void end(Gate gate) {
        calls.remove(gate);
    }

    /** Enforces nothing from now on. */
    @Override
    public void close() {
        thread.close();
        settling.close();
    }

    private void look() {
        Map<Gate, Watched> over = new HashMap<>();
        calls.forEach((gate, call) -> {
            if (call.isOver(call.limits().soft())) {
                gate.passSoftLimit();
            }
            if (call.isOver(call.limits().hard()) && gate.timeOut()) {
                over.put(gate, call);
            }
        });
        if (!over.isEmpty()) {
            over.keySet().forEach(calls::remove);
            settling.once(Duration.ZERO, "time-outs", () -> settle(over), end);
        }
    }

    private void settle(Map<Gate, Watched> over) {
        try {
            over.forEach(TimeLimitWatch::settle);
        } finally { // also after an Error: the threads of these calls wait for the process's end
            endAtHardLimit.run();
        }
    }

    private static void settle(Gate gate, Watched watched) {
        var millis = Objects.requireNonNull(watched.limits().hard()).toMillis();
        LOG.warn("hard time limit is over, so this lane ends taskId={} limitMs={}", gate.callId(), millis);
        try {
            watched.whenOver().run();
        } catch (RuntimeException e) { // the process ends all the same, and the message goes back
            LOG.error("cannot settle what took too long taskId={}", gate.callId(), e);
        }
    }
}
