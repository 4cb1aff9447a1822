package dev.workerfarm.cli;

import dev.workerfarm.cli.calls.PoolSession;
import dev.workerfarm.cli.output.ExitCode;
import dev.workerfarm.error.FarmException;
import dev.workerfarm.json.Json;
import dev.workerfarm.lab.bench.Bench;
import dev.workerfarm.lab.bench.StartMeasurement;
import dev.workerfarm.lab.node.PrivateRabbitMq;
import dev.workerfarm.lab.node.PrivateRedis;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code farm bench}: the farm measured beside its ceilings. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        subcommands = BenchCommand.Start.class,
        description = {
            "Measures the farm beside its ceilings, on this machine and in the same run.",
            "",
            "Starts a RabbitMQ and a Redis of its own (or takes those of FARM_AMQP_URL and",
            "FARM_REDIS_URL), worker processes, as many bare clients and a Python pool of",
            "as many processes. All do the same work in turns; each result is checked.",
            "",
            "  unbatched  single tasks with results, published in a loop",
            "  one        single tasks, one after the other",
            "  map        squares of 10^5, 10^6 and 10^7 numbers",
            "  json       the same with messages of JSON, which people can read",
            "  imap       the same, read one by one",
            "  adds       a map of update_value on one shared value",
            "  mixed      a map of sleeps, a few of them long: the time until the last ends,",
            "             of a list, an iterator and a pipe, beside a greedy schedule",
            "",
            "Only ratios within one run say something: FARM/WHO is 1 where the farm is as",
            "fast. Say load and cores with a figure."
        },
        footer = {
            "",
            "The JSON document has the machine, and in results an object for each row.",
            "",
            "Exit codes: 0 measured, 1 something of it failed, 2 wrong usage, 3 no RabbitMQ",
            "or Redis to start, 130 interrupted.",
            "",
            "Examples:",
            "  ./farm bench --quick",
            "  ./farm bench --json map imap > bench.json",
            "  ./farm bench start"
        })
final class BenchCommand implements Callable<Integer> {
    private static final int MOST_PROCESSES = 64;

    @Option(names = "--quick", description = "Small rounds, all in about a minute.")
    private boolean quick;

    @Option(names = "--json", description = "Prints one JSON document instead of the table.")
    private boolean json;

    @Option(names = "--processes", paramLabel = "N", description = "Worker processes of each, 1 to 64. Default: 2.")
    private int processes = 2;

    @Parameters(paramLabel = "NAME", description = "What to measure. Default: all.")
    private List<String> names = Bench.WORKS;

    @Override
    public Integer call() throws InterruptedException {
        var unknown = names.stream().filter(name -> !Bench.WORKS.contains(name)).findFirst();
        if (unknown.isPresent()) {
            System.err.println(
                    "farm bench: there is no '" + unknown.get() + "', but " + String.join(", ", Bench.WORKS));
            return ExitCode.USAGE;
        }
        if (!FarmCommand.isWithin("farm bench", "--processes", processes, 1, MOST_PROCESSES)) {
            return ExitCode.USAGE;
        }
        if (System.getenv("FARM_AMQP_URL") == null && !PrivateRabbitMq.isInstalled()) {
            System.err.println("farm bench: no rabbitmq-server on this machine: install it (apt-get install"
                    + " rabbitmq-server), or name a broker in FARM_AMQP_URL");
            return ExitCode.UNREACHABLE;
        }
        if (System.getenv("FARM_REDIS_URL") == null && !PrivateRedis.isInstalled()) {
            System.err.println("farm bench: no redis-server on this machine: install it (apt-get install"
                    + " redis-server, brew install redis), or name a Redis in FARM_REDIS_URL");
            return ExitCode.UNREACHABLE;
        }
        var bench = new Bench(new Bench.Settings(quick, names, processes), System.err);
        Runtime.getRuntime().addShutdownHook(new Thread(bench::close, "workerfarm-bench-interrupt"));
        try (bench) {
            var report = bench.run();
            var lines = json ? List.of(Json.strictText(report.fields())) : report.lines();
            lines.forEach(System.out::println);
            return ExitCode.OK;
        } catch (IllegalStateException | FarmException | IOException e) {
            if (PoolSession.isShuttingDown()) {
                return ExitCode.INTERRUPTED; // as the JVM ends anyhow
            }
            System.err.println("farm bench: " + e.getMessage());
            return ExitCode.FAILED;
        }
    }

    /** {@code farm bench start}: how quick and how large a worker is. */
    @Command(
            name = "start",
            mixinStandardHelpOptions = true,
            sortOptions = false,
            description = {
                "Measures how quick and how large a worker process and the demo are.",
                "",
                "Starts a worker with one process, again and again, on embedded services (or,",
                "where FARM_AMQP_URL is set, on those that it and FARM_REDIS_URL name), then",
                "the demo. Prints of each figure the median, the least and the greatest:",
                "",
                "  process ready   from its start by the parent until it consumes",
                "  process memory  resident, 1 s after that: shared pages counted in full",
                "                  (RSS) and by share (PSS)",
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
    static final class Start implements Callable<Integer> {
        private static final int MOST_RUNS = 1000;

        @Option(
                names = "--runs",
                paramLabel = "N",
                defaultValue = "10",
                description = "Of each, 1 to 1000. Default: 10.")
        private int runs;

        @Override
        public Integer call() throws IOException, InterruptedException {
            if (!FarmCommand.isWithin("farm bench start", "--runs", runs, 1, MOST_RUNS)) {
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
            var launcher = Path.of(System.getProperty("farm.home", "."), "farm");
            for (var figure : new StartMeasurement(launcher, runs).run()) {
                System.out.println(figure);
            }
            System.out.printf(Locale.ROOT, "load at the end %.1f%n", system.getSystemLoadAverage());
            return ExitCode.OK;
        }
    }
}
