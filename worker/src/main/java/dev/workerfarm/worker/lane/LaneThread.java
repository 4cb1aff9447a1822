package dev.workerfarm.worker.lane;

import dev.workerfarm.error.BrokerUnreachableException;
import dev.workerfarm.loop.Loop;
import dev.workerfarm.task.Task;
import dev.workerfarm.worker.config.Lane;
import dev.workerfarm.worker.config.LaneProfile;
import dev.workerfarm.worker.config.WorkerSettings;
import dev.workerfarm.worker.link.Child;
import dev.workerfarm.worker.link.DeathReport;
import dev.workerfarm.worker.link.ParentLink;
import dev.workerfarm.worker.link.RunningFile;
import dev.workerfarm.worker.process.ExitCode;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A lane on threads of this JVM, which is the user's: nothing here ends the process. A task that does not end at its hard
 * limit keeps its thread, a daemon, and the lane is replaced; any other fault is the parent's too. Threads may share it.
 */
public final class LaneThread implements Child, LaneEnd {
    private static final Logger LOG = LoggerFactory.getLogger(LaneThread.class);

    private final LaneProfile profile;
    private final Supplier<List<Task<?, ?>>> own;
    private final ParentLink link;
    private final LaneStop stop;
    private final AtomicReference<@Nullable Throwable> fault = new AtomicReference<>();
    private final CompletableFuture<Integer> ended = new CompletableFuture<>();

    /** Starts the lane, with the program's {@code own} tasks too, and does not wait. {@code control} takes lines. */
    public LaneThread(
            Lane lane, String name, WorkerSettings config, Supplier<List<Task<?, ?>>> own, Consumer<String> control) {
        this.profile = LaneProfile.of(lane, name, config);
        this.own = own;
        this.link = new ParentLink(control);
        this.stop = new LaneStop(link, config.drain());
        Loop.daemon("workerfarm-lane-" + name, () -> ended.complete(run())).start();
    }

    private int run() {
        try {
            var running =
                    RunningFile.open(null, profile.processName(), profile.lane().concurrency()); // nobody reads it
            var worker = new LaneWorker(profile, link, running, this, own.get());
            int code;
            try (worker) {
                code = stop.await(worker);
            }
            for (var run : worker.leftBehind()) {
                LOG.warn("a task does not end, its thread is abandoned taskId={} task={}", run.id(), run.task());
            }
            return code;
        } catch (BrokerUnreachableException e) {
            link.unreachable(String.valueOf(e.getMessage()));
            return ExitCode.BROKER_UNREACHABLE;
        } catch (Throwable e) { // such as two tasks of one name, or no memory
            fault.compareAndSet(null, e);
            return ExitCode.LOOP_DIED;
        }
    }

    /** The parent ends with the lane: in the same process another lane may meet the same fault. */
    @Override
    public void accept(Throwable reason) {
        if (fault.compareAndSet(null, reason)) {
            stop.end(ExitCode.LOOP_DIED);
        }
    }

    @Override
    public void with(int exitCode) {
        stop.end(exitCode);
    }

    @Override
    public long pid() {
        return 0;
    }

    @Override
    public int waitFor() throws InterruptedException {
        try {
            return ended.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }

    /** Nobody is charged: what ends this process ends its parent. */
    @Override
    public @Nullable DeathReport report(int exit) {
        return null;
    }

    @Override
    public @Nullable Throwable fault() {
        return fault.get();
    }

    /** Unknown. It is not asked for, as this child answers at once. */
    @Override
    public Duration cpuTime() {
        return Duration.ZERO;
    }

    @Override
    public void say(String line) {
        link.hear(line);
    }

    @Override
    public void terminate() {
        stop.request();
    }

    @Override
    public void killAfter(Duration time) {
        ended.completeOnTimeout(ExitCode.HARD_LIMIT, time.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Its threads are abandoned. */
    @Override
    public void kill() {
        ended.complete(ExitCode.STOPPED);
    }
}
