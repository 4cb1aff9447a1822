package dev.workerfarm.worker.config;

import dev.workerfarm.broker.QueueNames;
import dev.workerfarm.broker.Topology;
import dev.workerfarm.broker.settings.ManagementClient;
import dev.workerfarm.config.BrokerAddress;
import dev.workerfarm.config.Durations;
import dev.workerfarm.config.RedisAddress;
import dev.workerfarm.worker.download.DownloadConfig;
import dev.workerfarm.worker.jars.TaskFolder;
import dev.workerfarm.worker.metrics.MetricsServer;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the processes of one worker need to know, and their parent. Complete and valid once built.
 *
 * @param namedLanes those besides the CPU queue's and the download queue's, by {@code FARM_LANES}
 * @param extraQueues literal names of queues that the CPU lane consumes besides
 * @param javaOptions for the child processes' JVMs, such as {@code -Xmx256m}
 * @param metrics where the parent says how they do, or null: nowhere
 * @param tasks the user's own tasks, or null for none
 * @param management where RabbitMQ's management API is, or null: it may be on its usual port
 */
public record WorkerSettings(
        BrokerAddress broker,
        RedisAddress redis,
        QueueNames names,
        int processes,
        int downloaders,
        int downloadConcurrency,
        List<Lane> namedLanes,
        List<String> extraQueues,
        Duration drain,
        List<String> javaOptions,
        DownloadConfig download,
        MetricsServer.@Nullable Address metrics,
        Recycling recycling,
        ConsumerTimeout consumerTimeout,
        @Nullable TaskFolder tasks,
        @Nullable URI management) {
    private static final String JAVA_OPTIONS = "FARM_JAVA_OPTIONS";

    public WorkerSettings {
        within("FARM_PROCESSES", processes, 0, 1024);
        within("FARM_DOWNLOADERS", downloaders, 0, 1024);
        within("FARM_DOWNLOAD_CONCURRENCY", downloadConcurrency, 1, 1024);
        if (processes + downloaders == 0 && namedLanes.isEmpty()) {
            throw new IllegalArgumentException(
                    "FARM_PROCESSES and FARM_DOWNLOADERS are both 0, and FARM_LANES has no lane: nothing to run");
        }
        for (var lane : namedLanes) {
            if (extraQueues.contains(names.of(lane.queue()))) {
                throw new IllegalArgumentException("FARM_QUEUES: " + names.of(lane.queue())
                        + " has a lane of its own, '" + lane + "' in FARM_LANES: leave it out of one of them");
            }
        }
        namedLanes = List.copyOf(namedLanes);
        extraQueues = List.copyOf(extraQueues);
        javaOptions = List.copyOf(javaOptions);
    }

    /** Reads the variables; an IllegalArgumentException names the variable and what is wrong with it. */
    public static WorkerSettings from(Map<String, String> environment) {
        return new WorkerSettings(
                BrokerAddress.from(environment),
                RedisAddress.from(environment),
                new QueueNames(environment.getOrDefault("FARM_NAMESPACE", QueueNames.DEFAULT_NAMESPACE)),
                count(environment, "FARM_PROCESSES", Runtime.getRuntime().availableProcessors()),
                count(environment, "FARM_DOWNLOADERS", 1),
                count(environment, "FARM_DOWNLOAD_CONCURRENCY", 16),
                Lane.named(words(environment, Lane.VARIABLE, ",")),
                words(environment, "FARM_QUEUES", ","),
                value(environment, "FARM_DRAIN", "20s", Durations::parse),
                words(environment, JAVA_OPTIONS, " "),
                DownloadConfig.from(environment),
                MetricsServer.Address.from(environment),
                Recycling.from(environment),
                ConsumerTimeout.from(environment),
                TaskFolder.from(environment),
                ManagementClient.url(environment));
    }

    public List<Lane> lanes() {
        return Stream.concat(
                        Stream.of(Lane.cpu(processes), Lane.io(downloaders, downloadConcurrency)), namedLanes.stream())
                .filter(lane -> lane.processes() > 0)
                .toList();
    }

    public Lane lane(String name) {
        return lanes().stream()
                .filter(lane -> lane.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no lane '" + name + "'"));
    }

    /** The queues and the exchange that these processes use. */
    public Topology topology() {
        var queues = Stream.concat(namedLanes.stream().map(lane -> names.of(lane.queue())), extraQueues.stream());
        return new Topology(names, queues.toList());
    }

    /** Checks that lanes can run so on threads of this JVM: an IllegalArgumentException names what needs processes. */
    public void requireNoProcesses() {
        var variable = !javaOptions.isEmpty()
                ? JAVA_OPTIONS
                : recycling.maxTasks() > 0
                        ? Recycling.MAX_TASKS
                        : recycling.maxMemoryBytes() > 0 ? Recycling.MAX_MEMORY : null;
        if (variable != null) {
            throw new IllegalArgumentException(
                    variable + ": it is for worker processes, and there are none with inThreads()");
        }
    }

    private static List<String> words(Map<String, String> environment, String name, String separator) {
        return Arrays.stream(environment.getOrDefault(name, "").split(separator))
                .map(String::strip)
                .filter(word -> !word.isEmpty())
                .toList();
    }

    private static int count(Map<String, String> environment, String name, int fallback) {
        return value(environment, name, String.valueOf(fallback), Integer::parseInt);
    }

    /** A variable, or the fallback where it is blank; an IllegalArgumentException names it and says what is wrong. */
    static <T> T value(Map<String, String> environment, String name, String fallback, Function<String, T> read) {
        var text = environment.getOrDefault(name, "").strip();
        try {
            return read.apply(text.isEmpty() ? fallback : text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(name + ": '" + text + "' is no whole number", e);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(name + ": " + e.getMessage(), e);
        }
    }

    static void within(String name, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(name + ": " + value + " is not within " + least + " to " + most);
        }
    }
}
