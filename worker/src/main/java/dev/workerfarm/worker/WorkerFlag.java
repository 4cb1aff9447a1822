package dev.workerfarm.worker;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The flags of a worker's command line, in the order of its help: those of {@link WorkerProgram#run} and of
 * {@code farm worker}. {@code MAX_TASKS} is {@code --max-tasks}, and goes before the variable {@code FARM_MAX_TASKS}.
 */
public enum WorkerFlag {
    PROCESSES("N", Integer.class, "Processes for CPU tasks, one task at a time each.", "or one per core"),
    DOWNLOADERS("M", Integer.class, "Processes for downloads, many at a time each.", "or 1"),
    LANES(
            "NAME:N,...",
            String.class,
            "Processes for queues of your own: reports:4 runs four tasks of farm.reports at a time.",
            "or none"),
    TASKS("DIR", Path.class, "A folder of jars with tasks of your own, read when a process starts.", ""),
    MAX_TASKS("N", Long.class, "A process ends after so many tasks and is replaced.", "or never"),
    MAX_MEMORY("SIZE", String.class, "And when it has so much resident memory, such as 512m.", "or never"),
    /** The only one without a variable: the file belongs to one worker. */
    HEALTH_FILE(
            "FILE",
            Path.class,
            "A file that exists while every process is consuming, for a container's health check.",
            null);

    /** The first line of the help. */
    public static final String RUNS =
            "Runs worker processes for the broker at FARM_AMQP_URL and the Redis at FARM_REDIS_URL.";
    /** How a worker stops. */
    public static final String STOPS =
            "Stops on SIGTERM or Ctrl-C: takes no more, finishes what runs within FARM_DRAIN";
    /** The second line of {@link #STOPS}. */
    public static final String HURRIES = "(20s), gives back the rest. A second signal hurries.";
    /** How a worker ends. */
    public static final String EXIT_CODES =
            "Exit codes: 0 stopped and drained, 1 it cannot go on, 2 wrong usage, 3 broker not reachable at the start.";

    private final String label;
    private final Class<?> type;
    private final String does;
    private final @Nullable String fallback;

    /** @param fallback what holds without the flag and its variable; null where it has no variable */
    WorkerFlag(String label, Class<?> type, String does, @Nullable String fallback) {
        this.label = label;
        this.type = type;
        this.does = does;
        this.fallback = fallback;
    }

    /** Such as {@code --processes}. */
    public String word() {
        return "--" + name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** What its value is called in the help, such as {@code N}. */
    public String label() {
        return label;
    }

    /** What its value is: Integer, Long, Path or String. */
    public Class<?> type() {
        return type;
    }

    /** What it does and its default, in one line. */
    public String help() {
        if (fallback == null) {
            return does;
        }
        return does + " Default: " + variable() + (fallback.isEmpty() ? "" : ", " + fallback) + ".";
    }

    private String variable() {
        return "FARM_" + name();
    }

    /** The variables with the given flags over them; a flag without a variable changes none. */
    public static Map<String, String> over(Map<String, String> environment, Map<WorkerFlag, String> given) {
        Map<String, String> variables = new HashMap<>(environment);
        given.forEach((flag, value) -> {
            if (flag.fallback != null) {
                variables.put(flag.variable(), value);
            }
        });
        return variables;
    }

    /** The variables with more words, behind a comma, in this flag's. */
    Map<String, String> addTo(Map<String, String> environment, String words) {
        Map<String, String> variables = new HashMap<>(environment);
        variables.merge(variable(), words, (there, more) -> there + "," + more);
        return variables;
    }

    /** An error about variables, which names in their place the flags that were given. */
    public static IllegalArgumentException naming(Set<WorkerFlag> given, IllegalArgumentException error) {
        var text = String.valueOf(error.getMessage());
        for (var flag : given) {
            text = text.replace(flag.variable(), flag.word());
        }
        return new IllegalArgumentException(text, error);
    }

    /**
     * Reads a command line of {@code --flag VALUE} and {@code --flag=VALUE}.
     *
     * @throws IllegalArgumentException naming a word that is no flag, is there twice or lacks its value
     */
    static Map<WorkerFlag, String> parse(String... arguments) {
        Map<WorkerFlag, String> given = new EnumMap<>(WorkerFlag.class);
        for (var rest = List.of(arguments).iterator(); rest.hasNext(); ) {
            var parts = rest.next().split("=", 2);
            var flag = Arrays.stream(values())
                    .filter(each -> each.word().equals(parts[0]))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("there is no flag '" + parts[0] + "'; see --help"));
            if (parts.length == 1 && !rest.hasNext()) {
                throw new IllegalArgumentException(
                        flag.word() + ": its value is missing: " + flag.word() + " " + flag.label);
            }
            if (given.put(flag, parts.length == 1 ? rest.next() : parts[1]) != null) {
                throw new IllegalArgumentException(flag.word() + " is there twice");
            }
        }
        return given;
    }

    /** The help of a program. */
    static String help(String program) {
        var flags = Arrays.stream(values())
                .map(flag -> "  " + flag.word() + " " + flag.label + "\n        " + flag.help() + "\n")
                .collect(Collectors.joining());
        return String.join("\n", "Usage: " + program + " [FLAG VALUE]...", RUNS, flags, STOPS, HURRIES, "", EXIT_CODES);
    }
}
