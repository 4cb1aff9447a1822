package dev.workerfarm.worker;

import dev.workerfarm.task.Task;
import dev.workerfarm.worker.config.WorkerSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What a worker is to do: the {@code FARM_*} variables, checked. Its processes read the same variables. Immutable. */
public final class WorkerConfig {
    private final WorkerSettings settings;
    private final Map<String, String> environment;

    private WorkerConfig(WorkerSettings settings, Map<String, String> environment) {
        this.settings = settings;
        this.environment = environment;
    }

    /**
     * Reads the variables.
     *
     * @param environment goes to the worker's processes beside this process's own variables, which it overrides
     * @throws IllegalArgumentException naming the variable and what is wrong with it
     */
    public static WorkerConfig from(Map<String, String> environment) {
        return new WorkerConfig(WorkerSettings.from(environment), Map.copyOf(environment));
    }

    /** How many processes run CPU tasks, one at a time each. */
    public int processes() {
        return settings.processes();
    }

    /** How many processes download, many files at a time each. */
    public int downloaders() {
        return settings.downloaders();
    }

    /** The further lanes, each as {@code FARM_LANES} has it, such as {@code reports:4}. */
    public List<String> lanes() {
        return settings.namedLanes().stream().map(Object::toString).toList();
    }

    /** How long a stop waits for running tasks. */
    public Duration drain() {
        return settings.drain();
    }

    /** Where the files go, absolute. */
    public Path downloadFolder() {
        return settings.download().folder();
    }

    /**
     * Makes the download folder where it is missing.
     *
     * @throws IllegalArgumentException naming the folder, if nothing can be written there
     */
    public void checkDownloadFolder() {
        settings.download().checkFolder();
    }

    /**
     * The same with one more lane, of one process, for each queue of these tasks that is not consumed yet.
     *
     * @throws IllegalArgumentException if two tasks give such a queue two numbers of tasks at a time
     */
    WorkerConfig withLanesOf(Collection<Task<?, ?>> tasks) {
        Map<String, Integer> lanes = new TreeMap<>();
        for (var task : tasks) {
            var queue = task.type().queue();
            if (settings.topology().declares(settings.names().of(queue))) {
                continue;
            }
            var other = lanes.putIfAbsent(queue.suffix(), queue.concurrency());
            if (other != null && other != queue.concurrency()) {
                throw new IllegalArgumentException("the tasks on the queue '" + queue + "' run " + other + " and "
                        + queue.concurrency() + " at a time: give it one number, or name it in FARM_LANES");
            }
        }
        var words = lanes.entrySet().stream()
                .map(lane -> lane.getKey() + ":" + lane.getValue())
                .collect(Collectors.joining(","));
        return words.isEmpty() ? this : from(WorkerFlag.LANES.addTo(environment, words));
    }

    WorkerSettings settings() {
        return settings;
    }

    Map<String, String> environment() {
        return environment;
    }
}
