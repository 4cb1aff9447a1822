package dev.workerfarm.cli;

import dev.workerfarm.broker.QueueNames;
import dev.workerfarm.cli.log.LogSetup;
import dev.workerfarm.cli.output.ExitCode;
import dev.workerfarm.config.BrokerAddress;
import dev.workerfarm.config.FarmEnvironment;
import dev.workerfarm.config.RedisAddress;
import dev.workerfarm.config.TlsSettings;
import dev.workerfarm.config.Variables;
import dev.workerfarm.error.BrokerUnreachableException;
import dev.workerfarm.local.EmbeddedServices;
import dev.workerfarm.worker.StandardError;
import dev.workerfarm.worker.StopSignals;
import dev.workerfarm.worker.Worker;
import dev.workerfarm.worker.WorkerConfig;
import dev.workerfarm.worker.WorkerFlag;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.IModelTransformer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code farm up}: a farm in the foreground until Ctrl-C. */
@Command(
        name = "up",
        modelTransformer = UpCommand.Flags.class,
        sortOptions = false,
        description = {
            "Runs a broker, Redis, worker processes and a downloader in the foreground, until Ctrl-C.",
            "Where FARM_AMQP_URL or FARM_REDIS_URL is set, only workers, for the services they name."
        },
        footer = {
            "",
            "Other terminals find the farm through the file .farm/env, which is removed at",
            "the end. So a clone has one farm up at a time.",
            "",
            "Exit codes: 0 stopped, 1 it cannot go on, 2 wrong usage, or one is up already,",
            "3 broker not reachable.",
            "",
            "Examples:",
            "  ./farm up --workers 2",
            "  ./farm producer square 1 2 3      in another terminal"
        })
final class UpCommand implements Callable<Integer> {
    private static final Set<String> ADDRESS_VARIABLES =
            Set.of(BrokerAddress.VARIABLE, RedisAddress.VARIABLE, "FARM_NAMESPACE", FarmEnvironment.UP);
    private static final Set<String> ADDRESS_FILES = Set.of(
            BrokerAddress.VARIABLE + Variables.FILE_SUFFIX,
            RedisAddress.VARIABLE + Variables.FILE_SUFFIX,
            TlsSettings.CA,
            TlsSettings.CERTIFICATE,
            TlsSettings.KEY);

    private static final WorkerFlag[] FLAGS = {WorkerFlag.LANES, WorkerFlag.TASKS};

    @Option(
            names = "--workers",
            paramLabel = "N",
            description = "CPU worker processes. Default: FARM_PROCESSES, or one per core.")
    private @Nullable Integer workers;

    @Spec
    private @Nullable CommandSpec spec;

    /** Adds those flags of a worker that make sense here. */
    static final class Flags implements IModelTransformer {
        @Override
        public CommandSpec transform(CommandSpec command) {
            return WorkerCommand.withFlags(command, FLAGS);
        }
    }

    @Override
    public Integer call() throws InterruptedException, IOException {
        if (workers != null && !FarmCommand.isWithin("farm up", "--workers", workers, 0, FarmCommand.MOST_WORKERS)) {
            return ExitCode.USAGE;
        }
        var home =
                Path.of(System.getProperty("farm.home", ".")).toAbsolutePath().normalize();
        try (var error = StandardError.ofProgram()) {
            try (var lock = lock(home)) {
                if (lock != null) {
                    return start(home, error);
                }
                var advice = isForGivenServices(System.getenv())
                        ? "for workers beside it, for the services that the variables name, run ./farm worker"
                        : "stop it, or start this one from another clone";
                System.err.println(
                        "farm up: a farm is up already in " + home + ", and other terminals find that one: " + advice);
                return ExitCode.USAGE;
            } catch (IllegalArgumentException | BrokerUnreachableException | IllegalStateException e) {
                System.err.println("farm up: " + e.getMessage());
                return ExitCode.of(e);
            }
        }
    }

    /** Locks a file, as long as this process lives: a farm is up here. Null if another process has the lock. */
    private static @Nullable FileChannel lock(Path home) {
        var path = home.resolve(".farm").resolve("up");
        try {
            Files.createDirectories(path.getParent());
            var file = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (file.tryLock() != null) {
                return file;
            }
            file.close();
            return null;
        } catch (IOException e) {
            throw new IllegalArgumentException("cannot write " + path + " (" + e + ")", e);
        }
    }

    private int start(Path home, StandardError error) throws InterruptedException, IOException {
        var given = WorkerCommand.given(Objects.requireNonNull(spec), FLAGS);
        if (workers != null) {
            given.put(WorkerFlag.PROCESSES, workers.toString());
        }
        Map<String, String> environment = new HashMap<>(WorkerFlag.over(System.getenv(), given));
        try (var signals = StopSignals.listen()) {
            LogSetup.requireFormat(environment);
            check(environment, given.keySet());
            var namespace = environment.getOrDefault("FARM_NAMESPACE", QueueNames.DEFAULT_NAMESPACE);
            try (var services = isForGivenServices(environment) ? null : EmbeddedServices.start(namespace)) {
                if (services != null) {
                    environment.putAll(services.environment());
                    var broker = BrokerAddress.from(environment).hostList();
                    environment.put(FarmEnvironment.UP, ProcessHandle.current().pid() + "@" + broker);
                }
                var code = run(home, environment, signals, error);
                if (services != null && !services.waiting().isEmpty()) {
                    System.err.println("farm up: messages that wait are lost, as its broker keeps them in memory: "
                            + services.waiting());
                }
                return code;
            }
        }
    }

    /** Checks the workers' variables before anything is started; an error names in their place the flags that were given. */
    private static void check(Map<String, String> environment, Set<WorkerFlag> given) {
        try {
            WorkerConfig.from(environment).checkDownloadFolder();
        } catch (IllegalArgumentException e) {
            throw WorkerFlag.naming(given, e);
        }
    }

    private static boolean isForGivenServices(Map<String, String> environment) {
        return Variables.isGiven(environment, BrokerAddress.VARIABLE)
                || Variables.isGiven(environment, RedisAddress.VARIABLE);
    }

    private static int run(Path home, Map<String, String> environment, StopSignals signals, StandardError error)
            throws InterruptedException, IOException {
        var config = WorkerConfig.from(environment);
        var exit = new AtomicInteger();
        var builder = Worker.builder(config).standardError(error).onFailure(failure -> {
            exit.set(ExitCode.FAILED);
            signals.request();
        });
        try (var parent = builder.start()) {
            while (!parent.awaitReady(Duration.ofSeconds(1))) {
                if (signals.isStopRequested()) {
                    return exit.get();
                }
            }
            FarmEnvironment.write(home, whereItIs(environment));
            var lanes = config.lanes().isEmpty() ? "" : " and lanes " + String.join(",", config.lanes());
            System.err.println(
                    "farm up: " + config.processes() + " worker and " + config.downloaders() + " downloader processes"
                            + lanes + " are ready; downloads go to " + config.downloadFolder() + "; Ctrl-C stops");
            System.err.println("farm up: "
                    + (config.processes() > 0
                            ? "try ./farm producer square 1 2 3 4 5 in another terminal"
                            : "no worker here takes CPU tasks; for a worker of your own, in another terminal: set -a; . "
                                    + FarmEnvironment.file(home) + "; set +a"));
            try {
                signals.awaitFirst();
                var seconds = config.drain().toSeconds();
                System.err.println("farm up: stopping, at most " + seconds + " s; Ctrl-C again hurries");
                parent.stop();
                signals.onEachFurther(parent::stop);
                parent.awaitStopped();
            } finally {
                FarmEnvironment.remove(home);
            }
            return exit.get();
        }
    }

    /** What other terminals need to find the farm. Files are named as seen from everywhere, and not copied. */
    private static Map<String, String> whereItIs(Map<String, String> environment) {
        Map<String, String> names = new HashMap<>();
        environment.forEach((name, value) -> {
            if (ADDRESS_VARIABLES.contains(name)) {
                names.put(name, value);
            } else if (ADDRESS_FILES.contains(name) && !value.isBlank()) {
                names.put(name, Path.of(value).toAbsolutePath().toString());
            }
        });
        return names;
    }
}
