package dev.workerfarm.lab.chaos;

import dev.workerfarm.error.FarmException;
import dev.workerfarm.pool.AsyncResult;
import dev.workerfarm.pool.Pool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;

/**
 * The work of a storm: tasks numbered from 0 on, given out in waves, half of each with chunk size 1 and half with the size
 * that the pool chooses; and what came back, each list compared with the one that it must be. One thread runs it, others
 * may end it, ask how far it is, and hold a task.
 */
final class Storm {
    private static final int WAVE = 4_000;
    private static final int WAVES_UNDER_WAY = 2; // so that there is always work while the end of a wave comes in
    private static final Duration PATIENCE = Duration.ofMinutes(5); // for a wave after the one before; or it is lost
    private static final int MOST_DIFFERENCES = 5;

    private final Pool pool;
    private final String heldQueue;
    private final long leastTasks;
    private final Path folder;
    private final Path runs;
    private final AtomicLong numbers = new AtomicLong();
    private final AtomicLong answered = new AtomicLong();
    private final List<String> differences = new CopyOnWriteArrayList<>();
    private volatile boolean over;

    /** Held tasks go to {@code heldQueue}, past the many in the usual one; the storm's files to {@code folder}. */
    Storm(Pool pool, String heldQueue, long leastTasks, Path folder) {
        this.pool = pool;
        this.heldQueue = heldQueue;
        this.leastTasks = leastTasks;
        this.folder = folder;
        this.runs = folder.resolve("runs");
    }

    /** Gives out waves until the storm is over and the least number of tasks is reached, and takes all their results. */
    void run() {
        Deque<List<Half>> underWay = new ArrayDeque<>();
        while (true) {
            while (underWay.size() < WAVES_UNDER_WAY && (!over || numbers.get() < leastTasks)) {
                var first = numbers.getAndAdd(WAVE);
                var middle = first + WAVE / 2;
                underWay.add(List.of(half(first, middle, 1), half(middle, first + WAVE, 0)));
            }
            if (underWay.isEmpty()) {
                return;
            }
            underWay.remove().forEach(this::compare);
        }
    }

    void end() {
        over = true;
    }

    Held hold() {
        return new Held(numbers.getAndIncrement());
    }

    long tasks() {
        return numbers.get();
    }

    long answered() {
        return answered.get();
    }

    boolean hasAnsweredEnough() {
        return answered.get() >= leastTasks;
    }

    /** How often tasks began: more than there are tasks, where one was killed before its commit and ran again. */
    long runs() throws IOException {
        return Files.size(runs);
    }

    List<String> differences() {
        return List.copyOf(differences);
    }

    private Half half(long first, long end, int chunkSize) {
        var file = runs.toString();
        var arguments = LongStream.range(first, end)
                .mapToObj(n -> new StormTask.Arguments(n, file))
                .toList();
        var before = new AtomicLong();
        var result = pool.task(StormTask.TYPE)
                .chunkSize(chunkSize)
                .progress((done, total) -> answered.addAndGet(done - before.getAndSet(done)))
                .mapAsync(arguments);
        return new Half(first, end, result);
    }

    private void compare(Half half) {
        try {
            var list = half.result().get(PATIENCE);
            var wrong = 0;
            if (list.size() != half.end() - half.first()) {
                differences.add(half + ": " + list.size() + " results");
            }
            for (int i = 0; i < list.size() && wrong < MOST_DIFFERENCES; i++) {
                if (list.get(i) != half.first() + i) {
                    wrong++;
                    differences.add(half + ": result " + i + " is " + list.get(i) + ", not " + (half.first() + i));
                }
            }
        } catch (FarmException e) {
            differences.add(half + ": no list: " + e);
        }
    }

    private record Half(long first, long end, AsyncResult<List<Long>> result) {
        @Override
        public String toString() {
            return "tasks " + first + " to " + (end - 1);
        }
    }

    /** A task that ends when it is released. Used by one thread. */
    final class Held {
        private final long number;
        private final Path begun;
        private final Path gate;
        private final AsyncResult<Long> result;

        private Held(long number) {
            this.number = number;
            this.begun = folder.resolve("begun-" + number);
            this.gate = folder.resolve("gate-" + number);
            var input = new StormTask.Held.Input(number, value(), begun.toString(), gate.toString());
            this.result = pool.task(StormTask.Held.TYPE).queue(heldQueue).callAsync(input);
        }

        /** The shared value of its own, which its commit makes 1. */
        String value() {
            return "held-" + number;
        }

        List<Long> begun() throws IOException {
            return Files.exists(begun)
                    ? Files.readAllLines(begun).stream().map(Long::valueOf).toList()
                    : List.of();
        }

        void release() throws IOException {
            Files.createFile(gate);
        }

        /** Waits for its result. Nobody has run it a second time, as its outcome was committed. */
        void compare() throws IOException {
            try {
                var answer = result.get(PATIENCE);
                answered.incrementAndGet();
                if (answer != number) {
                    differences.add("held task " + number + ": its result is " + answer);
                }
            } catch (FarmException e) {
                differences.add("held task " + number + ": no result: " + e);
            }
            if (begun().size() != 1) {
                differences.add("held task " + number + ": ran in the processes " + begun() + ", after its commit too");
            }
        }
    }
}
