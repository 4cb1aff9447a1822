package dev.workerfarm.worker.parent;

import dev.workerfarm.config.Version;
import dev.workerfarm.worker.config.Lane;
import dev.workerfarm.worker.metrics.Metric;
import dev.workerfarm.worker.metrics.SampleBoard;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** A worker's metrics: what its processes say together, and what only their parent knows. Threads may share it. */
final class ParentMetrics {
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(1);

    /** One process's lane, and whether it consumes. */
    record State(Lane lane, boolean ready) {}

    private final SampleBoard board = new SampleBoard();
    private final Map<Lane, LongAdder> restarts = new ConcurrentHashMap<>();

    /** Where the processes' numbers go. */
    SampleBoard board() {
        return board;
    }

    /** A process died and is to be replaced. */
    void restarted(Lane lane) {
        restarts(lane).increment();
    }

    /** The text for Prometheus; takes up to a second where a process does not answer. */
    String text(List<State> processes) throws InterruptedException {
        var sum = board.ask(ANSWER_TIMEOUT);
        var samples = sum.samples();
        for (var process : processes) {
            var lane = process.lane();
            samples.add(state(lane, "ready"), process.ready() ? 1 : 0);
            samples.add(state(lane, "not_ready"), process.ready() ? 0 : 1);
        }
        processes.stream()
                .map(State::lane)
                .distinct()
                .forEach(lane -> samples.add(
                        Metric.RESTARTS.series("lane", lane.word()),
                        restarts(lane).sum()));
        samples.add(Metric.UNRESPONSIVE.series(), sum.unresponsive());
        samples.add(Metric.BUILD.series("version", Version.FARM), 1);
        return samples.exposition();
    }

    private LongAdder restarts(Lane lane) {
        return restarts.computeIfAbsent(lane, first -> new LongAdder());
    }

    private static String state(Lane lane, String word) {
        return Metric.PROCESSES.series("lane", lane.word(), "state", word);
    }
}
