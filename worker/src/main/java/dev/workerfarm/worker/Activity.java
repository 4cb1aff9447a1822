package dev.workerfarm.worker;

import dev.workerfarm.message.Outcome;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** What a worker process runs at this moment and how many tasks have ended in it. Threads may share it. */
final class Activity {
    /** One run under way; told apart by identity, as twins of one id may run. */
    @SuppressWarnings("ClassCanBeRecord") // a record's equality would make twins one
    static final class Run {
        private final String id;
        private final String task;
        private final long startNanos;

        private Run(String id, String task, long startNanos) {
            this.id = id;
            this.task = task;
            this.startNanos = startNanos;
        }

        /** The task's id, or {@code <map id>:<index>}. */
        String id() {
            return id;
        }

        /** The task's name. */
        String task() {
            return task;
        }

        /** When it began, by System.nanoTime. */
        long startNanos() {
            return startNanos;
        }
    }

    private final Set<Run> running = ConcurrentHashMap.newKeySet();
    private final LongAdder succeeded = new LongAdder();
    private final LongAdder failed = new LongAdder();

    /** A task's code is about to run. */
    Run begin(String id, String task) {
        var run = new Run(id, task, System.nanoTime());
        running.add(run);
        return run;
    }

    /** It has ended so. */
    void end(Run run, Outcome outcome) {
        running.remove(run);
        (outcome instanceof Outcome.Succeeded ? succeeded : failed).increment();
    }

    /** What runs now, the longest first. */
    List<Run> running() {
        return running.stream()
                .sorted(Comparator.comparingLong(Run::startNanos))
                .toList();
    }

    /** How many runs ended well since the process began. */
    long succeeded() {
        return succeeded.sum();
    }

    /** How many runs failed since the process began. */
    long failed() {
        return failed.sum();
    }
}
