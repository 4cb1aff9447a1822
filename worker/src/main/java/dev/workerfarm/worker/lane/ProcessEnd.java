package dev.workerfarm.worker.lane;

import dev.workerfarm.loop.Loop;
import dev.workerfarm.worker.link.RunningFile;
import dev.workerfarm.worker.process.Cancellation;
import dev.workerfarm.worker.process.ExitCode;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends a lane's process. When a loop cannot go on, the first fault counts: what runs is given back to its queue and charged
 * to nobody, the process exits with {@link ExitCode#LOOP_DIED}, and its parent replaces it. Where even that takes too long
 * the process is halted.
 *
 * <p>Out of memory is another matter: nothing in the process can be trusted any more. It is halted at once, with
 * {@link ExitCode#OUT_OF_MEMORY}, and what ran is charged. Threads may share it.
 */
final class ProcessEnd implements LaneEnd {
    private static final Logger LOG = LoggerFactory.getLogger(ProcessEnd.class);
    /** Longer than all that a stop without drain time waits for, one after the other. */
    static final Duration LONGEST_STOP = Duration.ofSeconds(15);

    private final RunningFile running;
    private final IntConsumer end;
    private final Duration longestStop;
    private final IntConsumer halt;
    private final AtomicBoolean ended = new AtomicBoolean();

    /** @param end takes the exit code of a process that is to be stopped */
    ProcessEnd(RunningFile running, IntConsumer end, Duration longestStop, IntConsumer halt) {
        this.running = running;
        this.end = end;
        this.longestStop = longestStop;
        this.halt = halt;
    }

    @Override
    public void accept(Throwable fault) {
        if (fault instanceof OutOfMemoryError) {
            halt.accept(ExitCode.OUT_OF_MEMORY);
        } else if (ended.compareAndSet(false, true)) {
            running.stop();
            try {
                LOG.error("a loop died, so this process ends and is replaced reason={}", fault.toString());
                haltWhenStuck();
                end.accept(ExitCode.LOOP_DIED);
            } catch (Throwable another) { // such as no memory for a thread: the process ends all the same
                halt.accept(ExitCode.LOOP_DIED);
                throw another;
            }
        }
    }

    @Override
    public void with(int exitCode) {
        if (exitCode == ExitCode.HARD_LIMIT) {
            running.stop();
        }
        end.accept(exitCode);
    }

    private void haltWhenStuck() {
        Runnable job = () -> {
            new Cancellation().await(longestStop); // never cancelled: it waits, whoever interrupts the thread
            LOG.error("the stop hangs, so the process is halted afterMs={}", longestStop.toMillis());
            halt.accept(ExitCode.LOOP_DIED);
        };
        Loop.daemon("workerfarm-halt", job).start();
    }
}
