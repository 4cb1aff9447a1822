package dev.workerfarm.cli;

import dev.workerfarm.cli.log.LogSetup;
import dev.workerfarm.cli.output.ExitCode;
import dev.workerfarm.error.BrokerUnreachableException;
import dev.workerfarm.worker.StandardError;
import dev.workerfarm.worker.StopSignals;
import dev.workerfarm.worker.Worker;
import dev.workerfarm.worker.WorkerConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code farm worker}: a parent and its worker processes, until SIGTERM or Ctrl-C. */
@Command(
        name = "worker",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Runs worker processes for the broker at FARM_AMQP_URL and the Redis at FARM_REDIS_URL.",
        footer = {
            "",
            "Stops on SIGTERM or Ctrl-C: takes no more, finishes what runs within FARM_DRAIN (20s), gives back the rest.",
            "A second signal hurries.",
            "",
            "Exit codes: 0 stopped and drained, 1 it cannot go on, 2 wrong usage, 3 broker not reachable at the start.",
            "",
            "Example: FARM_AMQP_URL=amqp://me:secret@broker/ farm worker --processes 4 --downloaders 1"
        })
public final class WorkerCommand implements Callable<Integer> {
    @Option(
            names = "--processes",
            paramLabel = "N",
            description = "Processes for CPU tasks, one task at a time each. Default: FARM_PROCESSES, or one per core.")
    private @Nullable Integer processes;

    @Option(
            names = "--downloaders",
            paramLabel = "M",
            description = "Processes for downloads, many at a time each. Default: FARM_DOWNLOADERS, or 1.")
    private @Nullable Integer downloaders;

    @Option(
            names = "--tasks",
            paramLabel = "DIR",
            description = "A folder of jars with tasks of your own, read when a process starts. Default: FARM_TASKS.")
    private @Nullable Path tasks;

    @Option(
            names = "--max-tasks",
            paramLabel = "N",
            description = "A process ends after so many tasks and is replaced. Default: FARM_MAX_TASKS, or never.")
    private @Nullable Long maxTasks;

    @Option(
            names = "--max-memory",
            paramLabel = "SIZE",
            description = "And when it has so much resident memory, such as 512m. Default: FARM_MAX_MEMORY, or never.")
    private @Nullable String maxMemory;

    @Option(
            names = "--health-file",
            paramLabel = "FILE",
            description = "A file that exists while every process is consuming, for a container's health check.")
    private @Nullable Path healthFile;

    public static void main(String[] args) {
        var command = new CommandLine(new WorkerCommand()).setCommandName("farm worker");
        System.exit(command.execute(args));
    }

    @Override
    public Integer call() throws InterruptedException {
        try (var error = StandardError.ofProgram()) {
            try {
                return run(environment(), error);
            } catch (IllegalArgumentException | BrokerUnreachableException | IllegalStateException e) {
                System.err.println("farm worker: " + e.getMessage());
                return ExitCode.of(e);
            }
        }
    }

    /** This process's variables and the options over them. */
    private Map<String, String> environment() {
        Map<String, String> environment = new HashMap<>(System.getenv());
        put(environment, "FARM_PROCESSES", processes);
        put(environment, "FARM_DOWNLOADERS", downloaders);
        put(environment, "FARM_TASKS", tasks);
        put(environment, "FARM_MAX_TASKS", maxTasks);
        put(environment, "FARM_MAX_MEMORY", maxMemory);
        return environment;
    }

    static void put(Map<String, String> environment, String variable, @Nullable Object option) {
        if (option != null) {
            environment.put(variable, option.toString());
        }
    }

    private int run(Map<String, String> environment, StandardError error) throws InterruptedException {
        LogSetup.requireFormat(environment);
        var config = WorkerConfig.from(environment);
        config.checkDownloadFolder();
        var exit = new AtomicInteger(ExitCode.OK);
        try (var signals = StopSignals.listen();
                var parent = Worker.builder(config)
                        .healthFile(healthFile)
                        .standardError(error)
                        .onFailure(failure -> {
                            exit.set(ExitCode.FAILED);
                            signals.request();
                        })
                        .start()) {
            while (!signals.isStopRequested() && !parent.awaitReady(Duration.ofMillis(200))) {
                // neither has happened yet
            }
            signals.awaitFirst();
            parent.stop();
            signals.onEachFurther(parent::stop);
            parent.awaitStopped();
            return exit.get();
        }
    }
}
