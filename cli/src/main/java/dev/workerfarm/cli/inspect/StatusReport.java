package dev.workerfarm.cli.inspect;

import dev.workerfarm.cli.output.Console;
import dev.workerfarm.status.FarmStatus;
import dev.workerfarm.status.QueueStatus;
import dev.workerfarm.wire.control.WorkerStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Writes a farm's status as tables for a person; asked again, it knows how fast each worker has been since. One thread. */
public final class StatusReport {
    private static final String UNKNOWN = "-";
    private static final String DOTS = "...";
    private static final int LONGEST_TASK = 40;
    private static final int LONGEST_CELL = 60;
    private static final int LONGEST_ID = 255; // the longest that a command takes

    private final Map<String, Long> endedBefore = new HashMap<>();
    private long nanosBefore;

    /** @param nanos the moment of the status, by System.nanoTime */
    String text(FarmStatus status, long nanos) {
        var seconds = nanosBefore == 0 ? 0 : (nanos - nanosBefore) / 1e9;
        List<List<String>> workers = new ArrayList<>();
        workers.add(List.of("WORKER", "LANE", "RUNNING", "HELD", "DONE", "FAILED", "DONE/S", "UP", "VERSION"));
        for (var worker : status.workers()) {
            workers.add(List.of(
                    worker.worker(),
                    worker.lane(),
                    running(worker),
                    String.valueOf(held(worker)),
                    String.valueOf(worker.succeeded()),
                    String.valueOf(worker.failed()),
                    rate(worker, seconds),
                    duration(Duration.ofMillis(System.currentTimeMillis() - worker.sinceMillis())),
                    worker.version()));
        }
        List<List<String>> queues = new ArrayList<>();
        queues.add(List.of("QUEUE", "READY", "UNACKED", "CONSUMERS", "IN/S", "ACKED/S"));
        for (var queue : status.queues()) {
            queues.add(List.of(
                    queue.name(),
                    known(queue.ready()),
                    known(queue.unacked() == null ? heldOf(status, queue) : queue.unacked()),
                    known(queue.consumers()),
                    known(queue.publishedPerSecond()),
                    known(queue.ackedPerSecond())));
        }
        nanosBefore = nanos;
        endedBefore.clear();
        status.workers().forEach(worker -> endedBefore.put(worker.worker(), ended(worker)));
        return table(workers) + troubles(status) + missing(status) + "\n" + table(queues) + dead(status)
                + settings(status);
    }

    private static String troubles(FarmStatus status) {
        return status.workers().stream()
                .flatMap(worker -> worker.troubles().stream().map(trouble -> worker.worker() + ": " + trouble))
                .map(line -> Console.printable(line) + "\n")
                .collect(Collectors.joining());
    }

    private static String missing(FarmStatus status) {
        var consuming = status.consuming();
        if (consuming == 0 && status.workers().isEmpty()) {
            return "no worker consumes; start one with ./farm up or ./farm worker\n";
        }
        var silent = consuming - status.workers().size();
        var why = " did not answer in time (busy, of an older version, or the broker blocks publishers)\n";
        return silent <= 0 ? "" : silent + " of " + consuming + why;
    }

    private static String dead(FarmStatus status) {
        var letters = status.queues().get(status.queues().size() - 1);
        var ready = letters.ready();
        return ready == null || ready == 0 ? "" : ready + " dead letters in " + letters.name() + "\n";
    }

    private static String settings(FarmStatus status) {
        var text = new StringBuilder();
        for (var warning : status.settings().warnings()) {
            text.append("warning: ").append(Console.printable(warning)).append('\n');
        }
        return status.settings().seesPolicies()
                ? text.toString()
                : text
                        + "policies were not looked at: there is no management API (FARM_MANAGEMENT_URL), or not for this user\n";
    }

    private static String running(WorkerStatus worker) {
        if (worker.running().isEmpty()) {
            return UNKNOWN;
        }
        var longest = worker.running().get(0);
        var others = worker.running().size() - 1;
        return cut(longest.task(), LONGEST_TASK) + " " + duration(Duration.ofMillis(longest.forMillis()))
                + (others == 0 ? "" : " +" + others);
    }

    private static long ended(WorkerStatus worker) {
        return worker.succeeded() + worker.failed();
    }

    private static long held(WorkerStatus worker) {
        return worker.unacked().isEmpty()
                ? (long) worker.waiting() + worker.running().size()
                : worker.unacked().values().stream()
                        .mapToLong(Integer::longValue)
                        .sum();
    }

    /** What the workers of a queue say they hold of it, or null: none of them consumes it. */
    private static @Nullable Long heldOf(FarmStatus status, QueueStatus queue) {
        return status.workers().stream()
                .filter(worker -> worker.queues().contains(queue.name()))
                .map(worker -> heldOf(worker, queue.name()))
                .reduce(Long::sum)
                .orElse(null);
    }

    /** An older worker does not say of which queue; most is of the first. */
    private static long heldOf(WorkerStatus worker, String queue) {
        return worker.unacked().isEmpty() && worker.queues().get(0).equals(queue)
                ? held(worker)
                : worker.unacked().getOrDefault(queue, 0);
    }

    private String rate(WorkerStatus worker, double seconds) {
        var before = endedBefore.get(worker.worker());
        return known(before == null || seconds <= 0 ? null : (Double) ((ended(worker) - before) / seconds));
    }

    private static String known(@Nullable Number number) {
        return number instanceof Double rate
                ? String.format(Locale.ROOT, "%.1f", rate)
                : Objects.toString(number, UNKNOWN);
    }

    /** Two units at most: {@code 350ms}, {@code 12s}, {@code 3m 5s}, {@code 2h 10m}, {@code 4d 3h}. */
    static String duration(Duration duration) {
        if (duration.toSeconds() < 1) {
            return Math.max(0, duration.toMillis()) + "ms";
        }
        if (duration.toMinutes() < 1) {
            return duration.toSeconds() + "s";
        }
        if (duration.toHours() < 1) {
            return duration.toMinutes() + "m " + duration.toSecondsPart() + "s";
        }
        return duration.toDays() < 1
                ? duration.toHours() + "h " + duration.toMinutesPart() + "m"
                : duration.toDays() + "d " + duration.toHoursPart() + "h";
    }

    /**
     * Columns side by side. What stands in them is strangers' text: it is cut, but the first column, which is to be copied,
     * at a greater length; what is longer than usual there moves its own line alone.
     */
    public static String table(List<List<String>> rows) {
        var cells = rows.stream()
                .map(row -> IntStream.range(0, row.size())
                        .mapToObj(i -> cut(
                                Console.printable(row.get(i).replaceAll("\\p{Cntrl}", "?")),
                                i == 0 ? LONGEST_ID : LONGEST_CELL))
                        .toList())
                .toList();
        var widths = new int[rows.get(0).size()];
        for (var row : cells) {
            Arrays.setAll(widths, i -> Math.max(widths[i], Math.min(row.get(i).length(), LONGEST_CELL)));
        }
        var text = new StringBuilder();
        for (var row : cells) {
            var line = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                var cell = row.get(i);
                line.append(cell).append(" ".repeat(Math.max(0, widths[i] - cell.length()) + 2));
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
        return text.toString();
    }

    private static String cut(String text, int longest) {
        if (text.length() <= longest) {
            return text;
        }
        var end = longest - DOTS.length();
        return text.substring(0, Character.isHighSurrogate(text.charAt(end - 1)) ? end - 1 : end) + DOTS;
    }
}
