package dev.workerfarm.worker.metrics;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** Time series and their values at one moment, as children send them to their parent, which adds them up. One thread. */
public final class Samples {
    private static final char SEPARATOR = '\t';
    private static final long EXACT = 1L << 53;

    private final Map<String, Double> values = new LinkedHashMap<>();

    /** Adds to a series, as {@link Metric#series} names it. */
    public void add(String series, double value) {
        values.merge(series, value, Double::sum);
    }

    /** Adds to a series; exact below 2^53. */
    public void add(String series, long value) {
        add(series, (double) value);
    }

    public void add(Samples others) {
        others.values.forEach(this::add);
    }

    /** Adds the counters and histograms of others to these, and leaves out gauges. */
    void addCounters(Samples others) {
        others.values.forEach((series, value) -> {
            var metric = Metric.of(series);
            if (metric != null && !metric.isGauge()) {
                add(series, value);
            }
        });
    }

    /** The line of {@link #parse}. */
    public String line() {
        return values.entrySet().stream().map(Samples::text).collect(Collectors.joining(String.valueOf(SEPARATOR)));
    }

    /** Reads a {@link #line}; metrics that are none of ours are left out. */
    public static Samples parse(String line) {
        var samples = new Samples();
        for (var part : line.isEmpty() ? new String[0] : line.split(String.valueOf(SEPARATOR), -1)) {
            var blank = part.lastIndexOf(' ');
            if (blank < 0) {
                throw new IllegalArgumentException("a sample without a value");
            }
            if (Metric.of(part.substring(0, blank)) != null) {
                samples.add(part.substring(0, blank), Double.parseDouble(part.substring(blank + 1)));
            }
        }
        return samples;
    }

    /** Prometheus's text format, version 0.0.4: each metric's series below its help and type. */
    public String exposition() {
        Map<Metric, StringBuilder> blocks = new EnumMap<>(Metric.class);
        for (var sample : values.entrySet()) {
            var metric = Metric.of(sample.getKey());
            if (metric != null) {
                blocks.computeIfAbsent(metric, first -> new StringBuilder(first.head()))
                        .append(text(sample))
                        .append('\n');
            }
        }
        return String.join("", blocks.values());
    }

    private static String text(Map.Entry<String, Double> sample) {
        double value = sample.getValue();
        var whole = value == Math.rint(value) && Math.abs(value) < EXACT;
        return sample.getKey() + " " + (whole ? Long.toString((long) value) : Double.toString(value));
    }
}
