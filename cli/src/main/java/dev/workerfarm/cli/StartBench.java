package dev.workerfarm.cli;

import dev.workerfarm.cli.output.ExitCode;
import dev.workerfarm.local.EmbeddedServices;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code farm bench start}: how quick and how large a worker is. Reads memory from Linux's {@code /proc}. */
@Command(
        name = "start",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Starts a worker with one process, again and again, on embedded services (or, where FARM_AMQP_URL is",
            "set, on those that it and FARM_REDIS_URL name), then the demo, and prints of each figure the median, the least and the greatest:",
            "",
            "  process ready   from its start by the parent until it consumes",
            "  process memory  resident, 1 s after that; shared pages counted in full (RSS) and by share (PSS)",
            "  parent memory   the same of the process that started it",
            "  demo            ./farm demo as a whole, from its start to its end",
            "",
            "Say load and cores with a figure: on a busy machine it means nothing."
        },
        footer = {
            "",
            "Linux only.",
            "",
            "Exit codes: 0 measured, 1 something of it failed, 2 wrong usage.",
            "",
            "Examples:",
            "  ./farm bench start",
            "  ./farm bench start --runs 3"
        })
final class StartBench implements Callable<Integer> {
    private static final int MOST_RUNS = 1000;
    private static final Duration SETTLE = Duration.ofSeconds(1);
    private static final Pattern READY = Pattern.compile(".* process ready process=\\S+ pid=(\\d+) startMs=(\\d+)");

    @Option(names = "--runs", paramLabel = "N", defaultValue = "10", description = "Of each, 1 to 1000. Default: 10.")
    private int runs;

    private final List<Long> readyMillis = new ArrayList<>();
    private final List<Long> processRss = new ArrayList<>();
    private final List<Long> processPss = new ArrayList<>();
    private final List<Long> parentRss = new ArrayList<>();
    private final List<Long> parentPss = new ArrayList<>();
    private final List<Long> demoMillis = new ArrayList<>();

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (!Usage.isWithin("farm bench start", "--runs", runs, 1, MOST_RUNS)) {
            return ExitCode.USAGE;
        }
        var system = ManagementFactory.getOperatingSystemMXBean();
        System.out.printf(
                Locale.ROOT,
                "Java %s, %d cores, load %.1f, %d runs: median (least to greatest)%n",
                Runtime.version(),
                system.getAvailableProcessors(),
                system.getSystemLoadAverage(),
                runs);
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
        print("process ready", "ms", 1, readyMillis);
        print("process RSS", "MB", 1024, processRss);
        print("process PSS", "MB", 1024, processPss);
        print("parent RSS", "MB", 1024, parentRss);
        print("parent PSS", "MB", 1024, parentPss);
        print("demo", "ms", 1, demoMillis);
        System.out.printf(Locale.ROOT, "load at the end %.1f%n", system.getSystemLoadAverage());
        return ExitCode.OK;
    }

    private void measureWorkers(Map<String, String> services) throws IOException, InterruptedException {
        Map<String, String> environment = new HashMap<>(services);
        environment.put("FARM_LOG_LEVEL", "DEBUG"); // the parent then says when a process is ready
        for (int run = 0; run < runs; run++) {
            var worker = farm(environment, "worker", "--processes", "1", "--downloaders", "0")
                    .redirectErrorStream(true)
                    .start();
            try (var lines = worker.inputReader(StandardCharsets.UTF_8)) {
                var pid = awaitReady(lines);
                TimeUnit.NANOSECONDS.sleep(SETTLE.toNanos());
                processRss.add(kilobytes(pid, "status", "VmRSS:"));
                processPss.add(kilobytes(pid, "smaps_rollup", "Pss:"));
                parentRss.add(kilobytes(worker.pid(), "status", "VmRSS:"));
                parentPss.add(kilobytes(worker.pid(), "smaps_rollup", "Pss:"));
            } finally {
                worker.destroy();
                worker.waitFor();
            }
        }
    }

    /** The process's id. */
    private long awaitReady(BufferedReader lines) throws IOException {
        for (var line = lines.readLine(); line != null; line = lines.readLine()) {
            var ready = READY.matcher(line);
            if (ready.matches()) {
                readyMillis.add(Long.parseLong(ready.group(2)));
                return Long.parseLong(ready.group(1));
            }
        }
        throw new IOException("the worker ended before it was ready");
    }

    private void measureDemo() throws IOException, InterruptedException {
        var start = System.nanoTime();
        var exit = farm(Map.of(), "demo")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start()
                .waitFor();
        if (exit != 0) {
            throw new IOException("the demo ended with exit code " + exit);
        }
        demoMillis.add(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
    }

    private static ProcessBuilder farm(Map<String, String> environment, String... arguments) {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("farm.home", "."), "farm").toString()));
        command.addAll(List.of(arguments));
        var builder = new ProcessBuilder(command);
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().putAll(environment);
        return builder;
    }

    private static long kilobytes(long pid, String file, String field) throws IOException {
        for (var line : Files.readAllLines(Path.of("/proc", Long.toString(pid), file))) {
            if (line.startsWith(field)) {
                return Long.parseLong(line.replaceAll("\\D+", ""));
            }
        }
        throw new IOException("/proc/" + pid + "/" + file + " has no " + field);
    }

    private static void print(String name, String unit, double divisor, List<Long> values) {
        var sorted = values.stream().sorted().toList();
        var middle = sorted.size() / 2;
        var median = sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2.0;
        System.out.printf(
                Locale.ROOT,
                "%-14s %6.0f %s (%.0f to %.0f)%n",
                name,
                median / divisor,
                unit,
                sorted.get(0) / divisor,
                sorted.get(sorted.size() - 1) / divisor);
    }
}
