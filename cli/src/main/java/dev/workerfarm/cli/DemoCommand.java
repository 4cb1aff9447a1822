package dev.workerfarm.cli;

import dev.workerfarm.cli.demo.Demo;
import dev.workerfarm.cli.output.ExitCode;
import dev.workerfarm.local.LocalFarm;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code farm demo}: the article, end to end, on services of its own. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        description = "Runs the article's sections on a farm of its own, then stops.",
        footer = {
            "",
            "Exit codes: 0 every value was right, 1 one was not, 2 wrong usage.",
            "",
            "Examples:",
            "  ./farm demo",
            "  ./farm demo --workers 2"
        })
final class DemoCommand implements Callable<Integer> {
    private static final String NEXT = """

            Next:
                ./farm up --workers 2                          a farm that stays, in this terminal
                ./farm producer square 1 2 3 4 5               in another
                seq 1 100000 | ./farm producer square - | tail -1
                docker compose up --scale worker=4             the same on RabbitMQ and Redis
            """;

    @Option(names = "--workers", paramLabel = "N", description = "Worker processes, 1 to 1024. Default: 4.")
    private int workers = 4;

    @Override
    public Integer call() throws IOException {
        if (!FarmCommand.isWithin("farm demo", "--workers", workers, 1, FarmCommand.MOST_WORKERS)) {
            return ExitCode.USAGE;
        }
        var out = System.out;
        var start = System.nanoTime();
        var downloads = Files.createTempDirectory("workerfarm-demo-");
        Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(downloads), "workerfarm-demo-cleanup"));
        var variables = variables(downloads);
        variables.put("FARM_DOWNLOADERS", "1");
        variables.put("FARM_LOG_LEVEL", System.getenv().getOrDefault("FARM_LOG_LEVEL", "WARN"));
        variables.put("FARM_QUEUES", "");
        variables.put("FARM_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1"); // gone before the second compiler would pay
        out.println("Starting a farm: a broker, Redis, " + workers + " worker processes and a downloader ...");
        try (var farm = LocalFarm.start(workers, variables)) {
            out.println("ready after " + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start) + " ms");
            var right = new Demo(farm, downloads, out).run();
            out.println(right ? "\nAll values are right." : "\nSome values are WRONG.");
            out.print(NEXT);
            return right ? ExitCode.OK : ExitCode.FAILED;
        }
    }

    /** The variables of any farm that runs the demo. */
    static Map<String, String> variables(Path downloads) {
        Map<String, String> variables = new HashMap<>();
        variables.put("FARM_LANES", "");
        variables.put("FARM_DOWNLOAD_DIR", downloads.toString());
        variables.put("FARM_DOWNLOAD_ALLOW", "127.0.0.1");
        variables.put("FARM_NAMESPACE", "farm");
        return variables;
    }

    static void delete(Path folder) {
        try (var files = Files.walk(folder)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            System.err.println("farm demo: cannot remove " + folder + ": " + e.getMessage());
        }
    }

    /** {@code farm train}: the demo, in silence and on one process, for JVMs that make class archives; see docs/start.md. */
    @Command(
            name = "train",
            hidden = true,
            mixinStandardHelpOptions = true,
            description = "Runs each part once, for a JVM that records what it loads.",
            footer = {"", "Exit codes: 0 every value was right, 1 one was not, 2 wrong usage."})
    static final class Train implements Callable<Integer> {
        @Option(
                names = "--child-options",
                paramLabel = "OPTIONS",
                required = true,
                description = "For the worker process's JVM, separated by spaces.")
        private String childOptions = "";

        @Override
        public Integer call() throws IOException {
            var downloads = Files.createTempDirectory(Path.of("").toAbsolutePath(), "train-");
            var variables = variables(downloads);
            variables.put("FARM_DOWNLOADERS", "0");
            variables.put("FARM_QUEUES", "farm.downloads"); // one process, so one archive, for both lanes
            variables.put("FARM_LOG_LEVEL", "WARN");
            variables.put("FARM_DRAIN", "60s"); // writing an archive at its end takes a child some seconds
            variables.put("FARM_JAVA_OPTIONS", childOptions);
            try (var farm = LocalFarm.start(1, variables);
                    var nowhere = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8)) {
                var demo = new Demo(farm, downloads, nowhere).run();
                var producer = ProducerCommand.run(
                        new String[] {"square", "1"},
                        farm.environment(),
                        InputStream.nullInputStream(),
                        nowhere,
                        nowhere);
                return demo && producer == ExitCode.OK ? ExitCode.OK : ExitCode.FAILED;
            } finally {
                delete(downloads);
            }
        }
    }
}
