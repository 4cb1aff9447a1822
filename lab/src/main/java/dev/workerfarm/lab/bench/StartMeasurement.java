package dev.workerfarm.lab.bench;

import dev.workerfarm.local.EmbeddedServices;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Measures how quick and how large a worker is, by the launcher. Reads memory from Linux's {@code /proc}. One thread. */
public final class StartMeasurement {
    private static final Duration SETTLE = Duration.ofSeconds(1);
    private static final Pattern READY = Pattern.compile(".* process ready process=\\S+ pid=(\\d+) startMs=(\\d+)");

    /** The measured values of one figure. {@code divisor} turns them into the unit. */
    public record Figure(String name, String unit, double divisor, List<Long> values) {
        /** A line with the median, the least and the greatest value. */
        @Override
        public String toString() {
            var sorted = values.stream()
                    .mapToDouble(value -> value / divisor)
                    .sorted()
                    .toArray();
            var last = sorted.length - 1;
            var median = (sorted[last / 2] + sorted[sorted.length / 2]) / 2;
            return String.format(
                    Locale.ROOT, "%-14s %6.0f %s (%.0f to %.0f)", name, median, unit, sorted[0], sorted[last]);
        }
    }

    private final Path launcher;
    private final int runs;
    private final Figure ready = new Figure("process ready", "ms", 1, new ArrayList<>());
    private final Figure processRss = new Figure("process RSS", "MB", 1024, new ArrayList<>());
    private final Figure processPss = new Figure("process PSS", "MB", 1024, new ArrayList<>());
    private final Figure parentRss = new Figure("parent RSS", "MB", 1024, new ArrayList<>());
    private final Figure parentPss = new Figure("parent PSS", "MB", 1024, new ArrayList<>());
    private final Figure demo = new Figure("demo", "ms", 1, new ArrayList<>());

    public StartMeasurement(Path launcher, int runs) {
        this.launcher = launcher;
        this.runs = runs;
    }

    /** Measures, on the services of {@code FARM_AMQP_URL} or else on embedded ones. Once. */
    public List<Figure> run() throws IOException, InterruptedException {
        if (System.getenv("FARM_AMQP_URL") != null) {
            measureWorkers(System.getenv());
        } else {
            try (var services = EmbeddedServices.start("farm")) {
                measureWorkers(services.environment());
            }
        }
        for (int run = 0; run < runs; run++) {
            measureDemo();
        }
        return List.of(ready, processRss, processPss, parentRss, parentPss, demo);
    }

    private void measureWorkers(Map<String, String> services) throws IOException, InterruptedException {
        Map<String, String> environment = new HashMap<>(services);
        environment.put("FARM_LOG_LEVEL", "DEBUG"); // the parent then says when a process is ready
        for (int run = 0; run < runs; run++) {
            var command = farm(environment, "worker", "--processes", "1", "--downloaders", "0");
            var worker = command.redirectErrorStream(true).start();
            try (var lines = worker.inputReader(StandardCharsets.UTF_8)) {
                var pid = awaitReady(lines);
                TimeUnit.NANOSECONDS.sleep(SETTLE.toNanos());
                processRss.values().add(kilobytes(pid, "status", "VmRSS:"));
                processPss.values().add(kilobytes(pid, "smaps_rollup", "Pss:"));
                parentRss.values().add(kilobytes(worker.pid(), "status", "VmRSS:"));
                parentPss.values().add(kilobytes(worker.pid(), "smaps_rollup", "Pss:"));
            } finally {
                worker.destroy();
                worker.waitFor();
            }
        }
    }

    /** The process's id. */
    private long awaitReady(BufferedReader lines) throws IOException {
        var said = lines.lines().map(READY::matcher).filter(Matcher::matches).findFirst();
        var process = said.orElseThrow(() -> new IOException("the worker ended before it was ready"));
        ready.values().add(Long.parseLong(process.group(2)));
        return Long.parseLong(process.group(1));
    }

    private void measureDemo() throws IOException, InterruptedException {
        var start = System.nanoTime();
        var command = farm(Map.of(), "demo").redirectOutput(Redirect.DISCARD).redirectError(Redirect.INHERIT);
        var exit = command.start().waitFor();
        if (exit != 0) {
            throw new IOException("the demo ended with exit code " + exit);
        }
        demo.values().add(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
    }

    private ProcessBuilder farm(Map<String, String> environment, String... arguments) {
        var builder = new ProcessBuilder(launcher.toString());
        builder.command().addAll(List.of(arguments));
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().putAll(environment);
        return builder;
    }

    private static long kilobytes(long pid, String file, String field) throws IOException {
        var path = Path.of("/proc", Long.toString(pid), file);
        var found = Files.readAllLines(path).stream()
                .filter(line -> line.startsWith(field))
                .findFirst();
        var line = found.orElseThrow(() -> new IOException(path + " has no " + field));
        return Long.parseLong(line.replaceAll("\\D+", ""));
    }
}
