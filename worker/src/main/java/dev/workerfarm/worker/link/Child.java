package dev.workerfarm.worker.link;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A parent's child, which runs one lane: in a process of its own, or on threads of the parent's. Threads may share it. */
public interface Child {
    /** The process id; 0: it has no process of its own. */
    long pid();

    /** Waits for its end; returns its exit code. */
    int waitFor() throws InterruptedException;

    /** How it died and what it ran then; null if it stopped on purpose or ran nothing. Called once, after its end. */
    @Nullable
    DeathReport report(int exit);

    /** The fault that ended it and is its parent's too, as they share a process; null: it can be replaced. After its end. */
    default @Nullable Throwable fault() {
        return null;
    }

    /** The CPU time that it has used; zero where that cannot be known. */
    Duration cpuTime();

    /** Says a line of {@link ParentLink}, and does not wait for the child. A child that has ended does not hear it. */
    void say(String line);

    /** Asks it to drain and stop; called again, it hurries. */
    void terminate();

    /** Kills it, unless it has ended within this time. */
    void killAfter(Duration time);

    /** Ends it at once; does nothing if it has ended. */
    void kill();

    /** Reports the death of another child. */
    default void reportDeath(String report) {
        say(ParentLink.DIED + " " + report);
    }

    /** Reports all deaths from before its start, and that these are all. */
    default void reportEarlierDeaths(List<String> reports) {
        reports.forEach(this::reportDeath);
        say(ParentLink.DIED);
    }

    /** Asks whether it still works; the answer is a control line. */
    default void askAlive() {
        say(ParentLink.ALIVE);
    }

    /** Asks for the metrics' values; the answer is a control line. */
    default void askMetrics() {
        say(ParentLink.METRICS);
    }
}
