package dev.workerfarm.worker;

import dev.workerfarm.error.BrokerUnreachableException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
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
            "Exit codes: 0 stopped and drained, 2 wrong usage, 3 broker not reachable at the start.",
            "",
            "Example: FARM_AMQP_URL=amqp://me:secret@broker/ farm worker --processes 4 --downloaders 1"
        })
public final class WorkerCommand implements Callable<Integer> {
    private static final Duration LOOK_EVERY = Duration.ofMillis(200);

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
        System.exit(new CommandLine(new WorkerCommand())
                .setCommandName("farm worker")
                .execute(args));
    }

    @Override
    public Integer call() throws InterruptedException {
        Map<String, String> environment = new HashMap<>(System.getenv());
        if (processes != null) {
            environment.put("FARM_PROCESSES", processes.toString());
        }
        if (downloaders != null) {
            environment.put("FARM_DOWNLOADERS", downloaders.toString());
        }
        if (tasks != null) {
            environment.put("FARM_TASKS", tasks.toString());
        }
        if (maxTasks != null) {
            environment.put(Recycling.MAX_TASKS, maxTasks.toString());
        }
        if (maxMemory != null) {
            environment.put(Recycling.MAX_MEMORY, maxMemory);
        }
        WorkerConfig config;
        try {
            config = WorkerConfig.from(environment);
            config.download().checkFolder();
        } catch (IllegalArgumentException e) {
            System.err.println("farm worker: " + e.getMessage());
            return ExitCode.USAGE;
        }
        try (var signals = StopSignals.listen();
                var parent = WorkerParent.start(config, environment, healthFile)) {
            while (!signals.isStopRequested() && !parent.awaitReady(LOOK_EVERY)) {
                // neither has happened yet
            }
            signals.awaitFirst();
            parent.stop();
            signals.onEachFurther(parent::stop);
            parent.awaitStopped();
            return ExitCode.STOPPED;
        } catch (IllegalArgumentException e) {
            System.err.println("farm worker: " + e.getMessage());
            return ExitCode.USAGE;
        } catch (BrokerUnreachableException e) {
            System.err.println("farm worker: " + e.getMessage());
            return ExitCode.BROKER_UNREACHABLE;
        }
    }
}
