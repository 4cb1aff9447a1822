package dev.workerfarm.worker.config;

import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * When a worker process ends by itself and is replaced, so that what its tasks leak goes with it: Celery's
 * {@code max_tasks_per_child} and {@code max_memory_per_child}. It takes no more and finishes what runs.
 *
 * @param maxTasks after so many runs, an item of a map being one; 0: never
 * @param maxMemoryBytes when it has so much resident memory; 0: never
 */
public record Recycling(long maxTasks, long maxMemoryBytes) {
    public static final String MAX_TASKS = "FARM_MAX_TASKS";
    public static final String MAX_MEMORY = "FARM_MAX_MEMORY";

    /** Below it a process would end as soon as it has begun. */
    private static final long LEAST_MEMORY_BYTES = 128L << 20;

    private static final Pattern SIZE = Pattern.compile("(\\d{1,9})([kmg])b?");

    public Recycling {
        if (maxTasks < 0) {
            throw new IllegalArgumentException(MAX_TASKS + ": " + maxTasks + " is less than 0");
        }
        if (maxMemoryBytes != 0 && maxMemoryBytes < LEAST_MEMORY_BYTES) {
            throw new IllegalArgumentException(MAX_MEMORY + ": a process needs more than that by itself; at least "
                    + (LEAST_MEMORY_BYTES >> 20) + "m");
        }
    }

    /** Reads {@code FARM_MAX_TASKS} and {@code FARM_MAX_MEMORY}, such as {@code 10000} and {@code 512m}. */
    static Recycling from(Map<String, String> environment) {
        return new Recycling(
                WorkerSettings.value(environment, MAX_TASKS, "0", Long::parseLong),
                WorkerSettings.value(environment, MAX_MEMORY, "0", Recycling::bytes));
    }

    private static long bytes(String text) {
        var matcher = SIZE.matcher(text.toLowerCase(Locale.ROOT));
        if (text.equals("0")) {
            return 0;
        }
        if (!matcher.matches()) {
            throw new IllegalArgumentException("'" + text + "' is no size such as 512m or 2g");
        }
        var shift = switch (matcher.group(2)) {
            case "k" -> 10;
            case "m" -> 20;
            default -> 30;
        };
        return Long.parseLong(matcher.group(1)) << shift;
    }
}
