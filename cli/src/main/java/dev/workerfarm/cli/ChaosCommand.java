package dev.workerfarm.cli;

import dev.workerfarm.cli.calls.PoolSession;
import dev.workerfarm.cli.output.Console;
import dev.workerfarm.cli.output.ExitCode;
import dev.workerfarm.error.FarmException;
import dev.workerfarm.json.Json;
import dev.workerfarm.lab.chaos.Chaos;
import dev.workerfarm.lab.node.ContainerRabbitMq;
import dev.workerfarm.lab.node.PrivateRabbitMq;
import dev.workerfarm.lab.node.PrivateRedis;
import dev.workerfarm.lab.node.QueueType;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code farm chaos}: the farm's promise, tried. */
@Command(
        name = "chaos",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Breaks a farm of its own while it works, and says whether every count is right.",
            "",
            "It starts a RabbitMQ and a Redis (append-only, appendfsync always) beside any",
            "other, worker processes and a producer, and gives out tasks of 3 ms, at least",
            "20000. Each adds 1 to a shared value and to one of the 1000 elements of a",
            "shared array, and returns its number; half of them come one a message, half",
            "in chunks. Meanwhile there is, in each 40 s:",
            "  a kill -9 of a worker process about every second,",
            "  one of RabbitMQ and one of Redis, which are started again,",
            "  a freeze of RabbitMQ for 5 s,",
            "  a kill -9 of a worker process between the commit of a task and its ack, so",
            "  that a duplicate is certain to come.",
            "Where 20000 tasks are not answered then, workers are killed for as long again.",
            "",
            "At the end the list of results must be right and in order, the value and each",
            "element exact, farm.dead and all other queues empty.",
            ""
        },
        footer = {
            "",
            "Seed and schedule are printed first: the same seed and options make the same",
            "schedule. What happens goes to standard error, the verdict to standard output.",
            "FARM_LOG_LEVEL=WARN shows what the farm itself says of it.",
            "",
            "Exit codes: 0 everything was right, 1 something was not, 2 wrong usage,",
            "3 no RabbitMQ or Redis to start, 130 interrupted.",
            "",
            "Examples:",
            "  ./farm chaos",
            "  ./farm chaos --minutes 10 --queue-type quorum",
            "  ./farm chaos --broker container --seed 42 --json"
        })
final class ChaosCommand implements Callable<Integer> {
    private static final int MOST_MINUTES = 1440;
    private static final int MOST_WORKERS = 64;

    @Option(
            names = "--minutes",
            paramLabel = "N",
            description = "How long it goes on at least, 1 to 1440. Default: 40 s.")
    private @Nullable Integer minutes;

    @Option(
            names = "--seed",
            paramLabel = "S",
            description = "Makes the schedule; a whole number. Default: a random one.")
    private @Nullable Long seed;

    @Option(names = "--workers", paramLabel = "N", description = "Worker processes, 1 to 64. Default: 3.")
    private int workers = 3;

    @Option(
            names = "--broker",
            paramLabel = "WHERE",
            description = {
                "local: RabbitMQ from this machine's packages (the default).",
                "container: RabbitMQ 4, by Docker. Redis is this machine's all the same."
            })
    private Chaos.Broker broker = Chaos.Broker.local;

    @Option(
            names = "--queue-type",
            paramLabel = "TYPE",
            description = "The default type of its queues, classic (the default) or quorum.")
    private QueueType queueType = QueueType.classic;

    @Option(names = "--json", description = "Prints the verdict as a JSON object on one line.")
    private boolean json;

    @Override
    public Integer call() throws InterruptedException {
        if (!FarmCommand.isWithin("farm chaos", "--workers", workers, 1, MOST_WORKERS)
                || (minutes != null && !FarmCommand.isWithin("farm chaos", "--minutes", minutes, 1, MOST_MINUTES))) {
            return ExitCode.USAGE;
        }
        if (System.getenv("FARM_LOG_LEVEL") == null) {
            System.setProperty("farm.log.level", "ERROR"); // read by LogSetup before anything logs: faults are warnings
        }
        var missing = missing();
        if (missing != null) {
            System.err.println("farm chaos: " + missing);
            return ExitCode.UNREACHABLE;
        }
        var length = minutes == null ? Chaos.SHORTEST : Duration.ofMinutes(minutes);
        var someSeed = seed == null ? new Random().nextInt(Integer.MAX_VALUE) : seed;
        var settings = new Chaos.Settings(someSeed, length, Chaos.TASKS, workers, broker, queueType);
        var chaos = new Chaos(settings, System.err, "1".equals(System.getenv(Console.TERMINAL)));
        // Ctrl-C ends the JVM, and with it the farm. After an end of the command's own the hook changes nothing.
        Runtime.getRuntime().addShutdownHook(new Thread(chaos::close, "workerfarm-chaos-interrupt"));
        try (chaos) {
            var verdict = chaos.run();
            var lines = json ? List.of(Json.strictText(verdict.fields())) : verdict.lines();
            lines.forEach(System.out::println);
            return verdict.holds() ? ExitCode.OK : ExitCode.FAILED;
        } catch (IllegalStateException | FarmException | IOException e) {
            if (PoolSession.isShuttingDown()) {
                return ExitCode.INTERRUPTED; // as the JVM ends anyhow
            }
            System.err.println("farm chaos: " + e.getMessage());
            return ExitCode.FAILED;
        }
    }

    /** What is not here that it takes, and what to do about it; null where all is here. */
    private @Nullable String missing() {
        if (!PrivateRedis.isInstalled()) {
            return "no redis-server on this machine: install it (apt-get install redis-server, brew install redis)";
        }
        if (broker == Chaos.Broker.local && !PrivateRabbitMq.isInstalled()) {
            return "no rabbitmq-server on this machine: install it (apt-get install rabbitmq-server), or use"
                    + " --broker container where Docker is";
        }
        if (broker == Chaos.Broker.container && !ContainerRabbitMq.isPossible()) {
            return "no Docker engine: 'docker info' does not succeed";
        }
        return null;
    }
}
