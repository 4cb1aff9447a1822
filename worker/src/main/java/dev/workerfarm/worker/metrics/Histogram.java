package dev.workerfarm.worker.metrics;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/** How often something took how long, in buckets from 0.1 ms to five minutes. Threads may share it, without waiting for each other. */
public final class Histogram {
    /** Upper bounds, each within its bucket, in seconds as the label {@code le} has them. */
    private static final String[] BOUNDS = {
        "0.0001", "0.001", "0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "10", "30", "60",
        "300"
    };

    private static final long[] BOUND_NANOS = Arrays.stream(BOUNDS)
            .mapToLong(bound -> Math.round(Double.parseDouble(bound) * TimeUnit.SECONDS.toNanos(1)))
            .toArray();

    private final LongAdder[] buckets = new LongAdder[BOUNDS.length + 1]; // the last one has no bound
    private final LongAdder sumNanos = new LongAdder();

    public Histogram() {
        Arrays.setAll(buckets, bucket -> new LongAdder());
    }

    public void observe(long nanos) {
        observe(nanos, 1);
    }

    /** So many took so long together, each about as long as the others. */
    public void observe(long nanos, int times) {
        var bucket = 0;
        while (bucket < BOUND_NANOS.length && nanos / times > BOUND_NANOS[bucket]) {
            bucket++;
        }
        buckets[bucket].add(times);
        sumNanos.add(nanos);
    }

    /** Adds its series to the samples; none while nothing was observed. */
    public void sample(Metric metric, String task, Samples samples) {
        var counts = Arrays.stream(buckets).mapToLong(LongAdder::sum).toArray();
        var total = Arrays.stream(counts).sum();
        if (total == 0) {
            return;
        }
        var sofar = 0L;
        for (int i = 0; i < BOUNDS.length; i++) {
            sofar += counts[i];
            samples.add(metric.part("_bucket", "task", task, "le", BOUNDS[i]), sofar);
        }
        samples.add(metric.part("_bucket", "task", task, "le", "+Inf"), total);
        samples.add(metric.part("_sum", "task", task), sumNanos.sum() / 1e9);
        samples.add(metric.part("_count", "task", task), total);
    }
}
