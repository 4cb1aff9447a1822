package dev.workerfarm.cli;

import dev.workerfarm.cli.output.ExitCode;
import dev.workerfarm.lab.bench.StartMeasurement;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code farm bench}: what is measured, and not only tested. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        subcommands = BenchCommand.Start.class,
        description = "Measures the farm on this machine.",
        footer = {
            "",
            "Exit codes: 0 measured, 1 something of it failed, 2 wrong usage.",
            "",
            "Examples:",
            "  ./farm bench start",
            "  ./farm bench start --help"
        })
final class BenchCommand {
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
