package dev.workerfarm.worker;

import dev.workerfarm.config.Durations;
import dev.workerfarm.error.BrokerUnreachableException;
import dev.workerfarm.worker.metrics.MetricsServer;
import dev.workerfarm.worker.metrics.SampleBoard;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a worker's child processes: starts them, replaces a dead one at once (with a growing pause where it died young),
 * and stops them all. Runs no task itself. Threads may share it; whoever starts it closes it.
 */
public final class WorkerParent implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerParent.class);
    private static final Duration YOUNG = Duration.ofSeconds(5);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);
    /** How much longer than its drain time a child may take before it is killed. */
    private static final Duration GRACE = Duration.ofSeconds(5);
    /** So long may a child take to end that says that it does so at once. */
    private static final Duration LAST_SECOND = Duration.ofSeconds(1);

    private final WorkerConfig config;
    private final Map<String, String> environment;
    private final @Nullable Path healthFile;
    private final List<Keeper> keepers = new ArrayList<>();
    private final Set<String> ready = new HashSet<>(); // guarded by this
    private final ParentMetrics metrics = new ParentMetrics();
    private final DeathReports deaths = new DeathReports();
    private @Nullable MetricsServer server; // set before anybody else has this
    private boolean stopping; // guarded by this
    private boolean everReady; // guarded by this
    /** Why no child could use the broker, where that ended the start. */
    private @Nullable String unreachable; // guarded by this

    private WorkerParent(WorkerConfig config, Map<String, String> environment, @Nullable Path healthFile) {
        this.config = config;
        this.environment = Map.copyOf(environment);
        this.healthFile = healthFile;
    }

    /**
     * Starts the processes that the configuration asks for. They read their own configuration from this process's
     * environment and {@code environment}, which must say the same.
     *
     * @param environment variables for the children beside this process's own
     * @param healthFile a file that exists while every child consumes, or null for none
     * @throws IllegalArgumentException if the metrics' port is taken
     */
    public static WorkerParent start(WorkerConfig config, Map<String, String> environment, @Nullable Path healthFile) {
        var parent = new WorkerParent(config, environment, healthFile);
        for (int i = 1; i <= config.processes(); i++) {
            parent.keepers.add(parent.new Keeper(Lane.CPU, "cpu-" + i));
        }
        for (int i = 1; i <= config.downloaders(); i++) {
            parent.keepers.add(parent.new Keeper(Lane.IO, "io-" + i));
        }
        if (config.metrics() != null) {
            parent.server = MetricsServer.start(config.metrics(), parent.new Pages());
        }
        parent.keepers.forEach(Thread::start);
        return parent;
    }

    /**
     * Waits until every child consumes; false if the timeout came first.
     *
     * @throws BrokerUnreachableException if the broker could not be used at the start: the children have ended, none comes
     *     after them. Once one child has consumed, that is a matter of trying again
     */
    public synchronized boolean awaitReady(Duration timeout) throws InterruptedException {
        var deadline = System.nanoTime() + Durations.nanos(timeout);
        while (ready.size() < keepers.size()) {
            if (unreachable != null) {
                throw new BrokerUnreachableException(unreachable);
            }
            var left = deadline - System.nanoTime();
            if (left <= 0) {
                return false;
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
        return true;
    }

    /** The children's process ids, for those who watch or kill them. */
    public List<Long> pids() {
        return keepers.stream().map(Keeper::pid).filter(pid -> pid > 0).toList();
    }

    /** As {@link #pids}, of those that consume now. */
    public List<Long> consumingPids() {
        return keepers.stream().filter(this::isReady).map(Keeper::pid).toList();
    }

    /** Asks every child to drain and stop. Called again, it hurries them. */
    public void stop() {
        synchronized (this) {
            stopping = true;
            notifyAll();
        }
        keepers.forEach(Keeper::terminate);
    }

    /** Waits until every child has ended; kills what outlives its drain time. After {@link #stop}. */
    public void awaitStopped() throws InterruptedException {
        var deadline = System.nanoTime() + Durations.nanos(config.drain().plus(GRACE));
        for (var keeper : keepers) {
            var left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            keeper.join(Math.max(1, left));
            if (keeper.isAlive()) {
                LOG.warn("killing what outlived its drain time process={}", keeper.name);
                keeper.kill();
                keeper.join();
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
            keepers.forEach(Keeper::kill);
            Thread.currentThread().interrupt();
        } finally {
            if (server != null) {
                server.close();
            }
        }
    }

    private synchronized boolean isReady(Keeper keeper) {
        return ready.contains(keeper.name);
    }

    private synchronized boolean isEnding() {
        return stopping || unreachable != null;
    }

    /** False if the line is none of ours. */
    private boolean heard(String name, SampleBoard.Page page, String line) {
        if (line.equals(ParentLink.READY)) {
            ready(name, true);
        } else if (line.equals(ParentLink.NOT_READY)) {
            ready(name, false);
        } else if (line.startsWith(ParentLink.UNREACHABLE)) {
            unreachable(name, line.substring(ParentLink.UNREACHABLE.length()));
        } else if (line.startsWith(ParentLink.METRICS + " ")) {
            page.answered(line.substring(ParentLink.METRICS.length() + 1));
        } else if (line.startsWith(ParentLink.RECORDED)) {
            deaths.recorded(line.substring(ParentLink.RECORDED.length()));
        } else {
            return false;
        }
        return true;
    }

    /** The sooner it is noted the better: a child that lives does so before the replacement can. */
    private void reportDeath(DeathReport report) {
        deaths.add(report);
        for (var keeper : keepers) {
            if (isReady(keeper)) {
                keeper.tell(List.of(report.toLine()));
                return;
            }
        }
    }

    private synchronized void ready(String name, boolean isReady) {
        if (isReady) {
            ready.add(name);
            everReady = true;
        } else {
            ready.remove(name);
        }
        notifyAll();
        writeHealth();
    }

    private synchronized void unreachable(String name, String reason) {
        if (everReady) {
            LOG.warn("no broker for a new process process={} reason={}", name, reason);
        } else if (unreachable == null) {
            unreachable = reason;
            notifyAll();
        }
    }

    private void writeHealth() {
        if (healthFile == null) {
            return;
        }
        try {
            if (ready.size() == keepers.size() && !stopping) {
                Files.write(healthFile, new byte[0]);
            } else {
                Files.deleteIfExists(healthFile);
            }
        } catch (IOException e) {
            LOG.warn("cannot keep the health file path={} reason={}", healthFile, e.toString());
        }
    }

    /** Waits before a replacement; false if the worker is stopping. */
    private synchronized boolean pause(Duration pause) throws InterruptedException {
        var deadline = System.nanoTime() + pause.toNanos();
        for (var left = pause.toNanos(); left > 0 && !isEnding(); left = deadline - System.nanoTime()) {
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
        return !isEnding();
    }

    /** What the world is told of this worker. */
    private final class Pages implements MetricsServer.Pages {
        @Override
        public String metrics() throws InterruptedException {
            List<ParentMetrics.State> states = keepers.stream()
                    .map(keeper -> new ParentMetrics.State(keeper.lane, isReady(keeper)))
                    .toList();
            return metrics.text(states);
        }

        @Override
        public String trouble() {
            if (isEnding()) {
                return "stopping";
            }
            var missing = keepers.stream()
                    .filter(keeper -> !isReady(keeper))
                    .map(keeper -> keeper.name)
                    .collect(Collectors.joining(" "));
            return missing.isEmpty() ? "" : "not consuming: " + missing;
        }
    }

    /** Keeps one child alive. */
    private final class Keeper extends Thread {
        private final Lane lane;
        private final String name;
        private volatile @Nullable ChildProcess child;

        Keeper(Lane lane, String name) {
            super("workerfarm-keeper-" + name);
            this.lane = lane;
            this.name = name;
            setDaemon(true);
        }

        long pid() {
            var current = child;
            return current == null ? 0 : current.pid();
        }

        void tell(List<String> reports) {
            var current = child;
            if (current != null) {
                current.tell(reports);
            }
        }

        void terminate() {
            var current = child;
            if (current != null) {
                current.terminate();
            }
        }

        void kill() {
            var current = child;
            if (current != null) {
                current.kill();
            }
        }

        private void killSoon() {
            var current = child;
            if (current != null) {
                current.killAfter(LAST_SECOND);
            }
        }

        @Override
        public void run() {
            try {
                var pause = Duration.ZERO;
                while (pause(pause)) {
                    var start = System.nanoTime();
                    var page = metrics.board().open();
                    var starting = new AtomicBoolean(true);
                    var started = ChildProcess.start(lane, name, config.javaOptions(), environment, line -> {
                        if (line.equals(ParentLink.ENDING)) {
                            killSoon();
                            return true;
                        }
                        var isOurs = heard(name, page, line);
                        if (line.equals(ParentLink.READY) && starting.getAndSet(false)) {
                            LOG.debug(
                                    "process ready process={} pid={} startMs={}",
                                    name,
                                    pid(),
                                    TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
                        }
                        return isOurs;
                    });
                    child = started;
                    page.started(() -> started.ask(ParentLink.METRICS));
                    if (isEnding()) {
                        started.terminate(); // a stop that came in between has missed it
                    }
                    started.tellFirst(deaths.lines());
                    var exit = started.waitFor();
                    page.ended();
                    ready(name, false);
                    var report = started.report(exit);
                    if (isEnding()) {
                        return;
                    }
                    if (exit == ExitCode.RECYCLED) {
                        LOG.info("process recycled, replacing it process={}", name);
                        pause = Duration.ZERO;
                        continue;
                    }
                    metrics.restarted(lane);
                    if (report != null) {
                        reportDeath(report);
                    }
                    pause = nextPause(pause, System.nanoTime() - start, starting.get(), report);
                    LOG.warn(
                            "process died, replacing it process={} {} inMs={} running={}",
                            name,
                            DeathReport.ending(exit),
                            pause.toMillis(),
                            report == null ? "" : describe(report));
                }
            } catch (InterruptedException e) {
                kill();
            }
        }

        /** Longer and longer where it does not come to consume; one that dies of a task does so three times at the most. */
        private Duration nextPause(Duration last, long livedNanos, boolean neverReady, @Nullable DeathReport report) {
            if (report != null || livedNanos >= YOUNG.toNanos()) {
                return Duration.ZERO;
            }
            return neverReady ? longer(last) : FIRST_PAUSE;
        }

        private Duration longer(Duration pause) {
            var doubled = pause.isZero() ? FIRST_PAUSE : pause.multipliedBy(2);
            return doubled.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : doubled;
        }

        private String describe(DeathReport report) {
            var text = new StringBuilder();
            for (var each : report.running()) {
                text.append(text.isEmpty() ? "" : " ").append(each.task());
                text.append('[').append(each.run().id()).append(']');
            }
            return text.toString();
        }
    }
}
