package dev.workerfarm.worker.parent;

import dev.workerfarm.loop.Backoff;
import dev.workerfarm.loop.Loop;
import dev.workerfarm.worker.config.Lane;
import dev.workerfarm.worker.link.Child;
import dev.workerfarm.worker.link.DeathReport;
import dev.workerfarm.worker.link.ParentLink;
import dev.workerfarm.worker.metrics.SampleBoard;
import dev.workerfarm.worker.process.ExitCode;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one child process alive: starts it, watches it, replaces it when it has died, after a growing pause where it
 * died young. Ends with its child when the parent is stopping. A start that fails, and an exception in between, is tried
 * again with backoff; an Error ends the whole parent. Threads may share it.
 */
public final class Keeper {
    private static final Logger LOG = LoggerFactory.getLogger(Keeper.class);
    private static final Duration YOUNG = Duration.ofSeconds(5);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

    /** Starts a child. */
    @FunctionalInterface
    public interface Starter {
        /** Starts it; {@code control} receives the child's lines of {@link ParentLink}. */
        Child start(Lane lane, String name, Consumer<String> control) throws IOException;
    }

    /** From the start of a child to its end. */
    private static final class Life {
        private final SampleBoard.Page page;
        private final Pulse pulse = new Pulse();
        private final long startNanos = System.nanoTime();
        private volatile boolean wasReady;
        private volatile boolean isRecycled;

        Life(SampleBoard.Page page) {
            this.page = page;
        }

        long nanos() {
            return System.nanoTime() - startNanos;
        }
    }

    /** A started child and its life. */
    private record Started(Child child, Life life) {}

    final Lane lane;
    final String name;
    final Loop loop;
    private final WorkerParent parent;
    private final Starter starter;
    private final Backoff backoff = new Backoff(FIRST_PAUSE, LONGEST_PAUSE); // belongs to the loop
    private Duration pause = Duration.ZERO; // belongs to the loop
    private volatile @Nullable Started started;
    /** How the last child ended, or why none could be started. */
    private volatile String lastEnd = "none was started";

    private volatile boolean waitsForBroker;
    private boolean cannotStart; // belongs to the loop

    Keeper(Lane lane, String name, WorkerParent parent, Starter starter) {
        this.lane = lane;
        this.name = name;
        this.parent = parent;
        this.starter = starter;
        this.loop = Loop.goingOn("workerfarm-keeper-" + name, this::pass);
    }

    /** The child's process id; 0 if there is no child now. */
    long pid() {
        var current = started;
        return current == null ? 0 : current.child().pid();
    }

    /** Does something with the child, if there is one. */
    void onChild(Consumer<Child> action) {
        var current = started;
        if (current != null) {
            action.accept(current.child());
        }
    }

    /** Whether there is a child that is no longer young, or the last one could not reach the broker. */
    boolean isAtWork() {
        var current = started;
        return current == null
                ? waitsForBroker
                : waitsForBroker || current.life().nanos() >= YOUNG.toNanos();
    }

    String lastEnd() {
        return lastEnd;
    }

    /** Whether there is a child that does not answer. */
    boolean isSilent() {
        var current = started;
        return current != null && current.life().pulse.isLate();
    }

    /** Once per beat of the parent: looks whether the child still answers, and kills it once it is frozen. */
    void beat() {
        var current = started;
        if (current == null) {
            return;
        }
        var missed = current.life().pulse.beat(current.child());
        if (missed == Pulse.LATE) {
            LOG.warn(
                    "a process does not answer, so it is killed soon process={} pid={} beats={} killedAfterBeats={}",
                    name,
                    pid(),
                    missed,
                    Pulse.FROZEN);
        } else if (missed >= Pulse.FROZEN) {
            LOG.warn("killing a frozen process process={} pid={} beats={}", name, pid(), missed);
            current.child().kill();
        }
    }

    /** SIGTERM for the child. Without a child the keeper looks at once whether the parent is stopping. */
    void terminate() {
        if (started == null) {
            loop.interrupt();
        }
        onChild(Child::terminate);
    }

    /** Each step is a pass of its own, so that a stray interrupt or a fault in one neither loses nor doubles a child. */
    private void pass() throws InterruptedException {
        try {
            var current = started;
            if (current != null) {
                var exit = current.child().waitFor();
                started = null;
                ended(current, exit);
            } else if (parent.pause(pause)) {
                startChild();
            } else {
                loop.stopAfterThisPass();
            }
        } catch (IOException e) { // such as no memory or no process id for it: the machine may have some later
            startFailed(e);
        } catch (Error e) { // of the JVM's memory or of the class path: another try would not repair it
            if (!parent.failed("loop workerfarm-keeper-" + name, e)) {
                throw e; // it is ending already: what is left is tried again
            }
        }
    }

    private void startFailed(IOException e) {
        pause = backoff.next();
        lastEnd = "cannot start it: " + e.getMessage();
        waitsForBroker = false;
        if (!cannotStart) {
            LOG.warn("cannot start a process, it is tried again process={} reason={}", name, e.toString());
        }
        cannotStart = true;
    }

    private void startChild() throws IOException {
        pause = Duration.ZERO;
        var life = new Life(parent.board.open());
        var child = starter.start(lane, name, line -> hear(line, life));
        if (cannotStart) {
            LOG.info("a process can be started again process={}", name);
            cannotStart = false;
        }
        started = new Started(child, life);
        life.page.started(child::askMetrics);
        if (parent.isEnding()) {
            child.terminate(); // a stop since the pause did not find this child
        }
        child.reportEarlierDeaths(parent.deaths.lines());
    }

    private void hear(String line, Life life) {
        if (line.equals(ParentLink.READY)) {
            parent.ready(name, true);
            if (!life.wasReady) {
                life.wasReady = true;
                var millis = TimeUnit.NANOSECONDS.toMillis(life.nanos());
                LOG.debug("process ready process={} pid={} startMs={}", name, pid(), millis);
            }
        } else if (line.equals(ParentLink.NOT_READY)) {
            parent.ready(name, false);
        } else if (line.startsWith(ParentLink.ALIVE)) {
            if (life.pulse.answered()) {
                LOG.info("the process answers again process={} pid={}", name, pid());
            }
        } else if (line.startsWith(ParentLink.ENDING)) {
            var time = Duration.ofMillis(Long.parseLong(line.substring(ParentLink.ENDING.length())));
            onChild(child -> child.killAfter(time));
        } else if (line.equals(ParentLink.RECYCLED)) {
            life.isRecycled = true;
        } else if (line.startsWith(ParentLink.UNREACHABLE)) {
            parent.unreachable(name, line.substring(ParentLink.UNREACHABLE.length()));
        } else if (line.startsWith(ParentLink.METRICS + " ")) {
            life.page.answered(line.substring(ParentLink.METRICS.length() + 1));
        } else if (line.startsWith(ParentLink.RECORDED)) {
            parent.deaths.recorded(line.substring(ParentLink.RECORDED.length()));
        } else {
            LOG.warn("a process wrote an unknown line to its parent process={} chars={}", name, line.length());
        }
    }

    private void ended(Started dead, int exit) {
        dead.life().page.ended();
        parent.ready(name, false);
        lastEnd = DeathReport.ending(exit);
        waitsForBroker = exit == ExitCode.BROKER_UNREACHABLE;
        var report = dead.child().report(exit);
        var fault = dead.child().fault();
        if (fault != null) {
            parent.failed("lane " + name, fault);
        }
        if (parent.isEnding()) {
            loop.stopAfterThisPass();
            return;
        }
        if (dead.life().isRecycled && report == null) { // however it ended at last
            LOG.info("process recycled, replacing it process={}", name);
            backoff.reset();
            return;
        }
        parent.restarts(lane).increment();
        if (report != null) {
            parent.reportDeath(report);
        }
        pause = pauseAfter(dead.life(), report);
        if (exit == ExitCode.STOPPED && !dead.life().wasReady) {
            LOG.warn("the process ended before it took tasks: its program has to come to run(...) process={}", name);
        }
        var end = DeathReport.ending(exit);
        var ran = report == null ? "" : describe(report);
        LOG.warn("process died, replacing it process={} {} inMs={} running={}", name, end, pause.toMillis(), ran);
    }

    /** A process that dies before it consumes waits longer and longer; one that dies of a task does so three times at most. */
    private Duration pauseAfter(Life life, @Nullable DeathReport report) {
        if (report == null && !life.wasReady && life.nanos() < YOUNG.toNanos()) {
            return backoff.next();
        }
        backoff.reset();
        return report == null && life.nanos() < YOUNG.toNanos() ? FIRST_PAUSE : Duration.ZERO;
    }

    private static String describe(DeathReport report) {
        return report.running().stream()
                .map(each -> each.task() + "[" + each.run().id() + "]")
                .collect(Collectors.joining(" "));
    }
}
