package dev.workerfarm.cli;

import dev.workerfarm.cli.demo.Demo;
import dev.workerfarm.cli.output.ExitCode;
import dev.workerfarm.local.LocalFarm;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code farm train}: the demo without its words, on one worker process that does everything. Whoever makes class archives
 * runs it with the JVM's options for that; see {@code docs/start.md}.
 */
@Command(
        name = "train",
        hidden = true,
        mixinStandardHelpOptions = true,
        description = "Runs each part once, for a JVM that records what it loads.",
        footer = {"", "Exit codes: 0 every value was right, 1 one was not, 2 wrong usage."})
final class TrainCommand implements Callable<Integer> {
    @Option(
            names = "--child-options",
            paramLabel = "OPTIONS",
            required = true,
            description = "For the worker process's JVM, separated by spaces.")
    private String childOptions = "";

    @Override
    public Integer call() throws IOException {
        var downloads = Files.createTempDirectory(Path.of("").toAbsolutePath(), "train-");
        var variables = DemoCommand.variables(downloads);
        variables.put("FARM_DOWNLOADERS", "0");
        variables.put("FARM_QUEUES", "farm.downloads"); // one process, so one archive, for both lanes
        variables.put("FARM_LOG_LEVEL", "WARN");
        variables.put("FARM_DRAIN", "60s"); // writing an archive at its end takes a child some seconds
        variables.put("FARM_JAVA_OPTIONS", childOptions);
        try (var farm = LocalFarm.start(1, variables);
                var nowhere = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8)) {
            return new Demo(farm, downloads, nowhere).run() ? ExitCode.OK : ExitCode.FAILED;
        } finally {
            DemoCommand.delete(downloads);
        }
    }
}
