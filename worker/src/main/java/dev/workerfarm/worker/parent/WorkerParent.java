package dev.workerfarm.worker.parent;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.workerfarm.config.Durations;
import dev.workerfarm.config.Version;
import dev.workerfarm.error.BrokerUnreachableException;
import dev.workerfarm.worker.config.Lane;
import dev.workerfarm.worker.config.WorkerSettings;
import dev.workerfarm.worker.link.Child;
import dev.workerfarm.worker.link.DeathReport;
import dev.workerfarm.worker.metrics.Metric;
import dev.workerfarm.worker.metrics.MetricsServer;
import dev.workerfarm.worker.metrics.SampleBoard;
import dev.workerfarm.worker.process.JobThread;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A worker's child processes, a {@link Keeper} for each: whether all of them consume, and their stop. Thread-safe. */
public final class WorkerParent implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerParent.class);
    /** How much longer than its drain time a child may take before it is killed. */
    private static final Duration GRACE = Duration.ofSeconds(5);

    private static final Duration BEAT = Duration.ofSeconds(1);
    /** After so many in which it could do nothing the parent ends, so that whatever has started it may start it elsewhere. */
    private static final int MOST_IDLE_BEATS = 60;

    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(1);

    private final WorkerSettings config;
    private final @Nullable Path healthFile;
    private final Consumer<? super IllegalStateException> onFailure;
    /** A child that stands at a breakpoint does not answer. */
    private final boolean isDebugged;
    /** Where the children's numbers go. */
    final SampleBoard board = new SampleBoard();
    /** The reports for a child that starts. */
    final DeathReports deaths = new DeathReports();
    /** One for each child that there is or is to be. */
    final List<Keeper> keepers = new ArrayList<>();

    private final @Nullable MetricsServer server;
    private final JobThread heart = new JobThread("workerfarm-heart");

    @GuardedBy("this")
    private final Set<String> ready = new HashSet<>();

    @GuardedBy("this")
    private boolean stopping;

    @GuardedBy("this")
    private boolean everReady;

    /** So many beats ago a child last consumed, or was at work. */
    @GuardedBy("this")
    private int idleBeats;

    /** Whether the health file is there, as far as this parent has made it so. */
    @GuardedBy("this")
    private @Nullable Boolean wasHealthy;

    @GuardedBy("this")
    private boolean isHealthFileBroken;

    /** Why no child could use the broker, where that ended the start. */
    @GuardedBy("this")
    private @Nullable String unreachable;

    private final Map<Lane, LongAdder> restarts = new ConcurrentHashMap<>();

    /** Why this parent cannot go on. */
    @GuardedBy("this")
    private @Nullable IllegalStateException failure;

    /**
     * Starts the configured processes; the health file exists while every child consumes. A fault that ends this parent
     * while nobody stops it has its children asked to stop and is told {@code onFailure}, once.
     */
    public WorkerParent(
            WorkerSettings config,
            @Nullable Path healthFile,
            Keeper.Starter starter,
            Consumer<? super IllegalStateException> onFailure) {
        this(config, healthFile, starter, onFailure, BEAT);
    }

    /** As above, with another time between two beats. */
    WorkerParent(
            WorkerSettings config,
            @Nullable Path healthFile,
            Keeper.Starter starter,
            Consumer<? super IllegalStateException> onFailure,
            Duration beat) {
        this.config = config;
        this.healthFile = healthFile;
        this.onFailure = onFailure;
        this.isDebugged = config.javaOptions().stream().anyMatch(option -> option.contains("jdwp"));
        for (var lane : config.lanes()) {
            for (int i = 1; i <= lane.processes(); i++) {
                keepers.add(new Keeper(lane, lane.name() + "-" + i, this, starter));
            }
        }
        this.server = config.metrics() == null ? null : new MetricsServer(config.metrics(), new Pages());
        try {
            keepers.forEach(keeper -> keeper.loop.start());
            heart.every(beat, "heartbeat", this::beat);
        } catch (Throwable fault) { // no thread for one of them: the others must not go on alone
            close();
            throw fault;
        }
    }

    /** Waits until every child consumes; false if the timeout came first. Throws what ended the parent or its start. */
    public synchronized boolean awaitReady(Duration timeout) throws InterruptedException {
        var deadline = System.nanoTime() + Durations.nanos(timeout);
        while (true) {
            if (failure != null) {
                throw new IllegalStateException(failure.getMessage(), failure.getCause());
            }
            if (isHealthy()) {
                return true;
            }
            if (unreachable != null) {
                throw new BrokerUnreachableException(unreachable, null);
            }
            var left = deadline - System.nanoTime();
            if (left <= 0) {
                return false;
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
    }

    /** The children's process ids. */
    public List<Long> pids() {
        return pids(keeper -> true);
    }

    /** As {@link #pids}, of the children that consume now. */
    public List<Long> consumingPids() {
        return pids(this::isReady);
    }

    private List<Long> pids(Predicate<Keeper> which) {
        return keepers.stream()
                .filter(which)
                .map(Keeper::pid)
                .filter(pid -> pid > 0)
                .toList();
    }

    /** Asks every child to drain and stop. Called again, it hurries them. */
    public void stop() {
        synchronized (this) {
            stopping = true;
            notifyAll();
        }
        keepers.forEach(Keeper::terminate);
    }

    /** Waits until every child has ended; kills a child that outlives its drain time. After {@link #stop}. */
    public void awaitStopped() throws InterruptedException {
        var deadline = System.nanoTime() + Durations.nanos(config.drain().plus(GRACE));
        for (var keeper : keepers) {
            if (!keeper.loop.join(Duration.ofNanos(Math.max(1, deadline - System.nanoTime())))) {
                LOG.warn("killing a process that outlived its drain time process={}", keeper.name);
                keeper.onChild(Child::kill);
                keeper.loop.join(GRACE);
            }
        }
    }

    /** Stops the children, as {@link #stop} and {@link #awaitStopped}. */
    @Override
    public void close() {
        stop();
        try {
            awaitStopped();
        } catch (InterruptedException e) {
            keepers.forEach(keeper -> keeper.onChild(Child::kill));
            Thread.currentThread().interrupt();
        } finally {
            heart.close();
            if (server != null) {
                server.close();
            }
        }
    }

    /** A child that consumes can store the report before the replacement can. */
    void reportDeath(DeathReport report) {
        deaths.add(report);
        keepers.stream()
                .filter(this::isReady)
                .findFirst()
                .ifPresent(keeper -> keeper.onChild(child -> child.reportDeath(report.toLine())));
    }

    private void beat() {
        if (!isDebugged) {
            keepers.forEach(Keeper::beat);
        }
        synchronized (this) { // a child may be silent now, or no longer
            notifyAll();
            writeHealth();
            idleBeats = keepers.stream().anyMatch(Keeper::isAtWork) ? 0 : idleBeats + 1;
            if (idleBeats < MOST_IDLE_BEATS) {
                return;
            }
        }
        var why = keepers.stream()
                .map(keeper -> keeper.name + " (" + keeper.lastEnd() + ")")
                .collect(Collectors.joining(", "));
        fail(new IllegalStateException("for " + MOST_IDLE_BEATS + " s no process could be kept alive: " + why));
    }

    synchronized void ready(String name, boolean isReady) {
        if (isReady) {
            ready.add(name);
            everReady = true;
            idleBeats = 0;
        } else {
            ready.remove(name);
        }
        notifyAll();
        writeHealth();
    }

    synchronized void unreachable(String name, String reason) {
        if (everReady) {
            LOG.warn("no broker for a new process process={} reason={}", name, reason);
        } else if (unreachable == null) {
            unreachable = reason;
            notifyAll();
        }
    }

    /** A fault that another try would not repair: stops the children and tells the owner. False if this is ending already. */
    boolean failed(String part, Throwable fault) {
        return fail(new IllegalStateException("the worker's " + part + " failed: " + fault, fault));
    }

    private boolean fail(IllegalStateException reason) {
        synchronized (this) {
            if (isEnding()) {
                return false;
            }
            failure = reason;
            notifyAll();
        }
        LOG.error("the worker ends and its children are stopped: {}", reason.getMessage(), reason.getCause());
        stop();
        onFailure.accept(reason);
        return true;
    }

    synchronized boolean isEnding() {
        return stopping || unreachable != null || failure != null;
    }

    /** Waits before a replacement; false if the worker is stopping. */
    synchronized boolean pause(Duration pause) throws InterruptedException {
        var deadline = System.nanoTime() + pause.toNanos();
        for (var left = pause.toNanos(); left > 0 && !isEnding(); left = deadline - System.nanoTime()) {
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
        return !isEnding();
    }

    /** How often processes of a lane died and were replaced. */
    LongAdder restarts(Lane lane) {
        return restarts.computeIfAbsent(lane, first -> new LongAdder());
    }

    private static String state(Lane lane, String word) {
        return Metric.PROCESSES.series("lane", lane.name(), "state", word);
    }

    private synchronized boolean isReady(Keeper keeper) {
        return ready.contains(keeper.name) && !keeper.isSilent();
    }

    @GuardedBy("this")
    private boolean isHealthy() {
        return keepers.stream().allMatch(this::isReady);
    }

    @GuardedBy("this")
    private void writeHealth() {
        var isHealthy = isHealthy() && !stopping;
        if (healthFile == null || Boolean.valueOf(isHealthy).equals(wasHealthy)) {
            return;
        }
        try {
            if (isHealthy) {
                Files.write(healthFile, new byte[0]);
            } else {
                Files.deleteIfExists(healthFile);
            }
            wasHealthy = isHealthy;
            isHealthFileBroken = false;
        } catch (IOException e) { // tried again with the next beat
            if (!isHealthFileBroken) {
                LOG.warn("cannot keep the health file path={} reason={}", healthFile, e.toString());
            }
            isHealthFileBroken = true;
        }
    }

    /** The pages of the metrics server. */
    private final class Pages implements MetricsServer.Pages {
        @Override
        public String metrics() throws InterruptedException {
            var sum = board.ask(ANSWER_TIMEOUT);
            var samples = sum.samples();
            for (var keeper : keepers) {
                var isReady = isReady(keeper);
                samples.add(state(keeper.lane, "ready"), isReady ? 1 : 0);
                samples.add(state(keeper.lane, "not_ready"), isReady ? 0 : 1);
            }
            for (var lane : config.lanes()) {
                var series = Metric.RESTARTS.series("lane", lane.name());
                samples.add(series, restarts(lane).sum());
            }
            samples.add(Metric.UNRESPONSIVE.series(), sum.unresponsive());
            samples.add(Metric.BUILD.series("version", Version.FARM), 1);
            return samples.exposition();
        }

        @Override
        public String trouble() {
            if (isEnding()) {
                return "stopping";
            }
            var missing = keepers.stream()
                    .filter(keeper -> !isReady(keeper))
                    .map(keeper -> keeper.name + (keeper.isSilent() ? " (does not answer)" : ""))
                    .collect(Collectors.joining(" "));
            return missing.isEmpty() ? "" : "not consuming: " + missing;
        }
    }

    /** The reports of deaths that no child has stored yet, as lines; of more than 64 the oldest are dropped. Threads may share it. */
    public static final class DeathReports {
        private static final int MOST = 64;

        @GuardedBy("this")
        private final Map<String, String> lines = new LinkedHashMap<>();

        public synchronized void add(DeathReport report) {
            lines.put(report.process(), report.toLine());
            if (lines.size() > MOST) {
                lines.remove(lines.keySet().iterator().next());
            }
        }

        /** A child has stored the report of this process's death. */
        public synchronized void recorded(String process) {
            lines.remove(process);
        }

        public synchronized List<String> lines() {
            return List.copyOf(lines.values());
        }
    }
}
